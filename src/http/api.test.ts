import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { endpoints } from '#app'
import { findSamples } from '#features/discover/api'
import { encodeCursor } from '#lib/cursor'
import { type TestApp, testApp } from '#testing/app'
import { apiRoot, type Samples } from './api'
import { problem } from './openapi'

// The first test of a run waits for Postgres and its seed.
setDefaultTimeout(60_000)

let site: TestApp
let samples: Samples

beforeAll(async () => {
  site = await testApp()
  const found = await findSamples(site.db)
  if (!found) throw new Error('the seeded database has no projects')
  samples = found
})
afterAll(() => site.close())

const get = (path: string, init?: RequestInit) => site.get(apiRoot + path, init)
const listed = z.object({ data: z.array(z.looseObject({})), next: z.string().nullable() })

async function page(path: string) {
  const response = await get(path)
  expect({ path, status: response.status }).toEqual({ path, status: 200 })
  return listed.parse(await response.json())
}

/** Every thing of a list, page after page. */
async function walk(path: string) {
  const things: Record<string, unknown>[] = []
  for (let next: string | null = ''; next !== null; ) {
    const cursor = next && `${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(next)}`
    const answer = await page(path + cursor)
    if (answer.next) expect(answer.data.length).toBeGreaterThan(0)
    things.push(...answer.data)
    next = answer.next
  }
  return things
}

const open = endpoints.filter(({ scope }) => scope === undefined)

describe('every endpoint', () => {
  test.each(open.map((endpoint) => [endpoint.id, endpoint] as const))(
    '%s answers as it declares',
    async (_, endpoint) => {
      const response = await get(endpoint.samplePath(samples))
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(response.headers.get('cache-control')).toBe('public, max-age=0, must-revalidate')
      const body = await response.json()
      // Parsing drops what is not declared: nothing may be missing afterwards.
      expect(endpoint.answer?.parse(body)).toEqual(body)
    },
  )

  test('answers as declared for projects in every state', async () => {
    const rows = await site.db.$client<{ id: string }[]>`
      select distinct on (status, updates_count > 0) id from projects
        where status not in ('draft', 'submitted', 'rejected')`
    const ofProjects = open.filter(({ path }) => /^\/projects\/\{id\}(\/\w+)?$/.test(path))
    for (const { id } of rows) {
      for (const { path, answer } of ofProjects) {
        const body = await (await get(path.replace('{id}', id))).json()
        expect(answer?.parse(body)).toEqual(body)
      }
    }
    expect(rows.length).toBeGreaterThan(4)
  })

  test('shows no project that has not launched', async () => {
    const rows = await site.db.$client<{ id: string }[]>`
      select id from projects where status in ('draft', 'submitted', 'rejected') limit 3`
    expect(rows.length).toBeGreaterThan(0)
    for (const { id } of rows) expect((await get(`/projects/${id}`)).status).toBe(404)
  })
})

describe('a project', () => {
  test('leads to its page, its picture and the rest of the API', async () => {
    const body = z
      .object({ url: z.string(), picture: z.string(), urls: z.record(z.string(), z.string()) })
      .parse(await (await get(`/projects/${samples.project}`)).json())
    const { baseUrl } = site.deps.config
    for (const url of [body.url, body.picture, ...Object.values(body.urls)]) {
      expect(url).toStartWith(`${baseUrl}/`)
      expect((await site.get(url.slice(baseUrl.length))).status).toBe(200)
    }
  })
})

