import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { type BackedSite, backedSite } from '#testing/backing'
import { launchBrowser } from '#testing/browser'
import { addReward } from '#testing/campaign'

// What a script makes handier.

setDefaultTimeout(60_000)

let at: BackedSite
let server: ReturnType<typeof Bun.serve>
let browser: Browser
beforeAll(async () => {
  at = await backedSite()
  server = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1' },
    fetch: (request) => at.site.app.fetch(request),
  })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop(true)
  expect(await at?.close()).toEqual([])
}, 60_000)

test('the sum follows what is chosen, and the time at the checkout counts down', async () => {
  const { project, backer } = await at.begin()
  const given = { quantity: 5, name: 'A big lamp' }
  await addReward(at.sql, project, given, { Germany: 450, France: 700 })
  const context = await browser.newContext({ baseURL: `http://127.0.0.1:${server.port}` })
  const session = backer.cookies.get('session') ?? ''
  await context.addCookies([{ name: 'session', value: session, domain: '127.0.0.1', path: '/' }])
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', ({ message }) => problems.push(message))

  await page.goto(`/projects/${project}/pledges/new`)
  expect(await page.getByRole('button', { name: 'Recalculate' }).isVisible()).toBe(false)
  await page.getByRole('radio', { name: /A big lamp/ }).check()
  await page.getByText('Shipping comes on top').waitFor()
  await page.getByLabel('Ships to').selectOption('France')
  await page.getByText('$27.00').waitFor()
  await page.getByLabel('Bonus in USD').fill('3.50')
  await page.getByLabel('Bonus in USD').blur()
  await page.getByText('$30.50').waitFor()

  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(/checkout\?reward=/)
  await page.getByText(/^14:5\d$/).waitFor()
  expect(await page.locator('tfoot').textContent()).toBe('Total$30.50')

  // Whoever chose before they signed in has it set aside without another press.
  await at.sql`delete from reward_holds where project_id = ${project}`
  await page.goto(`${page.url()}&coming=1`)
  await page.getByText(/^14:5\d$/).waitFor()
  expect(new URL(page.url()).searchParams.has('coming')).toBe(false)
  expect(problems).toEqual([])
  await context.close()
})
