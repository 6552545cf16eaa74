import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { maskPassword } from '#config'
import { CommandError } from '#lib/errors'

export type Db = PostgresJsDatabase & { $client: postgres.Sql }

const connectTimeoutSeconds = 10
const postgresPort = 5432
/** server_version_num of Postgres 15. */
const oldestVersion = 150_000

export interface DbOptions {
  max: number
  applicationName: string
  /** Longest a statement may run before Postgres ends it, in milliseconds; 0 is without limit. */
  statementTimeoutMs?: number
}

/** Opens a pool. Nothing is sent before the first query. */
export function openDb(
  url: string,
  { max, applicationName, statementTimeoutMs = 0 }: DbOptions,
): Db {
  const client = postgres({
    ...connectionOptions(url),
    max,
    connect_timeout: connectTimeoutSeconds,
    // Reconnecting every half hour, the default, would prepare every statement anew.
    max_lifetime: null,
    onnotice: () => {},
    connection: {
      application_name: applicationName,
      ...(statementTimeoutMs > 0 ? { statement_timeout: statementTimeoutMs } : {}),
    },
  })
  return drizzle({ client, casing: 'snake_case' })
}

export async function closeDb(db: Db, timeoutSeconds = 5): Promise<void> {
  await db.$client.end({ timeout: timeoutSeconds })
}

/**
 * Options of postgres.js for a URL. The driver takes a Unix socket as an option only, so `?host=/dir`,
 * libpq's way of writing it, is read here.
 */
export function connectionOptions(url: string): postgres.Options<Record<string, never>> {
  const { base, parameters } = splitUrl(url)
  const socketDirectory = parameters.get('host')
  parameters.delete('host')
  const port = Number(parameters.get('port') ?? (base.port || postgresPort))
  parameters.delete('port')
  const ssl = parameters.get('sslmode')
  parameters.delete('sslmode')
  return {
    user: decodeURIComponent(base.username) || 'postgres',
    ...(base.password ? { password: decodeURIComponent(base.password) } : {}),
    database: decodeURIComponent(base.pathname.slice(1)) || decodeURIComponent(base.username),
    ...(socketDirectory?.startsWith('/')
      ? { path: `${socketDirectory}/.s.PGSQL.${port}` }
      : { host: socketDirectory ?? (base.hostname || 'localhost'), port }),
    ...(ssl && ssl !== 'disable'
      ? { ssl: ssl as 'require' | 'prefer' | 'allow' | 'verify-full' }
      : {}),
  }
}

function splitUrl(url: string) {
  try {
    // A URL without a host, as Unix sockets have, is only valid with a scheme the parser knows.
    const base = new URL(
      url
        .replace(/^postgres(ql)?:\/\/([^@/]*@)?\//, 'http://$2socket/')
        .replace(/^postgres(ql)?:/, 'http:'),
    )
    return { base, parameters: base.searchParams }
  } catch {
    throw new CommandError(
      `DATABASE_URL is not a URL: ${maskPassword(url)}. Write postgres://user:password@host:5432/name, ` +
        'with special characters in the password percent-encoded.',
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
  try {
    const [row] = await db.$client`select current_setting('server_version_num')::int as version`
    version = row?.['version'] as number
  } catch (error) {
    throw new CommandError(`${connectionProblem(error)} (${where})`)
  }
  if (version < oldestVersion) {
    throw new CommandError(
      `Postgres ${Math.floor(version / 10_000)} is too old: Jumpstarter needs 15 or later (${where}).`,
    )
  }
}

function connectionProblem(error: unknown): string {
  const code = (error as { code?: string }).code ?? ''
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
