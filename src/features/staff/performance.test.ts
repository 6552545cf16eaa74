import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createHistory, type History } from '#observability/history'
import { createRequestObserver } from '#observability/requests'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let history: History | undefined
const minute = 60_000
const begunAt = Date.parse('2040-05-16T12:00:00Z')
let now = begunAt

beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  // As the supervisor does, of one worker.
  site.deps.askPerformance = async () =>
    history && site.deps.meter ? history.performance(site.deps.meter.report(), now) : null
})
afterAll(() => site.close(), 30_000)

const textOf = async (answer: Response) =>
  (await answer.text()).replace(/<style.*?<\/style>|<[^>]+>/gs, ' ').replace(/\s+/g, ' ')

test('where nobody measures, both pages say so', async () => {
  for (const path of ['/performance', '/staff/performance']) {
    const answer = await cast.staff.get(path)
    expect(answer.status).toBe(200)
    expect(await textOf(answer)).toContain('Nothing is measured at the moment.')
  }
})

test('staff see each minute, drawn and as a table, and everybody the hour', async () => {
  const { meter, log } = site.deps
  if (!meter) throw new Error('nothing is counted')
  const observer = createRequestObserver({
    ...{ meter, log, tracer: null, slowMs: 0, isTalkative: false },
    routeOf: () => '/people/:id',
  })
  const get = (path: string) =>
    observer.watch(new Request(`http://localhost${path}`), (event) =>
      site.app.fetch(new Request(`http://localhost${path}`), { event }),
    )
  history = createHistory(begunAt)
  for (let each = 1; each <= 12; each++) await get(`/people/${each}`)
  now += minute
  history.take(meter.report(), now)
  for (let each = 1; each <= 6; each++) await get(`/people/${each}`)
  now += minute

  const staffPage = await cast.staff.get('/staff/performance')
  const html = await staffPage.text()
  expect(html.match(/<svg class="chart-drawing"/g)?.length).toBeGreaterThanOrEqual(4)
  const rows = [...html.matchAll(/<tr><th scope="row">(\d\d:\d\d)<\/th><td>([^<]*)<\/td>/g)]
  expect(rows.slice(0, 2).map(([, at, value]) => [at, value])).toEqual([
    ['12:00', '0.2'],
    ['12:01', '0.1'],
  ])
  const summary = await textOf(await cast.anonymous.get('/performance'))
  expect(summary).toContain('18 in all 0.15')
  expect(summary).toMatch(/Half are answered within the 50th percentile [\d.]+ (?:ms|µs)/)
})

test('what goes through the pools is counted', async () => {
  const counted = () =>
    (site.deps.meter?.report() ?? [])
      .filter(([family]) => family === 'db_client_operation_duration_seconds')
      .reduce(
        (sum, [, , values]) => sum + values.slice(0, -1).reduce((all, one) => all + one, 0),
        0,
      )
  const inUse = () =>
    (site.deps.meter?.report() ?? []).find(
      ([family, [pool, state]]) =>
        family === 'db_client_connection_count' &&
        pool === 'jumpstarter worker' &&
        state === 'used',
    )?.[2][0]
  const before = counted()
  await site.get('/people/1')
  expect(counted()).toBeGreaterThan(before)
  let during: number | undefined
  await site.db
    .transaction(async (tx) => {
      await tx.execute('select 1')
      during = inUse()
      await expect(Promise.resolve(tx.execute('select nothing'))).rejects.toThrow()
    })
    .catch(() => {})
  expect(during).toBe(1)
  expect(inUse()).toBe(0)
})
