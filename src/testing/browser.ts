import { mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'

/** A real Chromium from npm, which needs nothing installed. One browser for each test file. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await unpack()
  // Made for a serverless function that serves one page: here one context ends and others go on.
  const args = chromium.args.filter((arg) => arg !== '--single-process' && arg !== '--no-zygote')
  const launch = () => playwright.launch({ args, executablePath, headless: true })
  // On a busy machine the first launch after unpacking now and then comes too early.
  return launch().catch(launch)
}

/** The package unpacks to one place for everybody; another user's file there could not be run. */
async function unpack(): Promise<string> {
  const shared = tmpdir()
  const own = join(shared, `jumpstarter-chromium-${userInfo().uid}`)
  mkdirSync(own, { recursive: true, mode: 0o700 })
  process.env['TMPDIR'] = own
  try {
    return await chromium.executablePath()
  } finally {
    process.env['TMPDIR'] = shared
  }
}
