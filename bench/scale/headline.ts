import { type Ratio, ratioOf } from '../database/load'
import { cacheMbFor } from '../ladder/ladder'
import { checkPages } from '../load/check'
import type { Measured, Subject, Target } from '../load/measure'
import { ourSubject } from '../load/ours'
import { startNginx } from '../load/proxies'
import { freePort, startOurs } from '../load/servers'
import { sweepPages } from '../load/sweep'
import type { Traffic } from '../load/traffic'
import { runWrk } from '../load/wrk'
import { published } from './scale'

export interface HeadlineOptions {
  databaseUrl: string
  /** The executable; without it the checkout. */
  executable: string | undefined
  /** One for each core. */
  workers: number
  traffic: Traffic
}

/** One host without any limit and with its pages kept, as 2018's best had them in Redis. */
export function headlineSubjects(options: HeadlineOptions): Subject[] {
  const shared = { ...options, pageCache: true, pageCacheMb: cacheMbFor(options.traffic) }
  const direct = { ...shared, filled: true, driver: 'h2load' } as const
  return [
    { id: 'behind nginx, over Unix sockets (wrk)', start: (signal) => behindNginx(shared, signal) },
    ourSubject({ ...direct, id: 'direct, over TCP (h2load)' }),
    ourSubject({ ...direct, id: 'direct, over Unix sockets (h2load)', transports: ['unix'] }),
  ]
}

async function behindNginx(
  settings: HeadlineOptions & { pageCache: boolean; pageCacheMb: number },
  signal: AbortSignal,
): Promise<Target> {
  const { traffic, workers } = settings
  await using stack = new AsyncDisposableStack()
  const server = await startOurs({ ...settings, transports: ['unix'] }, signal)
  stack.defer(server.stop)
  const port = await freePort()
  const listen = { kind: 'tcp', host: '127.0.0.1', port } as const
  const upstreams = server.sockets.map((path) => ({ kind: 'unix', path }) as const)
  const site = { name: 'jumpstarter', upstreams, listen }
  const nginx = await startNginx([site], { signal, workers })
  stack.defer(nginx.stop)
  await checkPages(listen, traffic, 'nginx')
  const started = stack.move()
  return {
    load: (options) => runWrk({ ...options, origin: `http://127.0.0.1:${port}`, traffic }),
    sweep: (signal) => sweepPages(server, traffic, workers, signal),
    pids: () => [...server.pids(), ...nginx.pids()],
    stop: () => started.disposeAsync(),
  }
}

/** How many times the ten instances of 2018 each way is. */
export function timesTen(measured: Measured[]): { row: Measured; ratio: Ratio }[] {
  const ten = published.at(-1)?.rate ?? Number.NaN
  return measured.map((row) => {
    const against = row.runs.map((run) => ({ ...run, operationsPerSecond: ten }))
    return { row, ratio: ratioOf(row.runs, against) }
  })
}

export const errorRate = ({ median: { errors, operations } }: Measured): number =>
  errors / Math.max(1, errors + operations)
