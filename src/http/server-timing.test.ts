import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { findSamples } from '#features/discover/api'
import { type TestApp, testApp } from '#testing/app'
import { paths } from '#web/paths'

setDefaultTimeout(60_000)

let site: TestApp
let project: string
let api: string

beforeAll(async () => {
  site = await testApp()
  const samples = await findSamples(site.db)
  if (!samples) throw new Error('the seeded database has no projects')
  const id = samples.project
  api = paths.apiProject({ id })
  project = (await site.get(`/projects/${id}`)).headers.get('location') ?? ''
})
afterAll(() => site.close())

const asking = { Cookie: 'theme=dark; server-timing=1', 'Accept-Encoding': 'gzip' }

/** Milliseconds by part. */
async function timesOf(path: string, headers: Record<string, string>) {
  const startedAt = performance.now()
  const response = await site.get(path, { headers })
  expect(response.status).toBe(200)
  await response.arrayBuffer()
  const tookMs = performance.now() - startedAt
  const parts = response.headers.get('server-timing')?.split(', ') ?? []
  const times = parts.map((part): [string, number] => {
    const [, name = '', ms] = /^(\w+);dur=(\d+\.\d)$/.exec(part) ?? []
    return [name, Number(ms)]
  })
  return { names: times.map(([name]) => name), times: new Map(times), tookMs }
}

test('tells those who ask where the time of a page and of an answer went', async () => {
  for (const path of [project, api]) {
    const { names, times, tookMs } = await timesOf(path, asking)
    expect(names).toEqual(['db', 'render', 'compress', 'total'])
    const total = times.get('total') as number
    const parts = ['db', 'render', 'compress'].map((name) => times.get(name) as number)
    // Each is rounded.
    expect(parts.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(total + 0.2)
    expect(total).toBeLessThanOrEqual(tookMs + 0.1)
  }
})

test('waiting for the database is counted as that', async () => {
  const blocked = site.db.$client.begin(async (tx) => {
    await tx`lock table rewards in access exclusive mode`
    await Bun.sleep(150)
  })
  await Bun.sleep(30)
  const { times } = await timesOf(project, asking)
  await blocked
  expect(times.get('db')).toBeGreaterThan(90)
  expect(times.get('render')).toBeLessThan(90)
})

test('what is not done has no time: uncompressed, or streamed', async () => {
  expect((await timesOf(project, { Cookie: 'server-timing=1' })).names).toEqual([
    'db',
    'render',
    'total',
  ])
  expect((await timesOf(`${project}/community`, asking)).names).toEqual(['db', 'render', 'total'])
})

test('an answer with times in it is nobody else’s, and kept nowhere', async () => {
  for (const path of [project, api]) {
    const response = await site.get(path, { headers: asking })
    expect(response.headers.get('cache-control')).toBe('private, no-store')
  }
})

test('nobody else is told', async () => {
  expect((await timesOf(project, { 'Accept-Encoding': 'gzip' })).names).toEqual([])
  for (const Cookie of ['server-timing=0; my-server-timing=1', 'server-timing=10']) {
    expect((await timesOf(project, { Cookie })).names).toEqual([])
  }
})
