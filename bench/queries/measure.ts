import { drizzle } from 'drizzle-orm/postgres-js'
import { closeDb, type Db, openDb } from '#db/client'
import { median, percentile } from '../report'
import { type Call, literal } from './asked'

/** A statement as the driver is given it. */
export interface Statement {
  sql: string
  parameters: unknown[]
}

/** One connection that also knows what a read sends. */
export interface Session {
  db: Db
  /** Runs a read and tells its statements. */
  statementsOf(read: (db: Db) => Promise<unknown>): Promise<Statement[]>
  close(): Promise<void>
}

interface Explained {
  executionMs: number
  planningMs: number
}

// Postgres settles for one plan for all keys after the fifth execution.
const settleCalls = 10
const beforeRunsMax = 3
/** After this long of one statement without indexes there is no further run of it. */
const beforeEnoughMs = 30_000
const serializeSince = 170_000

/** Of all sessions of the run, as the command names its own: a signal cancels them all. */
export const sessionName = `jumpstarter bench queries ${process.pid}`

export function openSession(url: string): Session {
  const own = openDb(url, { max: 1, applicationName: sessionName, genericPlans: true })
  let sent: Statement[] = []
  const logger = {
    logQuery: (sql: string, parameters: unknown[]) => void sent.push({ sql, parameters }),
  }
  const db: Db = drizzle({ client: own.$client, casing: 'snake_case', logger })
  return {
    db,
    statementsOf: async (read) => {
      sent = []
      await read(db)
      return sent
    },
    close: () => closeDb(own, 1),
  }
}

/**
 * Runs statements inside Postgres as prepared ones and tells their times there. The rows are thrown
 * away; `sending` has them made ready to send before, where Postgres can be asked to (since 17).
 */
export async function openExplainer(db: Db) {
  const sql = db.$client
  const [row] = await sql<{ version: number }[]>`
    select current_setting('server_version_num')::int as version`
  const canSerialize = (row?.version ?? 0) >= serializeSince
  const names = new Map<string, string>()
  const explain = async (statement: string, options: ExplainOptions = {}): Promise<Explained> => {
    const { sending = false, client = sql } = options
    const words = `analyze, timing off, buffers off, summary on, ${sending ? 'serialize text, ' : ''}`
    const [plan] = await client.unsafe(`explain (${words}format json) ${statement}`)
    const text: unknown = plan?.['QUERY PLAN']
    const [figures] = typeof text === 'string' ? JSON.parse(text) : (text as [unknown])
    return { executionMs: figures['Execution Time'], planningMs: figures['Planning Time'] }
  }
  const execute = async ({ sql: text, parameters }: Statement, sending: boolean) => {
    let name = names.get(text)
    if (name === undefined) {
      name = `bench_${names.size + 1}`
      await sql.unsafe(`prepare ${name} as ${text}`)
      names.set(text, name)
    }
    const values = parameters.map(literal).join(', ')
    return explain(`execute ${name}${values === '' ? '' : `(${values})`}`, { sending })
  }
  /** All statements of one read, which the site sends in one go. */
  const executeAll = async (statements: Statement[], sending = false): Promise<Explained> => {
    let executionMs = 0
    let planningMs = 0
    for (const statement of statements) {
      const times = await execute(statement, sending)
      executionMs += times.executionMs
      planningMs += times.planningMs
    }
    return { executionMs, planningMs }
  }
  /** One by one: what the driver has prepared on this connection stays. */
  const close = async () => {
    for (const name of names.values()) await sql.unsafe(`deallocate ${name}`)
  }
  return { explain, executeAll, canSerialize, close }
}

interface ExplainOptions {
  sending?: boolean
  client?: Db['$client']
}

const whole = ({ executionMs, planningMs }: Explained) => executionMs + planningMs

export interface Hot {
  /** Planning and execution. */
  after_hot_ms: number
  after_hot_p95_ms: number
  plan_ms: number
  /** The same with the rows made ready to send; null before Postgres 17. */
  after_hot_sent_ms: number | null
  /** What the calls send, for a run with cold caches. */
  statements: Statement[][]
}

/** Every key is read once as the site reads it, which warms it, and then timed inside Postgres. */
export async function measureHot(session: Session, calls: Call[]): Promise<Hot> {
  const statements: Statement[][] = []
  for (const { after } of calls) statements.push(await session.statementsOf(after))
  const explainer = await openExplainer(session.db)
  for (const each of statements.slice(0, settleCalls)) await explainer.executeAll(each)
  const times: Explained[] = []
  const sent: number[] = []
  for (const each of statements) {
    times.push(await explainer.executeAll(each))
    if (explainer.canSerialize) sent.push(whole(await explainer.executeAll(each, true)))
  }
  await explainer.close()
  return {
    after_hot_ms: median(times.map(whole)),
    after_hot_p95_ms: percentile(times.map(whole), 0.95),
    plan_ms: median(times.map(({ planningMs }) => planningMs)),
    after_hot_sent_ms: sent.length > 0 ? median(sent) : null,
    statements,
  }
}

/** Each key touched once, on a connection of its own. Median in milliseconds. */
export async function measureCold(url: string, statements: Statement[][]): Promise<number> {
  const session = openSession(url)
  try {
    const explainer = await openExplainer(session.db)
    const times: number[] = []
    for (const each of statements) times.push(whole(await explainer.executeAll(each)))
    return median(times)
  } finally {
    await session.close()
  }
}

/** The statement of 2018 while the planner may use no index. */
export async function measureBefore(
  session: Session,
  calls: Call[],
): Promise<{ before_ms: number; before_runs: number }> {
  const explainer = await openExplainer(session.db)
  const times: number[] = []
  let spentMs = 0
  for (const { before } of calls.slice(0, beforeRunsMax)) {
    if (spentMs > beforeEnoughMs) break
    const startedAt = performance.now()
    await session.db.$client.begin(async (tx) => {
      await tx.unsafe(`set local enable_indexscan = off; set local enable_indexonlyscan = off;
        set local enable_bitmapscan = off`)
      const client = tx as unknown as Db['$client']
      times.push(whole(await explainer.explain(before, { client })))
    })
    spentMs += performance.now() - startedAt
  }
  return { before_ms: median(times), before_runs: times.length }
}

export type Transport = 'unix' | 'tcp'

/** Round trips as our code sees them, the ways by turns. Median milliseconds of each way. */
export async function measureClient(
  ways: Partial<Record<Transport, Db>>,
  calls: Call[],
): Promise<Record<Transport, number | null>> {
  const times: Record<Transport, number[]> = { unix: [], tcp: [] }
  const each = (Object.entries(ways) as [Transport, Db][]).filter(([, db]) => db !== undefined)
  for (const [, db] of each) for (const { after } of calls.slice(0, settleCalls)) await after(db)
  for (const [turn, { after }] of calls.entries()) {
    for (const [way, db] of turn % 2 === 0 ? each : each.toReversed()) {
      const startedAt = performance.now()
      await after(db)
      times[way].push(performance.now() - startedAt)
    }
  }
  const of = (way: Transport) => (ways[way] ? median(times[way]) : null)
  return { unix: of('unix'), tcp: of('tcp') }
}
