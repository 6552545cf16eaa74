import { connectionOptions } from '#db/client'
import { type ChaosProxy, startChaosProxy } from './chaos-proxy'
import type { TestDatabase } from './database'
import { type Host, openHost, startHost } from './hosts'
import type { TestRedis } from './redis'

/** A host, and the ways from it to what it needs. */
export interface Site {
  host: Host
  /** To the database: for everything but hearing of changes. */
  pool: ChaosProxy
  /** To the database, for hearing of changes. */
  changes: ChaosProxy
  /** Readers under way. */
  reading: number
  /** Nobody may begin to read: it is being closed. */
  closing: boolean
  /** `performance.now()` until which its answers may say that the database is not there. */
  cutUntil: number
  /** Answers of all its hosts that were kept: here, and those that the other site had made. */
  kept(): { here: number; elsewhere: number }
  restart(): Promise<void>
}

/** Two hosts on one database and one Redis. */
export interface Fleet {
  sites: [Site, Site]
  /** Between both hosts and Redis. */
  cache: ChaosProxy
  close(): Promise<void>
}

/** Hosts are parts of this process, or programs of their own that have one way to the database. */
export async function startFleet(
  database: TestDatabase,
  redis: TestRedis,
  { programs = false } = {},
): Promise<Fleet> {
  const cache = await startChaosProxy({ host: '127.0.0.1', port: redis.port })
  const redisUrl = `redis://127.0.0.1:${cache.port}`
  const site = () => startSite(database.url, redisUrl, programs)
  const sites: Fleet['sites'] = await Promise.all([site(), site()])
  return {
    sites,
    cache,
    close: async () => {
      await Promise.all(sites.map(({ host }) => host.close()))
      const proxies = [cache, ...sites.flatMap(({ pool, changes }) => [pool, changes])]
      await Promise.all(proxies.map((proxy) => proxy.close()))
    },
  }
}

async function startSite(url: string, redisUrl: string, programs: boolean): Promise<Site> {
  const { path, user, database } = connectionOptions(url)
  if (path === undefined) throw new Error('the Postgres of the tests has a socket')
  const proxies = [startChaosProxy({ path }), startChaosProxy({ path })] as const
  const [pool, changes] = await Promise.all(proxies)
  const by = ({ port }: ChaosProxy) => `postgres://${user}@127.0.0.1:${port}/${database}`
  const open = () =>
    (programs ? startHost : openHost)({
      databaseUrl: by(pool),
      changesUrl: by(changes),
      redisUrl,
    })
  const before = { here: 0, elsewhere: 0 }
  const site: Site = {
    ...{ host: await open(), pool, changes, reading: 0, closing: false, cutUntil: 0 },
    kept: () => {
      const { here, elsewhere } = site.host.kept()
      return { here: before.here + here, elsewhere: before.elsewhere + elsewhere }
    },
    restart: async () => {
      site.closing = true
      while (site.reading > 0) await Bun.sleep(1)
      Object.assign(before, site.kept())
      await site.host.close()
      site.host = await open()
      site.closing = false
    },
  }
  return site
}
