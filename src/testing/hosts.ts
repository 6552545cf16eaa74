import { createApp } from '#app'
import { openCache } from '#cache/cache'
import type { Render } from '#cache/make'
import { createPageCache } from '#cache/page-cache'
import { loadConfig } from '#config'
import { closeDeps, openDeps } from '#deps'
import { checkoutCommand, freePort, start } from './program'

/** Serves the site, alone or beside others. */
export interface Host {
  get(path: string, init?: RequestInit): Promise<Response>
  /** Answers that were kept: here, and those that another host had made. */
  kept(): { here: number; elsewhere: number }
  close(): Promise<void>
}

interface Addresses {
  databaseUrl: string
  /** Another way to the same database, for hearing of changes. */
  changesUrl: string
  redisUrl: string
}

/** Everything a worker has, in this process; it shares nothing with others. */
export async function openHost(
  addresses: Omit<Addresses, 'redisUrl'> & { redisUrl: string | null; replicaUrls?: string[] },
): Promise<Host> {
  const { databaseUrl, changesUrl, redisUrl, replicaUrls = [] } = addresses
  const config = loadConfig({ LOG_LEVEL: 'silent' }, {})
  const opened = await openDeps({ ...config, databaseUrl, replicaUrls, pageCacheBytes: 0 })
  const { log, replicas } = opened
  const addressed = { ...config, databaseUrl: changesUrl, redisUrl }
  opened.presence.watch()
  const cache = openCache(addressed, 'site', log, { replicas, presence: opened.presence })
  const deps = { ...opened, cache }
  const app = createApp(deps, { ready: true })
  const render: Render = (request, rendering) => app.fetch(request, rendering)
  const pages = createPageCache(cache, render, deps.log, deps.visits)
  return {
    get: async (path, init) => await pages.fetch(new Request(`http://localhost${path}`, init)),
    kept: () => {
      const { hits, stale, shared } = pages.stats()
      return { here: hits + stale, elsewhere: shared }
    },
    close: () => closeDeps(deps),
  }
}

/** The program itself, with one worker. */
export async function startHost(addresses: Pick<Addresses, 'databaseUrl' | 'redisUrl'>) {
  const port = await freePort()
  const running = await start(
    [...checkoutCommand, 'serve', '--workers', '1', '--listen', `tcp:127.0.0.1:${port}`],
    { env: { DATABASE_URL: addresses.databaseUrl, REDIS_URL: addresses.redisUrl } },
  )
  const host: Host = {
    get: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    kept: () => ({ here: 0, elsewhere: 0 }),
    close: async () => void (await running.stop()),
  }
  return host
}
