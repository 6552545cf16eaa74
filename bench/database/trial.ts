import { closeDb, type Db, openDb } from '#db/client'
import { sessionsEnd } from './database'
import { medianRun, type Ratio, type Run, ratioOf, runLoad } from './load'
import type { OwnPostgres } from './own-postgres'
import { readUpdateCounts, tidyScratch } from './scratch'
import type { Workload } from './workloads'

/** One value of a setting, and how to run the load with it. */
export interface Variant {
  value: string
  /** Measured to know what it costs to do without: it will not be shipped, whatever it gains. */
  priceOnly?: boolean
  run(): Promise<VariantRun>
}

/** The same load with what we ship and with other values. */
export interface Trial {
  setting: string
  load: string
  shipped: Variant
  others: Variant[]
}

export interface VariantRun extends Run {
  /** Share of the updates of projects that touched no index. */
  hotShare?: number | undefined
  /** Bytes of the write-ahead log for one operation. */
  walBytes?: number | undefined
}

export type Verdict = 'shipped' | 'ship' | 'no gain' | 'price only'

export interface TrialRow {
  setting: string
  value: string
  load: string
  run: VariantRun
  /** Against what we ship. */
  ratio: Ratio | undefined
  verdict: Verdict
}

/** Less than this is not worth a change of what is shipped. */
const gainMin = 0.03
const warmUpSeconds = 0.5
const sessionName = 'jumpstarter bench setting'

/** Every value once in each round, so that what drifts with the machine falls on all. */
export async function runTrial(
  { setting, load, shipped, others }: Trial,
  rounds: number,
  signal: AbortSignal,
): Promise<TrialRow[]> {
  const variants = [shipped, ...others]
  const runs = variants.map((): VariantRun[] => [])
  // The first of all would pay for what the later ones find ready.
  await shipped.run()
  for (let round = 0; round < rounds; round++) {
    for (const [index, variant] of variants.entries()) {
      runs[index]?.push(await variant.run())
      signal.throwIfAborted()
    }
  }
  return variants.map((variant, index) => {
    const own = runs[index] ?? []
    const ratio = variant === shipped ? undefined : ratioOf(own, runs[0] ?? [])
    const verdict = ratio === undefined ? 'shipped' : verdictOf(ratio, variant.priceOnly ?? false)
    return { setting, load, value: variant.value, run: middle(own), ratio, verdict }
  })
}

/**
 * A value is worth shipping when it was better in every round, not by a hair, and by more than the
 * rounds differ among themselves.
 */
export function verdictOf({ ratio, low, high }: Ratio, priceOnly: boolean): Verdict {
  if (priceOnly) return 'price only'
  const gain = ratio - 1
  return low > 1 && gain >= gainMin && gain > high - low ? 'ship' : 'no gain'
}

function middle(runs: VariantRun[]): VariantRun {
  const last = (of: (run: VariantRun) => number | undefined) =>
    runs
      .map(of)
      .filter((figure) => figure !== undefined)
      .toSorted((a, b) => a - b)[Math.floor((runs.length - 1) / 2)]
  return {
    ...medianRun(runs),
    hotShare: last((run) => run.hotShare),
    walBytes: last((run) => run.walBytes),
  }
}

export interface VariantLoad {
  postgres: OwnPostgres
  workload: Workload
  schema: string
  /** Settings of each session, such as `synchronous_commit`. */
  session?: Record<string, string>
  pool: number
  inFlight: number
  seconds: number
  signal: AbortSignal
}

/** One run of a load over a pool that is opened for it. */
export async function runVariant(load: VariantLoad): Promise<VariantRun> {
  const { postgres, workload, schema, pool, inFlight, seconds, signal } = load
  const { db } = postgres
  const writes = workload.writes.projects || workload.writes.pledges
  if (writes) await tidyScratch(db, schema, signal)
  const before = await readUpdateCounts(db, schema)
  const url = withSession(postgres.url, { search_path: `${schema},public`, ...load.session })
  const sessions = openDb(url, { max: pool, applicationName: sessionName })
  let run: Run
  let walBytes: number
  try {
    const operation = () => workload.operation(sessions)
    const warmUp = Math.min(warmUpSeconds, seconds)
    await runLoad(operation, { inFlight, seconds: warmUp, signal })
    // After it, each page that is touched first goes into the log whole: always equally many.
    if (writes) await db.$client`checkpoint`
    const start = await walPosition(db)
    run = await runLoad(operation, { inFlight, seconds, signal })
    walBytes = (await walPosition(db)) - start
  } finally {
    await closeDb(sessions, 1)
  }
  if (!writes) return run
  await sessionsEnd(db, sessionName)
  const after = await readUpdateCounts(db, schema)
  const updates = after.updates - before.updates
  return {
    ...run,
    hotShare: updates > 0 ? (after.hot - before.hot) / updates : undefined,
    walBytes: run.operations > 0 ? walBytes / run.operations : undefined,
  }
}

async function walPosition(db: Db): Promise<number> {
  const [row] = await db.$client<{ bytes: string }[]>`
    select pg_current_wal_insert_lsn() - '0/0' as bytes`
  return Number(row?.bytes ?? 0)
}

/** Settings in a database URL are those of every session opened with it. */
function withSession(url: string, session: Record<string, string>): string {
  const words = Object.entries(session).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  )
  return `${url}${url.includes('?') ? '&' : '?'}${words.join('&')}`
}
