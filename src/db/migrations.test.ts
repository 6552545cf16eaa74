import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { emptyDatabase, type TestDatabase } from '#testing/database'
import { eventually } from '#testing/start-tiny-server'
import { listenForChanges } from './changes'
import { closeDb, openDb } from './client'
import {
  isBeingFilled,
  migrate,
  migrationScript,
  migrationState,
  migrations,
  obstacle,
  refuseOtherSchema,
  requireCurrentSchema,
} from './migrations'

setDefaultTimeout(60_000)

const tags = migrations.map(({ tag }) => tag)
const newer =
  /schema is newer than this program: it has 9999_future\.post\. Use a newer Jumpstarter\./
let opened: TestDatabase[] = []

afterEach(async () => {
  for (const database of opened) await database.close()
  opened = []
})

async function open(): Promise<TestDatabase> {
  const database = await emptyDatabase()
  opened.push(database)
  return database
}

/** `jumpstarter migrate` as its own process: exit code and what it printed. */
async function migrateInProcess(url: string, ...words: string[]) {
  const program = [process.execPath, join(import.meta.dir, '../main.ts')]
  const child = Bun.spawn([...program, 'migrate', ...words], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  return { exitCode: await child.exited, output, errors }
}

test('eight at once, from pools and from processes of their own, apply everything once', async () => {
  const { db, url } = await open()
  const pools = Array.from({ length: 5 }, () =>
    openDb(url, { max: 1, applicationName: 'jumpstarter test' }),
  )
  const [own, others] = await Promise.all([
    Promise.all(pools.map((pool) => migrate(pool))),
    Promise.all(Array.from({ length: 3 }, () => migrateInProcess(url))),
  ])
  await Promise.all(pools.map((pool) => closeDb(pool)))
  // Whoever comes while another is at it says that they wait.
  const waits = 'Another migration or a backup is at work: waiting for its end.\n'
  expect(
    others.map(({ exitCode, errors }) => ({ exitCode, errors: errors.replace(waits, '') })),
  ).toEqual(Array(3).fill({ exitCode: 0, errors: '' }))
  const appliedByOthers = others.flatMap(({ output }) => [
    ...output.matchAll(/^applied {2}(.*)$/gm),
  ])
  expect([...own.flat(), ...appliedByOthers.map((match) => match[1] ?? '')].toSorted()).toEqual(
    tags,
  )
  const rows = await db.$client`select tag from schema_migrations order by tag`
  expect(rows.map((row) => row['tag'])).toEqual(tags)
})

test('a second time there is nothing to do', async () => {
  const { db, url } = await open()
  expect(await migrate(db)).toEqual(tags)
  expect(await migrate(db)).toEqual([])
  expect(await migrateInProcess(url)).toEqual({
    exitCode: 0,
    output: 'The schema is up to date.\n',
    errors: '',
  })
  await requireCurrentSchema(db)
})

test('what is pending is told, and changes nothing', async () => {
  const { db } = await open()
  const pending = { applied: [], pending: tags, unknown: [] }
  expect(await migrationState(db)).toEqual(pending)
  expect(await migrationState(db)).toEqual(pending)
  await expect(requireCurrentSchema(db)).rejects.toThrow(/schema is older .*jumpstarter migrate/)
  await migrate(db)
  expect(await migrationState(db)).toEqual({ applied: tags, pending: [], unknown: [] })
})

test('the schema of a newer program is refused and left alone', async () => {
  const { db, url } = await open()
  await migrate(db)
  await db.$client`insert into schema_migrations (tag, sha256) values ('9999_future.post', '')`
  expect((await migrationState(db)).unknown).toEqual(['9999_future.post'])
  await expect(migrate(db)).rejects.toThrow(newer)
  await expect(requireCurrentSchema(db)).rejects.toThrow(newer)
  const { exitCode, output, errors } = await migrateInProcess(url)
  expect([exitCode, output]).toEqual([1, ''])
  expect(errors).toMatch(newer)
})

test('what a newer program has added is borne', async () => {
  const { db, url } = await open()
  await migrate(db)
  await db.$client`insert into schema_migrations (tag, sha256) values ('9999_future', '')`
  await requireCurrentSchema(db)
  await refuseOtherSchema(db)
  expect(await migrateInProcess(url)).toMatchObject({
    exitCode: 0,
    output: 'The schema is up to date.\n',
  })
  expect(await migrateInProcess(url, '--status')).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining('\nunknown  9999_future (pre, a newer program’s)\n'),
  })
})

