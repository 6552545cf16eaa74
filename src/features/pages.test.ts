import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { readPage } from '#testing/page'

// What holds for every page of the site.

setDefaultTimeout(60_000)

let site: TestApp

beforeAll(async () => {
  site = await testApp()
})

afterAll(() => site.close())

/** Anything that shows a value got lost on its way to the page. */
const lostValue = /undefined|NaN|\[object|Invalid Date|Infinity/

async function check(path: string) {
  const page = await readPage(await site.get(path))
  const { status, title, h1, html } = page
  expect({ path, status, h1: h1.length }).toEqual({ path, status: 200, h1: 1 })
  expect(title).toMatch(/^\S.* · Jumpstarter$/)
  expect(h1[0]?.trim()).not.toBe('')
  expect(html).toStartWith('<!DOCTYPE html><html lang="en">')
  expect(lostValue.exec(html)?.[0]).toBeUndefined()
  // Pages that search engines should not know need no address to be known by.
  if (!html.includes('<meta name="robots" content="noindex"')) {
    expect(page.canonical).toStartWith(site.deps.config.baseUrl)
  }
  return page
}

async function idOf(condition: string): Promise<number> {
  const [row] = await site.db.$client.unsafe(
    `select id from projects p where ${condition} order by backers_count desc, id limit 1`,
  )
  return Number(row?.['id'])
}

test.each([
  '/',
  '/discover',
  '/discover?category=games&status=all&sort=newest',
  '/discover?state=New+York&city=Brooklyn&status=all',
  '/discover?category=&state=&city=&status=&sort=&after=',
  '/categories/games',
  '/categories/games?status=successful&sort=most-funded',
  '/places',
  '/places/new-york/brooklyn?status=all',
  '/search',
  '/search?q=game',
  '/search?q=%22a+game%22+or+film+-music',
  '/people/1',
  '/people/1/backed',
])('%s is whole', async (path) => {
  await check(path)
})

test.each(['live', 'successful', 'failed', 'canceled', 'suspended'])(
  'every page of a %s project is whole',
  async (status) => {
    const id = await idOf(`status = '${status}'`)
    const first = await site.get(`/projects/${id}`)
    expect(first.status).toBe(301)
    const page = await check(first.headers.get('location') ?? '')
    expect(page.canonical).toBe(site.deps.config.baseUrl + first.headers.get('location'))
    for (const tab of ['rewards', 'faqs', 'updates', 'comments', 'community']) {
      await check(`${first.headers.get('location')}/${tab}`)
    }
  },
)

test('every update has a page', async () => {
  const id = await idOf('updates_count > 3')
  const canonical = (await site.get(`/projects/${id}`)).headers.get('location')
  const { links } = await check(`${canonical}/updates`)
  const updates = [...new Set(links.filter((href) => /\/updates\/\d+$/.test(href)))]
  expect(updates.length).toBeGreaterThan(3)
  for (const path of updates) await check(path)
})

test('the address of a project redirects once, whatever its slug', async () => {
  const id = await idOf(`status = 'live'`)
  const canonical = (await site.get(`/projects/${id}`)).headers.get('location') ?? ''
  expect(canonical).toMatch(new RegExp(`^/projects/${id}-[a-z0-9-]+$`))
  for (const slug of [
    '',
    '-',
    '-wrong',
    '-%F0%9F%8E%B2',
    `${canonical.slice(canonical.indexOf('-'))}-x`,
  ]) {
    const response = await site.get(`/projects/${id}${slug}`)
    expect([slug, response.status, response.headers.get('location')]).toEqual([
      slug,
      301,
      canonical,
    ])
  }
  expect((await site.get(canonical)).status).toBe(200)
})

test.each(['rewards', 'faqs', 'updates', 'comments', 'community', 'updates/1'])(
  'what is under a project has one address too: %s',
  async (tab) => {
    const id = await idOf('updates_count > 3')
    const canonical = (await site.get(`/projects/${id}`)).headers.get('location') ?? ''
    for (const project of [`${id}`, `${id}-wrong`, canonical.slice(10).replace('-', '%2D')]) {
      const response = await site.get(`/projects/${project}/${tab}?after=1`)
      expect(response.status).toBe(301)
      expect(response.headers.get('location')).toBe(`${canonical}/${tab}?after=1`)
    }
    expect((await site.get(`${canonical}/${tab}`)).status).toBe(200)
  },
)

test('links inside the site lead to whole pages, none of them by a detour', async () => {
  const seen = new Set(['/'])
  const waiting = ['/']
  const limit = 220
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const isPage = !/\.(ics|atom|json|svg)$|^\/api/.test(path)
    const { links } = isPage ? await check(path) : { links: [] }
    for (const link of links.map((href) => href.replace(/#.*/, ''))) {
      if (link === '' || seen.has(link) || seen.size >= limit) continue
      seen.add(link)
      waiting.push(link)
    }
  }
  expect(seen.size).toBe(limit)
})

test('pictures a page shows are there', async () => {
  const { html } = await check('/')
  const sources = [...html.matchAll(/<img[^>]* src="([^"]+)"/g)].map((match) => match[1] ?? '')
  expect(sources.length).toBeGreaterThan(10)
  for (const source of [...new Set(sources), '/favicon.svg', '/pictures/people/1.svg']) {
    const response = await site.get(source)
    expect([source, response.status]).toEqual([source, 200])
    expect(response.headers.get('content-type')).toBe('image/svg+xml')
  }
  const assets = [...html.matchAll(/href="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '')
  expect(assets.length).toBeGreaterThanOrEqual(2)
  for (const asset of assets) {
    const response = await site.get(asset)
    expect([asset, response.status]).toEqual([asset, 200])
    expect(response.headers.get('cache-control')).toContain('immutable')
  }
})
