import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDb, type Db, openDb } from '#db/client'
import { isBeingFilled, migrate } from '#db/migrations'
import { verifyCounters } from '#db/verify'
import { describeCatalog } from '#testing/catalog'
import { emptyDatabase, seededAt, type TestDatabase } from '#testing/database'
import { isEmpty } from '../generate'
import { abandon, empty, seedBulk } from './bulk'
import { bytesNeeded, requireSpace } from './disk'
import type { Outlook } from './schedule'
import { setAside, strip } from './structure'
import type { BulkScale } from './tasks'

setDefaultTimeout(180_000)

// Two ranges of projects, so that what goes on across their border is in it.
const scale: BulkScale = {
  projects: 51_000,
  people: 160_000,
  pledges: 160_000,
  community: true,
  at: seededAt,
}
const few: BulkScale = { projects: 60, people: 600, pledges: 600, community: false, at: seededAt }

const load = (db: Db, of: BulkScale, onProgress: (outlook: Outlook) => void = () => {}) =>
  seedBulk(db.$client, of, { statement_timeout: '0' }, onProgress)

async function migratedDatabase(): Promise<TestDatabase> {
  const database = await emptyDatabase()
  await migrate(database.db)
  return database
}

const one = async ({ db }: TestDatabase, sql: string) =>
  Object.values((await db.$client.unsafe(sql))[0] ?? {})[0]

async function disagreements(db: Db): Promise<string[]> {
  const wrong: string[] = []
  for await (const { name, count } of verifyCounters(db)) if (count > 0) wrong.push(name)
  return wrong
}

describe('a database of fifty thousand projects', () => {
  let database: TestDatabase
  let fresh: string[]
  const seen: { fraction: number; projects: unknown }[] = []

  beforeAll(async () => {
    database = await migratedDatabase()
    fresh = await describeCatalog(database.db)
    const watcher = openDb(database.url, { max: 1, applicationName: 'watcher' })
    const looks: Promise<void>[] = []
    await load(database.db, scale, ({ phase, fraction }) => {
      // Whoever looks meanwhile keeps the vacuum that follows from saying that all see its rows.
      if (phase === 'counters') return
      const look = async () => {
        const [row] = await watcher.$client`select to_regclass('public.projects') as projects`
        seen.push({ fraction, projects: row?.['projects'] })
      }
      looks.push(look())
    })
    await Promise.all(looks)
    await closeDb(watcher)
  })
  afterAll(() => database.close())

  test('has the schema that the migrations make, line for line', async () => {
    expect(await describeCatalog(database.db)).toEqual(fresh)
    expect(await isBeingFilled(database.db.$client)).toBe(false)
  })

  test('has counters that agree with the rows', async () => {
    expect(await disagreements(database.db)).toEqual([])
  })

  test('has pages that an index-only scan need not look at', async () => {
    const rows = await database.db.$client`
      select relname, relpages, relallvisible from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migrations'
        and relpages > relallvisible`
    expect([...rows]).toEqual([])
  })

  test('was out of sight until it was complete', () => {
    expect(seen.length).toBeGreaterThan(2)
    expect(seen.filter(({ projects }) => projects !== null)).toEqual([])
    const fractions = seen.map(({ fraction }) => fraction)
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...fractions)).toBeLessThanOrEqual(1)
  })

  test.each([
    ['select count(*)::int from projects', scale.projects],
    ['select count(*)::int from people', scale.people],
    ['select count(*)::int from rewards', scale.projects * 2],
    ['select count(*)::int from stories', scale.projects],
    [
      `select count(*)::int from projects where is_listed(status) <> (updates_count = 5 and faqs_count = 5)`,
      0,
    ],
    // Nobody is in two places at once, and nobody was somebody before they came.
    [
      'select count(*)::int from pledges b join people p on p.id = backer_id where joined_at > created_at',
      0,
    ],
    [
      'select count(*)::int from projects j join people p on p.id = creator_id where joined_at > launched_at',
      0,
    ],
    [
      `select count(*)::int from pledges b join projects p on p.id = project_id
       where b.created_at not between launched_at and least(ends_at, '${seededAt.toISOString()}')`,
      0,
    ],
    [
      `select count(*)::int from pledges b join people p on p.id = backer_id
       where (b.city, b.country) is distinct from (p.city, p.country)`,
      0,
    ],
    // What a link promises, said without it: nothing looked at the rows as they came.
    [
      `select count(*)::int from pledges b left join rewards r on r.project_id = b.project_id and r.id = b.reward_id
       where b.reward_id is not null and r.id is null`,
      0,
    ],
    [
      'select count(*)::int from comments c left join people p on p.id = author_id where p.id is null',
      0,
    ],
    ['select count(*)::int from projects where length(title) > 60 or length(description) > 135', 0],
    [`select count(*)::int from projects where title || description ~ '[{}%$]'`, 0],
    [`select count(*)::int from stories where story || risks ~ '[{}$]' or story !~ ' '`, 0],
    ['select count(*)::int from comments where created_at > $at', 0],
  ])('%s is %p', async (sql, expected) => {
    expect(await one(database, sql.replace('$at', `'${seededAt.toISOString()}'`))).toBe(expected)
  })

  test('has about as many pledges as asked for, one project with a hundredth of them', async () => {
    const pledges = Number(await one(database, 'select count(*) from pledges'))
    expect(Math.abs(pledges - scale.pledges)).toBeLessThan(scale.pledges / 100)
    const most = Number(await one(database, 'select max(backers_count) from projects'))
    expect(most).toBeGreaterThan(scale.pledges / 200)
  })

  test('has the shapes of the demo: every status, category and place', async () => {
    const { $client } = database.db
    const [row] = await $client`
      select count(distinct status)::int as statuses, count(distinct category)::int as categories,
        count(distinct subcategory)::int as subcategories, count(distinct title)::int as titles from projects`
    expect(row).toMatchObject({ statuses: 8, categories: 15, subcategories: 104 })
    expect(row?.['titles']).toBeGreaterThan(scale.projects / 4)
    const [last] = await $client`
      insert into projects (
          creator_id, creator_name, title, description, category, subcategory, city, state, country,
          goal
        )
        select 1, creator_name, 'Next', 'One', category, subcategory, city, state, country, 100 from projects limit 1
        returning id, shelf, search::text as search`
    expect(last).toMatchObject({ id: String(scale.projects + 1), shelf: 5 })
    expect(last?.['search']).toContain('next')
  })
})

