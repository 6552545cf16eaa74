import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { maskPassword } from '#config'
import { CommandError, errorCode } from '#lib/errors'

export type Db = PostgresJsDatabase & { $client: postgres.Sql }

const connectTimeoutSeconds = 10
// The driver's own wait grows to 20 s: so long every request would hang while the database is down,
// and one that is back would be ignored.
const reconnectDelaySeconds = 0.2
const postgresPort = 5432
/** server_version_num of Postgres 15. */
const oldestVersion = 150_000

export interface DbOptions {
  max: number
  applicationName: string
  /** Longest a statement may run before Postgres ends it, in milliseconds; 0 is without limit. */
  statementTimeoutMs?: number
  /** Whether every prepared statement keeps the one plan it was first given: see `genericPlans`. */
  genericPlans?: boolean
  /** Whether what is committed survives a crash, whatever the role's default is. */
  durable?: boolean
}

/**
 * The site's statements are written so that one plan is right whatever they are asked: a page off
 * the index that has its order. Postgres cannot know that, holds a plan made for the parameters for
 * cheaper, and would plan every call of a list anew, which takes longer than to answer it: on a
 * million projects a list of one status takes 0.34 ms so, and 0.86 ms planned each time.
 */
export const genericPlans = { plan_cache_mode: 'force_generic_plan' }

/** Opens a pool. Nothing is sent before the first query. */
export function openDb(
  url: string,
  { max, applicationName, statementTimeoutMs = 0, ...wishes }: DbOptions,
): Db {
  const options = connectionOptions(url)
  const client = postgres({
    ...options,
    max,
    connect_timeout: connectTimeoutSeconds,
    backoff: () => reconnectDelaySeconds,
    // Reconnecting every half hour, the default, would prepare every statement anew.
    max_lifetime: null,
    onnotice: () => {},
    connection: {
      ...options.connection,
      // The driver reads times written like this, whatever the database prefers.
      DateStyle: 'ISO',
      TimeZone: 'UTC',
      application_name: applicationName,
      ...(statementTimeoutMs > 0 ? { statement_timeout: statementTimeoutMs } : {}),
      ...(wishes.genericPlans ? genericPlans : {}),
      ...(wishes.durable ? { synchronous_commit: 'on' } : {}),
    },
  })
  return drizzle({ client, casing: 'snake_case' })
}

export async function closeDb(db: Db, timeoutSeconds = 5): Promise<void> {
  await db.$client.end({ timeout: timeoutSeconds })
}

/** Cancels what the sessions of this name are doing; a transaction rolls back. */
export async function cancelStatements(db: Db, applicationName: string): Promise<void> {
  await db.$client`
    select pg_cancel_backend(pid) from pg_stat_activity where application_name = ${applicationName}`
}

/**
 * Options of postgres.js for a URL. The driver takes a Unix socket as an option only, so `?host=/dir`,
 * libpq's way of writing it, is read here.
 */
export function connectionOptions(url: string): postgres.Options<Record<string, never>> {
  const { user, password, database, hostname, parameters } = splitUrl(url)
  const take = (name: string) => {
    const value = parameters.get(name)
    parameters.delete(name)
    return value
  }
  const host = take('host') ?? (hostname || 'localhost')
  const port = Number(take('port') ?? postgresPort)
  const ssl = take('sslmode')
  return {
    user,
    database,
    ...(password === '' ? {} : { password }),
    ...(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }),
    ...(ssl && ssl !== 'disable' ? { ssl: ssl as 'require' | 'prefer' | 'verify-full' } : {}),
    // What is left are settings for the session; Postgres names the one it does not know.
    connection: Object.fromEntries(parameters),
  }
}

function splitUrl(url: string) {
  try {
    // Without a host, as Unix sockets have it, only a URL of an unknown scheme may have a user.
    const { username, password, pathname, hostname, port, searchParams } = new URL(
      url
        .replace(/^postgres(ql)?:/, 'http:')
        .replace(/^http:\/\/([^@/]*@)?\//, 'http://$1localhost/'),
    )
    if (port !== '') searchParams.set('port', port)
    const user = decodeURIComponent(username) || 'postgres'
    return {
      user,
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)) || user,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      parameters: searchParams,
    }
  } catch {
    throw new CommandError(
      `DATABASE_URL is not a URL: ${maskPassword(url)}. Write postgres://user:password@host:5432/` +
        'name, with special characters in the password percent-encoded.',
      2,
    )
  }
}

/**
 * Connects once, and says in one sentence why it cannot: unreachable, wrong password, no such
 * database, too old.
 */
export async function checkDatabase(db: Db, url: string): Promise<void> {
  const where = maskPassword(url)
  let version: number
  let encoding: string
  try {
    const [row] = await db.$client`
      select current_setting('server_version_num')::int as version,
        current_setting('server_encoding') as encoding`
    version = row?.['version'] as number
    encoding = row?.['encoding'] as string
  } catch (error) {
    throw new CommandError(`${connectionProblem(error)} (${where})`)
  }
  if (version < oldestVersion) {
    throw new CommandError(
      `Postgres ${Math.floor(version / 10_000)} is too old: Jumpstarter needs 15 or later (${where}).`,
    )
  }
  if (encoding !== 'UTF8') {
    throw new CommandError(
      `The database is encoded in ${encoding}: make it with \`encoding 'UTF8'\` (${where}).`,
    )
  }
}

function connectionProblem(error: unknown): string {
  const code = errorCode(error) ?? ''
  const message = error instanceof Error ? error.message : String(error)
  const known: Record<string, string> = {
    '28P01': 'Postgres refuses the password: correct DATABASE_URL.',
    '28000': 'Postgres refuses this user: correct DATABASE_URL or pg_hba.conf.',
    '3D000': 'Postgres has no database of this name: create it, or correct DATABASE_URL.',
    '53300': 'Postgres has no connection left: raise max_connections or use fewer workers.',
    '57P03': 'Postgres is starting up: try again in a moment.',
    ECONNREFUSED: 'Postgres does not answer: start it, or correct DATABASE_URL.',
    ENOENT: 'There is no Postgres socket: start Postgres, or correct DATABASE_URL.',
    EACCES: 'The Postgres socket may not be opened by this user: correct its permissions.',
    ENOTFOUND: 'The host of DATABASE_URL is unknown: correct it.',
    CONNECT_TIMEOUT: 'Postgres does not answer in time: check its address and the network.',
  }
  return known[code] ?? `Postgres cannot be reached: ${message}.`
}
