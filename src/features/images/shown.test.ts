import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createApp } from '#app'
import { createPageCache } from '#cache/page-cache'
import { closeDeps, openDeps } from '#deps'
import { type TestApp, testApp } from '#testing/app'
import { type TestDatabase, testDatabase } from '#testing/database'
import { draw } from '#testing/pictures'
import { joined, type Visitor } from '#testing/visitor'
import type { StoredImage } from './rules'

setDefaultTimeout(60_000)

let database: TestDatabase
let site: TestApp
let ada: Visitor
let hash: string
const json = { 'sec-fetch-site': 'same-origin', accept: 'application/json' }
const project = 1

async function form(width: number): Promise<FormData> {
  const data = new FormData()
  data.append('image', new File([await draw('png', [width, 90])], 'a.png'))
  return data
}

beforeAll(async () => {
  database = await testDatabase()
  site = await testApp(database)
  ada = await joined(site, 'Ada Lovelace')
  const answer = await ada.post('/images', await form(800), json)
  hash = ((await answer.json()) as StoredImage).hash
  const { $client } = site.db
  await $client`update projects set image = ${hash}, status = 'live' where id = ${project}`
  await $client`
    update rewards set image = ${hash}, image_alt = 'A “red” <mug>' where project_id = ${project}`
})

afterAll(() => site.close())

async function text(path: string): Promise<string> {
  const answer = await site.get(path)
  return answer.status === 301 ? text(answer.headers.get('location') ?? '') : answer.text()
}

const tagsWith = (html: string, part: string) =>
  (html.match(/<(?:img|meta|link)[^>]*>/g) ?? []).filter((tag) => tag.includes(part))

