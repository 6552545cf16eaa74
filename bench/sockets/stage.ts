import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address } from '#server/ask'
import type { ProxySite, Upstream } from '#server/proxies/upstreams'
import { cacheMbFor } from '../ladder/ladder'
import { processTree } from '../load/processes'
import { startHaproxy, startNginx } from '../load/proxies'
import { startRedis } from '../load/redis'
import {
  freePort,
  freePorts,
  type OurServer,
  type OurSettings,
  startOurs,
  type Transport,
} from '../load/servers'
import type { Traffic } from '../load/traffic'
import { type Group, type Hop, transports, usesRedis } from './cells'
import type { PostgresWays } from './postgres-ways'

/** Where the load generator connects. */
export interface Door {
  /** Names the host and, over TCP, the address. */
  origin: string
  address: Address
  /** None over TCP. */
  sockets: string[]
}

export type Role = 'proxy' | 'app' | 'postgres' | 'redis'

/** The way of one transport through what has been started. */
export interface Side {
  /** For requests over connections that are kept, and over one for each, on the varied hop. */
  kept: Door
  once: Door
  /** The processes on the way as they are now. */
  pids(): Partial<Record<Role, number[]>>
}

/** All that a group of cells needs, running. */
export interface Stage {
  sides: Record<Transport, Side>
  /** The servers themselves, to fill their caches; one, or one for each transport. */
  servers: OurServer[]
  /** What was found in Redis so far, where there is one. */
  redisHits?: (() => Promise<number>) | undefined
}

export interface StageOptions {
  databaseUrl: string
  /** Of the Postgres behind it, if it runs on this machine. */
  postmaster: number | undefined
  /** For the hops that vary the way to Postgres. */
  ways: PostgresWays | undefined
  /** Without it the checkout is measured. */
  executable: string | undefined
  workers: number
  traffic: Traffic
  signal: AbortSignal
}

/** Small enough that most pages are asked of Redis. */
const leastCacheMb = 1
// Of both servers of a comparison, so that their pages are the same.
const baseUrl = 'http://localhost:3000'

/** Starts what the group needs; `stack` ends it, also what was started when the rest does not. */
export async function startStage(
  group: Group,
  stack: AsyncDisposableStack,
  options: StageOptions,
): Promise<Stage> {
  const { signal, postmaster, workers } = options
  const redis = usesRedis(group) ? await startRedis(signal, await freePort()) : undefined
  if (redis) stack.defer(redis.stop)
  const client = redis && new Bun.RedisClient(redis.url.replace('unix://', 'redis+unix://'))
  if (client) stack.defer(() => client.close())
  const launch = async (settings: Partial<OurSettings>) => {
    const server = await startOurs({ ...settingsOf(group, options), ...settings }, signal)
    stack.defer(server.stop)
    return server
  }
  const { tcp, unix } = await startServers(group.hop, options, redis, launch)
  const servers = { tcp, unix }
  const sites = isProxied(group.hop) ? await sitesOf(group.hop, servers, stack) : []
  const proxy =
    group.hop === 'haproxy'
      ? await startHaproxy(
          sites.map(({ site }) => site),
          { signal },
        )
      : sites.length > 0
        ? await startNginx(
            sites.map(({ site }) => site),
            { signal, workers },
          )
        : undefined
  if (proxy) stack.defer(proxy.stop)
  const side = (transport: Transport): Side => {
    const direct = directDoor(servers[transport], isDirect(group.hop) ? 'tcp' : transport)
    const door = (keepAlive: boolean) =>
      sites.find((each) => each.transport === transport && each.keepAlive === keepAlive)?.door
    return {
      kept: door(true) ?? direct,
      once: door(false) ?? direct,
      pids: () => ({
        app: servers[transport].pids(),
        ...(proxy ? { proxy: proxy.pids() } : {}),
        ...(postmaster === undefined ? {} : { postgres: processTree(postmaster) }),
        ...(redis ? { redis: [redis.pid] } : {}),
      }),
    }
  }
  return {
    sides: { tcp: side('tcp'), unix: side('unix') },
    servers: [...new Set([tcp, unix])],
    redisHits: client && (async () => hitsIn(await client.send('INFO', ['stats']))),
  }
}

