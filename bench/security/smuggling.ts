import { type Address, ask } from '#server/ask'
import type { ProxySite, Upstream } from '#server/proxies/upstreams'
import { startCaddy, startHaproxy, startNginx } from '../load/proxies'
import { freePorts, type OurServer } from '../load/servers'
import { control, type Probe, probes } from './corpus'
import { type Exchange, exchange } from './wire'

export interface SmugglingOptions {
  server: OurServer
  /** Ids of the requests that the server has answered so far. */
  answered: ReadonlySet<string>
  signal: AbortSignal
  report(way: string, fraction: number): void
}

/**
 * What became of it: refused with an answer that says so, closed without one, answered once as one
 * request, still waited for; or taken for two, each answered; or smuggled: the server has seen a
 * second request that whoever stands before it has not.
 */
export const ends = ['refused', 'closed', 'one', 'waits', 'two', 'smuggled'] as const
export type End = (typeof ends)[number]

export interface Smuggled {
  way: string
  group: string
  name: string
  end: End
}

const quietMs = 300
const patientMs = 3_000
const atOnce = 12

const proxies = { nginx: startNginx, haproxy: startHaproxy, caddy: startCaddy }
export const directly = 'directly'
export const proxyNames = Object.keys(proxies) as (keyof typeof proxies)[]

/** Sends every request of the corpus to our server, and to it through each proxy. */
export async function smuggle(options: SmugglingOptions): Promise<Smuggled[]> {
  const { server, signal } = options
  const [socket = ''] = server.sockets
  const { address } = server
  if (!('port' in address)) throw new Error('the server has to listen on TCP and a Unix socket')
  const direct: Record<string, Upstream> = {
    tcp: { kind: 'tcp', host: address.host, port: address.port },
    unix: { kind: 'unix', path: socket },
  }
  const ways: [name: string, address: Address][] = [
    [`${directly}, TCP`, address],
    [`${directly}, Unix socket`, { socketPath: socket }],
  ]
  const started: { stop(): Promise<void> }[] = []
  try {
    for (const proxy of proxyNames) {
      const ports = freePorts(2)
      const sites = Object.entries(direct).map(([transport, upstream], index) => ({
        ...{ name: `site_${transport}`, upstreams: [upstream] },
        listen: { kind: 'tcp' as const, host: '127.0.0.1', port: ports[index] as number },
      })) satisfies ProxySite[]
      started.push(await proxies[proxy](sites, { signal }))
      for (const [index, transport] of ['TCP', 'Unix socket'].entries()) {
        ways.push([`${proxy}, ${transport}`, { host: '127.0.0.1', port: ports[index] as number }])
      }
    }
    const results: Smuggled[] = []
    for (const [index, [way, to]] of ways.entries()) {
      options.report(way, index / ways.length)
      results.push(...(await probeWay(way, to, options)))
    }
    return results
  } finally {
    for (const each of started) await each.stop()
  }
}

async function probeWay(
  way: string,
  to: Address,
  { server, answered, signal }: SmugglingOptions,
): Promise<Smuggled[]> {
  const idOf = (index: number) => `smuggled.${way.replaceAll(/\W+/g, '-')}.${index}`
  const all = [control, ...probes]
  const exchanges: Exchange[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < all.length) {
        signal.throwIfAborted()
        const index = next++
        const bytes = (all[index] as Probe).bytes(innerOf(idOf(index)))
        exchanges[index] = await exchange(to, bytes, quietMs)
      }
    }),
  )
  await fence(server.address, answered, `fence.${way.replaceAll(/\W+/g, '-')}`)
  const ends = all.map((_, index) => endOf(exchanges[index] as Exchange, answered.has(idOf(index))))
  // On a busy machine the second answer may take longer than it is listened for.
  for (const [index, end] of ends.entries()) {
    if (end !== 'smuggled') continue
    const bytes = (all[index] as Probe).bytes(innerOf(`${idOf(index)}.again`))
    ends[index] = endOf(await exchange(to, bytes, patientMs), true)
  }
  return all.map(({ group, name }, index) => ({ way, group, name, end: ends[index] as End }))
}

const innerOf = (id: string) =>
  `GET /version HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${id}\r\n\r\n`

function endOf({ answers, isClosed }: Exchange, isSeen: boolean): End {
  if (isSeen) return answers.length > 1 ? 'two' : 'smuggled'
  const [first] = answers
  if (!first) return isClosed ? 'closed' : 'waits'
  return first.status >= 400 ? 'refused' : 'one'
}

const fenceDeadlineMs = 10_000

/** The log is read up to a request that came after all others. */
async function fence(address: Address, answered: ReadonlySet<string>, id: string): Promise<void> {
  const { status } = await ask(address, '/version', { 'X-Request-Id': id })
  const deadline = performance.now() + fenceDeadlineMs
  while (!answered.has(id)) {
    if (performance.now() > deadline) throw new Error(`the log does not tell of ${id}: ${status}`)
    await Bun.sleep(20)
  }
}

const errorsMax = 20

/** Gathers the ids of requests, and the first errors, from a log as it comes. */
export function readLog() {
  const ids = new Set<string>()
  const errors: string[] = []
  let rest = ''
  return {
    ...{ ids, errors },
    hear: (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const id = /"request_id":"([^"]+)"/.exec(line)?.[1]
        if (id) ids.add(id)
        const isError = line.includes('"level":"error"') && !line.includes('"message":"request"')
        if (isError && errors.length < errorsMax) errors.push(line)
      }
    },
  }
}
