import type postgres from 'postgres'
import { CommandError } from '#lib/errors'
import readSide from '../../drizzle/0000_read_side.sql' with { type: 'text' }
import counters from '../../drizzle/0001_counters.sql' with { type: 'text' }
import categories from '../../drizzle/0002_categories.sql' with { type: 'text' }
import listingKeys from '../../drizzle/0003_listing_keys.sql' with { type: 'text' }
import accounts from '../../drizzle/0004_accounts.sql' with { type: 'text' }
import saves from '../../drizzle/0005_saves.sql' with { type: 'text' }
import secondStep from '../../drizzle/0006_second_step.sql' with { type: 'text' }
import makingAndMeeting from '../../drizzle/0007_making_and_meeting.sql' with { type: 'text' }
import pledging from '../../drizzle/0008_pledging.sql' with { type: 'text' }
import payments from '../../drizzle/0009_payments.sql' with { type: 'text' }
import fulfilmentTasks from '../../drizzle/0010_fulfilment_tasks.sql' with { type: 'text' }
import hiddenAndUnused from '../../drizzle/0011_hidden_and_unused.sql' with { type: 'text' }
import type { Db } from './client'

export interface Migration {
  /** The file's name without `.sql`; the number orders them. */
  tag: string
  sql: string
}

/** Forward only: add at the end, never edit one that has been released. */
export const migrations: readonly Migration[] = [
  { tag: '0000_read_side', sql: readSide },
  { tag: '0001_counters', sql: counters },
  { tag: '0002_categories', sql: categories },
  { tag: '0003_listing_keys', sql: listingKeys },
  { tag: '0004_accounts', sql: accounts },
  { tag: '0005_saves', sql: saves },
  { tag: '0006_second_step', sql: secondStep },
  { tag: '0007_making_and_meeting', sql: makingAndMeeting },
  { tag: '0008_pledging', sql: pledging },
  { tag: '0009_payments', sql: payments },
  { tag: '0010_fulfilment_tasks', sql: fulfilmentTasks },
  { tag: '0011_hidden_and_unused', sql: hiddenAndUnused },
]

/** Who holds it has the schema to itself. Any constant of our own; `jump` in ASCII. */
export const migrationLock = 0x6a756d70

/** SQL that makes the table of what has been applied. */
export const migrationsTable = `
  create table if not exists schema_migrations (
    tag text primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`

export interface MigrationState {
  applied: string[]
  pending: string[]
  /** Applied by a newer program and unknown to this one. */
  unknown: string[]
}

/** Whether a bulk seed has set the tables aside to fill them, and has not put them back. */
export async function isBeingFilled(db: Pick<postgres.Sql, 'unsafe'>): Promise<boolean> {
  const [row] = await db.unsafe(`select to_regclass('seed.structure') is not null as aside`)
  return row?.['aside'] === true
}

async function requireTables(db: Pick<postgres.Sql, 'unsafe'>): Promise<void> {
  if (!(await isBeingFilled(db))) return
  throw new CommandError(
    'This database is being filled by `jumpstarter seed`, or that was interrupted: wait for it, or ' +
      'run the same seed command again.',
  )
}

/** What has been applied to this database and what has not. Changes nothing. */
export async function migrationState(db: Db): Promise<MigrationState> {
  const [table] = await db.$client`select to_regclass('public.schema_migrations') as name`
  const rows = table?.['name'] ? await appliedRows(db.$client) : []
  return compare(rows.map((row) => row.tag))
}

/**
 * Applies what is pending, each migration in a transaction of its own; returns the tags applied. An
 * advisory lock lets many programs try at once: the first applies, the others find it done. Throws
 * a CommandError when it cannot, also while a bulk seed has the tables.
 */
export async function migrate(db: Db): Promise<string[]> {
  const connection = await db.$client.reserve()
  try {
    // Whatever the role has: a table may be long, and so may the wait for whoever is faster.
    await connection`set statement_timeout = 0`
    await connection`select pg_advisory_lock(${migrationLock})`
    await requireTables(connection)
    return await applyPending(connection)
  } finally {
    await connection`select pg_advisory_unlock(${migrationLock})`.catch(() => {})
    await connection`reset statement_timeout`.catch(() => {})
    connection.release()
  }
}

async function applyPending(connection: postgres.ReservedSql): Promise<string[]> {
  await connection.unsafe(migrationsTable)
  const rows = await appliedRows(connection)
  const { pending, unknown } = compare(rows.map((row) => row.tag))
  if (unknown.length > 0) throw new CommandError(newerSchemaSentence(unknown))
  for (const { tag, sha256 } of rows) {
    const ours = migrations.find((migration) => migration.tag === tag)
    if (ours && digest(ours.sql) !== sha256) {
      throw new CommandError(
        `Migration ${tag} was applied to this database with another text than this program carries. ` +
          'Use the program that made the database, or restore a backup.',
      )
    }
  }
  for (const migration of migrations.filter(({ tag }) => pending.includes(tag))) {
    await applyOne(connection, migration)
  }
  return pending
}

async function applyOne(connection: postgres.ReservedSql, { tag, sql }: Migration): Promise<void> {
  await connection`begin`
  try {
    // Without parameters this is the simple protocol, which takes many statements at once.
    await connection.unsafe(sql)
    await connection`insert into schema_migrations (tag, sha256) values (${tag}, ${digest(sql)})`
    await connection`commit`
  } catch (error) {
    await connection`rollback`.catch(() => {})
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(`Migration ${tag} failed and was rolled back: ${reason}.`)
  }
}

/** Throws unless the schema is exactly what this program was made for, with its tables in place. */
export async function requireCurrentSchema(db: Db): Promise<void> {
  await requireTables(db.$client)
  const { pending, unknown } = await migrationState(db)
  if (unknown.length > 0) throw new CommandError(newerSchemaSentence(unknown))
  if (pending.length > 0) {
    throw new CommandError(
      `The database’s schema is older than this program (${pending.length} to apply, from ${pending[0]}). ` +
        'Run `jumpstarter migrate`, or start with `--migrate`.',
    )
  }
}

function newerSchemaSentence(unknown: string[]): string {
  return (
    `The database’s schema is newer than this program: it has ${unknown.join(', ')}. ` +
    'Use a newer Jumpstarter.'
  )
}

function compare(applied: string[]): MigrationState {
  const known = migrations.map((migration) => migration.tag)
  return {
    applied: applied.filter((tag) => known.includes(tag)),
    pending: known.filter((tag) => !applied.includes(tag)),
    unknown: applied.filter((tag) => !known.includes(tag)),
  }
}

async function appliedRows(client: postgres.Sql): Promise<{ tag: string; sha256: string }[]> {
  return client<{ tag: string; sha256: string }[]>`
    select tag, sha256 from schema_migrations order by tag limit 10000`
}

function digest(text: string): string {
  return new Bun.CryptoHasher('sha256').update(text).digest('hex')
}