describe('paging walks a whole list without gaps or repeats', () => {
  test.each(['popular', 'newest', 'ending', 'most-funded', 'most-backed'])(
    'projects by %s',
    async (sort) => {
      const ids = (await walk(`/projects?status=all&sort=${sort}`)).map(({ id }) => Number(id))
      const rows = await site.db.$client<{ id: string }[]>`
        select id from projects where is_listed(status) order by id`
      expect(ids.toSorted((a, b) => a - b)).toEqual(rows.map(({ id }) => Number(id)))
    },
  )

  test('projects of a category, a place and a search', async () => {
    for (const filter of [`category=${samples.category}`, 'q=a+OR+new+OR+book']) {
      const status = filter.startsWith('q') ? '' : '&status=all'
      const ids = (await walk(`/projects?${filter}${status}`)).map(({ id }) => id)
      expect(ids.length).toBeGreaterThan(12)
      expect(new Set(ids).size).toBe(ids.length)
    }
    const [place] = (await page('/places')).data
    const { state, city, liveCount } = z
      .object({ state: z.string(), city: z.string(), liveCount: z.int() })
      .parse(place)
    const filter = new URLSearchParams({ state, city })
    expect(await walk(`/projects?${filter}`)).toHaveLength(liveCount)
  })

  test('backers, comments and updates', async () => {
    const { project } = samples
    const counts = await site.db.$client<Record<'backers' | 'threads' | 'updates', number>[]>`
      select
        (select count(*)::int from pledges where project_id = ${project}
          and status <> 'canceled' and not anonymous) as backers,
        (select count(*)::int from comments where project_id = ${project}
          and parent_id is null and update_number is null) as threads,
        (select updates_count from projects where id = ${project}) as updates`
    const expected = counts[0]
    expect(expected?.backers).toBeGreaterThan(24)
    const lists = { backers: 'backers', threads: 'comments', updates: 'updates' } as const
    for (const [name, path] of Object.entries(lists)) {
      const things = await walk(`/projects/${project}/${path}`)
      expect(things).toHaveLength(expected?.[name as keyof typeof lists] ?? -1)
      const keys = things.map(({ id, number }) => id ?? number)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })

  test('what a person created and backed', async () => {
    const [busiest] = await site.db.$client<{ id: string; backed: number }[]>`
      select backer_id as id, count(*)::int as backed from pledges
        where not anonymous and status <> 'canceled' group by 1 order by 2 desc limit 1`
    const ids = (await walk(`/people/${busiest?.id}/backed`)).map(({ id }) => id)
    expect(ids).toHaveLength(busiest?.backed ?? -1)
    expect(new Set(ids).size).toBe(ids.length)
    const created = await walk(`/people/${samples.person}/projects`)
    expect(created.map(({ id }) => id)).toContain(samples.project)
  })
})

describe('refusals', () => {
  const cursor = (sort: string, key: string, id: number) => encodeCursor({ sort, key, id })
  const longText = 'x'.repeat(201)
  const cases: [path: string, status: number, code: string, field?: string][] = [
    ['/projects?sorrt=newest', 400, 'invalid_input', 'sorrt'],
    ['/projects/1?expand=all', 400, 'invalid_input', 'expand'],
    ['/projects?__proto__=1', 400, 'invalid_input', '__proto__'],
    ['/projects?sort=best', 400, 'invalid_input', 'sort'],
    ['/projects?sort=newest&sort=popular', 400, 'invalid_input', 'sort'],
    ['/projects?status=draft', 400, 'invalid_input', 'status'],
    ['/projects?state=Oregon', 400, 'invalid_input', 'city'],
    ['/projects?category=nonsense', 400, 'invalid_input', 'category'],
    ['/projects?category=../etc', 400, 'invalid_input', 'category'],
    ['/projects?q=lamp&sort=newest', 400, 'invalid_input', 'sort'],
    [`/projects?q=${longText}`, 400, 'invalid_input', 'q'],
    ['/projects?q=%00', 400, 'invalid_input'],
    ['/projects/%00', 400, 'invalid_input'],
    [`/projects?q=${'x'.repeat(3_000)}`, 414, 'uri_too_long'],
    ['/projects?after=nonsense', 400, 'invalid_cursor', 'after'],
    [`/projects?after=${longText}`, 400, 'invalid_input', 'after'],
    [`/projects?sort=newest&after=${cursor('popular', '1', 1)}`, 400, 'invalid_cursor', 'after'],
    [`/projects?after=${cursor('popular', 'T', 1)}`, 400, 'invalid_cursor', 'after'],
    [`/projects?after=${cursor('popular', '9'.repeat(30), 1)}`, 400, 'invalid_cursor', 'after'],
    [
      `/projects?sort=ending&after=${cursor('ending', '2026-99-99', 1)}`,
      400,
      'invalid_cursor',
      'after',
    ],
    ['/people/1/backed?after=nonsense', 400, 'invalid_input', 'after'],
    ['/projects/1/updates?after=9999999999', 400, 'invalid_input', 'after'],
    ['/projects/1/comments?update=9999999999', 400, 'invalid_input', 'update'],
    ['/projects/1/comments?update=-1', 400, 'invalid_input', 'update'],
    ['/projects/abc', 404, 'project_not_found'],
    ['/projects/0', 404, 'project_not_found'],
    ['/projects/1e3', 404, 'project_not_found'],
    ['/projects/999999999999999', 404, 'project_not_found'],
    ['/projects/99999999999999999999/rewards', 404, 'project_not_found'],
    ['/people/-1', 404, 'person_not_found'],
    ['/people/999999999999999/projects', 404, 'person_not_found'],
    ['/categories/nonsense', 404, 'category_not_found'],
    ['/categories/games/nonsense', 404, 'category_not_found'],
    ['/places/nowhere/nothing', 404, 'place_not_found'],
    ['/nonsense', 404, 'not_found'],
  ]

  test.each(cases.map((each) => [each[0].slice(0, 70), each] as const))('%s', async (_, each) => {
    const [path, status, code, field] = each
    const response = await get(path)
    const body = problem.parse(await response.json())
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(body).toMatchObject({ status, type: `urn:jumpstarter:${code}`, ...(field && { field }) })
  })

  test('an update that is not there', async () => {
    const { project } = samples
    for (const path of ['updates/999999999', 'updates/first', 'comments?update=999999999']) {
      const response = await get(`/projects/${project}/${path}`)
      const body = problem.parse(await response.json())
      expect(body.type).toBe('urn:jumpstarter:update_not_found')
    }
  })

  test('a slip of the finger is understood', async () => {
    const body = problem.parse(await (await get('/projects?catgory=games')).json())
    expect(body.detail).toContain('Did you mean “category”?')
  })

  test('methods that change something', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await get(`/projects/${samples.project}`, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('GET, HEAD')
      problem.parse(await response.json())
    }
  })

  test('a slash too many leads to the right address', async () => {
    const response = await get('/projects/?sort=newest')
    expect(response.status).toBe(301)
    expect(response.headers.get('location')).toEndWith('/api/v1/projects?sort=newest')
  })
})