test('a worker of another program than the schema’s ends, but not for want of a database', async () => {
  const { db } = await open()
  await expect(refuseOtherSchema(db)).rejects.toThrow(/schema is older .*jumpstarter migrate --pre/)
  await migrate(db)
  await db.$client`insert into schema_migrations (tag, sha256) values ('9999_future.post', '')`
  await expect(refuseOtherSchema(db)).rejects.toThrow(newer)
  const nowhere = openDb('postgres://nobody@127.0.0.1:1/none', { max: 1, applicationName: 'test' })
  await refuseOtherSchema(nowhere)
  await closeDb(nowhere, 0)
})

test('what keeps a program from serving: its own that is missing, or what was taken away', () => {
  const of = (pending: string[], unknown: string[]) => obstacle({ pending, unknown })
  expect(of([], [])).toBeNull()
  expect(of(['0013_b.post'], ['0014_c', '0016_e'])).toBeNull()
  expect(of(['0012_a', '0013_b.post'], ['0014_c'])).toEqual({ schemaIs: 'older', tags: ['0012_a'] })
  expect(of(['0012_a'], ['0014_c', '0015_d.post'])).toEqual({
    ...{ schemaIs: 'newer', tags: ['0015_d.post'] },
  })
})

test('whoever serves tells for which schema, until the session ends', async () => {
  const { db, url } = await open()
  const listener = { onChange() {}, onChangeOfEverything() {}, onProof() {}, onLoss() {} }
  const { promise: opened, resolve } = Promise.withResolvers<void>()
  const listening = listenForChanges(url, { ...listener, onOpen: () => resolve() })
  await opened
  const held = () => db.$client`
    select objid::int as latest from pg_locks where locktype = 'advisory' and objsubid = 2
      and database = (select oid from pg_database where datname = current_database())`
  expect([...(await held())]).toEqual([{ latest: Number(tags.at(-1)?.slice(0, 4)) }])
  await listening.close()
  await eventually(async () => expect(await held()).toHaveLength(0))
})

test('its SQL, run by hand, is the same migration', async () => {
  const { db } = await open()
  const script = await migrationScript(db)
  expect((await migrationState(db)).applied).toEqual([])
  const session = await db.$client.reserve()
  await session.unsafe(script)
  session.release()
  expect(await migrationState(db)).toEqual({ applied: tags, pending: [], unknown: [] })
  expect(await migrate(db)).toEqual([])
  expect(await migrationScript(db)).toBe('')
})

test('a migration applied with another text is refused by name', async () => {
  const { db } = await open()
  await migrate(db)
  const [first] = tags
  await db.$client`update schema_migrations set sha256 = 'other' where tag = ${first ?? ''}`
  await expect(migrate(db)).rejects.toThrow(`Migration ${first} was applied to this database with`)
})

test('one that fails leaves nothing behind, says why, and can be tried again', async () => {
  const { db } = await open()
  await db.$client`create table updates (id int)`
  await expect(migrate(db)).rejects.toThrow(
    /^Migration 0000_read_side failed and was rolled back: .*"updates" already exists/,
  )
  const left =
    await db.$client`select tablename from pg_tables where schemaname = 'public' order by 1`
  expect(left.map((row) => row['tablename'])).toEqual(['schema_migrations', 'updates'])
  await db.$client`drop table updates`
  expect(await migrate(db)).toEqual(tags)
})

test('while a bulk seed has the tables both refuse, and say what to do', async () => {
  const { db, url } = await open()
  await migrate(db)
  await db.$client.unsafe('create schema seed; create table seed.structure ()')
  expect(await isBeingFilled(db.$client)).toBe(true)
  const sentence = /^This database is being filled by `jumpstarter seed`, or .* run the same seed/
  await expect(migrate(db)).rejects.toThrow(sentence)
  await expect(requireCurrentSchema(db)).rejects.toThrow(sentence)
  const { exitCode, output, errors } = await migrateInProcess(url)
  expect([exitCode, output]).toEqual([1, ''])
  expect(errors).toContain('This database is being filled by `jumpstarter seed`')
  await db.$client`drop schema seed cascade`
  expect(await isBeingFilled(db.$client)).toBe(false)
  await requireCurrentSchema(db)
  expect(await migrate(db)).toEqual([])
})

test('a role’s limit for statements does not end them', async () => {
  const { db, url } = await open()
  const [row] = await db.$client`select current_database() as name`
  await db.$client.unsafe(`alter database ${row?.['name']} set statement_timeout = '20ms'`)
  const limited = openDb(url, { max: 1, applicationName: 'jumpstarter test' })
  expect(await migrate(limited)).toEqual(tags)
  await expect(limited.$client`select pg_sleep(1)`.execute()).rejects.toThrow('statement timeout')
  await closeDb(limited)
})
