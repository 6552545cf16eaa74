import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { type TestApp, testApp } from '#testing/app'
import { launchBrowser } from '#testing/browser'
import { type Member, signedIn } from '#testing/cast'

// The menu of whoever is signed in.

setDefaultTimeout(60_000)

let site: TestApp
let server: ReturnType<typeof Bun.serve>
let browser: Browser
let ada: Member
beforeAll(async () => {
  site = await testApp()
  ada = await signedIn(site, 'Ada Menu')
  server = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1' },
    fetch: (request) => site.app.fetch(request),
  })
  browser = await launchBrowser()
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop(true)
  await site?.close()
}, 60_000)

async function open(javaScriptEnabled: boolean) {
  const baseURL = `http://127.0.0.1:${server.port}`
  const context = await browser.newContext({ baseURL, javaScriptEnabled })
  const value = ada.cookies.get('session') ?? ''
  await context.addCookies([{ name: 'session', value, domain: '127.0.0.1', path: '/' }])
  const page = await context.newPage()
  await page.goto('/')
  const menu = page.locator('.account-menu')
  const isOpen = async () => (await menu.getAttribute('open')) !== null
  return { context, page, summary: menu.locator('summary'), isOpen }
}

test('it closes on Escape, on a click elsewhere, and when the keyboard goes on', async () => {
  const { context, page, summary, isOpen } = await open(true)
  await summary.click()
  expect(await isOpen()).toBe(true)
  await page.keyboard.press('Escape')
  expect(await isOpen()).toBe(false)
  expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY')

  await summary.click()
  await page.locator('h1, h2').first().click()
  expect(await isOpen()).toBe(false)

  await summary.click()
  await page.keyboard.press('Tab')
  expect(await isOpen()).toBe(true)
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Shift+Tab')
  expect(await isOpen()).toBe(false)

  // Its own ways still lead where they do.
  await summary.click()
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.waitForURL('**/settings')
  await context.close()
})

test('without a script it opens and closes by its name', async () => {
  const { context, page, summary, isOpen } = await open(false)
  await summary.click()
  expect(await isOpen()).toBe(true)
  await summary.click()
  expect(await isOpen()).toBe(false)
  await summary.click()
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.waitForURL('**/settings')
  await context.close()
})
