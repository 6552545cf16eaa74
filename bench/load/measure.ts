import { cpus } from 'node:os'
import type { Db } from '#db/client'
import { cpuUsBetween, postgresProcesses, readCpuTimes } from './processes'
import { type LoadRun, medianLoad } from './run'

/** Something to measure: it is started anew for each round, and is alone on the machine then. */
export interface Subject {
  id: string
  /** Starts it, and throws unless its answers are the right ones. */
  start(signal: AbortSignal): Promise<Target>
}

export interface LoadOptions {
  connections: number
  seconds: number
  signal: AbortSignal
}

export interface Target {
  load(options: LoadOptions): Promise<LoadRun>
  /** Asks for every page, to fill its caches; returns the number of requests. */
  sweep?(signal: AbortSignal): Promise<number>
  /** The processes that serve. */
  pids(): number[]
  stop(): Promise<void>
}

export interface MeasureOptions {
  db: Db
  connections: number[]
  rounds: number
  /** Of each measured run. */
  seconds: number
  /** Of the run before it, which is not measured. */
  warmUpSeconds: number
  signal: AbortSignal
  /** Told before each start. */
  report(what: string): void
}

/** One subject over one number of connections, all rounds. */
export interface Measured {
  id: string
  connections: number
  runs: LoadRun[]
  median: LoadRun
}

const sweepsMax = 3
/** Processor time of Postgres for a request, in microseconds, up to which it comes from a cache. */
export const cachedPostgresUsMax = 2

/** Every subject once in each round, so that what drifts with the machine falls on all. */
export async function measureSubjects(
  subjects: Subject[],
  options: MeasureOptions,
): Promise<Measured[]> {
  const { connections, rounds, warmUpSeconds, signal, report } = options
  const cells = subjects.flatMap(({ id }) =>
    connections.map((number) => ({ id, connections: number, runs: [] as LoadRun[] })),
  )
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      report(subject.id)
      signal.throwIfAborted()
      const target = await subject.start(signal)
      try {
        await fill(target, options)
        for (const number of connections) {
          await target.load({ connections: number, seconds: warmUpSeconds, signal })
          const cell = cells.find((each) => each.id === subject.id && each.connections === number)
          cell?.runs.push(await measureOnce(target, number, options))
        }
      } finally {
        await target.stop()
      }
    }
  }
  return cells.map((cell) => ({ ...cell, median: medianLoad(cell.runs) }))
}

/** Until a sweep finds everything made. */
async function fill({ sweep }: Target, { db, signal }: MeasureOptions): Promise<void> {
  if (!sweep) return
  for (let pass = 0; pass < sweepsMax; pass++) {
    const postgres = await postgresProcesses(db)
    const before = readCpuTimes(postgres)
    const requests = await sweep(signal)
    const spentUs = cpuUsBetween(before, readCpuTimes(postgres))
    if (postgres.length > 0 && spentUs <= requests * cachedPostgresUsMax) return
  }
}

async function measureOnce(
  target: Target,
  connections: number,
  { db, seconds, signal }: MeasureOptions,
): Promise<LoadRun> {
  const serving = target.pids()
  const postgres = await postgresProcesses(db)
  const before = { serving: readCpuTimes(serving), postgres: readCpuTimes(postgres) }
  const run = await target.load({ connections, seconds, signal })
  const spent = {
    serving: cpuUsBetween(before.serving, readCpuTimes(serving)),
    postgres: cpuUsBetween(before.postgres, readCpuTimes(postgres)),
  }
  const each = (us: number, pids: number[]) =>
    pids.length > 0 && run.operations > 0 ? us / run.operations : undefined
  return {
    ...run,
    serverCpuUs: each(spent.serving, serving),
    postgresCpuUs: run.postgresCpuUs ?? each(spent.postgres, postgres),
    generatorShare: ((run.clientCpuUs ?? 0) * run.operationsPerSecond) / 1e6 / cpus().length,
  }
}
