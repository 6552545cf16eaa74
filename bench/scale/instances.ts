import { CommandError } from '#lib/errors'
import { checkPages } from '../load/check'
import { type OwnProxy, startNginx } from '../load/proxies'
import { freePorts, type OurServer, startOurs, type Transport } from '../load/servers'
import { sweepPages } from '../load/sweep'
import type { Traffic } from '../load/traffic'
import type { Confinement, CpuGroup } from './cgroup'

export const transports: readonly Transport[] = ['unix', 'tcp']

export interface InstancesOptions {
  databaseUrl: string
  /** The executable; without it the checkout. */
  executable: string | undefined
  traffic: Traffic
  /** Finished pages are kept, up to so many megabytes; without it every page is made anew. */
  pageCacheMb: number | undefined
  confinement: Confinement
  signal: AbortSignal
  /** Told before each start. */
  report(what: string): void
}

export interface Instance {
  server: OurServer
  group: CpuGroup
}

/** The first so many of the instances behind nginx, over one transport. */
export interface Site {
  instances: number
  transport: Transport
  /** `http://127.0.0.1:PORT` */
  origin: string
}

/**
 * Starts so many instances, each with one worker and on both transports. They are not confined yet;
 * `stack` ends them and removes their groups.
 */
export async function startInstances(
  count: number,
  stack: AsyncDisposableStack,
  options: InstancesOptions,
): Promise<Instance[]> {
  const { databaseUrl, executable, traffic, pageCacheMb, confinement, signal, report } = options
  const pages = { pageCache: pageCacheMb !== undefined, pageCacheMb }
  const settings = { databaseUrl, executable, workers: 1, transports, ...pages }
  const instances: Instance[] = []
  for (let index = 0; index < count; index++) {
    report(`starting instance ${index + 1}`)
    const group = confinement.create(`jumpstarter-bench-${process.pid}-${index}`)
    stack.defer(group.remove)
    const server = await startOurs(settings, signal)
    stack.defer(server.stop)
    // Before the server is stopped: confined it would take long.
    stack.defer(group.release)
    for (const address of [server.address, { socketPath: server.sockets[0] ?? '' }]) {
      await checkPages(address, traffic, `instance ${index + 1}`)
    }
    if (pageCacheMb !== undefined) await sweepPages(server, traffic, 1, signal)
    instances.push({ server, group })
  }
  return instances
}

/** nginx with a site for each number of instances and each transport, so that none is restarted. */
export async function startSites(
  counts: number[],
  instances: Instance[],
  signal: AbortSignal,
): Promise<{ sites: Site[]; nginx: OwnProxy }> {
  const wanted = counts.flatMap((count) => transports.map((transport) => ({ count, transport })))
  const ports = freePorts(wanted.length)
  const planned = wanted.map(({ count, transport }, index) => {
    const port = ports[index] ?? 0
    return {
      site: { instances: count, transport, origin: `http://127.0.0.1:${port}` },
      proxy: {
        name: `${transport}_${count}`,
        upstreams: instances.slice(0, count).map(({ server }) => upstreamOf(server, transport)),
        listen: { kind: 'tcp', host: '127.0.0.1', port } as const,
      },
    }
  })
  const nginx = await startNginx(
    planned.map(({ proxy }) => proxy),
    { signal },
  )
  return { sites: planned.map(({ site }) => site), nginx }
}

function upstreamOf({ address, sockets }: OurServer, transport: Transport) {
  const [path] = sockets
  if (transport === 'unix' && path !== undefined) return { kind: 'unix', path } as const
  if ('port' in address) return { kind: 'tcp', ...address } as const
  throw new CommandError('An instance does not listen on both transports.')
}
