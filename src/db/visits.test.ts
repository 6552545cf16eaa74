import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { createApp } from '#app'
import type { Cache } from '#cache/cache'
import type { Render } from '#cache/make'
import { createPageCache } from '#cache/page-cache'
import { loadConfig } from '#config'
import { openDb } from '#db/client'
import { closeDeps, type Deps, openDeps } from '#deps'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'
import { type TestDatabase, testDatabase } from '#testing/database'
import { eventually } from '#testing/start-tiny-server'
import { countVisits, sourcesMax, waitingMax } from './visits'

setDefaultTimeout(60_000)

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

const reader = (referer?: string, more: Record<string, string> = {}) =>
  new Headers({ 'user-agent': browser, ...(referer ? { referer } : {}), ...more })

let database: TestDatabase
let deps: Deps & { cache: Cache }
let pages: ReturnType<typeof createPageCache>
let project: { id: number; path: string }

beforeAll(async () => {
  database = await testDatabase()
  const config = loadConfig({ LOG_LEVEL: 'silent' }, {})
  deps = (await openDeps({ ...config, databaseUrl: database.url })) as typeof deps
  const app = createApp(deps, { ready: true })
  const render: Render = (request, rendering) => app.fetch(request, rendering)
  pages = createPageCache(deps.cache, render, deps.log, deps.visits)
  await eventually(() => expect(deps.cache.changes.isHearing()).toBe(true))
  const [row] = await database.db.$client`select id from projects where status = 'live' limit 1`
  const id = Number(row?.['id'])
  const moved = await get(`/projects/${id}`)
  project = { id, path: moved.headers.get('location') ?? '' }
})

afterAll(async () => {
  await closeDeps(deps)
  await database.close()
})

beforeEach(async () => {
  await deps.visits.flush()
  await database.db.$client`delete from project_visits`
})

const get = async (path: string, headers: Headers | Record<string, string> = reader()) =>
  await pages.fetch(new Request(`http://localhost${path}`, { headers }))

async function visits(id = project.id): Promise<Record<string, number>> {
  await deps.visits.flush()
  const rows = await database.db.$client<{ source: string; visits: number }[]>`
    select source, visits from project_visits
    where project_id = ${id} and day = (now() at time zone 'UTC')::date`
  return Object.fromEntries(rows.map((row) => [row.source, row.visits]))
}

describe('a campaign’s page', () => {
  test('is visited by each reader who gets it from memory, and by the one for whom it was made', async () => {
    deps.cache.store.clear()
    for (let reading = 0; reading < 5; reading++) expect((await get(project.path)).status).toBe(200)
    const { hits, misses } = pages.stats()
    expect(hits).toBeGreaterThanOrEqual(4)
    expect(misses).toBeGreaterThanOrEqual(1)
    expect(await visits()).toEqual({ '': 5 })
  })

  test('is visited by all who wait for it at once', async () => {
    deps.cache.store.clear()
    await Promise.all(Array.from({ length: 20 }, () => get(project.path)))
    expect(await visits()).toEqual({ '': 20 })
  })

  test('adds to what was counted before, by where readers come from', async () => {
    await get(project.path, reader('https://www.example.org/a?b'))
    await get(project.path, reader('http://localhost:3000/discover'))
    expect(await visits()).toEqual({ 'example.org': 1, here: 1 })
    await get(project.path, reader('https://example.org/'))
    await get(project.path, reader('about:blank'))
    expect(await visits()).toEqual({ 'example.org': 2, here: 1, other: 1 })
  })

  test('is not visited by programs, in advance, or by whoever has it already', async () => {
    const etag = (await get(project.path, {})).headers.get('etag') ?? ''
    for (const userAgent of ['', 'curl/8.5.0', 'Mozilla/5.0 (compatible; Googlebot/2.1)']) {
      expect((await get(project.path, { 'user-agent': userAgent })).status).toBe(200)
    }
    await get(project.path, reader(undefined, { 'sec-purpose': 'prefetch;prerender' }))
    const known = await get(project.path, reader(undefined, { 'if-none-match': etag }))
    expect(known.status).toBe(304)
    expect(await visits()).toEqual({})
  })

  test('is the only one that counts', async () => {
    const others = ['/rewards', '/faqs', '/updates', '/comments', '/community']
    for (const tab of others) expect((await get(project.path + tab)).status).toBe(200)
    await get(`/api/v1/projects/${project.id}`)
    await get(`/projects/${project.id}`)
    await get('/projects/999999999-none')
    expect(await visits()).toEqual({})
    const [row] = await database.db.$client`select count(*)::int as rows from project_visits`
    expect(row?.['rows']).toBe(0)
  })
})

