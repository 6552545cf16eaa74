import type { Writable } from 'node:stream'
import { announceEverything } from '../changes'
import { inTransaction } from '../migration-text'
import { migrationLock, migrations, migrationsTable } from '../migrations'
import {
  columnsOf,
  quoted,
  readTables,
  type Session,
  type Snapshot,
  type TableShape,
  unhurried,
} from './snapshot'
import { clear, takeApart } from './structure'

/**
 * Begins a transaction in which nothing is in the database but the empty tables of these
 * migrations, without indexes. Returns the tables and SQL that puts the indexes back.
 */
export async function beginLoad(
  session: Session,
  tags: readonly string[],
): Promise<{ tables: Snapshot['tables']; rebuild: string[] }> {
  await session.unsafe(unhurried)
  await session.unsafe('begin')
  await session`select pg_advisory_xact_lock(${migrationLock})`
  await clear(session)
  await session.unsafe(migrationsTable)
  for (const { tag, sql } of migrations) {
    if (tags.includes(tag)) await session.unsafe(inTransaction(sql))
  }
  const tables = await readTables(session)
  const names = tables.map(({ name }) => quoted(name))
  const rebuild = await takeApart(session, names)
  await session.unsafe(`truncate ${names.join(', ')}`)
  return { tables, rebuild }
}

/** Takes lines in the format of COPY as rows of a table that this transaction has emptied. */
export async function writeRows(session: Session, shape: TableShape): Promise<Writable> {
  return await session
    .unsafe(`copy ${quoted(shape.name)} (${columnsOf(shape)}) from stdin (freeze)`)
    .writable()
}

/** Puts sequences where they were. */
export async function setSequences(session: Session, sequences: Snapshot['sequences']) {
  for (const { name, last } of sequences) {
    await session`
      select setval(${quoted(name)}::regclass, coalesce(${last}::bigint, 1), ${last !== null})`
  }
}

/** Ends the transaction: the site has all of it at once, and is told so. */
export async function endLoad(session: Session): Promise<void> {
  await session.unsafe('analyze')
  await session.unsafe(announceEverything)
  await session.unsafe('commit')
}

/** Where Postgres keeps its data; undefined for who may not know. */
export async function placeOf(session: Session): Promise<string | undefined> {
  const rows = await session<{ setting: string }[]>`
    select setting from pg_settings where name = 'data_directory'`
  return rows[0]?.setting
}
