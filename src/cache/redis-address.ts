import type * as Redis from 'redis'
import { errorCode } from '#lib/errors'
import { within } from '#lib/within'

// To a machine that is there it takes a few; one that is not says nothing at all.
const connectTimeoutMs = 500
/** Connecting and an answer, for which the client by itself would wait without end. */
const sentinelTimeoutMs = 1_000
const sentinelPort = 26_379
const redisPort = 6_379

export type RedisClient = ReturnType<typeof createClient>

type Options = NonNullable<Parameters<typeof Redis.createClient>[0]>

const common = {
  name: 'jumpstarter',
  disableOfflineQueue: true,
  maintNotifications: 'disabled',
} as const
const waits = { connectTimeout: connectTimeoutMs, reconnectStrategy: false } as const
/** One for each client, which keeps in it where it is connected to. */
const socketTo = ({ tls }: Fleet, place: { host: string; port: number }) =>
  // The library wants the word left out where there is none.
  tls ? { ...waits, ...place, tls } : { ...waits, ...place }

/** Whether sentinels are asked where Redis is. */
export const isSentinelUrl = (url: string): boolean => /^rediss?\+sentinel:/.test(url)

/**
 * A client that is not connected yet, for `redis[s]://…`, `unix:///…`,
 * `redis[s]+sentinel://…/MASTER`, for which the sentinels are asked who that is now, or
 * `redis[s]+cluster://…`. Throws when no sentinel knows.
 */
export async function clientFor(redis: typeof Redis, url: string): Promise<RedisClient> {
  if (/^rediss?\+cluster:/.test(url)) return createCluster(redis, parseFleet(url))
  if (!isSentinelUrl(url)) return createClient(redis, { url, socket: { ...waits } })
  const fleet = parseFleet(url)
  const { credentials, database } = fleet
  const asked = fleet.hosts.map((host) => askSentinel(redis, host, fleet))
  const found = await Promise.any(asked).catch(({ errors }: AggregateError) => {
    throw errors[0]
  })
  return createClient(redis, { ...credentials, database, socket: socketTo(fleet, found) })
}

function createClient(redis: typeof Redis, options: Options) {
  return redis.createClient({
    ...common,
    ...options,
    // Off: it would make a timer for each command and still not cover those already sent.
    commandOptions: { timeout: 0, typeMapping: { [redis.RESP_TYPES.BLOB_STRING]: Buffer } },
  })
}

/** Its commands are those of a client; it finds out for itself where each key is. */
function createCluster(redis: typeof Redis, fleet: Fleet): RedisClient {
  const cluster = redis.createCluster({
    rootNodes: fleet.hosts.map(({ host, port = redisPort }) => ({
      socket: socketTo(fleet, { host, port }),
    })),
    defaults: {
      ...common,
      ...fleet.credentials,
      socket: fleet.tls ? { ...waits, tls: true } : { ...waits },
    },
    commandOptions: { timeout: 0, typeMapping: { [redis.RESP_TYPES.BLOB_STRING]: Buffer } },
  })
  cluster.on('node-error', (error) => cluster.emit('error', error))
  return cluster as unknown as RedisClient
}

interface Place {
  host: string
  port: number | undefined
}

interface Credentials {
  username?: string
  password?: string
}

interface Fleet {
  tls: boolean
  hosts: Place[]
  credentials: Credentials
  master: string
  database: number
}

/** Of a URL that the settings have let pass. */
function parseFleet(url: string): Fleet {
  const [, scheme = '', userInfo = '', list = '', path = ''] =
    /^([^:]+):\/\/(?:([^/@]*)@)?([^/]+)\/?(.*)$/.exec(url) ?? []
  const [username = '', password = ''] = userInfo.split(':').map(decodeURIComponent)
  const [master = '', database = '0'] = path.split('/')
  const hosts = list.split(',').map((text) => {
    const { hostname, port } = new URL(`redis://${text}`)
    return { host: hostname.replace(/^\[|\]$/g, ''), port: port ? Number(port) : undefined }
  })
  const credentials = {
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  }
  return {
    tls: scheme.startsWith('rediss'),
    hosts,
    credentials,
    master: decodeURIComponent(master),
    database: Number(database),
  }
}

/** Where the master is. Sentinels seldom have a password; one that asks for it gets the master's. */
async function askSentinel(
  redis: typeof Redis,
  { host, port = sentinelPort }: Place,
  fleet: Fleet,
): Promise<{ host: string; port: number }> {
  const { master, credentials } = fleet
  const ask = async (own: Credentials) => {
    const socket = socketTo(fleet, { host, port })
    const client = redis.createClient({ ...common, ...own, socket })
    client.on('error', () => {})
    try {
      const answer = client
        .connect()
        .then(() => client.sendCommand<string[]>(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master]))
      if (await within(answer, sentinelTimeoutMs)) return await answer
      throw new Error(`the sentinel at ${host}:${port} does not answer`)
    } finally {
      client.destroy()
    }
  }
  const address = await ask({}).catch((error: unknown) => {
    if (credentials.password && /NOAUTH/.test(String(error))) return ask(credentials)
    throw error
  })
  if (!address?.[0]) throw new Error(`the sentinel at ${host}:${port} knows no master ${master}`)
  return { host: address[0], port: Number(address[1]) }
}

// Where a name has two addresses and neither answers, the error has a code and no message.
export function messageOf(error: unknown): string {
  return (error instanceof Error && error.message) || (errorCode(error) ?? String(error))
}
