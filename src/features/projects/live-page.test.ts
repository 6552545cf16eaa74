import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { takePledges } from '#features/pledges/writes/take-pledges'
import { type TestApp, testApp } from '#testing/app'
import { launchBrowser } from '#testing/browser'
import { makeCampaign } from '#testing/campaign'
import { eventually } from '#testing/start-tiny-server'

setDefaultTimeout(120_000)

let site: TestApp
let server: Bun.Server<undefined>
let browser: Browser
let project: number
let reward: number
let backers: number[]

beforeAll(async () => {
  site = await testApp()
  site.setNow(new Date())
  // As our own listeners, it lets streams be silent for longer than their heartbeat.
  server = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1', idleTimeout: 60 },
    fetch: (asked) => site.app.fetch(asked),
  })
  browser = await launchBrowser()
  const sql = site.db.$client
  project = await makeCampaign(sql, { goal: 10_000 })
  const [made] = await sql`
    insert into rewards (project_id, position, amount, name, description, delivery_month, ships_to,
        quantity)
      values (${project}, 1, 2000, 'A lamp', '', '2041-01-01', 'nobody', 3) returning id`
  reward = Number(made?.['id'])
  const people = await sql`
    insert into people (name) select 'Backer ' || n from generate_series(1, 6) n returning id`
  backers = people.map(({ id }) => Number(id))
})

afterAll(async () => {
  await browser?.close()
  await server?.stop(true)
  await site?.close()
})

async function pledge(rewardId: number | null, bonus = 0): Promise<void> {
  const backerId = backers.pop() as number
  const [result] = await takePledges(site.db.$client, [
    {
      ...{ projectId: project, backerId, key: `key ${backerId}`, rewardId, addOns: [], bonus },
      ...{ shipTo: null, anonymous: false, total: bonus + (rewardId ? 2_000 : 0), cardId: null },
    },
  ])
  expect(result?.outcome).toBe('taken')
}

async function open(javaScriptEnabled: boolean): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ javaScriptEnabled, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(`http://127.0.0.1:${server.port}/projects/${project}`)
  return { page, errors }
}

const shown = async (page: Page) => ({
  pledged: await page.locator('[data-live=pledged]').textContent(),
  backers: await page.locator('[data-live=backers]').textContent(),
  word: await page.locator('[data-live=backers-word]').textContent(),
  bar: await page.locator('progress').first().getAttribute('aria-label'),
})
const stock = (page: Page) => page.locator('[data-live-stock]').first().textContent()
const announced = (page: Page) => page.locator('p[aria-live=polite]').textContent()

test('an open page follows its project in place, and says so now and then', async () => {
  const { page, errors } = await open(true)
  await page.evaluate('window.untouched = true')
  await page.waitForSelector('p[aria-live=polite]', { state: 'attached' })
  await eventually(() => expect(site.deps.streams.count()).toBe(1))
  // How it stands at first is on the page already.
  expect(await announced(page)).toBe('')
  await pledge(reward)
  await eventually(async () =>
    expect(await shown(page)).toEqual({
      ...{ pledged: '$20', backers: '1', word: 'backer', bar: '20% of the goal' },
    }),
  )
  expect(await stock(page)).toBe('Limited (2 left of 3)')
  expect(await announced(page)).toBe('$20 pledged by 1')
  await pledge(reward)
  await pledge(reward)
  await pledge(null, 5_000)
  await eventually(async () =>
    expect(await shown(page)).toEqual({
      ...{ pledged: '$110', backers: '4', word: 'backers', bar: '110% of the goal' },
    }),
  )
  expect(await stock(page)).toBe('All gone!')
  expect(await page.locator('progress').first().getAttribute('class')).toContain('funded')
  // Whoever listens to the page is told again after a while.
  expect(await announced(page)).toBe('$20 pledged by 1')
  expect(await page.evaluate('window.untouched')).toBe(true)
  expect(errors).toEqual([])
  await page.close()
  await eventually(() => expect(site.deps.streams.count()).toBe(0))
})

test('without scripts the page is as it was asked for', async () => {
  const { page } = await open(false)
  const before = await shown(page)
  await pledge(null, 1_000)
  expect(site.deps.streams.count()).toBe(0)
  expect(await shown(page)).toEqual(before)
  await page.reload()
  expect(await shown(page)).not.toEqual(before)
  await page.close()
})
