import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'

setDefaultTimeout(60_000)

let site: TestApp

beforeAll(async () => {
  site = await testApp()
})

afterAll(() => site.close())

/** What an answer must never tell: how the program is built and what it asked the database. */
const leak = new RegExp(
  [
    '\\bat \\S+ \\(|node_modules|\\.tsx?:\\d',
    '\\bselect\\b[^<]{0,80}\\bfrom\\b',
    'PostgresError|ZodError|TypeError|drizzle|syntax error',
  ].join('|'),
)

async function ask(path: string, init?: RequestInit) {
  const response = await site.get(path, init)
  const body = await response.text()
  expect(leak.exec(body)?.[0]).toBeUndefined()
  const isPage = response.headers.get('content-type')?.includes('html') && init?.method !== 'HEAD'
  if (response.status >= 400 && isPage) {
    expect(body).toContain(`<p class="error-page-status">${response.status}</p>`)
  }
  return { status: response.status, headers: response.headers, body }
}

const missing = 999_999_999
const longSlug = 'x'.repeat(200)

describe.each([
  [
    404,
    [
      ...['0', '-1', '+1', '1.5', '1e3', 'x', '%20', '1%20', '1;2', "1'", '٣', '1_', `${missing}`],
      ...['99999999999999999999', '999999999999999', '9007199254740993', '00001', '0x10'],
    ].flatMap((id) => [
      `/projects/${id}`,
      `/projects/${id}/community`,
      `/projects/${id}/updates.atom`,
      `/projects/${id}/reminder.ics`,
      `/people/${id}`,
      `/people/${id}/backed`,
    ]),
  ],
  [
    404,
    [
      '/nothing',
      '/index.php',
      '/.env',
      '/..%2f..%2fetc%2fpasswd',
      '/assets/..%2f..%2fpackage.json',
      '/assets/nothing.css',
      '/projects',
      '/categories',
      '/categories/nothing',
      '/categories/GAMES',
      '/categories/games/nothing',
      '/categories/games/tabletop/x',
      `/categories/${longSlug}`,
      '/places/nowhere/at-all',
      '/places/new-york',
      '/projects/1/nothing',
      '/projects/1/updates/0',
      '/projects/1/updates/x',
      '/projects/1/updates/999999999',
      '/projects/1/updates/99999999999999999999',
      '/sitemaps/999999.xml',
      '/sitemaps/x.xml',
      '/pictures/projects/games/x.svg',
      '/pictures/projects/games/0.svg',
      '/pictures/people/1.png',
    ],
  ],
  [
    400,
    [
      '/discover?sort=random',
      '/discover?sort=popular%20',
      '/discover?status=draft',
      '/discover?status=suspended',
      '/discover?category=nothing',
      '/discover?category=../x',
      '/discover?category=games%00',
      '/discover?state=Nowhere',
      '/discover?city=Brooklyn',
      '/discover?state=x%01&city=y',
      `/discover?state=${'x'.repeat(61)}&city=y`,
      '/discover?after=x',
      `/discover?after=${'x'.repeat(201)}`,
      '/categories/games?sort=random',
      '/categories/games?status=nothing',
      '/places/new-york/brooklyn?sort=random',
      `/search?q=${'x'.repeat(201)}`,
      '/search?q=game%00',
      '/search?q=game&after=x',
      '/projects/1/comments?after=x',
      '/projects/1/comments?after=0',
      '/projects/1/updates?after=-1',
      '/projects/1/updates?after=99999999999999999999',
      '/projects/1/community?after=1.5',
      '/people/1?after=x',
      '/people/1/backed?after=x',
      '/%00',
      '/projects/1%00',
    ],
  ],
  [414, [`/search?q=${'x'.repeat(5_000)}`, `/${'x'.repeat(5_000)}`]],
])('%i', (status, paths) => {
  test.each(paths.map((path) => [path.slice(0, 60), path]))('%s', async (_, path) => {
    expect((await ask(path)).status).toBe(status)
  })
})

test.each([
  '/%ZZ',
  '/projects/%ZZ',
  '/projects/1-%E0%A4%A',
  '/categories/%FF',
  '/discover?category=%ZZ',
  '/discover?state=%FF&city=%FE',
  '/search?q=%ZZ',
  '/search?q=%FF',
  '/discover?sort=popular&sort=newest',
  '/discover?constructor=1&__proto__=1',
  '/categories/__proto__',
  '/categories/constructor',
  '/discover?category=__proto__',
  '/search?q[]=x',
])('%s is answered without an error of ours', async (path) => {
  expect((await ask(path)).status).toBeLessThan(500)
})

describe('words of SQL are data', () => {
  const attacks = [
    "1'; drop table projects; --",
    "1' or '1'='1",
    '1) or 1=1 --',
    "' union select 1, version() --",
    '$1',
    '%(x)s',
    '\\',
    "\\'; select pg_sleep(10); --",
  ].map(encodeURIComponent)

  test.each(attacks)('%s', async (attack) => {
    expect((await ask(`/projects/${attack}`)).status).toBe(404)
    expect((await ask(`/people/${attack}`)).status).toBe(404)
    expect((await ask(`/categories/${attack}`)).status).toBe(404)
    expect((await ask(`/places/${attack}/${attack}`)).status).toBe(404)
    expect((await ask(`/search?q=${attack}`)).status).toBe(200)
    expect((await ask(`/discover?category=${attack}`)).status).toBe(400)
    expect((await ask(`/discover?sort=${attack}`)).status).toBe(400)
    expect((await ask(`/discover?after=${attack}`)).status).toBe(400)
    expect((await ask(`/discover?state=${attack}&city=${attack}`)).status).toBe(200)
    const [row] = await site.db.$client`select count(*)::int as rows from projects`
    expect(row?.['rows']).toBeGreaterThan(100)
  })
})

describe('methods', () => {
  const pages = ['/', '/discover', '/projects/1', '/people/1', '/categories/games', '/search']

  test.each(pages)('%s can be read, not changed', async (path) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status, headers } = await ask(path, { method, body: 'x' })
      expect([method, status, headers.get('allow')]).toEqual([method, 405, 'GET, HEAD'])
    }
  })

  test('a path that is not there stays not there', async () => {
    expect((await ask('/nothing', { method: 'POST' })).status).toBe(404)
  })

  test.each([...pages, '/healthz', '/nothing', '/projects/0'])(
    'HEAD of %s is GET without the body',
    async (path) => {
      const head = await ask(path, { method: 'HEAD' })
      const get = await ask(path)
      expect(head.body).toBe('')
      expect(head.status).toBe(get.status)
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
    },
  )
})

test.each([
  ['/discover/', '/discover'],
  ['/categories/games/', '/categories/games'],
  ['/categories/games/?sort=newest', '/categories/games?sort=newest'],
  ['/places/new-york/brooklyn/', '/places/new-york/brooklyn'],
])('%s has one address: %s', async (path, canonical) => {
  const { status, headers } = await ask(path)
  expect(status).toBe(301)
  const location = new URL(headers.get('location') ?? '', site.deps.config.baseUrl)
  expect(location.origin).toBe(site.deps.config.baseUrl)
  expect(location.pathname + location.search).toBe(canonical)
})

test.each(['//evil.test/', '//evil.test//', '/%5Cevil.test/', '/\\evil.test/'])(
  '%s does not lead off the site',
  async (path) => {
    const response = await site.app.fetch(new Request(`http://localhost:3000${path}`))
    const location = response.headers.get('location')
    if (location) expect(new URL(location, 'http://localhost:3000').host).toBe('localhost:3000')
    expect(response.status).toBeLessThan(500)
  },
)