test('people who are far too few for the projects back them in rounds', async () => {
  const database = await migratedDatabase()
  await load(database.db, { ...few, projects: 3_000, people: 100, pledges: 100, community: true })
  expect(await disagreements(database.db)).toEqual([])
  const strangers = `select count(*)::int from pledges b left join people p on p.id = backer_id
    where p.id is null or joined_at > created_at`
  expect(await one(database, strangers)).toBe(0)
  await database.close()
})

test('the same scale gives the same rows, on however many connections', async () => {
  const sums = await Promise.all(
    [2, 4].map(async (max) => {
      const database = await migratedDatabase()
      const db = openDb(database.url, { max, applicationName: 'seed' })
      await load(db, few)
      await closeDb(db)
      const sum = await one(
        database,
        `select md5(string_agg(t::text, ' ' order by t::text)) from (
           select p::text from projects p union all select b::text from pledges b
           union all select h::text from people h union all select r::text from rewards r) t`,
      )
      await database.close()
      return sum
    }),
  )
  expect(sums[0]).toBe(sums[1])
})

test('one who is no superuser gets links that Postgres has proved', async () => {
  const database = await emptyDatabase()
  const name = new URL(
    database.url.replace('postgres:', 'http:').replace('@/', '@x/'),
  ).pathname.slice(1)
  await database.db.$client.unsafe(`
    drop role if exists somebody; create role somebody login;
    alter database ${name} owner to somebody;
    alter schema public owner to somebody`)
  const url = database.url.replace(/\/\/[^@]*@/, '//somebody@')
  const db = openDb(url, { max: 3, applicationName: 'somebody' })
  await migrate(db)
  const fresh = await describeCatalog(db)
  await load(db, { ...few, community: true })
  expect(await describeCatalog(db)).toEqual(fresh)
  expect(await disagreements(db)).toEqual([])
  await closeDb(db)
  await database.close()
})

describe('a seed that was interrupted', () => {
  test('leaves tables that the site does not see, and that the next seed fills', async () => {
    const database = await migratedDatabase()
    const fresh = await describeCatalog(database.db)
    const { $client } = database.db
    await setAside($client)
    await strip($client)
    await $client.unsafe(
      `insert into seed.people (id, name) overriding system value values (1, 'Half')`,
    )
    expect(await isBeingFilled($client)).toBe(true)
    expect(await one(database, `select to_regclass('public.people')`)).toBeNull()
    await load(database.db, few)
    expect(await describeCatalog(database.db)).toEqual(fresh)
    expect(await disagreements(database.db)).toEqual([])
    await database.close()
  })

  test('can be given up: the tables come back empty and whole', async () => {
    const database = await migratedDatabase()
    const fresh = await describeCatalog(database.db)
    const { $client } = database.db
    await setAside($client)
    await strip($client)
    await $client.unsafe(
      `insert into seed.people (id, name) overriding system value values (1, 'Half')`,
    )
    await abandon($client)
    expect(await describeCatalog(database.db)).toEqual(fresh)
    expect(await isEmpty($client)).toBe(true)
    await database.close()
  })
})

test('a database is emptied of all but its categories', async () => {
  const database = await migratedDatabase()
  await load(database.db, few)
  await empty(database.db.$client)
  expect(await isEmpty(database.db.$client)).toBe(true)
  expect(await disagreements(database.db)).toEqual([])
  expect(Number(await one(database, 'select count(*) from categories'))).toBeGreaterThan(100)
  await load(database.db, few)
  expect(Number(await one(database, 'select max(id) from projects'))).toBe(few.projects)
  await database.close()
})

test('a disk that is too small is named, with what is needed and what there is', async () => {
  const database = await emptyDatabase()
  const vast = { ...scale, people: 1e12, projects: 1e12, pledges: 1e12 }
  expect(bytesNeeded(vast)).toBeGreaterThan(1e15)
  await expect(requireSpace(database.db.$client, vast)).rejects.toThrow(
    /needs \d+\.\d GB in \/.*, and \d+\.\d GB are free/,
  )
  await requireSpace(database.db.$client, few)
  await database.close()
})
