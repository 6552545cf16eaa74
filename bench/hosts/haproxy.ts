import { join } from 'node:path'
import { haproxySite } from '#server/proxies/haproxy'
import { findInstrument } from '../load/instruments'
import type { Machine } from './network'
import { type Service, startService, until } from './processes'

/** Where app hosts serve. */
export const appPort = 3000
/** Of the proxy: before all app hosts. */
export const sitePort = 8000
/** Of the proxy: before whichever Postgres Patroni says is the primary. */
export const primaryPort = 5432
const patroniPort = 8008
const connectionsMax = 4_096
const startSeconds = 10

export interface ProxyOptions {
  machine: Machine
  directory: string
  apps: readonly Machine[]
  /** Also before the first so many of them, at the port `sitePort` + the number, unchecked. */
  counts?: readonly number[]
  /** Whose Patroni is asked for the primary. */
  databases?: readonly Machine[]
  signal: AbortSignal
}

export interface SiteProxy extends Service {
  /** Before the first so many of the hosts; without a number before all. */
  originOf(count?: number): string
}

/** HAProxy with the sites that `jumpstarter generate haproxy` writes for several hosts. */
export async function startProxy(
  stack: AsyncDisposableStack,
  { machine, directory, apps, counts = [], databases = [], signal }: ProxyOptions,
): Promise<SiteProxy> {
  const siteOf = (port: number, count: number, checked: boolean) =>
    haproxySite({
      name: `site_${port}`,
      upstreams: apps.slice(0, count).map(({ address: host }) => {
        return { kind: 'tcp', host, port: appPort } as const
      }),
      listen: { kind: 'tcp', host: machine.address, port },
      checked,
    })
  const sites = [
    siteOf(sitePort, apps.length, true),
    ...counts.map((count) => siteOf(sitePort + count, count, false)),
  ]
  const file = join(directory, 'haproxy.cfg')
  const text = `global\n    nbthread 1\n    maxconn ${connectionsMax}\n\n${sites.join('\n')}`
  await Bun.write(file, text + (databases.length > 0 ? primarySite(machine, databases) : ''))
  const haproxy = findInstrument('haproxy') ?? 'haproxy'
  const command = [haproxy, '-db', '-f', file]
  const service = startService({ machine, name: 'haproxy', directory, command })
  stack.defer(service.stop)
  const originOf = (count = 0) => `http://${machine.address}:${sitePort + count}`
  await until('HAProxy', { service, seconds: startSeconds, signal }, () => accepts(machine.address))
  return { ...service, originOf }
}

async function accepts(hostname: string): Promise<boolean> {
  try {
    const connection = await Bun.connect({ hostname, port: sitePort, socket: { data() {} } })
    connection.end()
    return true
  } catch {
    return false
  }
}

/** As Patroni's manual has it: who answers /primary with 200 is it. */
const primarySite = ({ address }: Machine, databases: readonly Machine[]) => `
listen primary
    mode tcp
    bind ${address}:${primaryPort}
    timeout connect 1s
    timeout client 24h
    timeout server 24h
    option httpchk OPTIONS /primary
    http-check expect status 200
    timeout check 500ms
    default-server check port ${patroniPort} inter 500ms fall 2 rise 1
    default-server on-marked-down shutdown-sessions
${databases.map(({ name, address: host }) => `    server ${name} ${host}:5432`).join('\n')}
`
