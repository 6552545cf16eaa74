import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '#testing/database'
import { closeDb, openDb } from './client'
import { verifyCounters } from './verify'

// The triggers that keep category and place counts.

setDefaultTimeout(60_000)

let database: TestDatabase
let sql: TestDatabase['db']['$client']

beforeAll(async () => {
  database = await testDatabase()
  // One connection, so that its statistics are all there when it asks for them.
  sql = openDb(database.url, { max: 1, applicationName: 'jumpstarter test' }).$client
})

afterAll(async () => {
  await sql.end()
  await database.close()
})

interface Counts {
  key: string
  projects: number
  live: number
  /** Changes with every new version of the row, within a transaction too. */
  version: string
}

async function counts(): Promise<Map<string, Counts>> {
  const rows = await sql<Counts[]>`
    select slug as key, projects_count as projects, live_count as live, ctid::text as version
      from categories
    union all
    select state || '/' || city, projects_count, live_count, ctid::text from places`
  return new Map(rows.map((row) => [row.key, row]))
}

/** What `work` changed: of each counter touched, by how much and how many row versions were written. */
async function changes(work: () => Promise<unknown>) {
  const before = await counts()
  const written = await rowsWritten()
  await work()
  const after = await counts()
  const changed = [...after.values()].filter(
    ({ key, version }) => before.get(key)?.version !== version,
  )
  return {
    versions: (await rowsWritten()) - written,
    counters: Object.fromEntries(
      changed.map(({ key, projects, live }) => [
        key,
        [projects - (before.get(key)?.projects ?? 0), live - (before.get(key)?.live ?? 0)],
      ]),
    ),
  }
}

async function rowsWritten(): Promise<number> {
  await sql`select pg_stat_force_next_flush()`
  await sql`select pg_stat_clear_snapshot()`
  const [row] = await sql`
    select sum(n_tup_upd)::int as rows from pg_stat_user_tables
      where relname in ('categories', 'places')`
  return row?.['rows'] as number
}

async function disagreements(): Promise<string[]> {
  const wrong: string[] = []
  for await (const { name, count } of verifyCounters(database.db)) {
    if (count > 0 && /category|place/.test(name)) wrong.push(name)
  }
  return wrong
}

/** Inserts so many projects in one statement, alternating between the statuses given. */
function insertProjects(client: typeof sql, number: number, statuses: string[], city = 'Ithaca') {
  return client`
    insert into projects (creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal)
      select 1, name, (${statuses}::text[])[1 + n % ${statuses.length}], 'Counted', 'Only counted',
          'games', (select min(slug) from categories where parent = 'games'),
          ${city}, 'New York', 'United States', 100
        from generate_series(1, ${number}::int) n, people where people.id = 1`
}

const gamesSub = async () =>
  (await sql`select min(slug) as slug from categories where parent = 'games'`)[0]?.['slug']

test('a statement that inserts a thousand projects writes each counter once', async () => {
  const { counters, versions } = await changes(() =>
    insertProjects(sql, 1000, ['live', 'failed', 'draft', 'suspended']),
  )
  const half = [500, 250]
  expect(counters).toEqual({ games: half, [await gamesSub()]: half, 'New York/Ithaca': half })
  expect(versions).toBe(3)
})

test('a statement that changes nothing they count writes no counter', async () => {
  const { counters, versions } = await changes(
    () => sql`update projects set pledged = pledged + 1 where title = 'Counted'`,
  )
  expect({ counters, versions }).toEqual({ counters: {}, versions: 0 })
})

test('drafts are not counted until they are live', async () => {
  const drafts = await changes(() => insertProjects(sql, 12, ['draft', 'submitted', 'rejected']))
  expect(drafts).toEqual({ counters: {}, versions: 0 })
  const launched = await changes(
    () => sql`update projects set status = 'live' where status = 'submitted' and title = 'Counted'`,
  )
  expect(launched.counters['games']).toEqual([4, 4])
})

