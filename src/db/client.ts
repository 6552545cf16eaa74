import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { maskPassword } from '#config'
import { CommandError, errorCode } from '#lib/errors'
import type { Pooler } from '#lib/pooler'

export type Db = PostgresJsDatabase & { $client: postgres.Sql }

const connectTimeoutSeconds = 10
/** Of several hosts another may be the one: so long one that is gone may hold up the search. */
const hostTimeoutSeconds = 2
// The driver's own wait grows to 20 s: so long every request would hang while the database is down,
// and one that is back would be ignored.
const reconnectDelaySeconds = 0.2
/** For the way there and back, beyond what a statement may take. */
const silenceSeconds = 2
const postgresPort = 5432
/** server_version_num of Postgres 15. */
const oldestVersion = 150_000

/** Takes note of what goes through the pools it is shown. */
export interface DbObserver {
  watch(db: Db, pool: string, max: number): void
}

export interface DbOptions {
  max: number
  applicationName: string
  /** Longest a statement may run before Postgres ends it, in milliseconds; 0 is without limit. */
  statementTimeoutMs?: number
  /** Whether every prepared statement keeps the one plan it was first given: see `genericPlans`. */
  genericPlans?: boolean
  /** Between us and the database, as `findPooler` has found it. */
  pooler?: Pooler | null
  /** Takes note of what goes through the pool. */
  observer?: DbObserver | null
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
  { max, applicationName, statementTimeoutMs = 0, pooler = null, ...wishes }: DbOptions,
): Db {
  const options = connectionOptions(url)
  const session = {
    ...(statementTimeoutMs > 0 ? { statement_timeout: statementTimeoutMs } : {}),
    ...(wishes.genericPlans ? genericPlans : {}),
  }
  const client = postgres({
    ...options,
    max,
    prepare: pooler?.keepsStatements ?? true,
    // What is only half sent when the answer to the one before comes, PgBouncer would hand to two
    // connections: behind it each statement waits for that answer.
    ...(pooler ? { max_pipeline: 0 } : {}),
    connect_timeout: options.target_session_attrs ? hostTimeoutSeconds : connectTimeoutSeconds,
    // Connections that were lost together do not all come back at once.
    backoff: () => reconnectDelaySeconds * (0.5 + Math.random()),
    ...(statementTimeoutMs > 0 ? silenceOf(statementTimeoutMs) : {}),
    // Reconnecting every half hour, the default, would prepare every statement anew.
    max_lifetime: null,
    onnotice: () => {},
    connection: {
      ...options.connection,
      // The driver reads times written like this, whatever the database prefers. What Postgres
      // would spell otherwise, PgBouncer sets again before each transaction.
      DateStyle: 'ISO, MDY',
      TimeZone: 'UTC',
      application_name: applicationName,
      // A pooler refuses these: its sessions are set up before anybody comes.
      ...(pooler ? {} : session),
    },
  })
  const db = drizzle({ client, casing: 'snake_case' })
  wishes.observer?.watch(db, applicationName, max)
  return db
}

/**
 * An option that our patch of the driver adds: by now Postgres would have answered, if only to say
 * that it was too long. A host whose cable was pulled says nothing, and TCP waits for a quarter of
 * an hour.
 */
const silenceOf = (statementTimeoutMs: number) => ({
  silence_timeout: statementTimeoutMs / 1000 + silenceSeconds,
})

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
 * libpq's way of writing it, is read here. Of several hosts, `h1:5432,h2`, it takes the primary,
 * unless `target_session_attrs` says otherwise. Throws CommandError for what is no URL.
 */
export function connectionOptions(url: string): postgres.Options<Record<string, never>> {
  const { user, password, database, authority, parameters } = splitUrl(url)
  const take = (name: string) => {
    const value = parameters.get(name)
    parameters.delete(name)
    return value
  }
  const ports = take('port')
  const { hosts, path } = placesOf(take('host') || authority, ports)
  const ssl = take('sslmode')
  const target = targetOf(take('target_session_attrs'), hosts.length)
  return {
    user,
    database,
    ...(password === '' ? {} : { password }),
    ...(path === undefined ? hostsOf(hosts) : { path }),
    ...(target ? { target_session_attrs: target } : {}),
    ...(ssl && ssl !== 'disable' ? { ssl: ssl as 'require' | 'prefer' | 'verify-full' } : {}),
    // What is left are settings for the session; Postgres names the one it does not know.
    connection: Object.fromEntries(parameters),
  }
}