describe('over HTTP', () => {
  test('what has not changed is not sent again', async () => {
    const path = `/projects/${samples.project}`
    const etag = (await get(path)).headers.get('etag') ?? ''
    expect(etag).toMatch(/^W\/"[0-9a-z]+"$/)
    for (const known of [etag, etag.slice('W/'.length), `"other", ${etag}`, '*']) {
      const response = await get(path, { headers: { 'If-None-Match': known } })
      expect(response.status).toBe(304)
      expect(await response.text()).toBe('')
      expect(response.headers.get('etag')).toBe(etag)
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(response.headers.get('vary')).toBe('Accept-Encoding')
    }
    const changed = await get(path, { headers: { 'If-None-Match': '"other"' } })
    expect(changed.status).toBe(200)
  })

  test('HEAD has the headers of GET and no body', async () => {
    const path = '/categories'
    const [head, whole] = [await get(path, { method: 'HEAD' }), await get(path)]
    expect(head.status).toBe(200)
    expect(await head.text()).toBe('')
    expect(head.headers.get('etag')).toBe(whole.headers.get('etag'))
  })

  test('gzip for those who take it', async () => {
    const plain = await (await get('/categories')).text()
    const response = await get('/categories', { headers: { 'Accept-Encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(gunzipSync(await response.arrayBuffer()).toString()).toBe(plain)
  })
})

test('a script of any site may ask, and ask again only for what has changed', async () => {
  const headers = {
    Origin: 'https://elsewhere.example',
    'Access-Control-Request-Method': 'GET',
    'Access-Control-Request-Headers': 'if-none-match',
  }
  const preflight = await site.get('/api/v1/projects', { method: 'OPTIONS', headers })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-headers')).toMatch(/if-none-match/i)
  const answer = await site.get('/api/v1/projects', { headers })
  expect(answer.headers.get('access-control-expose-headers')).toMatch(/etag/i)
})