describe('the picture of a project', () => {
  test('stands on its page, also for previews of links', async () => {
    const html = await text(`/projects/${project}`)
    const [hero] = tagsWith(html, 'project-picture')
    expect(hero).toContain(`src="/images/${hash}/640.webp"`)
    expect(hero).toContain(`/images/${hash}/1600.webp 1600w`)
    expect(hero).toMatch(/width="16" height="9"/)
    expect(hero).not.toContain('lazy')
    expect(tagsWith(html, 'og:image')[0]).toContain(
      `http://localhost:3000/images/${hash}/1024.webp`,
    )
    const rewards = tagsWith(html, 'reward-picture')
    expect(rewards.length).toBeGreaterThan(0)
    expect(rewards[0]).toContain('alt="A “red” &lt;mug&gt;"')
    expect(rewards[0]).toContain('loading="lazy"')
  })

  test('stands on cards, where others are drawn', async () => {
    const [row] = await site.db.$client`select title from projects where id = ${project}`
    const words = encodeURIComponent(row?.['title'])
    const pictures = tagsWith(await text(`/search?q=${words}`), 'project-picture')
    expect(pictures.some((tag) => tag.includes(`/images/${hash}/`))).toBe(true)
    const all = tagsWith(await text('/discover?sort=newest'), 'project-picture')
    expect(all.length).toBe(12)
    expect(all.every((tag) => /src="\/(?:pictures|images)\//.test(tag))).toBe(true)
  })

  test('is in the API', async () => {
    const { picture } = JSON.parse(await text(`/api/v1/projects/${project}`))
    expect(picture).toBe(`http://localhost:3000/images/${hash}/1024.webp`)
  })

  test('is in the feed of the newest', async () => {
    await site.db.$client`
      update projects set image = ${hash} where id = (
        select max(id) from projects where status = 'live')`
    expect(await text('/feeds/newest.atom')).toContain(
      `<link rel="enclosure" type="image/webp" href="http://localhost:3000/images/${hash}/1024.webp"/>`,
    )
  })
})

describe('the picture of a person', () => {
  const own = async () => {
    const [row] = await site.db.$client<{ id: number; image: string | null }[]>`
      select id, image from people where name = 'Ada Lovelace'`
    return row ?? expect.unreachable()
  }

  test('is uploaded, shown beside the name, and taken away', async () => {
    const answer = await ada.post('/settings/picture', await form(300))
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/settings/picture?done'])
    const { id, image } = await own()
    expect(image).toMatch(/^[0-9a-f]{32}$/)
    for (const path of [`/people/${id}`, '/settings/picture']) {
      const html = await (await ada.get(path)).text()
      // In the header of the site, and on the page.
      expect(tagsWith(html, 'class="avatar"').map((tag) => /src="([^"]*)"/.exec(tag)?.[1])).toEqual(
        [`/images/${image}/160.webp`, `/images/${image}/320.webp`],
      )
    }
    expect(JSON.parse(await text(`/api/v1/people/${id}`))).toEqual(
      expect.objectContaining({ picture: `http://localhost:3000/images/${image}/320.webp` }),
    )
    await ada.post('/settings/picture', { 'image-kept': image ?? '' })
    expect((await own()).image).toBe(image)
    await ada.post('/settings/picture', { 'image-kept': image ?? '', 'image-remove': 'yes' })
    expect((await own()).image).toBeNull()
    expect(tagsWith(await text(`/people/${id}`), 'class="avatar"')[0]).toContain(
      `/pictures/people/${id}.svg`,
    )
  })

  test('stays when what was chosen is none, or is no picture of ours', async () => {
    await ada.post('/settings/picture', await form(301))
    const { image } = await own()
    const wrong = new FormData()
    wrong.append('image', new File(['<svg/>'], 'a.png', { type: 'image/png' }))
    const answer = await ada.post('/settings/picture', wrong)
    expect(answer.status).toBe(422)
    const html = await answer.text()
    expect(html).toContain('This is an SVG.')
    expect(html).toContain('aria-invalid="true"')
    for (const kept of ['0'.repeat(32), '../../etc/passwd', "' or 1=1", '']) {
      await ada.post('/settings/picture', { 'image-kept': kept })
      expect((await own()).image).toBe(image)
    }
  })
})

test('a story shows pictures of ours alone', async () => {
  const { hash: other } = (await (
    await ada.post('/images', await form(200), json)
  ).json()) as StoredImage
  const story = [
    `![A mug](/images/${other}/1024.webp "200x90")`,
    `![far](https://elsewhere.test/a.png) ![near](//elsewhere.test/images/${other}/640.webp)`,
    `![odd](/images/${other}/640.webp?x=1) ![up](/images/../sign-out) ![js](javascript:alert(1))`,
    `![data](data:image/svg+xml,<svg/>) ![q](/images/${other}/1024.webp "x" onerror=alert)`,
    `![a" onerror="alert(1)](/images/${other}/640.webp)`,
  ].join('\n\n')
  await site.db.$client`update stories set story = ${story} where project_id = ${project}`
  const html = await text(`/projects/${project}`)
  const inStory = /<div class="prose">.*?<\/div>/s.exec(html)?.[0] ?? ''
  const pictures = tagsWith(inStory, '<img')
  expect(pictures.length).toBe(2)
  expect(pictures[0]).toContain('width="200" height="90" alt="A mug" loading="lazy"')
  expect(pictures[1]).toContain('alt="a&quot; onerror=&quot;alert(1)"')
  expect(inStory).not.toMatch(/elsewhere|javascript:|data:|sign-out/)
  expect(inStory).toContain('far')
})

test('everybody gets a picture from memory, also who is signed in', async () => {
  const pageCacheBytes = 32 * 1024 * 1024
  const deps = await openDeps({ ...site.deps.config, databaseUrl: database.url, pageCacheBytes })
  const app = createApp(deps, { ready: true })
  const pages = createPageCache(
    deps.cache ?? expect.unreachable(),
    (request, own) => app.fetch(request, own),
    deps.log,
    deps.visits,
  )
  while (!deps.cache?.changes.isHearing()) await Bun.sleep(10)
  const ask = (headers = {}) =>
    pages.fetch(new Request(`http://localhost:3000/images/${hash}/640.webp`, { headers }))
  const first = await ask()
  const again = await ask({ cookie: 'session=somebody' })
  expect(pages.stats()).toMatchObject({ misses: 1, hits: 1, passed: 0 })
  expect(await again.bytes()).toEqual(await first.bytes())
  expect(again.headers.get('etag')).toBe(`"${hash}-640"`)
  expect(again.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect((await ask({ 'if-none-match': `"${hash}-640"` })).status).toBe(304)
  await closeDeps(deps)
})
