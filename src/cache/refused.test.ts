import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createApp } from '#app'
import { loadConfig } from '#config'
import { closeDeps, type Deps, openDeps } from '#deps'
import { type TestDatabase, testDatabase } from '#testing/database'
import type { Cache } from './cache'
import { createPageCache, type Door } from './page-cache'

setDefaultTimeout(60_000)

let database: TestDatabase
let deps: Deps & { cache: Cache }
let pages: ReturnType<typeof createPageCache>
let isFull = false
let within = 0

const door: Door = () => {
  if (isFull) return new Response('come back', { status: 503 })
  within += 1
  return () => {
    within -= 1
  }
}

beforeAll(async () => {
  database = await testDatabase()
  const config = loadConfig({ LOG_LEVEL: 'silent' }, {})
  deps = (await openDeps({ ...config, databaseUrl: database.url })) as typeof deps
  const app = createApp(deps, { ready: true })
  const { cache, log, visits } = deps
  pages = createPageCache(cache, (...asked) => app.fetch(...asked), log, visits, null, door)
  await until(() => cache.changes.isHearing())
})
afterAll(async () => {
  await closeDeps(deps)
  await database.close()
})

const get = async (path: string, headers: Record<string, string> = {}) =>
  await pages.fetch(new Request(`http://localhost${path}`, { headers }))

async function until(isSo: () => boolean) {
  for (const end = performance.now() + 10_000; !isSo() && performance.now() < end; ) {
    await Bun.sleep(10)
  }
  expect(isSo()).toBe(true)
}

test('who is let in is counted until they are answered', async () => {
  const asking = get('/discover?sort=newest', { cookie: 'session=abc' })
  expect(within).toBe(1)
  expect((await asking).status).toBe(200)
  expect(within).toBe(0)
})

test('while there is no time to make it, a list that is a little old is better than none', async () => {
  const made = await (await get('/discover')).text()
  isFull = true
  try {
    const { changes, store } = deps.cache
    const entry = store.get('/discover')
    // Fresh pages do not come to the door.
    expect(await (await get('/discover')).text()).toBe(made)
    await until(() => changes.now() > (entry?.staleUntil ?? 0))
    const late = await get('/discover')
    expect([late.status, await late.text()]).toEqual([200, made])
    // What nobody has made is not shown, nor a page for all to a member.
    for (const [path, headers] of [
      ['/discover?sort=ending'],
      ['/discover', { cookie: 'session=x' }],
    ] as const) {
      expect([path, (await get(path, headers)).status]).toEqual([path, 503])
    }
    store.clear()
    expect((await get('/discover')).status).toBe(503)
  } finally {
    isFull = false
  }
})

test('who waits for a page that is being made is not asked; who then needs one of their own is', async () => {
  const readers = (path: string) => {
    const first = get(path)
    isFull = true
    return Promise.all([first, get(path), get(path)])
  }
  try {
    expect((await readers('/places')).map(({ status }) => status)).toEqual([200, 200, 200])
    isFull = false
    expect((await readers('/projects/1')).map(({ status }) => status)).toEqual([301, 503, 503])
  } finally {
    isFull = false
  }
  expect(within).toBe(0)
})
