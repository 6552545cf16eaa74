import type { Db } from '#db/client'
import { median, percentile } from '../report'
import { type Complaint, judge, type Measures, measure } from './judge'
import { limits, type PlanRead } from './limits'
import type { PlanSession } from './session'

/** A read as it went: sums over its statements, except where one statement is judged. */
export interface MeasuredRead extends Measures {
  read: string
  key: string
  variant: string
  kind: PlanRead['kind']
  statements: number
  /** Of these, planned anew each time, because Postgres holds its generic plan for worse. */
  plannedAnew: number
  /** Median at the client, hot; null when no runs were timed. */
  ms: number | null
  complaints: Complaint[]
}

export interface PlanOptions {
  strict: boolean
  /** Timed runs of each read; 0 leaves the clock alone. */
  timedRuns: number
  onProgress?: (done: number, read: PlanRead) => void
}

// Each statement has one plan; the second time it finds what the first has brought into memory.
const explainedRuns = 2

/** Tables up to half a megabyte may be scanned: that costs less than to look for an index. */
const smallTablePages = 64
/** These hold what the site is divided by, and do not grow with its use. */
const catalogueTables = ['categories', 'places', 'schema_migrations']

/**
 * The tables no read may scan: by their size or, strictly, all that grow with use, however small
 * they are at present.
 */
export async function bigTables(db: Db, strict: boolean): Promise<Set<string>> {
  const rows = await db.$client<{ name: string; pages: number }[]>`
    select relname as name, pg_relation_size(oid) / current_setting('block_size')::int as pages
      from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`
  const big = rows.filter(({ name, pages }) =>
    strict ? !catalogueTables.includes(name) : Number(pages) > smallTablePages,
  )
  return new Set(big.map(({ name }) => name))
}

/** Runs each read until its plans have settled, judges all of them and keeps the last. */
export async function measureReads(
  session: PlanSession,
  reads: PlanRead[],
  { strict, timedRuns, onProgress }: PlanOptions,
): Promise<MeasuredRead[]> {
  const big = await bigTables(session.db, strict)
  const measured: MeasuredRead[] = []
  for (const [index, read] of reads.entries()) {
    onProgress?.(index, read)
    measured.push(await measureRead(session, read, big, timedRuns))
  }
  return measured
}

/** One read; also for reads that are not the site's. */
export async function measureRead(
  session: PlanSession,
  { read, key, variant = '', kind, run }: PlanRead,
  big: ReadonlySet<string>,
  timedRuns = 0,
): Promise<MeasuredRead> {
  const complaints = new Map<string, Complaint>()
  let last: Measures[] = []
  for (let round = 0; round < explainedRuns; round++) {
    const plans = await session.explain(run)
    if (plans.length === 0) throw new Error(`${read} sent no statement that has a plan`)
    for (const complaint of plans.flatMap((plan) => judge(plan, limits[kind], big))) {
      complaints.set(`${complaint.rule} ${complaint.node}`, complaint)
    }
    last = plans.map((plan) => measure(plan, big))
  }
  const total = (name: 'rows' | 'buffers' | 'sortedRows' | 'readRows' | 'removedRows') =>
    last.reduce((sum, each) => sum + each[name], 0)
  const customBefore = await customPlans(session.db)
  await run(session.db)
  const plannedAnew = (await customPlans(session.db)) - customBefore
  const times = await timed(session.db, run, timedRuns)
  return {
    ...{ read, key, variant, kind, statements: last.length, plannedAnew },
    rows: total('rows'),
    buffers: total('buffers'),
    sortedRows: total('sortedRows'),
    readRows: total('readRows'),
    removedRows: total('removedRows'),
    indexes: [...new Set(last.flatMap(({ indexes }) => indexes))],
    ms: timedRuns > 0 ? median(times) : null,
    complaints: [...complaints.values()],
  }
}

async function customPlans(db: Db): Promise<number> {
  const [row] = await db.$client.unsafe<{ plans: string }[]>(
    'select coalesce(sum(custom_plans), 0) as plans from pg_prepared_statements',
  )
  return Number(row?.plans)
}

async function timed(db: Db, run: PlanRead['run'], runs: number): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < runs; round++) {
    const startedAt = performance.now()
    await run(db)
    times.push(performance.now() - startedAt)
  }
  return times
}

export interface Speed {
  what: string
  queries: number
  p50Ms: number
  p95Ms: number
  maxMs: number
  slowest: string
}

const speedRuns = 3

/** How fast a read answers a mixed list of texts, hot: of each the median of a few runs. */
export async function measureSpeed(
  db: Db,
  what: string,
  texts: string[],
  run: (db: Db, text: string) => Promise<unknown>,
): Promise<Speed> {
  const times: { text: string; ms: number }[] = []
  for (const text of texts) {
    await run(db, text)
    times.push({ text, ms: median(await timed(db, (session) => run(session, text), speedRuns)) })
  }
  const all = times.map(({ ms }) => ms)
  const slowest = times.toSorted((a, b) => b.ms - a.ms)[0]
  return {
    what,
    queries: texts.length,
    p50Ms: percentile(all, 0.5),
    p95Ms: percentile(all, 0.95),
    maxMs: slowest?.ms ?? Number.NaN,
    slowest: slowest?.text ?? '',
  }
}
