import axe from 'axe-core'
import type { Browser, Locator, Page } from 'playwright-core'

/** Somebody at a browser, who looks at every page they come to. */
export interface Traveler {
  page: Page
  /** What was wrong with the pages so far. */
  problems: string[]
  go(path: string): Promise<void>
  /** Follows a link by its name. */
  follow(name: string | RegExp, within?: string): Promise<void>
  /** Presses a button that leads to a page. */
  press(name: string | RegExp, within?: string): Promise<void>
  /** Fills in fields by their labels: types, or chooses from a list. */
  fill(fields: Record<string, string>): Promise<void>
  choose(label: string | RegExp): Promise<void>
  /** Follows a link of the account's menu. */
  menu(name: string): Promise<void>
  sees(text: string | RegExp): Promise<void>
}

export interface Journey {
  browser: Browser
  site: string
  viewport: { width: number; height: number }
  javaScriptEnabled: boolean
  /** A directory for a picture of every page, for whoever wants to look. */
  pictures?: string | undefined
}

const typed = 'main input, main textarea, main select'
const patienceMs = 12_000
// Visits of a browser that says it has no screen are not counted.
const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36'

/** Opens a browser of somebody's own. */
export async function travel(journey: Journey, name: string): Promise<Traveler> {
  const { browser, site, viewport, javaScriptEnabled } = journey
  const options = { viewport, javaScriptEnabled, userAgent, baseURL: site }
  const context = await browser.newContext(options)
  context.setDefaultTimeout(patienceMs)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', ({ message }) => problems.push(`${page.url()}: ${message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${page.url()}: ${message.text()}`)
  })
  const reader = javaScriptEnabled ? page : await scriptedCopy(browser, page)
  let pages = 0
  const arrive = async () => {
    pages++
    const path = page.url().replace(site, '')
    problems.push(...(await faultsOf(page, reader)).map((fault) => `${name} at ${path}: ${fault}`))
    if (!journey.pictures) return
    const file = `${name}-${String(pages).padStart(2, '0')}${path.replace(/\W+/g, '-')}`
    const picture = `${journey.pictures}/${viewport.width}/${file.slice(0, 80)}.png`
    await page.screenshot({ path: picture, fullPage: true })
  }
  const leave = async (way: Locator) => {
    await Promise.all([page.waitForEvent('load'), way.click()])
    await arrive()
  }
  const follow = (name: string | RegExp, within = 'main') =>
    leave(page.locator(within).getByRole('link', { name }).first())
  return {
    ...{ page, problems, follow },
    press: (name, within = 'main') =>
      leave(page.locator(within).getByRole('button', { name }).first()),
    go: async (path) => {
      await page.goto(path)
      await arrive()
    },
    fill: async (texts) => {
      for (const [label, text] of Object.entries(texts)) {
        const field = page
          .locator(typed)
          .and(page.getByLabel(label, { exact: true }))
          .first()
        const isList = (await field.and(page.locator('select')).count()) > 0
        await (isList ? field.selectOption(text) : field.fill(text))
      }
    },
    choose: (label) => page.locator('main').getByLabel(label).first().check(),
    menu: async (name) => {
      await page.locator('.account-menu summary').click()
      await follow(name, '.account-menu')
    },
    sees: (text) => page.getByText(text).filter({ visible: true }).first().waitFor(),
  }
}

/** Axe needs JavaScript: where there is none, it reads a copy of the page, without its scripts. */
async function scriptedCopy(browser: Browser, page: Page): Promise<Page> {
  const copy = await browser.newPage({ viewport: page.viewportSize(), bypassCSP: true })
  await copy.route('**', async (route) => {
    const kind = route.request().resourceType()
    if (kind === 'script') return route.abort()
    if (kind !== 'document') return route.continue()
    await route.fulfill({ contentType: 'text/html; charset=utf-8', body: await page.content() })
  })
  return copy
}

// What runs in the page is text: this project's types know no DOM outside of it.
const width = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]'
const runAxe = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes[0].html))`

/** What keeps somebody from reading a page: the programs they read with, or a small screen. */
async function faultsOf(page: Page, reader: Page): Promise<string[]> {
  const [content = 0, screen = 0] = await page.evaluate<number[]>(width)
  if (reader !== page) await reader.goto(page.url())
  await reader.evaluate(axe.source)
  const violations = await reader.evaluate<string[]>(runAxe)
  return content > screen ? [`${content} px wide`, ...violations] : violations
}
