import type { Presence } from '#db/presence'
import type { Replicas } from '#db/replicas/router'
import type { Log } from '#observability/log'
import { type ChangeListeners, type Changes, followChanges } from './changes'
import { expire } from './entry'
import { openRedis, type SharedCache } from './redis'
import { createStore, type Store } from './store'

/** What a process keeps of finished pages, and what it hears of their growing old. */
export interface Cache {
  store: Store
  changes: Changes
  /** Tells pages of one site from those of another in the same Redis. */
  site: string
  /** Undefined without REDIS_URL. */
  shared: SharedCache | undefined
  /** From which pages may be made; null where all are made from the primary. */
  replicas: Replicas | null
  /** Whether the database is there; undefined where nobody finds out. */
  presence: Presence | undefined
}

/** So long pages from before a gap may stand in for what cannot be made, while all comes back. */
const doubtedMs = 10_000

interface CacheConfig {
  databaseUrl: string
  databaseDirectUrl: string | null
  redisUrl: string | null
  pageCacheBytes: number
}

interface Around {
  streams?: ChangeListeners
  replicas?: Replicas | null
  presence?: Presence | undefined
}

/** Listens for changes at once, for `streams` too; until that works nothing is kept. */
export function openCache(
  config: CacheConfig,
  site: string,
  log: Log,
  { streams, replicas = null, presence }: Around = {},
): Cache {
  const { databaseUrl, databaseDirectUrl, redisUrl, pageCacheBytes } = config
  const store = createStore(pageCacheBytes)
  const listeners: ChangeListeners = {
    onChange: (tags) => {
      store.drop(tags)
      streams?.onChange(tags)
    },
    onGap: (cause) => {
      if (cause === 'replaced') store.clear()
      // What cannot be made just now is still better shown as it was.
      else for (const entry of store.entries()) expire(entry, changes.now() + doubtedMs)
      streams?.onGap(cause)
    },
  }
  const changes = followChanges(databaseDirectUrl ?? databaseUrl, listeners, log, presence)
  const shared = redisUrl === null ? undefined : openRedis(redisUrl, log)
  return { store, changes, site, shared, replicas, presence }
}

export async function closeCache({ changes, shared }: Cache): Promise<void> {
  await Promise.all([changes.close(), shared?.close()])
}
