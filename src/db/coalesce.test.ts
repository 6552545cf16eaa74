import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { findPerson } from '#features/people/reads/profiles'
import { findCampaign, findProject, findProjectRecord } from '#features/projects/reads/projects'
import { listRewards } from '#features/projects/reads/rewards'
import { type TestDatabase, testDatabase } from '#testing/database'
import { countQueries } from '#testing/waves'
import type { Db } from './client'
import { batchKeysMax, coalesced } from './coalesce'

setDefaultTimeout(60_000)

let database: TestDatabase
let db: Db

beforeAll(async () => {
  database = await testDatabase()
  db = database.db
})

afterAll(() => database.close())

interface Row {
  id: number
  name: string
}

const people = (sql: string) =>
  coalesced<Row>(
    async (db, ids) => await db.$client.unsafe(sql, [ids], { prepare: true }),
    ({ id }) => id,
  )

const nameOf = people('select id::int, name from people where id = any($1)')
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

test('lookups of one turn are one statement, and each gets its own row', async () => {
  const ids = upTo(batchKeysMax).reverse()
  let found: Row[][] = []
  const { count } = await countQueries(db, async () => {
    found = await Promise.all(ids.map((id) => nameOf(db, id)))
  })
  expect(count).toBe(1)
  expect(found.map((rows) => rows.map(({ id }) => id))).toEqual(ids.map((id) => [id]))
})

test('a statement has only so many ids', async () => {
  const ids = upTo(2 * batchKeysMax + 1)
  let found: Row[][] = []
  const { count } = await countQueries(db, async () => {
    found = await Promise.all(ids.map((id) => nameOf(db, id)))
  })
  expect(count).toBe(3)
  expect(found.flat().map(({ id }) => id)).toEqual(ids)
})

test('the same id is asked for once, and what is not there has no rows', async () => {
  const asked: string[] = []
  const spied = coalesced<Row>(
    async (db, ids) => {
      asked.push(ids)
      return await db.$client.unsafe('select id::int, name from people where id = any($1)', [ids])
    },
    ({ id }) => id,
  )
  const found = await Promise.all([7, 3, 7, 900_000_000_000].map((id) => spied(db, id)))
  expect(asked).toEqual(['{7,3,900000000000}'])
  expect(found[0]).toEqual(found[2] as Row[])
  expect(found.map((rows) => rows.length)).toEqual([1, 1, 1, 0])
})

test('the rows of an id keep their order', async () => {
  const twice = people(`
    select person.id::int, word.name from people person, unnest('{b,c,a}'::text[])
      with ordinality as word(name, position) where person.id = any($1) order by position`)
  const [first, second] = await Promise.all([twice(db, 1), twice(db, 2)])
  expect(first.map(({ name }) => name)).toEqual(['b', 'c', 'a'])
  expect(second.map(({ name }) => name)).toEqual(['b', 'c', 'a'])
})

test('a statement that fails fails all who wait for it, and nobody after them', async () => {
  const fragile = people(`
    select id::int, (100 / (1 - (13 = any($1))::int))::text as name from people where id = any($1)`)
  const outcomes = await Promise.allSettled([12, 13, 14].map((id) => fragile(db, id)))
  for (const outcome of outcomes) {
    expect(outcome.status).toBe('rejected')
    expect(String((outcome as PromiseRejectedResult).reason)).toContain('division by zero')
  }
  expect(await fragile(db, 14)).toEqual([{ id: 14, name: '100' }])
})

test('who asks while a statement runs sees what was committed before', async () => {
  const slowly = people(`
    select person.id::int, person.name from people person, pg_sleep(0.3) where person.id = any($1)`)
  const [before] = await nameOf(db, 21)
  const early = slowly(db, 21)
  await Bun.sleep(100)
  await db.$client`update people set name = 'Somebody Else' where id = 21`
  const late = slowly(db, 21)
  expect((await early)[0]?.name).toBe(before?.name as string)
  expect((await late)[0]?.name).toBe('Somebody Else')
})

test('each pool has statements of its own', async () => {
  const other = await testDatabase()
  try {
    await other.db.$client`update people set name = 'From Elsewhere' where id = 30`
    const [[here], [there]] = await Promise.all([nameOf(db, 30), nameOf(other.db, 30)])
    expect(there?.name).toBe('From Elsewhere')
    expect(here?.name).not.toBe('From Elsewhere')
  } finally {
    await other.close()
  }
})

test.each([
  ['findProject', 1, findProject],
  ['findCampaign', 1, findCampaign],
  ['findProjectRecord', 1, findProjectRecord],
  ['findPerson', 1, findPerson],
  ['listRewards', 3, listRewards],
] as const)('%s: fifty at once are %i statements with the answers of fifty', async (...each) => {
  const [, statements, read] = each
  const ids = upTo(50)
  // Knows the categories from here on.
  const alone: unknown[] = []
  for (const id of ids) alone.push(await read(db, id))
  let together: unknown[] = []
  const { count } = await countQueries(db, async () => {
    together = await Promise.all(ids.map((id) => read(db, id)))
  })
  expect(count).toBe(statements)
  expect(together).toEqual(alone)
  expect(alone.filter(Boolean).length).toBeGreaterThan(40)
})
