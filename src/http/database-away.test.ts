import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { connectionOptions } from '#db/client'
import { type ChaosProxy, startChaosProxy } from '#testing/chaos-proxy'
import { type TestDatabase, testDatabase } from '#testing/database'
import { type Host, openHost } from '#testing/hosts'
import { eventually } from '#testing/start-tiny-server'

// A whole worker whose way to Postgres hangs, breaks, and is there again.

setDefaultTimeout(60_000)

/** Within a second, on a machine that does more than this. */
const soonMs = 2_000

let database: TestDatabase
let proxy: ChaosProxy
let site: Host
let project: string
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

beforeEach(async () => {
  const { path, user, database: name } = connectionOptions(database.url)
  proxy = await startChaosProxy({ path: path as string })
  const url = `postgres://${user}@127.0.0.1:${proxy.port}/${name}`
  site = await openHost({ databaseUrl: url, changesUrl: url, redisUrl: null })
  project = (await site.get('/projects/1')).headers.get('location') as string
  // Kept, and listened for.
  await eventually(async () => {
    for (const path of ['/', project]) await (await site.get(path)).text()
    expect(site.kept().here).toBeGreaterThan(5)
  })
})
afterEach(async () => {
  proxy.refuses = false
  proxy.goOn()
  await site.close()
  await proxy.close()
})

/** The answer, and how long it took. */
async function ask(path: string, init?: RequestInit) {
  const begun = performance.now()
  const answer = await site.get(path, init)
  const text = await answer.text()
  return { answer, status: answer.status, text, ms: performance.now() - begun }
}

const back = (path: string) =>
  eventually(async () => {
    const { answer, status } = await ask(path)
    expect([status, answer.headers.get('age')]).toEqual([200, null])
  })

const write = () =>
  ask('/sign-up', {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ name: 'Ada', email: 'ada@example.test', password: 'long enough' }),
  })

const away = {
  hangs: () => proxy.hang(),
  'is gone': () => {
    proxy.refuses = true
    proxy.cut()
  },
}

test.each(Object.entries(away))('while it %s pages are shown as they were', async (_, leave) => {
  leave()
  const writing = await write()
  expect([writing.status, writing.answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(writing.ms).toBeLessThan(soonMs)
  // For a second nobody can know that they are old.
  await eventually(async () => {
    for (const path of ['/', project])
      expect((await ask(path)).answer.headers.has('age')).toBe(true)
  })
  for (const path of ['/', project]) {
    const { answer, status, text, ms } = await ask(path)
    expect([path, status]).toEqual([path, 200])
    expect(text).toContain('This is the page as it was on ')
    expect(Number(answer.headers.get('age'))).toBeGreaterThanOrEqual(0)
    expect(answer.headers.get('cache-status')).toContain('stale-if-error')
    expect(answer.headers.get('warning')).toStartWith('110')
    expect(ms).toBeLessThan(soonMs)
  }
  const unknown = await ask('/search?q=lamp')
  expect([unknown.status, unknown.answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(unknown.ms).toBeLessThan(soonMs)
  // Whoever is signed in, or believes to be, keeps their cookie and gets the page for all.
  const headers = { cookie: `session=${'x'.repeat(43)}` }
  const member = await ask(project, { headers })
  expect([member.status, member.answer.headers.get('set-cookie')]).toEqual([200, null])
  expect(member.text).toContain('you still are')
  const settings = await ask('/settings', { headers })
  expect([settings.status, settings.answer.headers.get('set-cookie')]).toEqual([503, null])

  proxy.refuses = false
  proxy.goOn()
  await back(project)
  await back('/')
  expect((await ask(project)).text).not.toContain('This is the page as it was on ')
  const { n } = (
    await database.db.$client<{ n: number }[]>`
    select count(*)::int as n from accounts where email = 'ada@example.test'`
  )[0] as { n: number }
  expect(n).toBe(0)
})

test('who waits for an answer when it stops is told so within a second', async () => {
  const asked = Array.from({ length: 40 }, (_, index) => ask(`/search?q=word${index}`))
  proxy.hang()
  const late = Array.from({ length: 40 }, (_, index) => ask(`/search?q=other${index}`))
  for (const { status, ms } of await Promise.all([...asked, ...late])) {
    expect([200, 503]).toContain(status)
    expect(ms).toBeLessThan(soonMs)
  }
  proxy.goOn()
  await back('/search?q=word1')
})
