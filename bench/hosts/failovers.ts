import { createLog } from '#observability/log'
import type { Address } from '#server/ask'
import { startApps } from './apps'
import { type Failover, failOver } from './failover'
import { startProxy } from './haproxy'
import { type Machine, openNetwork } from './network'
import { startPatroni } from './patroni'
import { postgresPort, urlOf } from './postgres'
import type { Fate } from './promised'
import { fill } from './rig'

export interface FailoversOptions {
  /** In this order. */
  fates: readonly Fate[]
  loopback: boolean
  /** The program to run on the hosts; without it the checkout. */
  executable: string | undefined
  clients: number
  /** Of load before each, and after it. */
  seconds: number
  seed: number
  signal: AbortSignal
  report(what: string): void
}

/** How the hosts find the primary. */
export const ways = ['HAProxy asks Patroni', 'DATABASE_URL names both'] as const
export type Way = (typeof ways)[number]
export type WaysFailover = Failover & { way: Way }

const hostsCount = 2
const seenMs = 1_200

/** Steps that are reported: of the beginning, and of each failover. */
export const failoverSteps = { start: 1, each: 7 }

/** Fails over again and again, by either way in turns, on two Postgres that Patroni keeps. */
export async function proveFailovers(options: FailoversOptions): Promise<WaysFailover[]> {
  const { fates, loopback, executable, signal, report } = options
  await using stack = new AsyncDisposableStack()
  report('starting Patroni, etcd and two Postgres')
  const network = await openNetwork({ loopback })
  stack.defer(network.close)
  const { directory } = network
  const machines: [Machine, Machine] = [network.add('db1'), network.add('db2')]
  const log = createLog('silent')
  const etcd = network.add('etcd')
  const cluster = await startPatroni(stack, { machines, etcd, directory, log, signal })
  await fill(urlOf((await cluster.primary()).machine.address))
  const front = network.add('proxy')
  const apps = Array.from({ length: hostsCount }, (_, index) => network.add(`app${index + 1}`))
  const proxy = await startProxy(stack, {
    ...{ machine: front, directory, apps, databases: machines, signal },
  })
  const { hostname: host, port } = new URL(proxy.originOf())
  const address: Address = { host, port: Number(port) }
  const urls: Record<Way, string> = {
    'HAProxy asks Patroni': urlOf(front.address),
    'DATABASE_URL names both': urlOf(
      machines.map((machine) => `${machine.address}:${postgresPort}`).join(','),
    ),
  }
  const done: WaysFailover[] = []
  for (const [index, fate] of fates.entries()) {
    const way = ways[Math.floor(index / 2) % 2] as Way
    await using own = new AsyncDisposableStack()
    report(`starting two hosts: ${way}`)
    await startApps(own, {
      ...{ machines: apps, executable, proxy: front, signal },
      ...{ databaseUrl: urls[way], baseUrl: proxy.originOf() },
    })
    await Bun.sleep(seenMs)
    const found = await failOver(fate, { ...options, cluster, address, seed: options.seed + index })
    done.push({ ...found, way })
    if (index === fates.length - 1) break
    report('until both hold everything again')
    await cluster.untilSynchronous()
  }
  return done
}
