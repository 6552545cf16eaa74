import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { projectStatuses } from '#db/schema/projects'
import { listThreads } from '#features/comments/reads'
import { listBackers } from '#features/community/reads'
import { listedStatuses } from '#features/projects/rules'
import { listUpdates } from '#features/updates/reads'
import { encodeCursor } from '#lib/cursor'
import { type TestApp, testApp } from '#testing/app'
import { readPage } from '#testing/page'
import { type ListScope, listBacked, listProjects } from './reads/lists'
import { pageRows, type Sort, type StatusFilter, sorts, statusFilters } from './rules'

// Every list, walked page by page, against one plain query without pages.

setDefaultTimeout(60_000)

let site: TestApp
let subcategory: string

beforeAll(async () => {
  site = await testApp()
  const { $client } = site.db
  const [row] = await $client`
    select subcategory as slug from projects group by 1 order by count(*) desc limit 1`
  subcategory = row?.['slug']
  // Many of the same key, so that the id has to decide between them.
  await $client`update projects set pledged = 777000, backers_count = 77 where id % 3 = 0`
  await $client`update projects set ends_at = ${'2040-06-01T00:00:00.123456Z'}::timestamptz
    where status = 'live' and id % 2 = 0`
})

afterAll(() => site.close())

const orderOf = (sort: Sort, status: StatusFilter) =>
  ({
    popular: 'popularity desc, id desc',
    newest: 'id desc',
    ending: `listing_seconds(ends_at) ${status === 'live' ? 'asc, id' : 'desc, id desc'}`,
    'most-funded': 'pledged desc, id desc',
    'most-backed': 'backers_count desc, id desc',
  })[sort]

const scopes: [name: string, scope: () => ListScope, condition: () => string][] = [
  ['everything', () => ({}), () => 'true'],
  ['a category', () => ({ category: 'games' }), () => `category = 'games'`],
  ['a subcategory', () => ({ category: subcategory }), () => `subcategory = '${subcategory}'`],
  [
    'a place',
    () => ({ place: { state: 'New York', city: 'Brooklyn' } }),
    () => `state = 'New York' and city = 'Brooklyn'`,
  ],
  [
    'a category in a place',
    () => ({ category: 'games', place: { state: 'New York', city: 'New York' } }),
    () => `category = 'games' and state = 'New York' and city = 'New York'`,
  ],
  [
    'a subcategory in a place',
    () => ({ category: subcategory, place: { state: 'New York', city: 'New York' } }),
    () => `subcategory = '${subcategory}' and state = 'New York' and city = 'New York'`,
  ],
  ['a person', () => ({ creatorId: 1 }), () => 'creator_id = 1'],
]

/** Ids in the order of a list's pages; every page but the last is full. */
async function walk(
  read: (after: string | undefined) => Promise<{ ids: number[]; next: string | null }>,
  rows: number,
): Promise<number[]> {
  const all: number[] = []
  let after: string | undefined
  for (let pages = 0; pages < 100; pages++) {
    const { ids, next } = await read(after)
    all.push(...ids)
    if (next === null) return all
    expect(ids).toHaveLength(rows)
    after = next
  }
  throw new Error('the list has no end')
}

async function idsOf(sql: string): Promise<number[]> {
  const rows = await site.db.$client.unsafe(sql)
  return rows.map((row) => Number(row['id']))
}

const listed = `('live', 'successful', 'failed', 'canceled')`

describe.each(scopes)('of %s', (_, scope, condition) => {
  const cases = sorts.flatMap((sort) => statusFilters.map((status) => [sort, status] as const))

  test.each(cases)('%s, %s: each project once, in order', async (sort, status) => {
    const walked = await walk(async (after) => {
      const page = await listProjects(site.db, scope(), { status, sort, after })
      return { ids: page.projects.map(({ id }) => id), next: page.next }
    }, pageRows)
    const among = status === 'all' ? `status in ${listed}` : `status = '${status}'`
    expect(walked).toEqual(
      await idsOf(
        `select id from projects where ${among} and ${condition()} order by ${orderOf(sort, status)}`,
      ),
    )
  })
})

test('what has ended and waits for settlement is not ending soon, but still live', async () => {
  const { $client } = site.db
  const [row] =
    await $client`select id from projects where status = 'live' order by ends_at, id limit 1`
  const id = Number(row?.['id'])
  const first = async (sort: Sort) =>
    (await listProjects(site.db, {}, { status: 'live', sort })).projects.map(
      (project) => project.id,
    )
  expect((await first('ending'))[0]).toBe(id)
  await $client`update projects set launched_at = '2020-01-01', ends_at = '2020-02-01' where id = ${id}`
  expect(await first('ending')).not.toContain(id)
  const live = await idsOf(`select id from projects where status = 'live' order by id desc`)
  const walked = await walk(async (after) => {
    const page = await listProjects(site.db, {}, { status: 'live', sort: 'newest', after })
    return { ids: page.projects.map((project) => project.id), next: page.next }
  }, pageRows)
  expect(walked).toEqual(live)
})