const isProxied = (hop: Hop) => hop === 'nginx' || hop === 'haproxy' || hop === 'end-to-end'
/** The client's own way to the app is not what is varied. */
const isDirect = (hop: Hop) => hop === 'postgres' || hop === 'redis'

function settingsOf(group: Group, options: StageOptions): OurSettings {
  const { databaseUrl, executable, workers, traffic } = options
  return {
    ...{ databaseUrl, executable, workers, baseUrl, transports },
    pageCache: group.kind === 'cached-page',
    pageCacheMb: usesRedis(group) ? leastCacheMb : cacheMbFor(traffic),
  }
}

/** One for both transports where it listens on both, otherwise one for each. */
export const serversFor = (hop: Hop): 1 | 2 =>
  hop === 'app' || hop === 'nginx' || hop === 'haproxy' ? 1 : 2

async function startServers(
  hop: Hop,
  { databaseUrl, ways }: StageOptions,
  redis: { url: string; tcpUrl: string | undefined } | undefined,
  launch: (settings: Partial<OurSettings>) => Promise<OurServer>,
): Promise<Record<Transport, OurServer>> {
  if (serversFor(hop) === 1) {
    const both = await launch({})
    return { tcp: both, unix: both }
  }
  const urls = hop === 'redis' ? { tcp: databaseUrl, unix: databaseUrl } : ways
  if (!urls) throw new Error('there is one way to Postgres')
  const tcp = await launch({ databaseUrl: urls.tcp, redisUrl: redis?.tcpUrl })
  const unix = await launch({ databaseUrl: urls.unix, redisUrl: redis?.url })
  return { tcp, unix }
}

const directDoor = ({ origin, address, sockets }: OurServer, transport: Transport): Door =>
  transport === 'tcp'
    ? { origin, address, sockets: [] }
    : { origin, address: { socketPath: sockets[0] ?? '' }, sockets }

interface Site {
  transport: Transport
  keepAlive: boolean
  site: ProxySite
  door: Door
}

/** Each transport with kept connections and without, all in one proxy. */
async function sitesOf(
  hop: Hop,
  servers: Record<Transport, OurServer>,
  stack: AsyncDisposableStack,
): Promise<Site[]> {
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-sockets-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const wanted = transports.flatMap((transport) =>
    [true, false].map((keepAlive) => ({ transport, keepAlive })),
  )
  const ports = freePorts(wanted.length)
  return wanted.map(({ transport, keepAlive }, index) => {
    const name = `${transport}_${keepAlive ? 'kept' : 'once'}`
    const port = ports[index] as number
    const path = join(directory, `${name}.sock`)
    const listensUnix = hop === 'end-to-end' && transport === 'unix'
    const listen: Upstream = listensUnix
      ? { kind: 'unix', path }
      : { kind: 'tcp', host: '127.0.0.1', port }
    const upstreams = upstreamsOf(servers[transport], transport)
    const door = {
      origin: `http://127.0.0.1:${port}`,
      address: listensUnix ? { socketPath: path } : { host: '127.0.0.1', port },
      sockets: listensUnix ? [path] : [],
    }
    return { transport, keepAlive, door, site: { name, upstreams, listen, keepAlive } }
  })
}

const upstreamsOf = ({ origin, sockets }: OurServer, transport: Transport): Upstream[] =>
  transport === 'tcp'
    ? [{ kind: 'tcp', host: '127.0.0.1', port: Number(new URL(origin).port) }]
    : sockets.map((path) => ({ kind: 'unix', path }))

const hitsIn = (stats: string) => Number(/^keyspace_hits:(\d+)/m.exec(stats)?.[1] ?? Number.NaN)
