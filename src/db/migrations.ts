import type postgres from 'postgres'
import { CommandError } from '#lib/errors'
import { within } from '#lib/within'
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
import {
  digest,
  lockTimeoutUsualMs,
  type Patience,
  runMigration,
  scriptOf,
  takeLock,
} from './migration-run'

export interface Migration {
  /** The file's name without `.sql`; the number orders them. */
  tag: string
  sql: string
}

/**
 * Pre: what the new program needs and the older one bears, so that both may serve. Post, in files
 * that end in `.post.sql`: what takes something away, or forbids it, when no older program runs.
 */
export const kinds = ['pre', 'post'] as const
export type Kind = (typeof kinds)[number]

export const kindOf = (tag: string): Kind => (tag.endsWith('.post') ? 'post' : 'pre')
const isPost = ({ tag }: Migration) => kindOf(tag) === 'post'

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

const answerDeadlineMs = 1_000
const olderDeadlineUsualMs = 60_000
const olderPollMs = 200

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

/** Why this program cannot serve with a schema, and of which migrations that comes. */
export function obstacle({ pending, unknown }: Pick<MigrationState, 'pending' | 'unknown'>) {
  const removing = unknown.filter((tag) => kindOf(tag) === 'post')
  if (removing.length > 0) return { schemaIs: 'newer' as const, tags: removing }
  const missing = pending.filter((tag) => kindOf(tag) === 'pre')
  return missing.length > 0 ? { schemaIs: 'older' as const, tags: missing } : null
}

const numberOf = (tag: string) => Number(tag.slice(0, 4))

/** A session of a program that serves tells, while it lasts, which schema that was made for. */
export async function holdSchema(client: postgres.Sql): Promise<void> {
  const latest = Math.max(...migrations.map(({ tag }) => numberOf(tag)))
  await client`select pg_advisory_lock_shared(${migrationLock}::int, ${latest}::int)`
}

/** How many sessions there are of programs that know nothing of this migration yet. */
async function countOlder({ $client }: Db, tag: string): Promise<number> {
  const [row] = await $client`
    select count(*)::int as sessions from pg_locks
    where locktype = 'advisory' and objsubid = 2 and classid = ${migrationLock}::int::oid
      and objid::int < ${numberOf(tag)}
      and database = (select oid from pg_database where datname = current_database())`
  return row?.['sessions']
}

export interface MigrateOptions extends Partial<Patience> {
  /** How long what takes something away waits for the end of older programs. */
  olderDeadlineMs?: number
  /** Both when it is left out, in the order of their numbers. */
  kind?: Kind | undefined
}

/**
 * Applies what is pending, each migration in a transaction of its own; returns the tags applied. An
 * advisory lock lets many programs try at once: the first applies, the others find it done. Throws
 * a CommandError when it cannot, also while a bulk seed has the tables.
 */
export async function migrate(db: Db, options: MigrateOptions = {}): Promise<string[]> {
  const { lockTimeoutMs = lockTimeoutUsualMs, onWait = () => {} } = options
  await outlastOlder(db, options)
  const connection = await db.$client.reserve()
  try {
    // Whatever the role has: a table may be long, and so may the wait for whoever is faster.
    await connection`set statement_timeout = 0`
    await takeLock(connection, migrationLock, {
      onWait: () => onWait('Another migration or a backup is at work: waiting for its end.'),
    })
    await requireTables(connection)
    const todo = await findPending(connection, options.kind)
    for (const migration of todo)
      await runMigration(connection, migration, { lockTimeoutMs, onWait })
    return todo.map(({ tag }) => tag)
  } finally {
    await connection`select pg_advisory_unlock(${migrationLock})`.catch(() => {})
    await connection`reset statement_timeout`.catch(() => {})
    connection.release()
  }
}

/**
 * Returns when nobody serves any more for whom what is pending would be too early; at once when it
 * takes nothing away. Without a lock, so that newer programs can start. Throws CommandError.
 */