const targets = ['read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const

function targetOf(wished: string | null, hosts: number) {
  if (wished === null) return hosts > 1 ? 'primary' : undefined
  const target = targets.find((name) => name === wished)
  if (target || wished === 'any') return target
  throw new CommandError(
    `DATABASE_URL: target_session_attrs is any or one of ${targets.join(', ')}, not ${wished}.`,
    2,
  )
}

function hostsOf(places: { host: string; port: number }[]): { host: string; port: number } {
  const [first, ...others] = places
  if (first && others.length === 0) return first
  const lists = { host: places.map(({ host }) => host), port: places.map(({ port }) => port) }
  // The driver takes lists, of which its types know nothing.
  return lists as unknown as { host: string; port: number }
}

/** `h1:5432,[::1]`, with libpq's one port for all or one for each, or the directory of a socket. */
function placesOf(list: string, ports: string | null) {
  const numbers = ports?.split(',') ?? []
  const hosts = list.split(',').map((text, index) => {
    const [, host = '', own] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text) ?? []
    const port = own ?? numbers[index] ?? numbers[0] ?? postgresPort
    return { host: host.replace(/^\[|\]$/g, '') || 'localhost', port: Number(port) }
  })
  const isSocket = list.startsWith('/')
  return isSocket
    ? { hosts: [], path: `${list}/.s.PGSQL.${numbers[0] ?? postgresPort}` }
    : { hosts, path: undefined }
}

function splitUrl(url: string) {
  const [, credentials = '', authority = '', rest = ''] =
    /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(.*)$/.exec(url) ?? []
  try {
    if (authority === '' && rest === '') throw new Error('nothing is named')
    // An URL has one host, and none is allowed only where the scheme is unknown.
    for (const host of authority.split(',')) new URL(`http://${host || 'localhost'}`)
    const { username, password, pathname, searchParams } = new URL(
      `http://${credentials && `${credentials}@`}localhost${rest}`,
    )
    const user = decodeURIComponent(username) || 'postgres'
    return {
      user,
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)) || user,
      authority: decodeURIComponent(authority),
      parameters: searchParams,
    }
  } catch {
    throw new CommandError(
      `DATABASE_URL is not a URL: ${maskPassword(url)}. Write postgres://user:password@host:5432/` +
        'name, with special characters in the password percent-encoded and several hosts ' +
        'separated by commas.',
      2,
    )
  }
}

/**
 * Connects once, and says in one sentence why it cannot: unreachable, wrong password, no such
 * database, too old.
 */
export async function checkDatabase(db: Db, url: string, setting = 'DATABASE_URL'): Promise<void> {
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
    const { cause, remedy } = connectionTrouble(error, setting)
    throw new CommandError(`${cause}: ${remedy}. (${where})`)
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

/** Why the database of a setting cannot be had, and what to do: halves of a sentence. */
export function connectionTrouble(
  error: unknown,
  setting = 'DATABASE_URL',
): { cause: string; remedy: string } {
  const message = error instanceof Error ? error.message : String(error)
  const [cause, remedy] = knownTroubles[errorCode(error) ?? ''] ?? [
    `Postgres cannot be reached (${message})`,
    'check DATABASE_URL and the network',
  ]
  const named = (text: string) => text.replace('DATABASE_URL', setting)
  return { cause: named(cause), remedy: named(remedy) }
}

const knownTroubles: Record<string, [cause: string, remedy: string]> = {
  '28P01': ['Postgres refuses the password', 'correct DATABASE_URL'],
  '28000': [
    'Postgres refuses this user',
    'run it as the account of the service (`runuser -u jumpstarter -- jumpstarter …`), or correct ' +
      'DATABASE_URL or pg_hba.conf',
  ],
  '3D000': ['Postgres has no database of this name', 'create it, or correct DATABASE_URL'],
  '53300': ['Postgres has no connection left', 'raise max_connections or use fewer workers'],
  '57P03': ['Postgres is starting up', 'try again in a moment'],
  ECONNREFUSED: ['Postgres does not answer', 'start it, or correct DATABASE_URL'],
  ENOENT: ['There is no Postgres socket', 'start Postgres, or correct DATABASE_URL'],
  EACCES: ['The Postgres socket may not be opened by this user', 'correct its permissions'],
  ENOTFOUND: ['The host of DATABASE_URL is unknown', 'correct it'],
  WRONG_TARGET: [
    'None of the hosts of DATABASE_URL is what its target_session_attrs asks for',
    'name the primary among them, or wait until one is promoted',
  ],
  CONNECT_TIMEOUT: ['Postgres does not answer in time', 'check its address and the network'],
}
