import { type OurServer, startOurs } from '../load/servers'
import { appPort } from './haproxy'
import type { Machine } from './network'

/** One app host: our program on a machine of its own. */
export interface AppHost extends OurServer {
  machine: Machine
}

export interface AppsOptions {
  machines: readonly Machine[]
  /** The executable; without it the checkout. */
  executable: string | undefined
  databaseUrl: string
  /** Of the whole site: all hosts have the same. */
  baseUrl: string
  /** The only one whose X-Forwarded-For is believed. */
  proxy: Machine
  redisUrl?: string | undefined
  pageCache?: boolean
  environment?: Record<string, string>
  signal: AbortSignal
}

/** Starts one on each machine, with one worker. */
export async function startApps(
  stack: AsyncDisposableStack,
  options: AppsOptions,
): Promise<AppHost[]> {
  const { machines, executable, databaseUrl, baseUrl, proxy, redisUrl, signal } = options
  const { pageCache = true, environment = {} } = options
  const starting = machines.map(async (machine) => {
    const { address: host, within } = machine
    const server = await startOurs(
      {
        ...{ executable, databaseUrl, baseUrl, redisUrl, pageCache, workers: 1 },
        at: { host, port: appPort, within },
        environment: { JUMPSTARTER_TRUSTED_PROXIES: proxy.address, ...environment },
      },
      signal,
    )
    return { ...server, machine }
  })
  stack.defer(async () => {
    const started = await Promise.allSettled(starting)
    await Promise.all(
      started.map(async (each) => each.status === 'fulfilled' && (await each.value.stop())),
    )
  })
  return await Promise.all(starting)
}
