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
/** One for each client, which keeps in it where it is connected to. */
const socketTo = (place: { host: string; port: number } | Record<string, never> = {}) =>
  ({ connectTimeout: connectTimeoutMs, reconnectStrategy: false, ...place }) as const

/**
 * A client that is not connected yet, for `redis://…`, `unix:///…`, `redis+sentinel://…/MASTER`,
 * for which the sentinels are asked who that is now, or `redis+cluster://…`. Throws when no sentinel
 * knows.
 */
export async function clientFor(redis: typeof Redis, url: string): Promise<RedisClient> {
  if (url.startsWith('redis+cluster:')) return createCluster(redis, parseFleet(url))
  if (!url.startsWith('redis+sentinel:')) return createClient(redis, { url, socket: socketTo() })
  const { hosts, credentials, master, database } = parseFleet(url)
  const asked = hosts.map((host) => askSentinel(redis, host, master, credentials))
  const found = await Promise.any(asked).catch(({ errors }: AggregateError) => {
    throw errors[0]
  })
  return createClient(redis, { ...credentials, database, socket: socketTo(found) })
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
function createCluster(redis: typeof Redis, { hosts, credentials }: Fleet): RedisClient {
  const cluster = redis.createCluster({
    rootNodes: hosts.map(({ host, port }) => ({ socket: { host, port: port ?? redisPort } })),
    defaults: { ...common, ...credentials, socket: socketTo() },
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
  hosts: Place[]
  credentials: Credentials
  master: string
  database: number
}

/** Of a URL that the settings have let pass. */
function parseFleet(url: string): Fleet {
  const [, userInfo = '', list = '', path = ''] =
    /^[^:]+:\/\/(?:([^/@]*)@)?([^/]+)\/?(.*)$/.exec(url) ?? []
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
  return { hosts, credentials, master: decodeURIComponent(master), database: Number(database) }
}

/** Where the master is. Sentinels seldom have a password; one that asks for it gets the master's. */
async function askSentinel(
  redis: typeof Redis,
  { host, port = sentinelPort }: Place,
  master: string,
  credentials: Credentials,
): Promise<{ host: string; port: number }> {
  const ask = async (own: Credentials) => {
    const client = redis.createClient({ ...common, ...own, socket: socketTo({ host, port }) })
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
