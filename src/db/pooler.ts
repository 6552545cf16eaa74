import postgres from 'postgres'
import { CommandError, errorCode } from '#lib/errors'
import type { Pooler } from '#lib/pooler'
import { within } from '#lib/within'
import { connectionOptions } from './client'

const answerDeadlineMs = 4_000
const connectTimeoutSeconds = 3
const applicationName = 'jumpstarter pooler probe'
/** Two sessions on one connection meet at the first try, unless others come in between. */
const triesMax = 8

/** What was seen on connections to one address. */
export interface PoolerSigns {
  /** The process that answers, by the first message of its connection; a pooler makes one up. */
  toldPid: number
  /** The process that answered, by its own word. */
  pid: number
  /** Whether a transaction was refused as such. */
  refusesTransactions: boolean
  /** Our name of a prepared statement and the one the database has for it. */
  statement: { ours: string; theirs: string | null }
  /** Processes that answered two connections that were open together, in their order. */
  first: number[]
  second: number[]
}

/** What the signs mean; null: nothing stands between us and the database. */
export function poolerOf(signs: PoolerSigns): Pooler | null {
  const { toldPid, pid, refusesTransactions, statement, first, second } = signs
  if (toldPid === pid) return null
  const isShared = new Set(first).size > 1 || second.some((each) => first.includes(each))
  const mode = refusesTransactions ? 'statement' : isShared ? 'transaction' : 'session'
  // One that knows of statements names them itself, so that it finds them on every connection.
  const isRenamed = statement.theirs !== null && statement.theirs !== statement.ours
  return { mode, keepsStatements: mode === 'session' || isRenamed }
}

/** Values of settings in a session that we did not set up, and how we would have them. */
export interface SessionSettings {
  statementTimeoutMs: number
  planCacheMode: string
  synchronousCommit: string
}

/** What is not in force behind a pooler, and the SQL that would mend it. Empty when all is. */
export function notInForce(
  { statementTimeoutMs, planCacheMode, synchronousCommit }: SessionSettings,
  { keepsStatements }: Pooler,
): { what: string; mend: string }[] {
  const missing: { what: string; mend: string }[] = []
  if (statementTimeoutMs === 0) {
    missing.push({ what: 'no statement is ended for its length', mend: "statement_timeout = '5s'" })
  }
  if (['off', 'local'].includes(synchronousCommit)) {
    missing.push({
      what: 'but for pledges, what is written last may be lost in a crash',
      mend: 'synchronous_commit = on',
    })
  }
  // A statement without a name is planned once for each time it is sent, in any mode.
  if (keepsStatements && planCacheMode !== 'force_generic_plan') {
    missing.push({
      what: 'lists are planned anew each time',
      mend: 'plan_cache_mode = force_generic_plan',
    })
  }
  return missing
}

/**
 * Looks for a pooler between us and the database of this URL, over two connections of its own, and
 * says of its sessions how they are set. Throws CommandError when a second connection is not given.
 */
export async function findPooler(
  url: string,
  setting = 'DATABASE_URL',
): Promise<{ pooler: Pooler | null; session: SessionSettings }> {
  const clients = [probeClient(url), probeClient(url)] as const
  const [first, second] = clients
  const ask = <Result>(answer: Promise<Result>) => inTime(answer, setting)
  try {
    const { toldPid, pid, session } = await ask(readSession(first))
    const nothing = { refusesTransactions: false, statement: { ours: '', theirs: null } }
    if (toldPid === pid) {
      return { pooler: poolerOf({ toldPid, pid, ...nothing, first: [], second: [] }), session }
    }
    const statement = await ask(readStatement(first))
    const signs: PoolerSigns = {
      ...{ toldPid, pid, first: [pid], second: [] },
      refusesTransactions: statement === undefined,
      statement: statement ?? nothing.statement,
    }
    for (let tries = 0; statement && tries < triesMax; tries++) {
      signs.second.push((await ask(readSession(second))).pid)
      signs.first.push((await ask(readSession(first))).pid)
      if (poolerOf(signs)?.mode === 'transaction') break
    }
    return { pooler: poolerOf(signs), session }
  } finally {
    await Promise.all(clients.map((client) => client.end({ timeout: 0 }).catch(() => undefined)))
  }
}

function probeClient(url: string) {
  const options = connectionOptions(url)
  return postgres({
    ...options,
    max: 1,
    fetch_types: false,
    connect_timeout: connectTimeoutSeconds,
    onnotice: () => {},
    connection: { ...options.connection, application_name: applicationName },
  })
}

async function readSession(client: postgres.Sql) {
  const rows = await client<{ pid: number; timeout: string; plans: string; commits: string }[]>`
    select pg_backend_pid() as pid, current_setting('plan_cache_mode') as plans,
      current_setting('synchronous_commit') as commits,
      (select setting from pg_settings where name = 'statement_timeout') as timeout`
  const [row] = rows
  if (!row) throw new Error('Postgres answered nothing')
  const session: SessionSettings = {
    statementTimeoutMs: Number(row.timeout),
    planCacheMode: row.plans,
    synchronousCommit: row.commits,
  }
  return { toldPid: rows.state.pid, pid: row.pid, session }
}

/** Both names of the statement that asks for them; undefined when transactions are refused. */
async function readStatement(client: postgres.Sql): Promise<PoolerSigns['statement'] | undefined> {
  try {
    return await client.begin(async (tx) => {
      const rows = await tx<{ name: string }[]>`
        select name from pg_prepared_statements where statement like '%this very statement%'
        order by prepare_time desc limit 1`
      return { ours: rows.statement.name, theirs: rows[0]?.name ?? null }
    })
  } catch (error) {
    // PgBouncer says why and hangs up, of which the driver tells the latter.
    if (errorCode(error) === 'CONNECTION_CLOSED') return undefined
    throw error
  }
}

async function inTime<Result>(answer: Promise<Result>, setting: string): Promise<Result> {
  if (await within(answer, answerDeadlineMs)) return await answer
  throw new CommandError(
    `The pooler of ${setting} gives no second connection to the database within ` +
      `${answerDeadlineMs / 1000} s: raise its default_pool_size, or set pool_mode = transaction.`,
  )
}
