import type { Replicas } from '#db/replicas/router'
import type { Log } from '#observability/log'
import { type ChangeListeners, type Changes, followChanges } from './changes'
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
}

interface CacheConfig {
  databaseUrl: string
  databaseDirectUrl: string | null
  redisUrl: string | null
  pageCacheBytes: number
}

/** Listens for changes at once, for `streams` too; until that works nothing is kept. */
export function openCache(
  config: CacheConfig,
  site: string,
  log: Log,
  { streams, replicas = null }: { streams?: ChangeListeners; replicas?: Replicas | null } = {},
): Cache {
  const { databaseUrl, databaseDirectUrl, redisUrl, pageCacheBytes } = config
  const store = createStore(pageCacheBytes)
  const listeners: ChangeListeners = {
    onChange: (tags) => {
      store.drop(tags)
      streams?.onChange(tags)
    },
    onGap: () => {
      store.clear()
      streams?.onGap()
    },
  }
  const changes = followChanges(databaseDirectUrl ?? databaseUrl, listeners, log)
  const shared = redisUrl === null ? undefined : openRedis(redisUrl, log)
  return { store, changes, site, shared, replicas }
}

export async function closeCache({ changes, shared }: Cache): Promise<void> {
  await Promise.all([changes.close(), shared?.close()])
}
