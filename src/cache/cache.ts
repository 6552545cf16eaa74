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
}

interface CacheConfig {
  databaseUrl: string
  redisUrl: string | null
  pageCacheBytes: number
}

/** Listens for changes at once, for `others` too; until that works nothing is kept. */
export function openCache(
  config: CacheConfig,
  site: string,
  log: Log,
  others?: ChangeListeners,
): Cache {
  const { databaseUrl, redisUrl, pageCacheBytes } = config
  const store = createStore(pageCacheBytes)
  const listeners: ChangeListeners = {
    onChange: (tags) => {
      store.drop(tags)
      others?.onChange(tags)
    },
    onGap: () => {
      store.clear()
      others?.onGap()
    },
  }
  const changes = followChanges(databaseUrl, listeners, log)
  return { store, changes, site, shared: redisUrl === null ? undefined : openRedis(redisUrl, log) }
}

export async function closeCache({ changes, shared }: Cache): Promise<void> {
  await Promise.all([changes.close(), shared?.close()])
}
