import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import axe from 'axe-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { type TestApp, testApp } from '#testing/app'
import { launchBrowser } from '#testing/browser'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

/** The site as people use it: a real browser, phone and desktop, light and dark, JS or none. */

const launchDeadlineMs = 60_000
const journeyDeadlineMs = 60_000
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } }
const narrowest = { width: 320, height: 640 }

let site: TestApp
let server: Bun.Server<undefined>
let browser: Browser

beforeAll(async () => {
  site = await testApp()
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) => site.app.fetch(request),
  })
  browser = await launchBrowser()
}, launchDeadlineMs)

afterAll(async () => {
  await browser?.close()
  await server?.stop(true)
  await site?.close()
})

const url = (path: string) => `http://127.0.0.1:${server.port}${path}`

/** A page whose complaints are collected: console errors, exceptions, refused or missing files. */
async function open(options: Parameters<Browser['newContext']>[0]) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
  })
  return { context, page, complaints }
}

async function click(page: Page, name: string | RegExp, within = 'main') {
  await page.locator(within).getByRole('link', { name }).first().click()
  await page.waitForLoadState('load')
}

const text = async (locator: Locator) => (await locator.textContent()) ?? ''
const heading = (page: Page) => text(page.locator('h1').first())

// What runs in the page is text: this project's types know no DOM outside of it.
const widthBeyondScreen =
  'document.documentElement.scrollWidth - document.documentElement.clientWidth'
const runAxe = `axe
  .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`
const addUpShifts = `
  window.shift = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })`

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return await page.evaluate<string[]>(runAxe)
}

describe.each(Object.entries(sizes))('%s', (_name, viewport) => {
  test(
    'from home through a category to a project, each of its tabs, and search',
    async () => {
      const { context, page, complaints } = await open({ viewport })
      await page.goto(url('/'))
      expect(await heading(page)).toContain('Back what should exist')
      await click(page, /^Games/)
      expect(await heading(page)).toBe('Games')
      const card = page.locator('.card-title a').first()
      const title = await text(card)
      await card.click()
      await page.waitForLoadState('load')
      expect(await heading(page)).toBe(title)
      const tabs = 'nav[aria-label="Parts of this project"]'
      for (const [tab, expected] of [
        ['Rewards', /reward/i],
        ['FAQ', /Frequently asked questions/],
        ['Updates', /Updates/],
        ['Comments', /Comments/],
        ['Community', /Community/],
      ] as const) {
        await click(page, new RegExp(`^${tab}`), tabs)
        expect(await heading(page)).toMatch(expected)
        expect(await text(page.locator(`${tabs} [aria-current=page]`))).toContain(tab)
      }
      await page.locator('.community, .empty-state').first().waitFor()
      await click(page, 'Campaign', tabs)
      expect(await heading(page)).toBe(title)
      await page.getByRole('searchbox').fill(title)
      await page.getByRole('searchbox').press('Enter')
      await page.waitForLoadState('load')
      await page.getByRole('link', { name: title, exact: true }).first().waitFor()
      expect(complaints).toEqual([])
      await context.close()
    },
    journeyDeadlineMs,
  )

  test('filters work with the keyboard alone', async () => {
    const { context, page, complaints } = await open({ viewport })
    await page.goto(url('/discover'))
    await page.getByLabel('Sort by').selectOption('newest')
    await page.getByLabel('Status').selectOption('successful')
    await page.getByRole('button', { name: 'Show' }).press('Enter')
    await page.waitForLoadState('load')
    expect(page.url()).toContain('sort=newest')
    expect(await page.locator('.card').count()).toBe(12)
    expect(await page.getByLabel('Status').inputValue()).toBe('successful')
    await click(page, 'Show more')
    expect(page.url()).toContain('after=')
    expect(complaints).toEqual([])
    await context.close()
  })
})

test('without JavaScript the streamed community is read all the same', async () => {
  const project = await projectWithBackers()
  const { context, page } = await open({ viewport: sizes.desktop, javaScriptEnabled: false })
  await page.goto(url(`/projects/${project}/community`))
  const title = page.getByRole('heading', { name: 'Where backers come from' })
  expect(await title.isVisible()).toBe(true)
  expect(await page.getByText('Counting backers').isVisible()).toBe(false)
  const [place, footer] = await Promise.all([
    title.boundingBox(),
    page.locator('footer').boundingBox(),
  ])
  expect(place?.y ?? 0).toBeLessThan(footer?.y ?? 0)
  await context.close()
})

async function projectWithBackers(): Promise<number> {
  const response = await site.get('/api/v1/projects?status=all&sort=most-backed')
  const { data } = (await response.json()) as { data: { id: number }[] }
  return data[0]?.id ?? 0
}

const pages = async () => {
  const project = await projectWithBackers()
  return [
    ...['/', '/discover?status=all&sort=most-funded', '/categories/games', '/places'],
    ...['/search?q=a+board', '/search?q=zzzz', `/projects/${project}`],
    ...['rewards', 'faqs', 'updates', 'updates/1', 'comments', 'community'].map(
      (tab) => `/projects/${project}/${tab}`,
    ),
    ...['/people/1', '/people/1/backed', '/nowhere', '/api'],
  ]
}

test.each(['light', 'dark'] as const)(
  'every page in %s is free of WCAG 2.2 AA violations, fits 320 px and does not shift',
  async (colorScheme) => {
    const options = { viewport: narrowest, colorScheme, bypassCSP: true }
    const { context, page } = await open(options)
    await context.addInitScript(addUpShifts)
    const problems: string[] = []
    for (const path of await pages()) {
      await page.setViewportSize(narrowest)
      await page.goto(url(path), { waitUntil: 'networkidle' })
      if ((await page.evaluate<number>(widthBeyondScreen)) > 0)
        problems.push(`${path}: wider than the screen`)
      await page.setViewportSize(sizes.desktop)
      if ((await page.evaluate<number>(widthBeyondScreen)) > 0)
        problems.push(`${path}: wider than the desktop`)
      await page.goto(url(path), { waitUntil: 'networkidle' })
      const shift = await page.evaluate<number>('window.shift')
      if (shift > 0.02) problems.push(`${path}: shifts by ${shift}`)
      problems.push(...(await violations(page)).map((violation) => `${path}: ${violation}`))
    }
    expect(problems).toEqual([])
    await context.close()
  },
  4 * journeyDeadlineMs,
)
