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
import { loadConfig } from '#config'
import { announceChange, announceEverything } from '#db/changes'
import { closeDeps, type Deps, openDeps } from '#deps'
import { type TestDatabase, testDatabase } from '#testing/database'
import type { Cache } from './cache'
import type { Render } from './make'
import { createPageCache } from './page-cache'
import { tags } from './recording'

setDefaultTimeout(60_000)

let database: TestDatabase
let deps: Deps & { cache: Cache }
let pages: ReturnType<typeof createPageCache>
let rendered: string[]

beforeAll(async () => {
  database = await testDatabase()
  const config = loadConfig({ LOG_LEVEL: 'silent' }, {})
  deps = (await openDeps({ ...config, databaseUrl: database.url })) as typeof deps
  const app = createApp(deps, { ready: true })
  const render: Render = (request, rendering) => {
    rendered.push(new URL(request.url).pathname)
    return app.fetch(request, rendering)
  }
  pages = createPageCache(deps.cache, render, deps.log, deps.visits)
  await hearing()
})

afterAll(async () => {
  await closeDeps(deps)
  await database.close()
})

beforeEach(() => {
  deps.cache.store.clear()
  rendered = []
})

/** On a machine this busy a proof may be late, and then nothing is kept. */
const hearing = () => soon(() => deps.cache.changes.isHearing())

const get = async (path: string, headers: Record<string, string> = {}) =>
  await pages.fetch(new Request(`http://localhost${path}`, { headers }))

async function liveProject(): Promise<{ id: number; path: string }> {
  const [row] = await deps.db.$client<{ id: string }[]>`
    select id from projects where status = 'live' and ends_at > now() + interval '1 day' limit 1`
  const id = Number(row?.id)
  const address = await get(`/projects/${id}`)
  rendered = []
  return { id, path: address.headers.get('location') ?? '' }
}

async function rename(id: number, title: string) {
  await deps.db.transaction(async (tx) => {
    await announceChange(tx, [tags.project(id)])
    await tx.execute(`update projects set description = '${title}' where id = ${id}`)
  })
}

const soon = async (isSo: () => boolean) => {
  for (const end = performance.now() + 5_000; !isSo() && performance.now() < end; )
    await Bun.sleep(2)
  expect(isSo()).toBe(true)
}

describe('a project’s page', () => {
  test('is made once, and then sent as it is', async () => {
    const { path } = await liveProject()
    const first = await get(path)
    const again = await get(path)
    expect(rendered).toHaveLength(1)
    expect(again.status).toBe(200)
    expect(await again.text()).toBe(await first.text())
    expect(again.headers.get('content-security-policy')).toContain("script-src 'self'")
  })

  test('is made by one of many who ask at once', async () => {
    const { path } = await liveProject()
    const answers = await Promise.all(Array.from({ length: 50 }, () => get(path)))
    expect(rendered).toHaveLength(1)
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1)
  })

  test('is made for each of those who are signed in', async () => {
    const { path } = await liveProject()
    const headers = { cookie: 'session=abc' }
    await Promise.all([get(path), get(path, headers), get(path, headers)])
    expect(rendered).toHaveLength(3)
  })

  test('is the same for whatever a campaign has added to its address', async () => {
    const { path } = await liveProject()
    for (const query of ['', '?utm_source=a', '?utm_source=b&fbclid=1']) await get(path + query)
    expect(rendered).toHaveLength(1)
  })

  test('is dropped by a change, and only then', async () => {
    const { id, path } = await liveProject()
    await get(path)
    await rename(id + 1, 'Of another project')
    await Bun.sleep(50)
    expect(deps.cache.store.size()).toBe(1)
    await rename(id, 'Told in another way')
    await soon(() => deps.cache.store.size() === 0)
    expect(await (await get(path)).text()).toContain('Told in another way')
  })

  test('that has changed while it was made is sent but not kept', async () => {
    const { id, path } = await liveProject()
    const mark = deps.cache.changes.mark()
    const asked = get(path)
    await rename(id, 'While it was made')
    await soon(() => !deps.cache.changes.isCurrent([tags.project(id)], mark))
    await asked
    const next = await get(path)
    expect(await next.text()).toContain('While it was made')
  })

  test('says it is not known when it is not, to everybody anew', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => get('/projects/999999999-none')))
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
    expect(await answers[2]?.text()).toContain('</html>')
    expect(deps.cache.store.size()).toBe(0)
  })

  test('gets the headers of one who asks only whether it has changed', async () => {
    const { path } = await liveProject()
    const tag = (await get(path)).headers.get('etag') ?? ''
    expect((await get(path, { 'if-none-match': tag })).status).toBe(304)
    deps.cache.store.clear()
    // The first to ask is answered like the others.
    expect((await get(path, { 'if-none-match': tag })).status).toBe(304)
  })
})

