import { closeDb, type Db, openDb } from '#db/client'
import { sessionsCpuUs } from './cpu'
import { medianRun, type Ratio, type Run, ratioOf, runLoad } from './load'
import { runPgbench } from './pgbench'
import { readTotals, readUpdateCounts, type Scratch, tidyScratch } from './scratch'
import type { Workload } from './workloads'

export interface MeasureOptions {
  db: Db
  /** Of the same database. */
  url: string
  scratch: Scratch
  workloads: Workload[]
  connections: number[]
  seconds: number
  rounds: number
  /** Where pgbench is; without it our figures stand alone. */
  pgbench: string | undefined
  signal: AbortSignal
  /** Told what begins, and which share of everything is done. */
  report(what: string, fraction: number): void
}

/** One workload over one number of connections. */
export interface Measurement {
  workload: Workload
  connections: number
  ours: Run
  pgbench: Run | undefined
  /** Ours against pgbench. */
  ratio: Ratio | undefined
  /** Share of the updates of projects that touched no index; undefined where there are none. */
  hotShare: number | undefined
}

const sessionName = 'jumpstarter bench ours'
const warmUpSeconds = 0.5
const sessionsEndMs = 3_000
const sessionsPollMs = 20

/** Every workload over every number of connections, through our code and through pgbench. */
export async function measureDatabase(options: MeasureOptions): Promise<Measurement[]> {
  const { workloads, connections, report } = options
  const cases = workloads.flatMap((workload) =>
    connections.map((number) => ({ workload, connections: number })),
  )
  const measurements: Measurement[] = []
  for (const [index, each] of cases.entries()) {
    const noun = each.connections === 1 ? 'connection' : 'connections'
    report(`${each.workload.name}, ${each.connections} ${noun}`, index / cases.length)
    measurements.push(await measureOne(each, options))
  }
  return measurements
}

async function measureOne(
  { workload, connections }: { workload: Workload; connections: number },
  { db, url, scratch, seconds, rounds, pgbench, signal }: MeasureOptions,
): Promise<Measurement> {
  // Sends one operation, to see what it is made of: before anything is counted.
  const scripts = pgbench === undefined ? [] : await workload.scripts(url)
  if (workload.writes.projects || workload.writes.pledges) {
    await tidyScratch(db, scratch.schema, signal)
  }
  const before = await readState(db, scratch)
  const ours: Run[] = []
  const theirs: Run[] = []
  // As a worker has them: many connections in one process, opened once.
  const pool = openDb(url, { max: connections, applicationName: sessionName })
  try {
    const operation = () => workload.operation(pool)
    const warmUp = Math.min(warmUpSeconds, seconds)
    await runLoad(operation, { inFlight: connections, seconds: warmUp, signal })
    // Ours, pgbench, ours, pgbench …: what drifts with the machine falls on both.
    for (let round = 0; round < rounds; round++) {
      ours.push(
        await withSessionsCpu(db, () =>
          runLoad(operation, { inFlight: connections, seconds, signal }),
        ),
      )
      signal.throwIfAborted()
      if (pgbench === undefined) continue
      const { sampling } = workload
      const shared = { program: pgbench, url, scripts, db, signal }
      theirs.push(await runPgbench({ ...shared, connections, seconds, sampling }))
    }
  } finally {
    await closeDb(pool, 1)
  }
  await sessionsEnd(db, sessionName)
  const after = await readState(db, scratch)
  requireAgreement(workload, before, after)
  const updates = after.updates - before.updates
  return {
    workload,
    connections,
    ours: medianRun(ours),
    pgbench: theirs.length > 0 ? medianRun(theirs) : undefined,
    ratio: theirs.length > 0 ? ratioOf(ours, theirs) : undefined,
    hotShare:
      workload.writes.projects && updates > 0 ? (after.hot - before.hot) / updates : undefined,
  }
}

type State = Awaited<ReturnType<typeof readState>>

const readState = async (db: Db, { schema, tables }: Scratch) => ({
  ...(await readTotals(db, tables)),
  ...(await readUpdateCounts(db, schema)),
})

/** Speed at the price of money lost would be no speed: the totals rise by what the rows say. */
function requireAgreement({ name, writes }: Workload, before: State, after: State): void {
  if (!writes.pledges || !writes.projects) return
  const raised = after.pledged - before.pledged
  const backers = after.backers - before.backers
  if (raised === after.amount - before.amount && backers === after.pledges - before.pledges) return
  throw new Error(
    `${name}: ${after.pledges} rows of ${after.amount} were written, ` +
      `but the totals rose by ${raised} and ${backers} backers`,
  )
}

/** Adds what the sessions of our pool have cost Postgres. */
export async function withSessionsCpu(db: Db, work: () => Promise<Run>): Promise<Run> {
  const before = await sessionsCpuUs(db, sessionName)
  const run = await work()
  const after = await sessionsCpuUs(db, sessionName)
  const known = before !== undefined && after !== undefined && run.operations > 0
  return { ...run, postgresCpuUs: known ? (after - before) / run.operations : undefined }
}

/** A session tells the statistics what it did at its end, which comes a moment after ours. */
export async function sessionsEnd(db: Db, applicationName: string): Promise<void> {
  const deadline = performance.now() + sessionsEndMs
  while (performance.now() < deadline) {
    const [row] = await db.$client<{ open: boolean }[]>`
      select exists (
        select from pg_stat_activity where application_name = ${applicationName}) as open`
    if (!row?.open) return
    await Bun.sleep(sessionsPollMs)
  }
}

/** Such as `18.4`. */
export async function postgresVersion(db: Db): Promise<string> {
  const [row] = await db.$client<{ version: string }[]>`
    select current_setting('server_version') as version`
  return row?.version ?? 'unknown'
}
