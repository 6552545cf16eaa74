import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { listBackers, rollCallPledgesMax } from '#features/community/reads'
import { type TestApp, testApp } from '#testing/app'
import { readPage } from '#testing/page'
import { backedPledgesMax, listBacked } from './reads/lists'

// Pledges without a name, more in a row than one page looks at: nobody waits, and no name is lost.

setDefaultTimeout(60_000)

const more = 20
let site: TestApp
let backer: number
let project: number
/** Projects backed under a name, newest first: before those without one, and after them. */
let named: number[]

beforeAll(async () => {
  site = await testApp()
  const { $client } = site.db
  const rows = await $client`
    insert into projects (creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal, launched_at, ends_at)
      select creator_id, creator_name, 'live', 'Title', 'Words', category, subcategory, city,
          state, country, goal, '2040-01-01', '2041-01-01'
        from projects, generate_series(1, ${backedPledgesMax + more}::int) where id = 1
      returning id`
  const ids = rows.map((row) => Number(row['id'])).toSorted((a, b) => b - a)
  const last = ids.length - 1
  named = [ids[0], ids[last - 1], ids[last]].map(Number)
  const people = await $client`
    insert into people (name) select 'Backer ' || n
      from generate_series(0, ${rollCallPledgesMax + more}::int) n returning id`
  backer = Number(people[0]?.['id'])
  project = Number(ids[0])
  await $client`
    insert into pledges (project_id, backer_id, amount, anonymous, backed_before, city, country)
      select id, ${backer}, 100, id <> all(${named}::bigint[]), false, 'Here', 'Utopia'
        from unnest(${ids}::bigint[]) id`
  await $client`
    insert into pledges (project_id, backer_id, amount, anonymous, backed_before, city, country)
      select ${project}, id, 100, id < ${Number(people.at(-1)?.['id'])}, false, 'Here', 'Utopia'
        from unnest(${people.slice(1).map((row) => Number(row['id']))}::bigint[]) id order by id`
})

afterAll(() => site.close())

async function pages<Row>(
  read: (after?: number) => Promise<{ rows: Row[]; next: number | null }>,
): Promise<Row[][]> {
  const found: Row[][] = []
  let after: number | undefined
  do {
    const { rows, next } = await read(after)
    found.push(rows)
    after = next ?? undefined
  } while (after !== undefined && found.length < 10)
  return found
}

test('a person’s backed projects go on where a page stopped looking', async () => {
  const found = await pages(async (before) => {
    const { projects, next } = await listBacked(site.db, backer, before)
    return { rows: projects.map(({ id }) => id), next }
  })
  expect(found).toEqual([[named[0]], [named[1], named[2]]] as number[][])
})

test('the page of somebody without a name leads on', async () => {
  await site.db.$client`update pledges set anonymous = true
    where backer_id = ${backer} and project_id = ${project}`
  const first = await readPage(await site.get(`/people/${backer}/backed`))
  expect(first.text).toContain('Nothing fits so far.')
  const next = /<a href="([^"]+)" rel="next"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&')
  const second = await readPage(await site.get(String(next)))
  expect(second.html).toContain(`/projects/${named[1]}`)
  await site.db.$client`update pledges set anonymous = false
    where backer_id = ${backer} and project_id = ${project}`
})

test('the roll call goes on where a page stopped looking', async () => {
  const found = await pages(async (after) => {
    const { backers, next } = await listBackers(site.db, project, after)
    return { rows: backers.map(({ name }) => name), next }
  })
  expect(found).toEqual([['Backer 0'], [`Backer ${rollCallPledgesMax + more}`]])
})
