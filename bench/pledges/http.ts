import type { Db } from '#db/client'
import { verifyCounters } from '#db/verify'
import { CommandError } from '#lib/errors'
import { medianRun, type Run } from '../database/load'
import { runOwnClient } from '../load/own-client'
import { postgresProcesses } from '../load/processes'
import { type OurServer, startOurs, type Transport } from '../load/servers'
import { median } from '../report'
import { transports } from '../sockets/cells'
import { disagreements, newArena } from './arena'
import type { BackFigures, BackOrder, Way } from './client'
import type { Costs } from './costs'
import type { SignedIn } from './people'
import { arenas } from './pledges'

export interface HttpOptions {
  db: Db
  /** Of the same database, for the server. */
  databaseUrl: string
  /** The executable; without it the checkout. */
  executable: string | undefined
  people: SignedIn
  ways: Way[]
  workers: number[]
  connections: number[]
  seconds: number
  rounds: number
  signal: AbortSignal
  report(what: string, fraction: number): void
}

type Place = keyof typeof arenas

/** One way to pledge over HTTP. */
export interface HttpCell {
  way: Way
  arena: Place
  transport: Transport
  workers: number
  connections: number
}

/** With the processor time of one pledge, in microseconds. */
export interface HttpRun extends Run {
  serverCpuUs: number
  postgresCpuUs: number
  clientCpuUs: number
  busy: Costs['busy']
}

export interface MeasuredHttp extends HttpCell {
  run: HttpRun
}

const baseUrl = 'http://localhost'

/**
 * Backs projects over HTTP, on real servers of so many workers, by a client in a process of its
 * own, in turns. Throws a CommandError at a wrong answer, when what is stored is not what was
 * acknowledged, and when `verify` finds anything in the end.
 */
export async function measureHttp(options: HttpOptions): Promise<MeasuredHttp[]> {
  const { db, databaseUrl, executable, rounds, signal, report } = options
  const cells = cellsOf(options)
  const runs = new Map<HttpCell, HttpRun[]>(cells.map((cell) => [cell, []]))
  let [done, placed] = [0, 0]
  for (let round = 0; round < rounds; round++) {
    for (const workers of options.workers) {
      const settings = { databaseUrl, executable, workers, pageCache: true, baseUrl, transports }
      const server = await startOurs(settings, signal)
      try {
        const own = cells.filter((cell) => cell.workers === workers)
        for (const cell of round % 2 === 0 ? own : own.toReversed()) {
          signal.throwIfAborted()
          const run = await runCell(cell, server, placed, options)
          placed += run.operations
          runs.get(cell)?.push(run)
          const rate = Math.round(run.operationsPerSecond).toLocaleString('en-US')
          report(`${nameOf(cell)}: ${rate}/s`, ++done / (cells.length * rounds))
        }
      } finally {
        await server.stop()
      }
    }
  }
  await requireVerified(db)
  return cells.map((cell) => ({ ...cell, run: middleOf(runs.get(cell) ?? []) }))
}

const cellsOf = (options: HttpOptions): HttpCell[] =>
  options.ways.flatMap((way) =>
    (Object.keys(arenas) as Place[]).flatMap((arena) =>
      options.workers.flatMap((workers) =>
        options.connections.flatMap((connections) =>
          transports.map((transport) => ({ way, arena, workers, connections, transport })),
        ),
      ),
    ),
  )

export const nameOf = ({ way, arena, transport, workers, connections }: HttpCell): string =>
  [
    `${way} ${arena === 'one' ? 'into one project' : 'over 200 projects, 80/20'}`,
    ...[transport === 'tcp' ? 'TCP' : 'Unix', workers === 1 ? '1 worker' : `${workers} workers`],
    connections === 1 ? '1 connection' : `${connections} connections`,
  ].join(', ')

async function runCell(
  cell: HttpCell,
  server: OurServer,
  placed: number,
  { db, people, seconds, executable, signal }: HttpOptions,
): Promise<HttpRun> {
  const arena = await newArena(db, arenas[cell.arena])
  const addresses =
    cell.transport === 'tcp'
      ? [server.address]
      : server.sockets.map((socketPath) => ({ socketPath }))
  const [postgres] = await postgresProcesses(db)
  const [first] = server.pids()
  if (!postgres || !first) throw new CommandError('The server or its Postgres has ended.')
  const watched = { server: first, postgres }
  const order: BackOrder = {
    ...{ addresses, origin: baseUrl, way: cell.way, connections: cell.connections, seconds },
    ...{ ...arena, people, from: placed % people.count, watched },
  }
  const { costs, ...figures } = await spawnClient(order, executable, signal)
  const wrong = await disagreements(db, arena, figures.operations)
  if (wrong.length > 0) throw new CommandError(`After a run ${wrong.join('; ')}.`)
  return {
    ...figures,
    ...{ operationsPerSecond: figures.operations / figures.seconds, errors: 0 },
    clientCpuUs: costs.clientUs / figures.operations,
    serverCpuUs: costs.serverUs / figures.operations,
    postgresCpuUs: costs.postgresUs / figures.operations,
    busy: costs.busy,
  }
}

async function spawnClient(
  order: BackOrder,
  executable: string | undefined,
  signal: AbortSignal,
): Promise<BackFigures> {
  const run = { executable, failure: 'Pledging failed', signal }
  const { figures } = await runOwnClient(['pledges'], order, run)
  return figures as BackFigures
}

async function requireVerified(db: Db): Promise<void> {
  for await (const { name, count, first } of verifyCounters(db)) {
    if (count === 0) continue
    throw new CommandError(`verify: ${count} × ${name}: ${JSON.stringify(first[0])}`)
  }
}

function middleOf(runs: HttpRun[]): HttpRun {
  const middle = (of: (run: HttpRun) => number) => median(runs.map(of))
  return {
    ...medianRun(runs),
    serverCpuUs: middle((run) => run.serverCpuUs),
    postgresCpuUs: middle((run) => run.postgresCpuUs),
    clientCpuUs: middle((run) => run.clientCpuUs),
    busy: {
      machine: middle(({ busy }) => busy.machine),
      worker: middle(({ busy }) => busy.worker),
      session: middle(({ busy }) => busy.session),
    },
  }
}

/** So much of a processor is all of it: it is shared with others. */
const allOfIt = 0.85

/** What there was no more of, in words. */
export function limitOf({ busy, ...run }: HttpRun): string {
  if (busy.machine >= allOfIt) {
    const parts: [string, number][] = [
      ['the workers', run.serverCpuUs],
      ['Postgres', run.postgresCpuUs],
      ['the client', run.clientCpuUs],
    ]
    const [most] = parts.toSorted(([, a], [, b]) => b - a)
    return `the processor, most of it for ${most?.[0]}`
  }
  if (busy.worker >= allOfIt) return 'the one thread of a worker'
  if (busy.session >= allOfIt) return 'one session of Postgres'
  return 'waiting, for commits and round trips'
}