test('the end of a project takes it from the live ones only; suspension from both', async () => {
  const ended = await changes(
    () => sql`update projects set status = 'successful'
      where id in (select id from projects where title = 'Counted' and status = 'live' limit 100)`,
  )
  expect(ended.counters['games']).toEqual([0, -100])
  const suspended = await changes(
    () => sql`update projects set status = 'suspended'
      where id in (select id from projects where title = 'Counted' and status = 'live' limit 50)`,
  )
  expect(suspended.counters['games']).toEqual([-50, -50])
})

test('a project that moves leaves one counter and enters another', async () => {
  const { counters, versions } = await changes(
    () => sql`update projects set category = 'film', city = 'Hudson',
        subcategory = (select min(slug) from categories where parent = 'film')
      where id in (select id from projects where title = 'Counted' and status = 'live' limit 20)`,
  )
  expect(counters).toMatchObject({
    games: [-20, -20],
    film: [20, 20],
    'New York/Ithaca': [-20, -20],
    'New York/Hudson': [20, 20],
  })
  expect(versions).toBe(6)
})

test('deleted projects are counted no more', async () => {
  const { counters } = await changes(() => sql`delete from projects where title = 'Counted'`)
  expect(counters['games']?.every((change) => change < 0)).toBe(true)
  expect(await disagreements()).toEqual([])
  const [left] = await sql`select count(*)::int as rows from projects where city = 'Ithaca'`
  expect((await counts()).get('New York/Ithaca')?.projects).toBeLessThanOrEqual(left?.['rows'])
})

/** One random change of random rows, as one statement. */
async function randomStatement(client: typeof sql, random: () => number): Promise<void> {
  const statuses = ['draft', 'live', 'successful', 'failed', 'canceled', 'suspended']
  const pick = <Item>(list: Item[]) => list[Math.floor(random() * list.length)] as Item
  const cities = ['Ithaca', 'Hudson', 'Brooklyn', 'Buffalo', 'Rochester']
  const some = client`select id from projects where title = 'Counted'
    order by hashint8extended(id, ${Math.floor(random() * 1e6)}) limit ${Math.ceil(random() * 30)}`
  const kind = random()
  if (kind < 0.4) {
    await insertProjects(client, Math.ceil(random() * 40), [pick(statuses), 'live'], pick(cities))
  } else if (kind < 0.6) {
    await client`update projects set status = ${pick(statuses)} where id in (${some})`
  } else if (kind < 0.8) {
    await client`update projects set city = ${pick(cities)} where id in (${some})`
  } else if (kind < 0.95) {
    await client`update projects set category = c.parent, subcategory = c.slug
      from (select slug, parent from categories where parent is not null
        order by hashtext(slug || ${String(random())}) limit 1) c where projects.id in (${some})`
  } else {
    await client`delete from projects where id in (${some})`
  }
}

/** A known sequence of chance: xorshift32. */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

test('after two hundred random statements every counter agrees', async () => {
  const random = randomFrom(42)
  for (let step = 0; step < 200; step++) await randomStatement(sql, random)
  expect(await disagreements()).toEqual([])
})

test('eight writers at once neither deadlock nor lose a count', async () => {
  const pool = openDb(database.url, { max: 8, applicationName: 'jumpstarter test' })
  const writer = async (index: number) => {
    const random = randomFrom(index + 1)
    for (let step = 0; step < 12; step++) {
      // Rows of its own: what is tested is the order of the counters' locks, not of the projects'.
      await insertProjects(pool.$client, 5, ['live', 'draft'], index % 2 ? 'Ithaca' : 'Hudson')
      await pool.$client`update projects set
          status = ${random() < 0.5 ? 'failed' : 'live'},
          city = case city when 'Ithaca' then 'Hudson' else 'Ithaca' end,
          category = ${random() < 0.5 ? 'games' : 'film'}
        where title = 'Counted' and id % 8 = ${index}`
    }
  }
  try {
    await Promise.all(Array.from({ length: 8 }, (_, index) => writer(index)))
  } finally {
    await closeDb(pool)
  }
  expect(await disagreements()).toEqual([])
})
