import { readFileSync } from 'node:fs'
import { closeDb, type Db, openDb } from '#db/client'
import { createPledgeWriter } from '#features/pledges/writes/batch-writer'
import { CommandError } from '#lib/errors'
import { paths } from '#web/paths'
import { cpuUsBetween, readCpuTimes } from '../load/processes'
import { descriptorsMax } from '../load/room'
import { type OurServer, startOurs } from '../load/servers'
import { newArena } from '../pledges/arena'
import { type Commit, figuresOf, latenciesOf } from './latency'
import { openReaders, type Readers } from './readers'

export interface LiveOptions {
  streams: number
  seconds: number
  /** Pledges a second. */
  rates: readonly number[]
  signal: AbortSignal
  report(what: string): void
}

export interface LiveRun {
  /** Pledges a second that were wanted, and that there were. */
  rate: number
  pledges: number
  messages: number
  p50Ms: number
  p99Ms: number
  /** Commits that some reader was not told of. */
  missed: number
  /** Of the worker, of one core. */
  cpuShare: number
}

export interface Live {
  streams: number
  /** Of the worker, in bytes. */
  memoryBefore: number
  memoryOpen: number
  runs: LiveRun[]
}

/** Open besides the streams: the database, listeners, files. */
const filesBeside = 200
const amount = 500
/** Until memory and the processor have come to rest. */
const restMs = 2_000
/** The last pledge is told well within this. */
const lastMessageMs = 3_000

/** Throws a CommandError when a process here may not have so many streams open. */
export function requireStreams(streams: number, allowed = descriptorsMax()): void {
  const needed = streams + filesBeside
  if (allowed >= needed) return
  throw new CommandError(
    `${streams} streams need ${needed} open files for a program, and ${allowed} are allowed: run ` +
      `ulimit -n ${needed} before, or ask for fewer --streams.`,
  )
}

/** Many readers of one project, on one worker of a server of its own, while it is backed. */
export async function measureLive(
  { db, url, firstBacker }: { db: Db; url: string; firstBacker: number },
  options: LiveOptions,
): Promise<Live> {
  const { streams, rates, signal, report } = options
  const { projects } = await newArena(db, 1)
  const [project = 0] = projects
  const server = await startOurs({ databaseUrl: url, workers: 1, pageCache: true }, signal)
  let readers: Readers | undefined
  try {
    const worker = await warmUp(server, paths.projectLive({ id: project }), signal)
    const memoryBefore = memoryOf(worker)
    const opening = {
      ...{ port: Number(new URL(server.origin).port), path: paths.projectLive({ id: project }) },
      ...{ count: streams, signal, report: (open: number) => report(`${open} streams are open`) },
    }
    readers = await openReaders(opening)
    await rest(signal)
    const memoryOpen = memoryOf(worker)
    const runs: LiveRun[] = []
    let nextBacker = firstBacker
    for (const rate of rates) {
      report(`${rate} pledges a second`)
      const run = await backWhile(readers, { ...options, url, project, worker, rate, nextBacker })
      nextBacker += run.pledges
      runs.push(run)
    }
    if (readers.lost() > 0) throw new CommandError(`${readers.lost()} streams broke off.`)
    return { streams, memoryBefore, memoryOpen, runs }
  } finally {
    readers?.close()
    await server.stop()
  }
}

const rest = async (signal: AbortSignal) => {
  await Bun.sleep(restMs)
  signal.throwIfAborted()
}

/** What the first stream alone needs is not a stream's: code, statements, the listening connection. */
async function warmUp(server: OurServer, path: string, signal: AbortSignal): Promise<number> {
  const port = Number(new URL(server.origin).port)
  const first = await openReaders({ port, path, count: 20, signal, report: () => {} })
  first.close()
  await rest(signal)
  // The supervisor is the first, its worker the other.
  const worker = server.pids()[1]
  if (worker === undefined) throw new CommandError('The server to measure has no worker.')
  return worker
}

/** What a process has in memory for itself, in bytes. */
function memoryOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}

interface Backing extends LiveOptions {
  url: string
  project: number
  worker: number
  rate: number
  nextBacker: number
}

async function backWhile(readers: Readers, backing: Backing): Promise<LiveRun> {
  const { streams, rate, worker, signal } = backing
  const heard = readers.messages().length
  const cpuBefore = readCpuTimes([worker])
  const begun = performance.now()
  const commits = await back(backing)
  const elapsedMs = performance.now() - begun
  const cpuUs = cpuUsBetween(cpuBefore, readCpuTimes([worker]))
  const last = commits.at(-1)?.total ?? 0
  const isTold = () => {
    const told = readers.messages().filter(({ total }, at) => at >= heard && total >= last)
    return new Set(told.map(({ reader }) => reader)).size >= streams
  }
  const deadline = performance.now() + lastMessageMs
  while (!isTold() && performance.now() < deadline) {
    await Bun.sleep(100)
    signal.throwIfAborted()
  }
  const messages = readers.messages().slice(heard)
  const { latenciesMs, missed } = latenciesOf(commits, messages, streams)
  const { p50, p99 } = figuresOf(latenciesMs)
  return {
    ...{ rate, pledges: commits.length, messages: messages.length, p50Ms: p50, p99Ms: p99, missed },
    cpuShare: cpuUs / 1000 / elapsedMs,
  }
}

/** Backs the project at an even pace for a while; each commit with the total that it made. */
async function back({ url, project, rate, seconds, nextBacker, signal }: Backing) {
  const pool = openDb(url, { max: 1, applicationName: 'bench live' })
  const [row] = await pool.$client`select pledged from projects where id = ${project}`
  const writer = createPledgeWriter(pool)
  const commits: Commit[] = []
  let total = Number(row?.['pledged'])
  const begun = performance.now()
  try {
    for (let made = 0; made < rate * seconds; made++) {
      signal.throwIfAborted()
      await Bun.sleep(Math.max(0, begun + (made * 1000) / rate - performance.now()))
      const { outcome } = await writer.place({
        ...{ projectId: project, backerId: nextBacker + made, key: crypto.randomUUID() },
        ...{ rewardId: null, addOns: [], bonus: amount, shipTo: null, anonymous: false },
        ...{ total: amount, cardId: null },
      })
      if (outcome !== 'taken') throw new Error(`a pledge was answered with ${outcome}`)
      total += amount
      commits.push({ total, at: performance.now() })
    }
    await writer.drain()
    return commits
  } finally {
    await closeDb(pool)
  }
}
