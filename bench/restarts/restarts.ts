import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { paths } from '#web/paths'
import { checkPages } from '../load/check'
import { startOurs } from '../load/servers'
import { drawPage, type Traffic } from '../load/traffic'
import { type Clients, failed, type Outcomes, startClients } from './client'
import type { Fault, Subject } from './faults'
import { openWay, type Way } from './ways'

export interface RestartsOptions {
  /** The file that is served from, by copies of it, and upgraded to. */
  executable: string
  databaseUrl: string
  workers: number
  traffic: Traffic
  /** At least so many while the fault happens again and again. */
  requests: number
  /** It happens at least so often, however fast the requests are. */
  timesMin: number
  clients: number
  killEveryMs: number
  signal: AbortSignal
  /** Told before each start. */
  report(what: string): void
}

/** One fault on one way. */
export interface Measured {
  fault: Fault
  way: Way
  times: number
  outcomes: Outcomes
  seconds: number
  /** Before the first fault. */
  calm: Outcomes
}

// Before it, and not measured: caches fill, and the engine compiles.
const warmUpShare = 0.1
const calmShare = 0.2
const pollMs = 20

/** Brings every fault upon a server of its own for each way while clients ask. */
export async function measureRestarts(
  faults: readonly Fault[],
  ways: readonly Way[],
  options: RestartsOptions,
): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const fault of faults) {
    for (const way of ways) {
      options.report(`${fault.title}, ${way.title}`)
      measured.push(await measureOne(fault, way, options))
    }
  }
  return measured
}

async function measureOne(fault: Fault, way: Way, options: RestartsOptions): Promise<Measured> {
  const { databaseUrl, workers, traffic, signal } = options
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-restarts-'))
  const endings = [() => rm(directory, { recursive: true, force: true })]
  try {
    const executable = join(directory, 'jumpstarter')
    await copyFile(options.executable, executable)
    const transports = [way.transport]
    const serving = { executable, databaseUrl, workers, pageCache: true, transports }
    const server = await startOurs(serving, signal)
    endings.unshift(server.stop)
    await checkPages(server.address, traffic, 'The server')
    const { targets, stop } = await openWay(way, server, signal)
    endings.unshift(stop)
    const clients = startClients({ ...options, targets, drawPath: () => drawPath(traffic) })
    endings.unshift(clients.stop)
    const subject = { ...options, server, executable, newer: options.executable }
    return { fault, way, ...(await endure(fault, subject, clients, options)) }
  } finally {
    for (const end of endings) await end()
  }
}

async function endure(
  fault: Fault,
  subject: Subject,
  clients: Clients,
  { requests, timesMin, signal }: RestartsOptions,
) {
  const served = async (number: number) => {
    while (clients.requests() < number) {
      signal.throwIfAborted()
      await Bun.sleep(pollMs)
    }
    return clients.take()
  }
  await served(requests * warmUpShare)
  const calm = await served(requests * calmShare)
  const startedAt = performance.now()
  let times = 0
  while (times < timesMin || clients.requests() < requests) {
    signal.throwIfAborted()
    await fault.happen(subject)
    times++
  }
  await clients.stop()
  const seconds = (performance.now() - startedAt) / 1000
  return { times, outcomes: clients.take(), seconds, calm }
}

/** Project pages, and from the API the same projects. */
function drawPath(traffic: Traffic): string {
  const { id, path } = drawPage(traffic)
  return Math.random() < 0.5 ? path : paths.apiProject({ id })
}

export const failedShare = ({ outcomes }: Measured): number =>
  failed(outcomes) / (outcomes.answered + failed(outcomes))

/** Whether the promise is kept, which is made to those behind a proxy: undefined without one. */
export function isMet(measured: Measured): boolean | undefined {
  if (measured.way.proxy === undefined) return undefined
  return failedShare(measured) <= measured.fault.failedShareMax
}
