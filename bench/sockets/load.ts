import { runH2load } from '../load/h2load'
import { runOwnClient } from '../load/own-client'
import { type LoadRun, withErrors } from '../load/run'
import { drawPage, type Traffic } from '../load/traffic'
import { browserHeaders } from '../load/wrk'
import { type Cell, clientReconnects, driverOf } from './cells'
import { type ClientFigures, type ClientOrder, requestBytes } from './client'
import type { Door } from './stage'

export interface CellLoad {
  cell: Cell
  door: Door
  traffic: Traffic
  /** Processes of h2load, over either transport. */
  generators: number
  seconds: number
  /** Without it the checkout is run. */
  executable: string | undefined
  signal: AbortSignal
}

/** A run, and the processor time of the generator from its start to its end. */
export type DrivenRun = LoadRun & { generatorUs: number }

/** Many times as many as there are connections, which take them in turns. */
const requestsListed = 20_000

/** Drives one cell: by h2load, but by a client of ours where that cannot. */
export async function runCell(load: CellLoad): Promise<DrivenRun> {
  return driverOf(load.cell) === 'h2load' ? await runTheirs(load) : await runOurs(load)
}

async function runTheirs(load: CellLoad): Promise<DrivenRun> {
  const { cell, door, traffic, generators, seconds, signal } = load
  const unix = door.sockets.length > 0 ? { sockets: door.sockets } : {}
  const run = await runH2load({
    ...{ origin: door.origin, ...unix, generators, traffic, connections: cell.connections },
    ...{ seconds, signal },
  })
  return { ...run, generatorUs: (run.clientCpuUs ?? 0) * run.operations }
}

async function runOurs({ cell, door, traffic, seconds, ...load }: CellLoad): Promise<DrivenRun> {
  const { signal, executable } = load
  signal.throwIfAborted()
  const keepAlive = !clientReconnects(cell)
  const headers = {
    Host: new URL(door.origin).host,
    ...browserHeaders,
    ...(keepAlive ? {} : { Connection: 'close' }),
  }
  const order: ClientOrder = {
    addresses:
      door.sockets.length > 0 ? door.sockets.map((socketPath) => ({ socketPath })) : [door.address],
    requests: Array.from({ length: requestsListed }, () =>
      requestBytes(drawPage(traffic).path, headers),
    ),
    ...{ keepAlive, connections: cell.connections, seconds },
  }
  const run = { executable, failure: 'The load generator failed', signal }
  const { figures, cpuUs } = await runOwnClient([], order, run)
  return { ...asRun(figures as ClientFigures), generatorUs: cpuUs }
}

/** What it reports as a run; NaN has no word in JSON and comes as null. */
function asRun({ errorKinds, firstError, cpuUs, seconds, ...figures }: ClientFigures): LoadRun {
  const { operations } = figures
  const known = (ms: number | null) => ms ?? Number.NaN
  const run = withErrors(
    {
      operations,
      operationsPerSecond: operations / seconds,
      averageMs: known(figures.averageMs),
      p50Ms: known(figures.p50Ms),
      p75Ms: known(figures.p75Ms),
      p90Ms: known(figures.p90Ms),
      p99Ms: known(figures.p99Ms),
      clientCpuUs: operations > 0 ? cpuUs / operations : undefined,
    },
    errorKinds,
  )
  return firstError === undefined ? run : { ...run, firstError: `${run.firstError}: ${firstError}` }
}
