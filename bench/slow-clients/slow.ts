import type { Db } from '#db/client'
import { CommandError } from '#lib/errors'
import { paths } from '#web/paths'
import { findInstrument } from '../load/instruments'
import { runOwnClient } from '../load/own-client'
import { endProcess, openFiles, postgresProcesses, residentBytes } from '../load/processes'
import { startNginx } from '../load/proxies'
import { freePort, type OurServer, startOurs } from '../load/servers'
import { type Cores, moveToCores, onCores } from '../overload/cores'
import { quantileOf } from '../overload/figures'
import type { GeneratorFigures } from '../overload/generator'
import type { GeneratorOrder } from '../overload/order'
import type { Site } from '../overload/requests'
import { laterPeople, makeSite, origin } from '../overload/site'
import { type Interval, intervalOf } from '../sockets/interval'

export interface SlowOptions {
  db: Db
  databaseUrl: string
  /** The executable; without it the checkout. */
  executable: string | undefined
  /** The slow clients are with the others who ask: they are on other machines in earnest. */
  cores: Cores
  connections: number
  rounds: number
  /** Of each turn. */
  seconds: number
  /** Requests a second of everybody else. */
  rate: number
  signal: AbortSignal
  report(what: string, fraction: number): void
}

/** What slow clients do, by the flags of slowhttptest. */
export const manners = [
  { id: 'headers', title: 'slow headers', flags: ['-H', '-x', '24', '-i', '2'] },
  { id: 'body', title: 'slow bodies', flags: ['-B', '-s', '8192', '-x', '10', '-i', '2'] },
  {
    ...{ id: 'read', title: 'slow readers' },
    flags: ['-X', '-w', '8', '-y', '64', '-n', '3', '-z', '16', '-k', '3'],
  },
] as const
export type Manner = (typeof manners)[number]

export const fronts = ['direct', 'behind nginx'] as const
export type Front = (typeof fronts)[number]

export interface SlowCell {
  manner: Manner
  front: Front
  /** Milliseconds, the middle of the rounds. */
  calmP99Ms: number[]
  slowP99Ms: number[]
  /** With them against without, by rounds. */
  ratio: Interval | undefined
  /** The most that were open at the worker at once, and of its memory, in bytes. */
  held: number
  memory: { before: number; most: number }
  /** Others' requests without a right answer, meanwhile. */
  failed: number
}

const mix = [
  { kind: 'kept', share: 0.5 },
  { kind: 'made', share: 0.5 },
] as const
const patienceMs = 10_000
const othersConnections = 200
const openDeadlineMs = 10_000
const rampSeconds = 4
const lookEveryMs = 200
const people = 100

/** What a thousand slow clients change for everybody else, by turns without and with them. */
export async function measureSlow(options: SlowOptions): Promise<SlowCell[]> {
  const { db, databaseUrl, executable, cores, rounds, signal, report } = options
  const site = await makeSite(db, people)
  moveToCores(await postgresProcesses(db), cores.server)
  await using stack = new AsyncDisposableStack()
  const at = { host: '127.0.0.1', port: await freePort(), within: onCores(cores.server) }
  const settings = { databaseUrl, executable, workers: 1, pageCache: true, baseUrl: origin, at }
  const server = await startOurs(settings, signal)
  stack.defer(server.stop)
  const port = await freePort()
  const listen = { kind: 'tcp', host: '127.0.0.1', port } as const
  const upstream = { kind: 'tcp', host: at.host, port: at.port } as const
  const nginx = await startNginx([{ name: 'jumpstarter', upstreams: [upstream], listen }], {
    signal,
  })
  stack.defer(nginx.stop)
  moveToCores(nginx.pids(), cores.server)
  const ports = { direct: upstream.port, 'behind nginx': port }
  const cells: SlowCell[] = []
  // Code and statements are made once.
  await askOthers(ports.direct, site, options)
  for (const [index, front] of fronts.entries()) {
    for (const [at, manner] of manners.entries()) {
      const done = (index * manners.length + at) / (fronts.length * manners.length)
      report(`${manner.title}, ${front}`, done)
      const cell = newCell(manner, front)
      for (let round = 0; round < rounds; round++) {
        signal.throwIfAborted()
        await runRound(cell, { server, port: ports[front], site }, options)
      }
      const ratios = cell.slowP99Ms.map((slow, round) => slow / (cell.calmP99Ms[round] as number))
      cells.push({ ...cell, ratio: intervalOf(ratios) })
    }
  }
  return cells
}