describe('who is signed in', () => {
  let site: TestApp
  let cast: Cast

  beforeAll(async () => {
    site = await testApp()
    cast = await makeCast(site)
  })
  afterAll(() => site.close())

  test('is counted, unless they make the project', async () => {
    const made = await cast.makeProject('live')
    const { location } = Object.fromEntries(
      (await site.get(`/projects/${made['project']}`)).headers,
    )
    const people = [cast.member, cast.member, cast.staff, cast.owner, cast.helperWith('edit')]
    for (const { cookies } of people) {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
      const headers = reader('https://example.org/', { cookie })
      expect((await site.get(location ?? '', { headers })).status).toBe(200)
    }
    await site.deps.visits.flush()
    const rows = await site.db.$client`
      select source, visits from project_visits where project_id = ${made['project'] ?? 0}`
    expect([...rows]).toEqual([{ source: 'example.org', visits: 3 }])
  })
})

describe('the counter', () => {
  test('keeps what it could not write for the next time', async () => {
    const warnings: string[] = []
    const log = { ...deps.log, warn: (message: string) => warnings.push(message) }
    const visitor = countVisits(database.db, 'localhost', log)
    visitor.count(project.id, reader())
    await database.db.$client`alter table project_visits rename to gone`
    await visitor.flush()
    expect(warnings).toEqual(['visits could not be written; they wait'])
    visitor.count(project.id, reader())
    await database.db.$client`alter table gone rename to project_visits`
    await visitor.close()
    expect(await visits()).toEqual({ '': 2 })
  })

  test('writes by itself, and at the end', async () => {
    const visitor = countVisits(database.db, 'localhost', deps.log)
    visitor.count(project.id, reader())
    await eventually(async () => expect(await visits()).toEqual({ '': 1 }), 15_000)
    visitor.count(project.id, reader())
    await visitor.close()
    expect(await visits()).toEqual({ '': 2 })
  })

  test('knows so many sources of a project and a day by name, and those of before', async () => {
    const visitor = countVisits(database.db, 'localhost', deps.log)
    const come = (from: number, to: number) => {
      for (let n = from; n < to; n++) {
        visitor.count(project.id, reader(`https://source-${n}.example/`))
      }
    }
    come(0, sourcesMax - 10)
    await visitor.flush()
    come(0, sourcesMax + 20)
    await visitor.flush()
    const counted = await visits()
    expect(Object.keys(counted)).toHaveLength(sourcesMax + 1)
    expect(counted['source-0.example']).toBe(2)
    expect(counted['other']).toBe(20)
    await visitor.close()
  })

  test('holds no more than so many, and loses no visit of those', async () => {
    const closed = openDb(database.url, { max: 1, applicationName: 'jumpstarter test' })
    const visitor = countVisits(closed, 'localhost', deps.log)
    for (let n = 0; n < waitingMax + 500; n++) {
      visitor.count(project.id, reader(`https://source-${n}.example/`))
    }
    await visitor.close()
    await closed.$client.end()
    const counted = await visits()
    expect(Object.values(counted).reduce((all, one) => all + one, 0)).toBe(waitingMax + 500)
    expect(Object.keys(counted).length).toBeLessThanOrEqual(sourcesMax + 1)
  })

  test('leaves out projects that are no more, and writes the others', async () => {
    const visitor = countVisits(database.db, 'localhost', deps.log)
    visitor.count(999_999_999, reader())
    visitor.count(project.id, reader())
    await visitor.close()
    expect(await visits()).toEqual({ '': 1 })
  })

  test('adds up what several write at once', async () => {
    const visitors = Array.from({ length: 4 }, () =>
      countVisits(database.db, 'here.test', deps.log),
    )
    const sources = ['https://a.example/', 'https://b.example/', 'https://c.example/']
    for (const [place, visitor] of visitors.entries()) {
      for (const at of [0, 1, 2]) visitor.count(project.id, reader(sources[(place + at) % 3]))
    }
    await Promise.all(visitors.map((visitor) => visitor.close()))
    expect(await visits()).toEqual({ 'a.example': 4, 'b.example': 4, 'c.example': 4 })
  })
})