describe('an address that may be read in two ways', () => {
  test.each([
    '/discover?category=&category=games',
    '/discover?sort=newest&sort=popular',
    '/search?q=&q=board',
    '/search?q=C%23',
    '/discover?utm=1&sort=newest',
    '/%64iscover',
    '//discover',
  ])('%s gets from memory what it would get without it', async (address) => {
    const answers = [await get(address), await get(address)]
    const own = await get(address, { cookie: 'session=somebody' })
    const text = await own.text()
    for (const answer of answers) {
      expect(answer.status).toBe(own.status)
      expect(await answer.text()).toBe(text)
    }
  })

  test.each([
    ['/discover?category=&category=games', '/discover?category=games'],
    ['/search??q=board', '/search?q=board'],
    ['/search?q=&q=board', '/search?q=board'],
    ['/search?q=C#', '/search?q=C%23'],
    ['/search?q=%FF', '/search?q=%EF%BF%BD'],
    ['/discover?sort=popular&sort=newest', '/discover?sort=newest'],
  ])('%s does not put another page in the place of %s', async (odd, plain) => {
    const right = await (await get(plain, { cookie: 'session=somebody' })).text()
    await get(odd)
    expect(await (await get(plain)).text()).toBe(right)
  })

  test('keeps what a redirection has to carry on', async () => {
    const { id } = await liveProject()
    const answer = await get(`/projects/${id}?utm_source=a`)
    expect(answer.status).toBe(301)
    expect(answer.headers.get('location')).toEndWith('?utm_source=a')
  })
})

test('after a change of everything nothing is left', async () => {
  const { path } = await liveProject()
  await get(path)
  expect(deps.cache.store.size()).toBe(1)
  await deps.db.$client.unsafe(announceEverything)
  await soon(() => deps.cache.store.size() === 0)
  await hearing()
  await get(path)
  expect(deps.cache.store.size()).toBe(1)
})

describe('a list', () => {
  test('is made anew behind the back of its readers, after half a second', async () => {
    await get('/discover?sort=newest')
    await get('/discover?sort=newest')
    expect(rendered).toHaveLength(1)
    await Bun.sleep(650)
    await hearing()
    const before = pages.stats().stale
    await get('/discover?sort=newest')
    expect(pages.stats().stale).toBe(before + 1)
    await soon(() => rendered.length === 2)
  })

  test('that nobody has asked for in a second is made first', async () => {
    await get('/discover?sort=ending')
    await Bun.sleep(1_100)
    await hearing()
    const { misses } = pages.stats()
    await get('/discover?sort=ending')
    expect(pages.stats().misses).toBe(misses + 1)
  })
})

test('the community page is whole, without a script', async () => {
  const [row] = await deps.db.$client`
    select id from projects where status in ('live', 'successful') order by backers_count desc limit 1`
  const path = (await get(`/projects/${row?.['id']}`)).headers.get('location')
  const answer = await get(`${path}/community`)
  expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'")
  const html = await answer.text()
  expect(html).not.toContain('<script')
  expect(html).not.toContain('id="S:')
  expect(html).not.toContain('Counting')
  expect(html).toContain('Where backers come from')
})

test('what is asked for often goes out in brotli to those who take it', async () => {
  const { path } = await liveProject()
  const coding = async () =>
    (await get(path, { 'accept-encoding': 'gzip, br' })).headers.get('content-encoding')
  expect(await coding()).toBe('gzip')
  for (let index = 0; index < 5; index += 1) await coding()
  for (const end = performance.now() + 5_000; performance.now() < end; ) {
    if ((await coding()) === 'br') break
  }
  expect(await coding()).toBe('br')
})

test('errors are passed on and not kept', async () => {
  const answers = await Promise.all([
    get('/discover?sort=sideways'),
    get('/api/v1/projects?unknown=1'),
    get('/nowhere'),
  ])
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 404])
  expect(deps.cache.store.size()).toBe(0)
})