const newCell = (manner: Manner, front: Front): SlowCell => ({
  ...{ manner, front, calmP99Ms: [], slowP99Ms: [], ratio: undefined, held: 0, failed: 0 },
  memory: { before: 0, most: 0 },
})

interface Around {
  server: OurServer
  port: number
  site: Site
}

async function runRound(cell: SlowCell, around: Around, options: SlowOptions): Promise<void> {
  const { server, port, site } = around
  const worker = workerOf(server)
  const calm = await askOthers(port, site, options)
  cell.memory.before = Math.max(cell.memory.before, residentBytes(worker))
  const before = openFiles(worker)
  const slow = startSlowClients(cell.manner, port, site, options)
  const watch = setInterval(() => {
    cell.held = Math.max(cell.held, openFiles(worker) - before)
    cell.memory.most = Math.max(cell.memory.most, residentBytes(worker))
  }, lookEveryMs)
  try {
    await untilOpen(slow, port, options.connections)
    const figures = await askOthers(port, site, options)
    cell.calmP99Ms.push(p99Of(calm))
    cell.slowP99Ms.push(p99Of(figures))
    cell.failed += figures.asked.outcome.filter((outcome) => outcome !== 0).length
  } finally {
    clearInterval(watch)
    await endProcess(slow, 0)
  }
}

const p99Of = ({ asked }: GeneratorFigures): number =>
  quantileOf(asked, { fromMs: 0, toMs: Number.POSITIVE_INFINITY }, 'right', 0.99) ?? Number.NaN

let asked = 0

async function askOthers(
  port: number,
  site: Site,
  { rate, seconds, executable, cores, signal }: SlowOptions,
): Promise<GeneratorFigures> {
  const order: GeneratorOrder = {
    ...{ addresses: [{ host: '127.0.0.1', port }], site: laterPeople(site, 0), mix: [...mix] },
    ...{
      seed: ++asked,
      phases: [{ rate, seconds }],
      connectionsMax: othersConnections,
      patienceMs,
    },
  }
  const { figures } = await runOwnClient(['arrivals'], order, {
    ...{ executable, signal, within: onCores(cores.generator), failure: 'Asking failed' },
  })
  return figures as GeneratorFigures
}

function startSlowClients(
  { id, flags }: Manner,
  port: number,
  { hotPaths }: Site,
  { connections, seconds, cores }: SlowOptions,
): Bun.Subprocess {
  // Whose body is read before anything else is known of who sends it.
  const path = id === 'body' ? paths.providerWebhook('test') : (hotPaths[0] ?? '/')
  const words = [
    ...[
      '-c',
      `${connections}`,
      '-r',
      `${Math.ceil(connections / rampSeconds)}`,
      '-l',
      `${seconds * 3 + 30}`,
      '-p',
      '9',
    ],
    ...['-u', `http://127.0.0.1:${port}${path}`],
  ]
  const program = findInstrument('slowhttptest') ?? 'slowhttptest'
  // Beside the others who ask it takes what they do not want.
  const within = [...onCores(cores.generator), 'nice', '-n', '19']
  return Bun.spawn([...within, program, ...flags, ...words], {
    stdio: ['ignore', 'ignore', 'ignore'],
  })
}

/** Until most of them are connected; throws when hardly any are, as some are cut off again. */
async function untilOpen(slow: Bun.Subprocess, port: number, wanted: number): Promise<void> {
  const deadline = performance.now() + openDeadlineMs
  while (performance.now() < deadline) {
    if (slow.exitCode !== null) throw new CommandError('slowhttptest has ended too early.')
    if (openFiles(slow.pid) >= wanted * 0.9) return
    await Bun.sleep(lookEveryMs)
  }
  if (openFiles(slow.pid) >= wanted * 0.1) return
  throw new CommandError(`slowhttptest has not opened ${wanted} connections to port ${port}.`)
}

function workerOf(server: OurServer): number {
  // The supervisor is the first.
  const worker = server.pids()[1]
  if (worker === undefined) throw new CommandError('The server to measure has no worker.')
  return worker
}
