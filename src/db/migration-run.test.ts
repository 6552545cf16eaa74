import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import type postgres from 'postgres'
import { emptyDatabase, type TestDatabase } from '#testing/database'
import { closeDb, openDb } from './client'
import { runMigration, scriptOf, takeLock } from './migration-run'
import { inTransaction, isConcurrent, statementsOf } from './migration-text'
import { migrationsTable } from './migrations'

setDefaultTimeout(60_000)

let database: TestDatabase
let session: postgres.ReservedSql
const key = 4242

beforeEach(async () => {
  database = await emptyDatabase()
  session = await database.db.$client.reserve()
  await session.unsafe(`${migrationsTable}; create table pages (id int, title text)`)
})
afterEach(async () => {
  session.release()
  await database.close()
})

const patient = { lockTimeoutMs: 50, onWait: () => {} }
const column = { tag: '0001_column', sql: 'alter table pages add column body text' }
const index = {
  tag: '0002_index',
  sql: `create index concurrently "pages_by_title" on "pages" ("title");
    comment on index pages_by_title is 'page: by title; all';`,
}

const appliedTags = async () =>
  (await session`select tag from schema_migrations order by tag`).map((row) => row['tag'])

async function isValid(name: string): Promise<boolean | undefined> {
  const [row] = await session`
    select indisvalid as valid from pg_index where indexrelid = to_regclass(${name})`
  return row?.['valid']
}

test('who reads a table is let through while a migration waits for it', async () => {
  const told: string[] = []
  const { promise: waits, resolve } = Promise.withResolvers<void>()
  const onWait = (sentence: string) => {
    told.push(sentence)
    if (told.length === 2) resolve()
  }
  let migrating = Promise.resolve()
  let slowestMs = 0
  await database.db.$client.begin(async (tx) => {
    await tx`select from pages`
    migrating = runMigration(session, column, { lockTimeoutMs: 50, onWait })
    const stop = { now: false }
    const reading = (async () => {
      while (!stop.now) {
        const startedAt = performance.now()
        await database.db.$client`select id from pages`
        slowestMs = Math.max(slowestMs, performance.now() - startedAt)
      }
    })()
    await waits
    stop.now = true
    await reading
    expect(await tx`select tag from schema_migrations`).toHaveLength(0)
  })
  await migrating
  expect(await appliedTags()).toEqual([column.tag])
  expect(told[0]).toMatch(
    /^Migration 0001_column has let others go first, after 0\.05 s, .*process/,
  )
  // Each reader had waited behind the migration for its 50 ms, and not for the transaction.
  expect(slowestMs).toBeGreaterThan(20)
})

test('an index is built while somebody writes, and what an interruption left is built anew', async () => {
  await session`insert into pages select n, 'Page ' || n % 10 from generate_series(1, 100) n`
  const clash = 'create unique index concurrently pages_by_title on pages (title)'
  await expect(session.unsafe(clash).execute()).rejects.toThrow('could not create unique index')
  expect(await isValid('pages_by_title')).toBe(false)
  let built = Promise.resolve()
  await database.db.$client.begin(async (tx) => {
    await tx`insert into pages values (0, 'Mine')`
    built = runMigration(session, index, patient)
    // It waits for this transaction; others write meanwhile.
    await database.db.$client`insert into pages values (101, 'Another')`
    expect(await tx`select tag from schema_migrations`).toHaveLength(0)
  })
  await built
  expect(await isValid('pages_by_title')).toBe(true)
  expect(await appliedTags()).toEqual([index.tag])
  const [row] = await session`select obj_description('pages_by_title'::regclass) as text`
  expect(row?.['text']).toBe('page: by title; all')
})

test('one that is half applied goes on where it was', async () => {
  const broken = { ...index, sql: `${index.sql} comment on index nothing is '';` }
  await expect(runMigration(session, broken, patient)).rejects.toThrow(
    'Migration 0002_index failed and is half applied; run it again: relation "nothing" does not exist',
  )
  expect(await appliedTags()).toEqual([])
  await runMigration(session, index, patient)
  expect(await appliedTags()).toEqual([index.tag])
})

test('whoever waits for the lock of migrations does not stop an index from being built', async () => {
  const others = openDb(database.url, { max: 3, applicationName: 'test' })
  await takeLock(session, key)
  let waiting = 0
  const waiters = [false, true, true].map(async (shared) => {
    const other = await others.$client.reserve()
    await takeLock(other, key, { shared, onWait: () => waiting++ })
    await other`select pg_advisory_unlock_all()`
    other.release()
  })
  while (waiting < waiters.length) await Bun.sleep(5)
  await runMigration(session, index, patient)
  await session`select pg_advisory_unlock(${key})`
  await Promise.all(waiters)
  await closeDb(others)
  expect(await isValid('pages_by_title')).toBe(true)
})

test('by hand it is the same', async () => {
  await session.unsafe(scriptOf(column, 50))
  for (const statement of statementsOf(scriptOf(index, 50))) await session.unsafe(statement)
  expect(await appliedTags()).toEqual([column.tag, index.tag])
  expect(await isValid('pages_by_title')).toBe(true)
})

test('a text is taken apart where its statements end', () => {
  const body = `create function f() returns int language sql as $$ select 1; select ';' $$`
  const sql = `-- one; two
    ${body};
    comment on table "a;b" is 'it''s; so'; /* three; */ select $x$ ; $x$;;
  `
  expect(statementsOf(sql)).toEqual([
    body,
    `comment on table "a;b" is 'it''s; so'`,
    'select $x$ ; $x$',
  ])
  expect(isConcurrent(`-- create index concurrently\nselect 1`)).toBe(false)
  expect(inTransaction('CREATE UNIQUE INDEX CONCURRENTLY "a" ON b (c)')).toBe(
    'CREATE UNIQUE INDEX "a" ON b (c)',
  )
})
