import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDb, openDb } from '#db/client'
import { migrate } from '#db/migrations'
import { canary, diagnose, expectOnly, findingsOf } from '#testing/diagnosis'
import { type Fault, startFaultyPostgres } from '#testing/faulty-postgres'
import { freePort } from '#testing/start-tiny-server'

setDefaultTimeout(90_000)

const postgres = await startFaultyPostgres()
const { server, settings, run, bySql, byRole, byServer } = postgres

afterAll(() => postgres.close())

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
      ...{ ...set, ...problem, cause: '30 workers with a pool of 4 need up to 221 connections' },
      remedy: /max_connections to \d+ or more.*JUMPSTARTER_WORKERS/,
    },
  },
  {
    name: 'few connections for the role',
    break: bySql('alter role site connection limit 12', 'alter role site connection limit -1'),
    symptom: { ...set, ...problem, cause: 'site may have 12', remedy: 'connection limit 25' },
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

test('a healthy site has nothing to be found', async () => {
  const report = await diagnose(settings())
  expect(findingsOf(report)).toEqual([])
  expect(report.status).toBe('ok')
})

describe.each([...unreachable, ...wrongSettings])('$name', (fault) => {
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