test('the pages of a reader follow one another to the end', async () => {
  let path: string | undefined = '/categories/games?status=all&sort=most-funded'
  const ids: number[] = []
  while (path) {
    const page = await readPage(await site.get(path))
    expect(page.status).toBe(200)
    const grid: string = page.html.split('class="card-grid"')[1]?.split('</ul>')[0] ?? ''
    ids.push(...[...grid.matchAll(/href="\/projects\/(\d+)/g)].map((match) => Number(match[1])))
    path = /<a href="([^"]+)" rel="next"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&')
  }
  expect(ids).toEqual(
    await idsOf(`select id from projects where category = 'games' and status in ${listed}
      order by pledged desc, id desc`),
  )
})

test('of a filter given twice the first counts, also where that is empty', async () => {
  const html = async (query: string) => (await readPage(await site.get(`/discover?${query}`))).html
  const [newest, usual] = [await html('sort=newest'), await html('sort=')]
  expect(newest).not.toBe(usual)
  expect(await html('sort=newest&sort=x')).toBe(newest)
  expect(await html('sort=&sort=newest')).toBe(usual)
})

test('the place in one sort’s list is no place in another’s', async () => {
  const cursor = encodeCursor({ sort: 'newest', key: '5', id: 5 })
  for (const path of ['/discover', '/categories/games', '/places/new-york/brooklyn']) {
    const status = async (sort: string) =>
      (await site.get(`${path}?status=all&sort=${sort}&after=${cursor}`)).status
    expect([path, await status('newest'), await status('popular')]).toEqual([path, 200, 400])
  }
  expect((await site.get(`/search?q=game&after=${cursor}`)).status).toBe(400)
})

// Right in form, but not of the type the sort compares with.
test.each<[Sort, string]>([
  ['newest', '2026-01-01'],
  ['newest', '1e99'],
  ['popular', '99999999999999999999999999'],
  ['popular', '-'],
  ['ending', '2026-01-01 00:00:00+99'],
  ['ending', '9999-99-99 99:99'],
  ['most-funded', '1.5'],
  ['most-backed', '::::'],
])('a forged place %s %s is refused', async (sort, key) => {
  const cursor = encodeCursor({ sort, key, id: 5 })
  const status: StatusFilter = 'all'
  const response = await site.get(`/discover?status=${status}&sort=${sort}&after=${cursor}`)
  expect(response.status).toBe(400)
})

test('what the program lists is what the database counts as listed', async () => {
  for (const status of projectStatuses) {
    const [row] = await site.db.$client`select is_listed(${status}) as listed`
    expect([status, row?.['listed']]).toEqual([
      status,
      (listedStatuses as readonly string[]).includes(status),
    ])
  }
})

test('ending soon begins now, also from a place in the list that has passed', async () => {
  const { $client } = site.db
  const [id = 0] = await idsOf(`select id from projects where status = 'live' order by id limit 1`)
  const [before] = await $client`select launched_at, ends_at from projects where id = ${id}`
  await $client`update projects set launched_at = now() - interval '9 days',
    ends_at = now() - interval '1 hour' where id = ${id}`
  const page = async (after?: string) => {
    const list = await listProjects(site.db, {}, { status: 'live', sort: 'ending', after })
    return list.projects.map((project) => project.id)
  }
  const first = await page()
  expect(first).toHaveLength(pageRows)
  expect(first).not.toContain(id)
  expect(await page(encodeCursor({ sort: 'ending', key: '1', id: 1 }))).toEqual(first)
  await $client`update projects set launched_at = ${before?.['launched_at']},
    ends_at = ${before?.['ends_at']} where id = ${id}`
})

test('a suspended project is in no list, nor in its backers’', async () => {
  const [row] = await site.db.$client`
    select b.backer_id, p.id from projects p join pledges b on b.project_id = p.id
      where p.status = 'live' and not b.anonymous and b.status <> 'canceled' limit 1`
  const backer = Number(row?.['backer_id'])
  const ids = async () => (await listBacked(site.db, backer)).projects.map(({ id }) => id)
  expect(await ids()).toContain(Number(row?.['id']))
  await site.db.$client`update projects set status = 'suspended' where id = ${row?.['id']}`
  expect(await ids()).not.toContain(Number(row?.['id']))
  await site.db.$client`update projects set status = 'live' where id = ${row?.['id']}`
})

test('the lists inside a project and of a person go through everything once', async () => {
  const { $client } = site.db
  const [busiest] = await idsOf('select id from projects order by backers_count desc limit 1')
  const [big] = await idsOf(
    `select project_id as id from pledges group by 1 order by count(*) desc limit 1`,
  )
  const projectId = big ?? busiest ?? 0
  await $client`insert into updates (project_id, number, title, body, published_at)
    select ${projectId}, n, 'Update ' || n, 'Words', '2040-05-01' from generate_series(20, 60) n`
  await $client`insert into comments (project_id, author_id, body)
    select ${projectId}, 1, 'Comment ' || n from generate_series(1, 40) n`
  const walkIds = (
    rows: number,
    read: (after: number | undefined) => Promise<{ ids: number[]; next: number | null }>,
  ) =>
    walk(async (after) => {
      const { ids, next } = await read(after === undefined ? undefined : Number(after))
      return { ids, next: next === null ? null : String(next) }
    }, rows)

  expect(
    await walkIds(12, async (after) => {
      const { updates, next } = await listUpdates(site.db, projectId, { before: after })
      return { ids: updates.map(({ number }) => number), next }
    }),
  ).toEqual(
    await idsOf(`select number as id from updates where project_id = ${projectId} order by 1 desc`),
  )
  expect(
    await walkIds(12, async (after) => {
      const { threads, next } = await listThreads(site.db, { projectId }, { before: after })
      return { ids: threads.map(({ id }) => id), next }
    }),
  ).toEqual(
    await idsOf(`select id from comments where project_id = ${projectId}
      and parent_id is null and update_number is null order by id desc`),
  )
  expect(
    await walkIds(24, async (after) => {
      const { backers, next } = await listBackers(site.db, projectId, after)
      return { ids: backers.map(({ pledgeId }) => pledgeId), next }
    }),
  ).toEqual(
    await idsOf(`select id from pledges where project_id = ${projectId}
      and status <> 'canceled' and not anonymous order by id`),
  )
  const [fan] = await idsOf(
    `select backer_id as id from pledges group by 1 order by count(*) desc limit 1`,
  )
  expect(
    await walkIds(pageRows, async (after) => {
      const { projects, next } = await listBacked(site.db, fan ?? 0, after)
      return { ids: projects.map(({ id }) => id), next }
    }),
  ).toEqual(
    await idsOf(`select project_id as id from pledges where backer_id = ${fan}
      and status <> 'canceled' and not anonymous order by 1 desc`),
  )
})

describe('with nothing to show', () => {
  test('a place and a category without projects say so', async () => {
    const { $client } = site.db
    await $client`insert into places (state, city, country, state_slug, city_slug)
      values ('Nowhere', 'Emptyville', 'Utopia', 'nowhere', 'emptyville')`
    await $client`insert into categories (slug, name, position) values ('silence', 'Silence', 99)`
    const place = await readPage(await site.get('/places/nowhere/emptyville'))
    expect(place.text).toContain('0 live of 0 projects')
    expect(place.text).toMatch(/No project from Emptyville/)
    const category = await readPage(await site.get('/categories/silence'))
    expect(category.text).toContain('No project in Silence fits.')
    expect([place.h1, category.h1]).toEqual([['Emptyville'], ['Silence']])
    await $client`delete from categories where slug = 'silence'`
  })

  test('a search says what it did not find; words alone that mean nothing find nothing', async () => {
    const { status, text } = await readPage(await site.get('/search?q=xyzzyplugh'))
    expect(status).toBe(200)
    expect(text).toContain('Nothing found for “xyzzyplugh”.')
    for (const q of ['the', '%22', '-', '!!!', '%F0%9F%8E%B2']) {
      expect([q, (await site.get(`/search?q=${q}`)).status]).toEqual([q, 200])
    }
  })

  test('filters that fit nothing, and a person who did nothing', async () => {
    const none = await readPage(await site.get('/discover?state=New+York&city=Nowhere'))
    expect(none.text).toContain('No project fits these filters.')
    const [id] = await idsOf(`select id from people p where projects_count = 0
      and not exists (select from pledges where backer_id = p.id) limit 1`)
    const person = await readPage(await site.get(`/people/${id}`))
    expect(person.text).toContain('has not launched a project yet.')
    const backed = await readPage(await site.get(`/people/${id}/backed`))
    expect(backed.text).toContain('has not backed a project under their name yet.')
  })
})
