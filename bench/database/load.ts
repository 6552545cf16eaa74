import { median, percentile } from '../report'

/** What one run of a load has shown. */
export interface Run {
  operations: number
  operationsPerSecond: number
  errors: number
  /** The first error's text: a count alone cannot be mended. */
  firstError?: string | undefined
  p50Ms: number
  p75Ms: number
  p90Ms: number
  p99Ms: number
  /** Of the client: this process, or pgbench. */
  clientCpuUs?: number | undefined
  /** Of the sessions in Postgres, an operation. */
  postgresCpuUs?: number | undefined
}

export interface LoadOptions {
  /** Operations under way at the same time. */
  inFlight: number
  seconds: number
  signal: AbortSignal
}

/** Repeats `operation` until the time is over. Errors are counted and do not end the run. */
export async function runLoad(
  operation: () => Promise<unknown>,
  { inFlight, seconds, signal }: LoadOptions,
): Promise<Run> {
  const latencies: number[] = []
  let errors = 0
  let firstError: string | undefined
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const endsAt = startedAt + seconds * 1000
  const repeat = async () => {
    let now = performance.now()
    while (now < endsAt && !signal.aborted) {
      const before = now
      try {
        await operation()
        now = performance.now()
        latencies.push(now - before)
      } catch (error) {
        now = performance.now()
        errors++
        firstError ??= error instanceof Error ? error.message : String(error)
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, repeat))
  const passed = (performance.now() - startedAt) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  const operations = latencies.length
  return {
    operations,
    operationsPerSecond: operations / passed,
    errors,
    firstError,
    ...latencyFigures(latencies),
    clientCpuUs: operations > 0 ? (cpu.user + cpu.system) / operations : undefined,
  }
}

/** Percentiles in milliseconds; NaN of nothing. */
export function latencyFigures(latenciesMs: number[]) {
  const of = (fraction: number) =>
    latenciesMs.length === 0 ? Number.NaN : percentile(latenciesMs, fraction)
  return { p50Ms: of(0.5), p75Ms: of(0.75), p90Ms: of(0.9), p99Ms: of(0.99) }
}

/** Several runs as one: the median of every figure, and the sum of the errors. */
export function medianRun(runs: Run[]): Run {
  const middle = (of: (run: Run) => number | undefined) => {
    const known = runs.map(of).filter((figure) => figure !== undefined && !Number.isNaN(figure))
    return known.length === 0 ? undefined : median(known as number[])
  }
  return {
    operations: runs.reduce((sum, run) => sum + run.operations, 0),
    operationsPerSecond: middle((run) => run.operationsPerSecond) ?? 0,
    errors: runs.reduce((sum, run) => sum + run.errors, 0),
    firstError: runs.find((run) => run.firstError !== undefined)?.firstError,
    p50Ms: middle((run) => run.p50Ms) ?? Number.NaN,
    p75Ms: middle((run) => run.p75Ms) ?? Number.NaN,
    p90Ms: middle((run) => run.p90Ms) ?? Number.NaN,
    p99Ms: middle((run) => run.p99Ms) ?? Number.NaN,
    clientCpuUs: middle((run) => run.clientCpuUs),
    postgresCpuUs: middle((run) => run.postgresCpuUs),
  }
}

export interface Ratio {
  ratio: number
  low: number
  high: number
}

/** One set of runs against another, round by round: the median ratio and how far they go. */
export function ratioOf(runs: Run[], against: Run[]): Ratio {
  const ratios = runs.map(
    (run, round) => run.operationsPerSecond / (against[round]?.operationsPerSecond ?? Number.NaN),
  )
  return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) }
}
