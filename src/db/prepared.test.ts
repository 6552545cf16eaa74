import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { eq, sql } from 'drizzle-orm'
import { type TestDatabase, testDatabase } from '#testing/database'
import { closeDb, type Db, openDb } from './client'
import { coalesced } from './coalesce'
import { prepared } from './prepared'
import { rewards } from './schema/backing'
import { people, projects, stories } from './schema/projects'

setDefaultTimeout(60_000)

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(() => database.close())

const rewardsOfEach = (db: Db) =>
  db.select().from(rewards).where(sql`${rewards.projectId} = asked.id`).limit(3).as('each')

const selections = {
  'columns of every type, and what is null': (db: Db) =>
    db.select().from(projects).orderBy(projects.id).limit(50),
  'columns of a table that may have no row, and JSON': (db: Db) =>
    db
      .select({ id: people.id, story: stories.story, budget: stories.budget })
      .from(people)
      .leftJoin(stories, eq(stories.projectId, people.id))
      .orderBy(people.id)
      .limit(600),
  'expressions, decoded and not': (db: Db) =>
    db
      .select({
        text: sql<string>`creator_id::bigint`,
        number: sql`creator_id`.mapWith(Number),
        date: sql`ends_at`.mapWith(projects.endsAt),
        named: sql`goal`.mapWith(projects.goal).as('named'),
        none: sql<null>`null`.mapWith(Number),
      })
      .from(projects)
      .limit(20),
  'columns of a lateral subquery': (db: Db) => {
    const each = rewardsOfEach(db)
    return db
      .select(each._.selectedFields)
      .from(sql`unnest('{1,2,3}'::bigint[]) as asked(id)`)
      .crossJoinLateral(each)
  },
  'objects within rows': (db: Db) =>
    db
      .select({ project: { id: projects.id, endsAt: projects.endsAt }, story: stories })
      .from(projects)
      .leftJoin(stories, eq(stories.projectId, sql`${projects.id} + 390`))
      .orderBy(projects.id)
      .limit(20),
} as const

test.each(Object.entries(selections))('%s are read as drizzle reads them', async (_, select) => {
  const { db } = database
  const own = await prepared((db) => select(db).prepare('own'))(db).execute()
  const theirs = await select(db)
  expect(own).toEqual(theirs as typeof own)
  expect(own.length).toBeGreaterThan(5)
})

test('rows are read column by column, with what drizzle has inside', () => {
  const statement = prepared((db) => selections['columns of a lateral subquery'](db).prepare('own'))
  expect(statement(database.db)).toHaveProperty('customResultMapper', expect.any(Function))
})

describe('after a statement that failed midway', () => {
  let db: Db

  beforeEach(async () => {
    db = openDb(database.url, { max: 1, applicationName: 'jumpstarter test' })
    const failing = db.$client`select 1 / (4 - i) from generate_series(1, 10) i`
    expect(await failing.catch(({ code }) => code)).toBe('22012')
  })
  afterEach(() => closeDb(db, 1))

  test.each(Object.entries(selections))('%s are whole', async (_, select) => {
    const rows: unknown[] = await prepared((db) => select(db).prepare('whole'))(db).execute()
    expect(rows).toStrictEqual([...(await select(database.db))])
  })

  test('lookups that share a statement are whole', async () => {
    const peopleByIds = prepared((db) =>
      db
        .select({ id: people.id, name: people.name })
        .from(people)
        .where(sql`${people.id} = any(${sql.placeholder('ids')})`)
        .prepare('people_by_ids'),
    )
    const personOf = coalesced(
      (db, ids) => peopleByIds(db).execute({ ids }),
      ({ id }) => id,
    )
    const found = await Promise.all([1, 2, 3].map((id) => personOf(db, id)))
    expect(found.map((rows) => rows.map(({ id }) => id))).toEqual([[1], [2], [3]])
  })
})
