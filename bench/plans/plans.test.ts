import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { asc, desc, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { migrate } from '#db/migrations'
import { projects } from '#db/schema/projects'
import { listBacked, listProjects } from '#features/discover/reads/lists'
import { pageRows, sorts } from '#features/discover/rules'
import { CommandError } from '#lib/errors'
import { seedBulk } from '#seed/bulk/bulk'
import { emptyDatabase, seededAt, type TestDatabase, testDatabase } from '#testing/database'
import type { PlanRead } from './limits'
import { bigTables, type MeasuredRead, measureRead } from './measure'
import { benchPlansOf, findReads } from './plans'
import { findSearchTexts } from './search'
import { openPlanSession, type PlanSession } from './session'
import { compareKeysets, failures } from './tables'

setDefaultTimeout(120_000)

let database: TestDatabase
let session: PlanSession

beforeAll(async () => {
  database = await testDatabase()
  await database.db.$client`analyze`
  session = await openPlanSession(database.url, { strict: true })
})

afterAll(async () => {
  await session.close()
  await database.close()
})

test('every read of the site keeps within its limits', async () => {
  const seen: string[] = []
  const found = await benchPlansOf(database.db, database.url, {
    strict: true,
    check: false,
    onProgress: (what) => seen.push(what),
  })
  expect(found.wrong).toEqual([])
  expect(found.rows.length).toBeGreaterThan(300)
  expect(found.text).toContain('searchProjects')
  expect(found.markdown).toContain('## What one statement may do')
  expect(found.scale.projects).toBe(400)
  expect(seen).toContain('listBackers')
})

test('and so they do on a database that the bulk load has filled', async () => {
  const bulk = await emptyDatabase()
  await migrate(bulk.db)
  const scale = {
    projects: 20_000,
    people: 100_000,
    pledges: 100_000,
    community: true,
    at: seededAt,
  }
  await seedBulk(bulk.db.$client, scale, { statement_timeout: '0' }, () => {})
  const found = await benchPlansOf(bulk.db, bulk.url, {
    strict: true,
    check: false,
    onProgress: () => {},
  })
  expect(found.wrong).toEqual([])
  expect(found.scale).toMatchObject({ projects: 20_000, people: 100_000 })
  await bulk.close()
})

test('no read of the site is forgotten', async () => {
  const texts = await findSearchTexts(database.db)
  expect(new Set([...texts.queries]).size).toBeGreaterThan(200)
  const known = new Set((await findReads(database.db, texts)).map(({ read }) => read))
  const root = join(import.meta.dir, '../../src/features')
  const exported: string[] = []
  const files = ['*/reads.ts', '*/reads/*.ts'].flatMap((pattern) => [
    ...new Bun.Glob(pattern).scanSync(root),
  ])
  for (const file of files) {
    const room: Record<string, unknown> = await import(`${root}/${file}`)
    exported.push(...Object.keys(room).filter((name) => typeof room[name] === 'function'))
  }
  // Builders of statements ask nothing themselves, a process reads the catalogue once, and a
  // command counts all that it is about.
  const others = [
    ...['findCatalogue', 'listCategoryChoices', 'withCategoryNames', 'requireAccess'],
    ...['countPledges', 'countUnanswered'],
  ]
  const missing = exported.filter(
    (name) => !known.has(name) && !others.includes(name) && !name.endsWith('Statement'),
  )
  expect(missing).toEqual([])
  expect(exported.length).toBeGreaterThan(20)
})

describe('a bad read is caught:', () => {
  const columns = { id: projects.id, title: projects.title }
  const bad: Record<string, [rule: string, run: (db: Db) => Promise<unknown>]> = {
    'a list in an order without an index': [
      'sortedRows',
      (db) =>
        db
          .select(columns)
          .from(projects)
          .orderBy(desc(projects.goal))
          .limit(pageRows + 1),
    ],
    'a page by OFFSET': [
      'readRows',
      (db) => db.select(columns).from(projects).orderBy(asc(projects.id)).limit(13).offset(200),
    ],
    'a filter without an index': [
      'removedRows',
      (db) =>
        db
          .select(columns)
          .from(projects)
          .where(sql`goal % 97 = 1`)
          .orderBy(asc(projects.id))
          .limit(13),
    ],
    'a count of rows': [
      'readRows',
      (db) => db.select({ count: sql`count(${projects.title})` }).from(projects),
    ],
  }
  test.each(Object.entries(bad))('%s', async (_, [rule, run]) => {
    const read: PlanRead = { read: 'bad', key: '', kind: 'list', run }
    const big = await bigTables(session.db, true)
    const { complaints } = await measureRead(session, read, big)
    expect(complaints.map((complaint) => `${complaint.rule}`)).toContain(rule)
    expect(complaints.every(({ node }) => node.length > 0)).toBe(true)
  })
})

test('without the index that serves it, a list of the site is caught', async () => {
  const own = await testDatabase()
  const ownSession = await openPlanSession(own.url, { strict: true })
  try {
    const list: PlanRead = {
      read: 'listProjects',
      key: 'everything',
      kind: 'list',
      run: (db) => listProjects(db, {}, { status: 'live', sort: 'popular' }),
    }
    const big = await bigTables(ownSession.db, true)
    expect(failures([await measureRead(ownSession, list, big)])).toEqual([])
    await own.db.$client`drop index projects_popular`
    const wrong = failures([await measureRead(ownSession, list, big)])
    expect(wrong.join('\n')).toMatch(/^listProjects of everything: \w+ .* is the limit\.$/m)
  } finally {
    await ownSession.close()
    await own.close()
  }
})

test('somebody who has backed thousands costs no more than anybody', async () => {
  const own = await testDatabase()
  // Before they have: the planner expects few.
  await own.db.$client`analyze`
  const projectsMade = 3_000
  const [row] = await own.db.$client`
    with made as (
      insert into projects (creator_id, creator_name, status, title, description, category,
          subcategory, city, state, country, goal, launched_at, ends_at)
        select creator_id, creator_name, 'live', 'Title', 'Words', category, subcategory, city,
            state, country, goal, '2040-01-01', '2041-01-01'
          from projects, generate_series(1, ${projectsMade}::int) where id = 1
        returning id),
    backer as (insert into people (name) values ('Everybody’s friend') returning id)
    insert into pledges (project_id, backer_id, amount, backed_before, city, country)
      select made.id, backer.id, 100, false, 'Here', 'Utopia' from made, backer returning backer_id`
  const backer = Number(row?.['backer_id'])
  const ownSession = await openPlanSession(own.url)
  try {
    const big = await bigTables(ownSession.db, true)
    const backed: PlanRead = {
      read: 'listBacked',
      key: 'a friend of everybody',
      kind: 'backing',
      run: (db) => listBacked(db, backer),
    }
    const measured = await measureRead(ownSession, backed, big)
    expect(failures([measured])).toEqual([])
    expect(measured.rows).toBe(pageRows + 1)
    expect(measured.readRows).toBeLessThan(4 * pageRows)
  } finally {
    await ownSession.close()
    await own.close()
  }
})

test('a list that walks to its deep page is told from one that does not', () => {
  const page = (sort: string, name: string, buffers: number): MeasuredRead => ({
    ...{ read: 'listProjects', key: 'games', variant: `live, ${sort}, ${name}`, kind: 'list' },
    ...{ statements: 1, plannedAnew: 0, rows: 13, buffers, sortedRows: 0, readRows: 13 },
    ...{ removedRows: 0, indexes: [], ms: null, complaints: [] },
  })
  const [good, bad] = sorts
  const keysets = compareKeysets([
    ...[page(good, 'page 1', 40), page(good, 'deep', 44)],
    ...[page(bad, 'page 1', 40), page(bad, 'deep', 900)],
  ])
  expect(keysets.map(({ sort, buffersRatio }) => [sort, buffersRatio])).toEqual([
    [good, 1.1],
    [bad, 22.5],
  ])
  expect(keysets[1]?.worst).toEqual({ list: 'games, live', firstBuffers: 40, deepBuffers: 900 })
})

test('a user who is no superuser is told so', async () => {
  await database.db.$client`create role plain login`
  try {
    const url = database.url.replace(/\/\/[^@]*@/, '//plain@')
    const opened = openPlanSession(url)
    expect(opened).rejects.toThrow(CommandError)
    expect(opened).rejects.toThrow(/no superuser/)
    await opened.catch(() => {})
  } finally {
    await database.db.$client`drop role plain`
  }
})
