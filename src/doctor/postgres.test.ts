import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDb, type Db, openDb } from '#db/client'
import { expectedIndexes } from '#db/health/indexes'
import { migrate } from '#db/migrations'
import { seed } from '#seed/generate'
import { seededAt } from '#testing/database'
import { canary, diagnose, expectOnly, findingsOf, type Symptom } from '#testing/diagnosis'
import { startServer, type TestServer } from '#testing/server'
import { eventually, freePort } from '#testing/start-tiny-server'
import { longTransactions } from './checks/postgres-upkeep'

setDefaultTimeout(90_000)

let server: TestServer
/** As the administrator, in the site's database. */
let admin: Db
let site: Db
let port: string

beforeAll(async () => {
  server = await startServer(canary)
  admin = openDb(server.adminUrl('site'), { max: 3, applicationName: 'test admin' })
  site = openDb(server.url, { max: 2, applicationName: 'jumpstarter test' })
  await migrate(site)
  await seed(site.$client, { projects: 40, people: 200, pledges: 500, at: seededAt })
  port = String(freePort())
})

afterAll(async () => {
  await closeDb(site, 1)
  await closeDb(admin, 1)
  await server.close()
})

const settings = (others: Record<string, string> = {}) => ({
  ...{ DATABASE_URL: server.url, BASE_URL: 'http://localhost:3000', PORT: port },
  ...{ BASE_URL: `http://localhost:${port}`, JUMPSTARTER_WORKERS: '2', ...others },
})

interface Fault {
  name: string
  symptom: Symptom
  /** Makes it wrong; returns what makes it right again. */
  break?(): Promise<(() => unknown) | undefined>
  settings?(): Record<string, string>
}

const run = (text: string) => admin.$client.unsafe(text)
const bySql =
  (wrong: string, right: string): NonNullable<Fault['break']> =>
  async () => {
    await run(wrong)
    return () => run(right)
  }
/** By a role's or the server's setting; both are read by new sessions. */
const byRole = (name: string, value: string) =>
  bySql(`alter role site set ${name} = ${value}`, `alter role site reset ${name}`)
const byServer = (name: string, value: string) => async () => {
  const reload = async (text: string, wanted: string) => {
    await run(text)
    await run('select pg_reload_conf()')
    await eventually(async () => {
      const [row] = await run(`select current_setting('${name}') as value`)
      if (row?.['value'] !== wanted) throw new Error(`${name} is still ${row?.['value']}`)
    })
  }
  const [row] = await run(`select current_setting('${name}') as value`)
  await reload(`alter system set ${name} = '${value}'`, value)
  return () => reload(`alter system reset ${name}`, String(row?.['value']))
}

const problem = { gravity: 'problem' } as const
const warning = { gravity: 'warning' } as const
const connection = { check: 'Postgres', ...problem }
const set = { check: 'postgres settings' }
const elsewhere = (from: string | RegExp, to: string) => () => ({
  DATABASE_URL: server.url.replace(from, to),
})

const unreachable: Fault[] = [
  {
    name: 'nothing listens',
    settings: () => elsewhere(/:\d+\/site/, `:${freePort()}/site`)(),
    symptom: { ...connection, cause: 'Postgres does not answer.', remedy: 'Start it' },
  },
  {
    name: 'a wrong password',
    settings: elsewhere(/:[^:@]+@/, ':another@'),
    symptom: { ...connection, cause: 'refuses the password', remedy: 'Correct DATABASE_URL' },
  },
  {
    name: 'no such database',
    settings: elsewhere(/\/site$/, '/sight'),
    symptom: { ...connection, cause: 'no database of this name', remedy: 'Create it' },
  },
  {
    name: 'an unknown host',
    settings: elsewhere('127.0.0.1', 'nowhere.invalid'),
    symptom: { ...connection, cause: 'host of DATABASE_URL is unknown', remedy: 'Correct it' },
  },
  {
    name: 'no socket',
    settings: () => ({ DATABASE_URL: 'postgres://site@/site?host=/nonexistent' }),
    symptom: { ...connection, cause: 'no Postgres socket', remedy: 'Start Postgres' },
  },
  {
    name: 'no connection left',
    break: bySql('alter role site connection limit 0', 'alter role site connection limit -1'),
    symptom: { ...connection, cause: 'no connection left', remedy: 'Raise max_connections' },
  },
]