async function outlastOlder(db: Db, options: MigrateOptions): Promise<void> {
  const { kind, olderDeadlineMs = olderDeadlineUsualMs, onWait = () => {} } = options
  const end = performance.now() + olderDeadlineMs
  for (let told = false; ; told = true) {
    const tag = chosen(await migrationState(db), kind).findLast(isPost)?.tag
    const sessions = tag === undefined ? 0 : await countOlder(db, tag)
    if (sessions === 0) return
    const who =
      sessions === 1 ? 'A worker of an older program' : `${sessions} workers of older programs`
    if (performance.now() > end) {
      throw new CommandError(
        `${who} would fail without what ${tag} takes away: replace them on every host, then run ` +
          'this again. `jumpstarter migrate --pre` is for before.',
      )
    }
    if (!told) onWait(`${who} may need what ${tag} takes away: waiting for the end.`)
    await Bun.sleep(olderPollMs)
  }
}

/** The SQL that `migrate` would run, for psql. Changes nothing. */
export async function migrationScript(db: Db, options: MigrateOptions = {}): Promise<string> {
  const { kind, lockTimeoutMs = lockTimeoutUsualMs } = options
  const state = await migrationState(db)
  const texts = chosen(state, kind).map(
    (migration) =>
      `-- ${migration.tag} (${kindOf(migration.tag)})\n${scriptOf(migration, lockTimeoutMs)}`,
  )
  return [...(state.applied.length === 0 ? [`${migrationsTable.trim()};\n`] : []), ...texts].join(
    '\n',
  )
}

async function findPending(
  connection: postgres.ReservedSql,
  kind: Kind | undefined,
): Promise<Migration[]> {
  await connection.unsafe(migrationsTable)
  const rows = await appliedRows(connection)
  for (const { tag, sha256 } of rows) {
    const ours = migrations.find((migration) => migration.tag === tag)
    if (ours && digest(ours.sql) !== sha256) {
      throw new CommandError(
        `Migration ${tag} was applied to this database with another text than this program carries. ` +
          'Use the program that made the database, or restore a backup.',
      )
    }
  }
  return chosen(compare(rows.map((row) => row.tag)), kind)
}

/** Throws CommandError for a schema that is a newer program's, and for post before pre. */
function chosen(state: MigrationState, kind: Kind | undefined): Migration[] {
  const inTheWay = obstacle(state)
  if (inTheWay?.schemaIs === 'newer') throw new CommandError(newerSchemaSentence(inTheWay.tags))
  if (kind === 'post' && inTheWay) {
    throw new CommandError(
      `${inTheWay.tags[0]} comes first: run \`jumpstarter migrate --pre\`, then replace every ` +
        'program by this one, then run this again.',
    )
  }
  return migrations.filter(
    ({ tag }) => state.pending.includes(tag) && (kind === undefined || kindOf(tag) === kind),
  )
}

/**
 * Throws unless this program can serve with the schema, its tables in place: it has all that the
 * program needs, and nothing has been taken away for a newer one. Returns what there is.
 */
export async function requireCurrentSchema(db: Db): Promise<MigrationState> {
  await requireTables(db.$client)
  const state = await migrationState(db)
  requireServable(state)
  return state
}

/**
 * The same for a worker that takes the place of one of another program. A database that does not
 * answer, or is being filled, is no reason: pages in caches are served meanwhile.
 */
export async function refuseOtherSchema(db: Db): Promise<void> {
  const asked = migrationState(db).catch(() => undefined)
  const state = (await within(asked, answerDeadlineMs)) && (await asked)
  if (state) requireServable(state)
}

function requireServable(state: MigrationState): void {
  const inTheWay = obstacle(state)
  if (!inTheWay) return
  const { schemaIs, tags } = inTheWay
  throw new CommandError(
    schemaIs === 'newer'
      ? newerSchemaSentence(tags)
      : `The database’s schema is older than this program (${tags.length} to apply, from ${tags[0]}). ` +
          'Run `jumpstarter migrate --pre`, which older programs bear, or start with `--migrate`.',
  )
}

function newerSchemaSentence(tags: string[]): string {
  return (
    `The database’s schema is newer than this program: it has ${tags.join(', ')}. ` +
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
