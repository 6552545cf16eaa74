import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDb, openDb } from '#db/client'
import { expectedIndexes } from '#db/health/indexes'
import { diagnose, expectOnly, findingsOf } from '#testing/diagnosis'
import { type Fault, startFaultyPostgres } from '#testing/faulty-postgres'
import { longTransactions } from './checks/postgres-upkeep'

setDefaultTimeout(90_000)

const postgres = await startFaultyPostgres()
const { server, admin, site, settings, run, bySql } = postgres

afterAll(() => postgres.close())

const problem = { gravity: 'problem' } as const
const warning = { gravity: 'warning' } as const
const elsewhere = (from: string | RegExp, to: string) => () => ({
  DATABASE_URL: server.url.replace(from, to),
})
const schema = { check: 'schema', ...problem }
const indexes = { check: 'indexes', ...problem }
const upkeep = { check: 'upkeep of the tables', ...warning }

const wrongTables: Fault[] = [
  {
    name: 'an empty database',
    break: bySql('create database bare owner site', 'drop database bare'),
    settings: elsewhere(/\/site$/, '/bare'),
    symptom: {
      ...{ ...schema, cause: /older than this program: \d+ migrations to apply, from 0000/ },
      remedy: 'jumpstarter migrate',
    },
  },
  {
    name: 'a newer schema',
    break: bySql(
      "insert into schema_migrations values ('9999_later.post', 'x')",
      "delete from schema_migrations where tag = '9999_later.post'",
    ),
    symptom: { ...schema, cause: 'newer than this program: it has 9999_later', remedy: 'newer' },
  },
  {
    name: 'an upgrade under way',
    break: bySql(
      "insert into schema_migrations values ('9999_later', 'x')",
      "delete from schema_migrations where tag = '9999_later'",
    ),
    symptom: {
      ...{ ...schema, ...warning, cause: 'ready for a newer program: it has 9999_later' },
      remedy: 'every other host',
    },
  },
  {
    name: 'an interrupted seed',
    break: bySql(
      'create schema seed; create table seed.structure (); grant all on schema seed to site',
      'drop schema seed cascade',
    ),
    symptom: { ...schema, cause: 'set aside by `jumpstarter seed`', remedy: 'same seed command' },
  },
  {
    name: 'an index that was dropped',
    break: bySql(
      'drop index projects_by_creator',
      'create index projects_by_creator on projects (creator_id, id)',
    ),
    symptom: {
      ...{ ...indexes, cause: 'projects_by_creator of projects is missing' },
      remedy: 'CREATE INDEX CONCURRENTLY "projects_by_creator" ON "projects"',
    },
  },
  {
    name: 'an index whose building was interrupted',
    break: async () => {
      await run('drop index saves_by_person')
      const again = 'create index concurrently saves_by_person on saves (person_id, project_id)'
      // It waits for whoever has written, until it is told not to.
      await admin.$client.begin(async (tx) => {
        await tx`update saves set remind_at = remind_at where false`
        await tx`lock table saves in row exclusive mode`
        const url = `${server.adminUrl('site')}?statement_timeout=300`
        const builder = openDb(url, { max: 1, applicationName: 'test builder' })
        await builder.$client.unsafe(again).catch(() => {})
        await closeDb(builder)
      })
      return () => run('reindex index saves_by_person')
    },
    symptom: {
      ...{ ...indexes, cause: 'saves_by_person of saves is invalid' },
      remedy: 'reindex index concurrently saves_by_person;',
    },
  },
  {
    name: 'a key that was dropped',
    break: bySql(
      'alter table guests drop constraint guests_email',
      'alter table guests add constraint guests_email unique (email)',
    ),
    symptom: {
      ...{ ...indexes, cause: 'guests_email of guests is missing' },
      remedy: 'ALTER TABLE "guests" ADD CONSTRAINT "guests_email" UNIQUE("email");',
    },
  },
  {
    name: 'another index of the name',
    break: bySql(
      'drop index outbox_sent; create index outbox_sent on events (told_at)',
      'drop index outbox_sent; create index outbox_sent on outbox (sent_at) where sent_at is not null',
    ),
    symptom: {
      ...indexes,
      cause: 'not the one of the migrations',
      remedy: 'drop index outbox_sent',
    },
  },
  {
    name: 'dead rows',
    break: async () => {
      await run('alter table rate_limits set (autovacuum_enabled = off)')
      await run(`insert into rate_limits
        select 'key ' || n, now() + interval '1 day' from generate_series(1, 30000) n`)
      await run(`delete from rate_limits where key like 'key %'`)
      await run('alter table rate_limits reset (autovacuum_enabled)')
      await run('select pg_stat_force_next_flush()')
      return () => run('vacuum (analyze) rate_limits')
    },
    symptom: { ...upkeep, cause: 'rate_limits has 30,000 dead rows', remedy: 'vacuum (analyze)' },
  },
  {
    name: 'statistics that are out of date',
    break: async () => {
      await run('alter table rate_limits set (autovacuum_enabled = off)')
      await run('analyze rate_limits')
      await run(`insert into rate_limits
        select 'key ' || n, now() + interval '1 day' from generate_series(1, 60000) n`)
      await run('alter table rate_limits reset (autovacuum_enabled)')
      await run('select pg_stat_force_next_flush()')
      return async () => {
        await run('truncate rate_limits')
        await run('vacuum (analyze) rate_limits')
      }
    },
    symptom: { ...upkeep, cause: /60,000 rows of rate_limits have changed/, remedy: 'analyze' },
  },
  {
    name: 'autovacuum off for a table',
    break: bySql(
      'alter table pledges set (autovacuum_enabled = false)',
      'alter table pledges reset (autovacuum_enabled)',
    ),
    symptom: { ...upkeep, cause: 'switched off for the table pledges', remedy: 'reset' },
  },
  {
    name: 'a replication slot that nobody reads',
    break: async () => {
      await run(`select pg_create_physical_replication_slot('left_behind', true)`)
      return () => run(`select pg_drop_replication_slot('left_behind')`)
    },
    symptom: {
      ...{ check: 'replication slots', ...warning, cause: 'Nobody reads the replication slot' },
      remedy: "pg_drop_replication_slot('left_behind')",
    },
  },
]

