import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createApp } from '#app'
import { type TestApp, testApp } from '#testing/app'
import { seededAt } from '#testing/database'

setDefaultTimeout(60_000)

let site: TestApp
let base: string

beforeAll(async () => {
  site = await testApp()
  base = site.deps.config.baseUrl
})

afterAll(() => site.close())

/** Throws unless every element is closed in turn and nothing stands unescaped. */
function assertWellFormed(xml: string): void {
  expect(xml).toStartWith('<?xml version="1.0"')
  const open: string[] = []
  const rest = xml
    .replace(/^<\?xml[^>]*\?>/, '')
    .replace(
      /<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>/g,
      (_, closing: string, name: string, __, empty: string) => {
        if (closing) expect(open.pop()).toBe(name)
        else if (!empty) open.push(name)
        return ''
      },
    )
  expect(open).toEqual([])
  expect(/[<>]/.exec(rest)?.[0]).toBeUndefined()
  expect(/&(?!amp;|lt;|gt;|quot;)/.exec(xml)?.[0]).toBeUndefined()
}

const locations = (xml: string) =>
  [...xml.matchAll(/<loc>([^<]*)<\/loc>/g)].map((match) => match[1] ?? '')

async function sitemapAddresses(): Promise<string[]> {
  const index = await site.get('/sitemap.xml')
  expect(index.headers.get('content-type')).toStartWith('application/xml')
  const xml = await index.text()
  assertWellFormed(xml)
  const all: string[] = []
  for (const chunk of locations(xml)) {
    const response = await site.get(chunk.slice(base.length))
    expect([chunk, response.status]).toEqual([chunk, 200])
    const text = await response.text()
    assertWellFormed(text)
    expect(locations(text).length).toBeLessThanOrEqual(50_000)
    all.push(...locations(text))
  }
  return all
}

const idsOf = (addresses: string[]) =>
  addresses
    .flatMap((address) => Number(/\/projects\/(\d+)/.exec(address)?.[1] ?? Number.NaN))
    .filter((id) => !Number.isNaN(id))

async function listedIds(): Promise<number[]> {
  const rows = await site.db.$client`select id from projects where is_listed(status) order by id`
  return rows.map((row) => Number(row['id']))
}

test('the sitemap has every listed project once, at its canonical address', async () => {
  const addresses = await sitemapAddresses()
  expect(idsOf(addresses)).toEqual(await listedIds())
  for (const address of [addresses[0], addresses.at(-1)]) {
    expect((await site.get(String(address).slice(base.length))).status).toBe(200)
  }
})

test('so it does across chunks, of which one may have no listed project', async () => {
  const { $client } = site.db
  const insert = (id: number, status: string) => $client`
    insert into projects (id, creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal)
      overriding system value
      select ${id}, creator_id, creator_name, ${status}, title, description, category, subcategory,
        city, state, country, goal from projects where id = 1`
  await insert(9_999, 'live')
  await insert(10_000, 'failed')
  await insert(10_001, 'live')
  await insert(25_000, 'draft')
  await insert(30_000, 'live')
  await insert(30_001, 'canceled')
  await insert(40_001, 'draft')
  expect(idsOf(await sitemapAddresses())).toEqual(await listedIds())
  expect((await site.get('/sitemaps/5.xml')).status).toBe(404)
  await $client`delete from projects where id > 9000`
})

test('the feed of the newest is well-formed Atom, newest first', async () => {
  const { $client } = site.db
  const title = 'Salt & <b>Pepper</b> "quoted"\u0007 ]]>'
  const [newest] = await listedIds().then((ids) => ids.toReversed())
  await $client`update projects set title = ${title} where id = ${newest ?? 0}`
  const response = await site.get('/feeds/newest.atom')
  expect(response.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8')
  const xml = await response.text()
  assertWellFormed(xml)
  expect(xml).toContain(
    '<title>Salt &amp; &lt;b&gt;Pepper&lt;/b&gt; &quot;quoted&quot; ]]&gt;</title>',
  )
  const entries = xml.split('<entry>').slice(1)
  expect(entries).toHaveLength(12)
  const ids = idsOf(entries.map((entry) => /<id>([^<]*)/.exec(entry)?.[1] ?? ''))
  expect(ids).toEqual((await listedIds()).toReversed().slice(0, 12))
  for (const entry of entries) {
    expect(entry).toMatch(/<updated>\d{4}-\d\d-\d\dT[\d:.]+Z<\/updated>/)
    expect(entry).toMatch(/<author><name>[^<]+<\/name><\/author>/)
  }
  expect(xml).toContain(
    `<link rel="self" type="application/atom+xml" href="${base}/feeds/newest.atom"/>`,
  )
})

test('a project’s updates are a feed, also when there are none', async () => {
  const [busy] = await site.db.$client`
    select id, updates_count as count from projects order by updates_count desc limit 1`
  const xml = await (await site.get(`/projects/${busy?.['id']}/updates.atom`)).text()
  assertWellFormed(xml)
  expect(xml.split('<entry>')).toHaveLength(Number(busy?.['count']) + 1)
  const links = [...xml.matchAll(/<entry>.*?<id>([^<]*)/gs)].map((match) => match[1] ?? '')
  // The id of an entry is for good and without a title.
  const leads = await site.get(String(links[0]).slice(base.length))
  expect((await site.get(leads.headers.get('location') ?? '')).status).toBe(200)
  const [quiet] = await site.db.$client`
    select id from projects where updates_count = 0 and status = 'live' limit 1`
  const empty = await (await site.get(`/projects/${quiet?.['id']}/updates.atom`)).text()
  assertWellFormed(empty)
  expect(empty).not.toContain('<entry>')
  expect(empty).toMatch(/<updated>\d{4}-/)
})

test('robots are shown the sitemap and kept from endless lists', async () => {
  const lines = (await (await site.get('/robots.txt')).text()).split('\n')
  expect(lines).toContain('User-agent: *')
  expect(lines).toContain('Disallow: /search')
  expect(lines).toContain(`Sitemap: ${base}/sitemap.xml`)
})

test('whoever finds a hole is told whom to write to, where somebody is named', async () => {
  const path = '/.well-known/security.txt'
  expect((await site.get(path)).status).toBe(404)
  const config = { ...site.deps.config, securityContact: 'mailto:security@site.test' }
  const app = createApp({ ...site.deps, config }, { ready: true })
  const answer = await app.fetch(new Request(base + path))
  expect(answer.headers.get('content-type')).toStartWith('text/plain')
  const lines = (await answer.text()).trim().split('\n')
  expect(lines).toEqual([
    'Contact: mailto:security@site.test',
    expect.stringMatching(/^Expires: \d{4}-\d\d-\d\dT[\d:.]+Z$/),
    'Preferred-Languages: en',
    `Canonical: ${base}${path}`,
  ])
  const days = (Date.parse(lines[1]?.slice(9) ?? '') - seededAt.getTime()) / 86_400_000
  expect(days).toBe(180)
})
