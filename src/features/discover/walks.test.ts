import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Db } from '#db/client'
import { type TestApp, testApp } from '#testing/app'
import { readPage } from '#testing/page'
import { listProjects } from './reads/lists'
import { walkRowsMax } from './reads/shelves'
import type { StatusFilter } from './rules'

// A category that is rare in a huge place: no page looks for it without end, and none is lost.

setDefaultTimeout(60_000)

const place = { state: 'Wilderness', city: 'Megapolis' }
const address = '/discover?category=dance&state=Wilderness&city=Megapolis&sort=newest'
let site: TestApp
let rare: number[]

beforeAll(async () => {
  site = await testApp()
  const { $client } = site.db
  await $client`insert into places (state, city, country, state_slug, city_slug)
    values ('Wilderness', 'Megapolis', 'Utopia', 'wilderness', 'megapolis')`
  const insert = (category: string, status: string, count: number) =>
    $client.unsafe(`
    insert into projects (creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal, launched_at, ends_at)
      select 1, 'Nobody', '${status}', 'Title', 'Words', '${category}', '${category}',
        'Megapolis', 'Wilderness', 'Utopia', 100, '2040-01-01', '2040-06-01'
        from generate_series(1, ${count}) returning id`)
  const ids = async (rows: ReturnType<typeof insert>) =>
    (await rows).map((row) => Number(row['id']))
  rare = [...(await ids(insert('dance', 'live', 3))), ...(await ids(insert('dance', 'failed', 2)))]
  await insert('games', 'live', walkRowsMax + 100)
  rare.push(...(await ids(insert('dance', 'live', 1))))
  // Elsewhere, so that the place is the smaller of the two shelves.
  await $client`update categories set projects_count = 1000000 where slug = 'dance'`
})

afterAll(() => site.close())

async function walk(
  status: StatusFilter,
  db = site.db,
): Promise<{ ids: number[]; pages: number[] }> {
  const ids: number[] = []
  const pages: number[] = []
  let after: string | undefined
  do {
    const scope = { category: 'dance', place }
    const page = await listProjects(db, scope, { status, sort: 'newest', after })
    ids.push(...page.projects.map(({ id }) => id))
    pages.push(page.projects.length)
    after = page.next ?? undefined
  } while (after && pages.length < 10)
  return { ids, pages }
}

const newestFirst = (ids: (number | undefined)[]) => ids.map(Number).toSorted((a, b) => b - a)

test('a page ends where the walk stopped, and the next goes on from there', async () => {
  const { ids, pages } = await walk('live')
  expect(ids).toEqual(newestFirst([rare[0], rare[1], rare[2], rare[5]]))
  expect(pages).toEqual([1, 3])
})

test('of every status at once, nothing is shown before what may still come', async () => {
  const { ids, pages } = await walk('all')
  expect(ids).toEqual(newestFirst(rare))
  expect(pages).toEqual([1, 5])
})

test('a page on which nothing is found leads on', async () => {
  await site.db.$client`update projects set category = 'games' where id = ${rare[5] ?? 0}`
  const { text, html } = await readPage(await site.get(address))
  expect(text).toContain('Nothing fits so far.')
  const next = /<a href="([^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
  const second = await readPage(await site.get(String(next)))
  expect(second.html.match(/class="card[ "]/g)?.length ?? 0).toBeGreaterThanOrEqual(3)
  await site.db.$client`update projects set category = 'dance' where id = ${rare[5] ?? 0}`
})

test('the smaller shelf is walked: a small category is found at once in a huge place', async () => {
  await site.db.$client`update categories set projects_count = 10 where slug = 'dance'`
  // A process knows the counts of the moment at which it read the categories.
  const other: Db = drizzle({ client: site.db.$client, casing: 'snake_case' })
  const { ids, pages } = await walk('all', other)
  expect(ids).toEqual(newestFirst(rare))
  expect(pages).toEqual([6])
})
