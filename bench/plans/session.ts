import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { connectionOptions, type Db, genericPlans } from '#db/client'
import { CommandError, errorCode } from '#lib/errors'
import type { ExecutedPlan } from './judge'

export interface PlanSession {
  /** One connection, so that what is prepared, planned and set stays with it. */
  db: Db
  /** Runs a read and gives the plan of each of its statements, as executed. */
  explain(read: (db: Db) => Promise<unknown>): Promise<ExecutedPlan[]>
  close(): Promise<void>
}

export interface PlanSessionOptions {
  /**
   * For a small database, where a scan or a sort is often the best plan: the planner is told to
   * leave them, and what still scans or sorts has no index.
   */
  strict?: boolean
}

const explainSettings = {
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
  // The clock would be read twice for each row.
  'auto_explain.log_timing': 'off',
  'auto_explain.log_format': 'json',
  'auto_explain.log_nested_statements': 'off',
  'auto_explain.log_parameter_max_length': '0',
  // To us alone: at its own level it would fill the server's log too.
  'auto_explain.log_level': 'notice',
  client_min_messages: 'notice',
}

const strictSettings = { enable_seqscan: 'off', enable_sort: 'off' }

const closeSeconds = 5
const planStart = /^duration: [\d.]+ ms {2}plan:\n/

/**
 * A session in which Postgres reports the plans it has executed. Throws a CommandError when it
 * cannot: `auto_explain` wants a superuser and the extension modules on the server.
 */
export async function openPlanSession(
  url: string,
  { strict = false }: PlanSessionOptions = {},
): Promise<PlanSession> {
  let plans: ExecutedPlan[] = []
  const options = connectionOptions(url)
  const client = postgres({
    ...options,
    max: 1,
    max_lifetime: null,
    onnotice: ({ message = '' }) => {
      if (!planStart.test(message)) return
      const plan: ExecutedPlan = JSON.parse(message.replace(planStart, ''))
      if (!isEvaluation(plan)) plans.push(plan)
    },
    connection: {
      ...options.connection,
      DateStyle: 'ISO',
      TimeZone: 'UTC',
      application_name: 'jumpstarter bench plans',
      // As the site's own sessions have it.
      ...genericPlans,
    },
  })
  const set = async (settings: Record<string, string>) => {
    for (const [name, value] of Object.entries(settings)) {
      await client.unsafe(`set ${name} = '${value}'`)
    }
  }
  try {
    await client.unsafe("load 'auto_explain'")
    await set({ ...explainSettings, ...(strict ? strictSettings : {}) })
  } catch (error) {
    await client.end({ timeout: closeSeconds })
    throw loadProblem(error)
  }
  const db = drizzle({ client, casing: 'snake_case' })
  return {
    db,
    explain: async (read) => {
      plans = []
      await set({ 'auto_explain.log_min_duration': '0' })
      try {
        await read(db)
      } finally {
        // Plans are reported when a statement's portal closes; this comes after the last of them.
        await set({ 'auto_explain.log_min_duration': '-1' })
      }
      return plans
    },
    close: () => client.end({ timeout: closeSeconds }),
  }
}

/** A SQL function of constants, which the planner runs to know its value. */
const isEvaluation = ({ Plan }: ExecutedPlan) => Plan['Node Type'] === 'Result' && !Plan.Plans

function loadProblem(error: unknown): unknown {
  const code = errorCode(error)
  // Undefined file: not installed. Insufficient privilege: not a superuser.
  if (code !== '58P01' && code !== '42501') return error
  const reason = code === '42501' ? 'this user is no superuser' : 'the server does not have it'
  return new CommandError(
    `The plans cannot be read: Postgres does not load auto_explain, because ${reason}. Use the ` +
      'embedded Postgres (leave DATABASE_URL out), or a superuser on a server with the contrib modules.',
  )
}