const wrongSettings: Fault[] = [
  {
    name: 'fsync off',
    break: byServer('fsync', 'off'),
    symptom: { ...set, ...problem, cause: 'fsync is off', remedy: 'fsync = on' },
  },
  {
    name: 'full_page_writes off',
    break: byServer('full_page_writes', 'off'),
    symptom: { ...set, ...problem, cause: 'full_page_writes is off', remedy: 'full_page_writes' },
  },
  {
    name: 'autovacuum off',
    break: byServer('autovacuum', 'off'),
    symptom: { ...set, ...problem, cause: 'autovacuum', remedy: 'autovacuum = on' },
  },
  {
    name: 'synchronous_commit off',
    break: byRole('synchronous_commit', 'off'),
    symptom: { ...set, ...warning, cause: 'synchronous_commit is off', remedy: 'alter role site' },
  },
  {
    name: 'a short statement_timeout',
    break: byRole('statement_timeout', "'2s'"),
    symptom: {
      ...{ ...set, ...warning, cause: 'statement_timeout is 2 seconds' },
      remedy: "alter role site set statement_timeout = '5s'",
    },
  },
  {
    name: 'a lock_timeout',
    break: byRole('lock_timeout', "'1s'"),
    symptom: { ...set, ...warning, cause: 'lock_timeout is 1 second', remedy: 'lock_timeout = 0' },
  },
  {
    name: 'an idle_session_timeout',
    break: byRole('idle_session_timeout', "'10min'"),
    symptom: { ...set, ...warning, cause: '10 minutes', remedy: 'idle_session_timeout = 0' },
  },
  {
    name: 'read-only by default',
    break: byRole('default_transaction_read_only', 'on'),
    symptom: { ...set, ...problem, cause: 'read-only', remedy: 'default_transaction_read_only' },
  },
  {
    name: 'little room for the log',
    break: byServer('max_wal_size', '64MB'),
    symptom: { ...set, ...warning, cause: 'only 64 MB', remedy: 'max_wal_size to 1GB' },
  },
  {
    name: 'more workers than connections',
    settings: () => ({ JUMPSTARTER_WORKERS: '30' }),
    symptom: {
      ...{ ...set, ...problem, cause: '30 workers with a pool of 4 need up to 190 connections' },
      remedy: /max_connections to \d+ or more.*JUMPSTARTER_WORKERS/,
    },
  },
  {
    name: 'few connections for the role',
    break: bySql('alter role site connection limit 12', 'alter role site connection limit -1'),
    symptom: { ...set, ...problem, cause: 'site may have 12', remedy: 'connection limit 22' },
  },
  {
    name: 'an encoding that cannot hold every text',
    break: async () => {
      await run("create database ascii owner site encoding 'SQL_ASCII' template template0")
      const db = openDb(server.url.replace(/\/site$/, '/ascii'), {
        ...{ max: 1, applicationName: 'jumpstarter test' },
      })
      await migrate(db)
      await closeDb(db)
      return () => run('drop database ascii')
    },
    settings: elsewhere(/\/site$/, '/ascii'),
    symptom: { ...set, ...problem, cause: 'encoded in SQL_ASCII', remedy: "encoding 'UTF8'" },
  },
]

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
      "insert into schema_migrations values ('9999_later', 'x')",
      "delete from schema_migrations where tag = '9999_later'",
    ),
    symptom: { ...schema, cause: 'newer than this program: it has 9999_later', remedy: 'newer' },
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

test('a healthy site has nothing to be found', async () => {
  const report = await diagnose(settings())
  expect(findingsOf(report)).toEqual([])
  expect(report.status).toBe('ok')
})

describe.each([...unreachable, ...wrongSettings, ...wrongTables])('$name', (fault) => {
  test('is named, with what to do', async () => {
    const mend = await fault.break?.()
    try {
      expectOnly(await diagnose(settings(fault.settings?.())), fault.symptom)
    } finally {
      await mend?.()
    }
  })
})

test('once all is mended nothing is left to be found', async () => {
  expect(findingsOf(await diagnose(settings()))).toEqual([])
})

test('a server that takes the connection and says nothing is not waited for', async () => {
  const hung = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const begun = performance.now()
  try {
    const url = `postgres://site:${encodeURIComponent(canary)}@127.0.0.1:${hung.port}/site`
    const report = await diagnose(settings({ DATABASE_URL: url }))
    expectOnly(report, { ...connection, cause: 'does not answer.', remedy: 'Restart it' })
    expect(performance.now() - begun).toBeLessThan(12_000)
  } finally {
    hung.stop(true)
  }
})

test('little memory for what is read often', async () => {
  await server.restart({ shared_buffers: '16MB' })
  try {
    const symptom = { ...set, ...warning, cause: 'shared_buffers is only 16 MB' }
    expectOnly(await diagnose(settings()), { ...symptom, remedy: 'a quarter of the memory' })
  } finally {
    await server.restart()
  }
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
  expect(expectedIndexes().map(({ sql: _, ...index }) => index)).toEqual(
    rows.map(({ name, table, isUnique }) => ({ name, table, isUnique })),
  )
})
