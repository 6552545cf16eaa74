import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { canary, diagnose, expectOnly, findingsOf, type Symptom } from '#testing/diagnosis'
import { poolerPrograms, startPooler, type TestPooler } from '#testing/pgbouncer'
import { startSentinels } from '#testing/redis-fleet'
import { type Replicated, startReplicated } from '#testing/replicated'
import { startServer, type TestServer } from '#testing/server'
import { freePort } from '#testing/start-tiny-server'

setDefaultTimeout(120_000)

let servers: Replicated
/** A Postgres that has nothing to do with them. */
let stranger: TestServer
const poolers: TestPooler[] = []
let port: string

beforeAll(async () => {
  servers = await startReplicated(1)
  stranger = await startServer(canary)
  port = String(freePort())
})

afterAll(async () => {
  await Promise.all(poolers.map((pooler) => pooler.close()))
  await stranger.close()
  await servers.close()
})

const standby = () => servers.standbys[0] as Replicated['primary']

/** The servers of these tests run without fsync and with little memory: that is left out. */
async function look(others: Record<string, string>) {
  const report = await diagnose({
    ...{ DATABASE_URL: servers.primary.url, PORT: port, BASE_URL: `http://localhost:${port}` },
    ...{ JUMPSTARTER_WORKERS: '2', ...others },
  })
  const checks = report.checks.filter(({ name }) => name !== 'postgres settings')
  return { ...report, checks }
}

const pooled = async (settings: Record<string, string | number> = {}) => {
  const pooler = await startPooler(servers.primary.url, await poolerPrograms['1.18'](), settings)
  poolers.push(pooler)
  return pooler.url
}

const ofReplicas = { check: 'replicas', gravity: 'problem' } as const
const ofPooler = { check: 'pooler', gravity: 'problem' } as const

test('a primary, a replica that follows it and a way around the pooler are as they should be', async () => {
  const report = await look({ DATABASE_REPLICA_URLS: standby().url })
  expect(findingsOf(report)).toEqual([])
  expect(report.checks).toContainEqual({ name: 'replicas', status: 'ok', findings: [] })
})

interface Fault {
  name: string
  settings(): Record<string, string> | Promise<Record<string, string>>
  symptom: Symptom
}

const faults: Fault[] = [
  {
    name: 'a primary’s URL that is a replica’s',
    settings: () => ({ DATABASE_URL: standby().url }),
    symptom: {
      ...{ check: 'primary', gravity: 'problem', cause: 'names a replica' },
      remedy: 'Name the primary there',
    },
  },
  {
    name: 'a replica’s URL that is the primary’s',
    settings: () => ({ DATABASE_REPLICA_URLS: servers.primary.url }),
    symptom: { ...ofReplicas, cause: 'is a primary, not a replica', remedy: 'Take it out' },
  },
  {
    name: 'a replica of another cluster',
    settings: () => ({ DATABASE_REPLICA_URLS: stranger.url }),
    symptom: { ...ofReplicas, cause: /system identifier is \d+, not \d+/, remedy: 'pg_basebackup' },
  },
  {
    name: 'a replica that is down',
    settings: () => ({ DATABASE_REPLICA_URLS: `postgres://a:${freePort()}@127.0.0.1:9/site` }),
    symptom: { ...ofReplicas, cause: '127.0.0.1:9 cannot be reached', remedy: 'Start it' },
  },
  {
    name: 'a pooler in transaction mode without a way around it',
    settings: async () => ({ DATABASE_URL: await pooled() }),
    symptom: {
      ...{ ...ofPooler, cause: 'DATABASE_URL leads to a pooler in transaction mode' },
      remedy: 'Set DATABASE_DIRECT_URL',
    },
  },
  {
    name: 'a pooler in statement mode',
    settings: async () => ({
      ...{ DATABASE_URL: await pooled({ pool_mode: 'statement' }) },
      DATABASE_DIRECT_URL: servers.primary.url,
    }),
    symptom: { ...ofPooler, cause: 'has no transactions', remedy: 'pool_mode = transaction' },
  },
  {
    name: 'a pooler in session mode',
    settings: async () => ({ DATABASE_URL: await pooled({ pool_mode: 'session' }) }),
    symptom: {
      ...{ ...ofPooler, gravity: 'warning', cause: 'session mode' },
      remedy: 'default_pool_size to 12 or more',
    },
  },
]

describe.each(faults)('$name', ({ settings, symptom }) => {
  test('is named, with what to do', async () => {
    expectOnly(await look(await settings()), symptom)
  })
})

test('two ways that lead to two databases', async () => {
  const report = await look({ DATABASE_DIRECT_URL: stranger.url })
  expect(findingsOf(report)).toContainEqual(
    'pooler: problem: DATABASE_URL and DATABASE_DIRECT_URL lead to two databases. → Correct one of them.',
  )
})

test('a replica that lags is named, and so is what hangs', async () => {
  await servers.hold(standby(), 60_000)
  const admin = servers.primary.admin()
  await admin.$client.unsafe('create table lately as select generate_series(1, 10000)')
  const lagging = await look({ DATABASE_REPLICA_URLS: standby().url })
  expectOnly(lagging, {
    ...{ check: 'replicas', gravity: 'warning', cause: /lags: after 3 seconds it lacks \d+ MB/ },
    remedy: 'recovery_min_apply_delay',
  })
  await servers.hold(standby(), 0)
  await servers.caughtUp(standby())

  standby().hang()
  const hung = await look({ DATABASE_REPLICA_URLS: standby().url })
  standby().goOn()
  expectOnly(hung, { ...ofReplicas, cause: 'no answer in time', remedy: 'Start it' })
  await admin.$client.end()
})

test('sentinels that do not know the master, and ones that do', async () => {
  const fleet = await startSentinels()
  try {
    const known = findingsOf(await look({ REDIS_URL: fleet.url }))
    expect(known).toEqual([expect.stringMatching(/^Redis: warning: .*no maxmemory/)])
    const unknown = await look({ REDIS_URL: fleet.url.replace(/\/\w+$/, '/another') })
    expectOnly(unknown, {
      ...{ check: 'Redis', gravity: 'problem', cause: 'knows no master another' },
      remedy: 'redis+sentinel://',
    })
  } finally {
    await fleet.close()
  }
})
