import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'

/** A real Chromium from npm, which needs nothing installed. One browser for each test file. */
export async function launchBrowser(): Promise<Browser> {
  // Made for a serverless function that serves one page: here one context ends and others go on.
  const args = chromium.args.filter((arg) => arg !== '--single-process' && arg !== '--no-zygote')
  const launch = async () =>
    playwright.launch({
      args,
      executablePath: await chromium.executablePath(),
      headless: true,
    })
  // Unpacking the first time on a busy machine now and then outlasts the first launch.
  return launch().catch(launch)
}
