import type { Db } from '../client'
import { askOne } from './ask'

/** How a Postgres is set for us, with what its role and database add. */
export interface ServerState {
  /** `server_version_num`, such as 180004. */
  version: number
  encoding: string
  isInRecovery: boolean
  isReadOnly: boolean
  user: string
  database: string
  maxConnections: number
  /** Kept for administrators. */
  reservedConnections: number
  /** Of the role and of the database; -1: none. */
  roleConnections: number
  databaseConnections: number
  /** Sessions that are not ours. */
  othersConnected: number
  fsync: boolean
  fullPageWrites: boolean
  synchronousCommit: string
  autovacuum: boolean
  sharedBuffersBytes: number
  maxWalBytes: number
  statementTimeoutMs: number
  lockTimeoutMs: number
  idleSessionTimeoutMs: number
}

// What a session begins with, whatever it is set to now.
const setting = (name: string) => `(select reset_val from pg_settings where name = '${name}')`
const number = (name: string) => `${setting(name)}::float8`
const isOn = (name: string) => `${setting(name)} = 'on'`

/** On a connection that sets none of these for itself. */
export async function readServer(db: Db): Promise<ServerState> {
  return await askOne(
    db,
    `select ${number('server_version_num')} as version,
      ${setting('server_encoding')} as encoding, pg_is_in_recovery() as "isInRecovery",
      ${isOn('default_transaction_read_only')} as "isReadOnly",
      current_user as user, current_database() as database,
      ${number('max_connections')} as "maxConnections",
      ${number('superuser_reserved_connections')} + coalesce(${number('reserved_connections')}, 0)
        as "reservedConnections",
      (select rolconnlimit from pg_roles where rolname = current_user) as "roleConnections",
      (select datconnlimit from pg_database where datname = current_database())
        as "databaseConnections",
      (select count(*)::int from pg_stat_activity where datname is not null
        and application_name not like 'jumpstarter%') as "othersConnected",
      ${isOn('fsync')} as fsync, ${isOn('full_page_writes')} as "fullPageWrites",
      ${setting('synchronous_commit')} as "synchronousCommit",
      ${isOn('autovacuum')} and ${isOn('track_counts')} as autovacuum,
      pg_size_bytes(current_setting('shared_buffers'))::float8 as "sharedBuffersBytes",
      pg_size_bytes(current_setting('max_wal_size'))::float8 as "maxWalBytes",
      ${number('statement_timeout')} as "statementTimeoutMs",
      ${number('lock_timeout')} as "lockTimeoutMs",
      ${number('idle_session_timeout')} as "idleSessionTimeoutMs"`,
  )
}

/** How far a database's clock is ahead of this machine's, and how sure that is; in milliseconds. */
export async function readClock(db: Db): Promise<{ aheadMs: number; doubtMs: number }> {
  // The first answer also waits for the connection.
  await db.$client`select 1`
  const asked = Date.now()
  const [row] = await db.$client<{ ms: number }[]>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`
  const answered = Date.now()
  return {
    aheadMs: Math.round((row?.ms ?? 0) - (asked + answered) / 2),
    doubtMs: Math.ceil((answered - asked) / 2),
  }
}
