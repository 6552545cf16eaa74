import { closeDb, type Db, openDb } from '#db/client'
import type { Embedded } from '#embedded'
import { createLog } from '#observability/log'
import { demoScale } from '#seed/generate'
import { fillDemo } from '../database/demo'
import { type AppHost, startApps } from './apps'
import { type SiteProxy, startProxy } from './haproxy'
import { type Machine, type Network, openNetwork } from './network'
import { type PostgresPair, startPair } from './postgres'
import { startRedisOn } from './redis'

// Everything that a site of several hosts has, each with an address of its own.

export interface RigOptions {
  /** App hosts there are machines for. */
  hosts: number
  /** On loopback addresses, where nothing can be cut. */
  loopback: boolean
  embedded: Embedded | undefined
  cacheDirectory: string
  /** The program to run on the hosts; without it the checkout. */
  executable: string | undefined
  signal: AbortSignal
  report(what: string): void
}

export interface HostsWanted {
  count: number
  redis?: boolean
  pageCache?: boolean
  environment?: Record<string, string>
}

export interface Rig {
  network: Network
  apps: readonly Machine[]
  proxy: SiteProxy
  databases: PostgresPair
  redisUrl: string
  /** Of the primary, for whoever looks on. */
  db: Db
  /** `stack` ends them. */
  startHosts(stack: AsyncDisposableStack, wanted: HostsWanted): Promise<AppHost[]>
}

/** Steps that are reported. */
export const rigSteps = 2

/** A project must be there to make others of. */
const scale = { ...demoScale, people: 200, projects: 150, pledges: 500 }

/** Starts all but the app hosts; `stack` ends it. */
export async function openRig(stack: AsyncDisposableStack, options: RigOptions): Promise<Rig> {
  const { hosts, loopback, embedded, cacheDirectory, executable, signal, report } = options
  report('starting the network, Postgres and its replica')
  const network = await openNetwork({ loopback })
  stack.defer(network.close)
  const { directory } = network
  const proxyMachine = network.add('proxy')
  const apps = Array.from({ length: hosts }, (_, index) => network.add(`app${index + 1}`))
  const databases = await startPair(stack, {
    ...{ machines: [network.add('primary'), network.add('replica')], directory, embedded },
    ...{ cacheDirectory, log: createLog('silent'), signal, fill },
  })
  report('starting Redis and HAProxy')
  const redisUrl = await startRedisOn(stack, { machine: network.add('redis'), directory, signal })
  const counts = apps.map((_, index) => index + 1)
  const proxy = await startProxy(stack, { machine: proxyMachine, directory, apps, counts, signal })
  const db = openDb(databases.primary.url, { max: 4, applicationName: 'jumpstarter bench hosts' })
  stack.defer(() => closeDb(db, 1))
  const startHosts: Rig['startHosts'] = (stack, { count, redis, pageCache, environment }) =>
    startApps(stack, {
      ...{ machines: apps.slice(0, count), executable, proxy: proxyMachine, signal },
      ...{ databaseUrl: databases.primary.url, baseUrl: proxy.originOf() },
      ...(redis ? { redisUrl } : {}),
      ...(pageCache === undefined ? {} : { pageCache }),
      environment: { DATABASE_REPLICA_URLS: databases.replica.url, ...environment },
    })
  return { network, apps, proxy, databases, redisUrl, db, startHosts }
}

/** A small demo. */
export async function fill(url: string): Promise<void> {
  const db = openDb(url, { max: 2, applicationName: 'jumpstarter bench hosts' })
  try {
    await fillDemo(db, scale)
  } finally {
    await closeDb(db, 1)
  }
}
