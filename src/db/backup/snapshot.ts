import type postgres from 'postgres'
import { takeLock } from '../migration-run'
import { migrationLock } from '../migrations'

const readBytes = 8 * 2 ** 20

/** One connection, in a transaction. */
export type Session = postgres.ReservedSql

export interface TableShape {
  name: string
  /** Those that are kept; Postgres works out the others. */
  columns: readonly string[]
}

export interface Snapshot {
  /** Of Postgres, such as `18.4`. */
  version: string
  database: string
  /** On disk, with indexes. */
  databaseBytes: number
  migrations: { tag: string; sha256: string }[]
  /** With how many rows and bytes, without indexes, the statistics give each. */
  tables: (TableShape & { rowsGuess: number; bytes: number })[]
  /** The number each gave last; null: none yet. */
  sequences: { name: string; last: string | null }[]
  /** Of `elsewhere` the database has no files. */
  pictures: { count: number; elsewhere: number }
}

/** For a session that works for long, whatever its role has been given. Ends with it. */
export const unhurried = `
  set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;
  set client_min_messages = error; set search_path = public; set extra_float_digits = 1;
  set intervalstyle = 'postgres'; set bytea_output = 'hex'; set client_encoding = 'UTF8'`

/**
 * Gives the database as it is at this moment, and holds on to it in a transaction of the session
 * while others write. Migrations wait until the session ends.
 */
export async function takeSnapshot(session: Session): Promise<Snapshot> {
  await session.unsafe(unhurried)
  await takeLock(session, migrationLock, { shared: true })
  const names = (await readTables(session)).map(({ name }) => quoted(name))
  await session.unsafe('begin isolation level repeatable read, read only')
  // Before the first question, which makes the snapshot: from here on nobody empties a table.
  await session.unsafe(`lock table ${names.join(', ')} in access share mode`)
  const [row] = await session<(Pick<Snapshot, 'version' | 'database'> & { bytes: string })[]>`
    select current_setting('server_version') as version, current_database() as database,
      pg_database_size(current_database()) as bytes`
  const tables = await readTables(session)
  const hasPictures = tables.some(({ name }) => name === 'image_files')
  return {
    version: row?.version.split(' ')[0] ?? '',
    database: row?.database ?? '',
    databaseBytes: Number(row?.bytes),
    migrations: await session<Snapshot['migrations']>`
      select tag, sha256 from schema_migrations order by tag limit 10000`,
    tables,
    sequences: await session<Snapshot['sequences']>`
      select sequencename::text as name, last_value::text as last from pg_sequences
      where schemaname = 'public' order by 1 limit 1000`,
    pictures: hasPictures ? await countPictures(session) : { count: 0, elsewhere: 0 },
  }
}

async function countPictures(session: Session): Promise<Snapshot['pictures']> {
  const [row] = await session<{ count: string; elsewhere: string }[]>`
    select count(*), count(*) filter (where not exists (
      select from image_files f where f.hash = i.hash)) as elsewhere from images i`
  return { count: Number(row?.count), elsewhere: Number(row?.elsewhere) }
}

/** The tables of a session's database, by name, with the columns that are kept. */
export async function readTables(session: Session): Promise<Snapshot['tables']> {
  const rows = await session<
    { name: string; columns: string[]; rows_guess: number; bytes: string }[]
  >`
    select relname::text as name, greatest(reltuples, 0)::float8 as rows_guess,
      pg_table_size(c.oid) as bytes, array(
        select attname::text from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''
        order by attnum) as columns
    from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r'
    order by relname limit 1000`
  return rows.map(({ rows_guess, bytes, ...shape }) => ({
    ...shape,
    rowsGuess: rows_guess,
    bytes: Number(bytes),
  }))
}

/** Lets go of the snapshot. */
export async function endSnapshot(session: Session): Promise<void> {
  await session.unsafe('commit')
  await session`select pg_advisory_unlock_shared(${migrationLock})`
}

/**
 * The rows of a table as lines of text, in the format of COPY, some megabytes at a time: the driver
 * takes all that a statement tells, however slowly it is read.
 */
export async function* readRows(session: Session, shape: TableShape): AsyncGenerator<Buffer> {
  const [size] = await session<{ pages: string; bytes: string }[]>`
    select pg_relation_size(t.oid) / current_setting('block_size')::int as pages,
      pg_table_size(t.oid) as bytes
    from (select ${quoted(shape.name)}::regclass as oid) t`
  const pages = Number(size?.pages)
  // What is long is kept beside the page of its row.
  const step = Math.max(1, Math.floor((readBytes * pages) / Number(size?.bytes || 1)))
  const rows = `select ${columnsOf(shape)} from ${quoted(shape.name)}`
  for (let page = 0; page < pages; page += step) {
    const range = `ctid >= '(${page},0)' and ctid < '(${page + step},0)'`
    const lines = await session.unsafe(`copy (${rows} where ${range}) to stdout`).readable()
    yield Buffer.concat(await lines.toArray())
  }
}

export const columnsOf = ({ columns }: TableShape): string => columns.map(quoted).join(', ')

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The databases beside the session's own that somebody has made. */
export async function otherDatabases(session: Session): Promise<string[]> {
  const rows = await session<{ name: string }[]>`
    select datname as name from pg_database
    where not datistemplate and datname not in (current_database(), 'postgres') order by 1 limit 1000`
  return rows.map(({ name }) => name)
}
