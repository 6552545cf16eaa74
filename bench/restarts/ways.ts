import type { Upstream } from '#server/proxies/upstreams'
import type { Instrument } from '../load/instruments'
import { startHaproxy, startNginx } from '../load/proxies'
import { freePort, type OurServer, type Transport } from '../load/servers'

const proxies = { nginx: startNginx, haproxy: startHaproxy } as const

/** How requests reach the workers. */
export interface Way {
  id: string
  title: string
  transport: Transport
  /** Without one the clients connect to the workers themselves. */
  proxy?: keyof typeof proxies & Instrument
}

export const ways: readonly Way[] = [
  { id: 'nginx-tcp', title: 'nginx → TCP', transport: 'tcp', proxy: 'nginx' },
  { id: 'nginx-unix', title: 'nginx → Unix sockets', transport: 'unix', proxy: 'nginx' },
  { id: 'haproxy-tcp', title: 'HAProxy → TCP', transport: 'tcp', proxy: 'haproxy' },
  { id: 'haproxy-unix', title: 'HAProxy → Unix sockets', transport: 'unix', proxy: 'haproxy' },
  { id: 'tcp', title: 'TCP, directly', transport: 'tcp' },
  { id: 'unix', title: 'Unix sockets, directly', transport: 'unix' },
]

/** A way that is open: where clients connect. */
export interface OpenWay {
  targets: readonly Upstream[]
  stop(): Promise<void>
}

/** Starts what stands between the clients and the server, which listens on this way's transport. */
export async function openWay(way: Way, server: OurServer, signal: AbortSignal): Promise<OpenWay> {
  const upstreams: Upstream[] =
    way.transport === 'unix'
      ? server.sockets.map((path) => ({ kind: 'unix', path }))
      : [{ kind: 'tcp', host: '127.0.0.1', port: Number(new URL(server.origin).port) }]
  if (way.proxy === undefined) return { targets: upstreams, stop: async () => {} }
  const listen: Upstream = { kind: 'tcp', host: '127.0.0.1', port: await freePort() }
  const proxy = await proxies[way.proxy]([{ name: 'app', upstreams, listen }], { signal })
  return { targets: [listen], stop: proxy.stop }
}
