import { join } from 'node:path'
import { closeDb, type Db, openDb } from '#db/client'
import type { Embedded } from '#embedded'
import { createLog } from '#observability/log'
import { fillDemo } from '../database/demo'
import { startMailSink } from '../hosts/mail-sink'
import { openNetwork } from '../hosts/network'
import { type PostgresNode, startPair } from '../hosts/postgres'
import { startRedis } from '../load/redis'
import { freePort, type OurServer, startOurs } from '../load/servers'
import { openPassage, type Passage } from './passage'
import { type Provider, startProvider } from './provider'

// A whole site of real parts on this machine: two workers, Postgres and a replica of it, Redis, a
// mail server and a payment provider, the last three behind passages that can be made bad.

export interface RigOptions {
  embedded: Embedded | undefined
  cacheDirectory: string
  /** The program to run; without it the checkout. */
  executable: string | undefined
  signal: AbortSignal
}

export interface Rig {
  db: Db
  primary: PostgresNode
  replica: PostgresNode
  /** Process numbers; nothing else of this Redis keeps it from being stopped. */
  redisPid: number
  ways: Record<'redis' | 'mail' | 'provider', Passage>
  mails(): number
  provider: Provider
  /** For what lies on a disk of its own. */
  directory: string
  signal: AbortSignal
  /** One site at a time, with these settings besides; `stack` ends it. */
  startSite(stack: AsyncDisposableStack, environment: Record<string, string>): Promise<OurServer>
}

export const workers = 2
/** Of each worker's pool; besides it has one for pledges, for hearing, and for asking. */
export const poolMax = 4
export const connectionsMax = workers * (poolMax + 3)
export const watcherName = 'jumpstarter bench survival'
/** The same after each start. */
const baseUrl = 'http://localhost'
const scale = { people: 300, projects: 120, pledges: 600 }

/** Starts all but the site; `stack` ends it. */
export async function openRig(stack: AsyncDisposableStack, options: RigOptions): Promise<Rig> {
  const { embedded, cacheDirectory, executable, signal } = options
  const network = await openNetwork({ loopback: true })
  stack.defer(network.close)
  const { directory } = network
  const { primary, replica } = await startPair(stack, {
    ...{ machines: [network.add('primary'), network.add('replica')], directory, embedded },
    ...{ cacheDirectory, log: createLog('silent'), signal, fill },
  })
  // It is there for one state alone.
  await replica.stop()
  const redisPort = await freePort()
  const redis = await startRedis(signal, redisPort)
  stack.defer(redis.stop)
  const sink = startMailSink('127.0.0.1')
  stack.defer(sink.close)
  const provider = await startProvider()
  stack.defer(provider.close)
  const passageTo = async (port: number) => {
    const passage = await openPassage({ host: '127.0.0.1', port })
    stack.defer(passage.close)
    return passage
  }
  const ways = {
    redis: await passageTo(redisPort),
    mail: await passageTo(Number(new URL(sink.url).port)),
    provider: await passageTo(provider.port),
  }
  const db = openDb(primary.url, { max: 4, applicationName: watcherName })
  stack.defer(() => closeDb(db, 1))
  // All of them now: while there is none left for others we look on with these.
  await Promise.all(Array.from({ length: 4 }, () => db.$client`select pg_sleep(0.05)`))
  const startSite: Rig['startSite'] = async (stack, environment) => {
    const server = await startOurs(
      {
        ...{ executable, databaseUrl: primary.url, workers, pageCache: true, baseUrl },
        redisUrl: `redis://127.0.0.1:${ways.redis.port}`,
        environment: {
          JUMPSTARTER_POOL: String(poolMax),
          JUMPSTARTER_TRUSTED_PROXIES: '127.0.0.1',
          SMTP_URL: `smtp://127.0.0.1:${ways.mail.port}`,
          PAYMENT_PROVIDER: 'stripe',
          STRIPE_SECRET_KEY: 'sk_test_of_a_bench',
          STRIPE_WEBHOOK_SECRET: 'whsec_of_a_bench',
          STRIPE_API_BASE: `http://127.0.0.1:${ways.provider.port}`,
          ...environment,
        },
      },
      signal,
    )
    stack.defer(server.stop)
    return server
  }
  return {
    ...{ db, primary, replica, redisPid: redis.pid, ways, mails: sink.taken, provider, signal },
    directory: join(directory),
    startSite,
  }
}

async function fill(url: string): Promise<void> {
  const db = openDb(url, { max: 2, applicationName: watcherName })
  try {
    await fillDemo(db, scale)
  } finally {
    await closeDb(db, 1)
  }
}