describe.each(wrongTables)('$name', (fault) => {
  test('is named, with what to do', async () => {
    const mend = await fault.break?.()
    try {
      expectOnly(await diagnose(postgres.settings(fault.settings?.())), fault.symptom)
    } finally {
      await mend?.()
    }
  })
})

test('once all is mended nothing is left to be found', async () => {
  expect(findingsOf(await diagnose(postgres.settings()))).toEqual([])
})

describe('a transaction left open', () => {
  const check = longTransactions(1)
  const look = () => check.run({ db: site } as Parameters<typeof check.run>[0])

  test('is named with its process', async () => {
    await site.$client.begin(async (tx) => {
      const [row] = await tx`select pg_backend_pid() as pid`
      await Bun.sleep(1_200)
      expect(await look()).toEqual([
        {
          gravity: 'warning',
          cause: expect.stringMatching(
            new RegExp(`^Process ${row?.['pid']} .*“jumpstarter test”.* and does nothing`),
          ),
          remedy: expect.stringContaining(`pg_terminate_backend(${row?.['pid']})`),
        },
      ])
    })
    expect(await look()).toEqual([])
  })

  test('is a problem when others wait for it', async () => {
    let waiting: Promise<unknown> = Promise.resolve()
    const other = openDb(server.url, { max: 1, applicationName: 'jumpstarter other' })
    await site.$client.begin(async (tx) => {
      await tx`update categories set name = name`
      waiting = other.$client`update categories set name = name`.execute()
      await Bun.sleep(1_200)
      const found = (await look()) as { gravity: string; cause: string }[]
      expect(found[0]).toMatchObject({
        ...{ gravity: 'problem', cause: expect.stringContaining('1 other wait') },
      })
    })
    await waiting
    await closeDb(other)
  })
})

test('transaction numbers that autovacuum does not keep up with', async () => {
  await server.restart({ autovacuum_freeze_max_age: '100000', autovacuum_naptime: '1h' })
  try {
    await run(`do $$ begin
      for i in 1..210000 loop perform pg_current_xact_id(); commit; end loop; end $$`)
    const report = await diagnose(settings())
    expectOnly(report, { ...upkeep, cause: 'transactions old', remedy: 'vacuum (freeze)' })
  } finally {
    await server.restart()
  }
})

test('every index of a migrated database is expected, and no other', async () => {
  const rows = await run(`
    select c.relname as name, t.relname as "table", indisunique as "isUnique"
      from pg_index i join pg_class c on c.oid = indexrelid join pg_class t on t.oid = indrelid
      where c.relnamespace = 'public'::regnamespace and t.relname <> 'schema_migrations'
      order by c.relname collate "C"`)
  const expected: object[] = expectedIndexes().map(({ sql: _, ...index }) => index)
  expect(expected).toEqual(rows.map((row) => ({ ...row })))
})
