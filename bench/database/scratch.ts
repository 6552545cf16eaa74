import { eq, sql } from 'drizzle-orm'
import { boolean, pgSchema, text } from 'drizzle-orm/pg-core'
import type postgres from 'postgres'
import type { Db } from '#db/client'
import { count, id, money } from '#db/schema/columns'
import { CommandError, errorCode } from '#lib/errors'

// Writes are measured on copies in a schema of their own, never on the site's rows: tables like the
// real ones with every index, filled with a slice of them. `like` leaves triggers and foreign keys
// behind; put back are those that a pledge pays for, the statement trigger that keeps the counts of
// categories (it looks at every update and finds nothing to count) and the reference from pledge to
// project. Left out stay the one to the backer, because backers would run out in a minute, and
// projects_keys, which wakes for no column that is written here.

export const scratchSchema = 'bench'
const mark = 'scratch of jumpstarter bench database'
const keptTrigger = 'projects_count_update'
const forbidden = '42501'
// Any constant of our own; `benc` in ASCII.
const advisoryLockKey = 0x62656e63

/** The copies, with the columns that are written. */
export function scratchTables(schema: string) {
  const space = pgSchema(schema)
  return {
    projects: space.table('projects', {
      id: id().primaryKey(),
      pledged: money().notNull(),
      backersCount: count(),
      commentsCount: count(),
    }),
    pledges: space.table('pledges', {
      projectId: id().notNull(),
      backerId: id().notNull(),
      amount: money().notNull(),
      backedBefore: boolean().notNull(),
      city: text().notNull(),
      country: text().notNull(),
    }),
  }
}

export type ScratchTables = ReturnType<typeof scratchTables>

export interface Scratch {
  schema: string
  tables: ScratchTables
  /** Its projects have the ids 1 to this number. */
  projects: number
}

export interface ScratchOptions {
  schema?: string
  /** Projects in the copy; a smaller site's are repeated. */
  rows: number
  /** Of the projects; Postgres fills pages to the brim by default. */
  fillfactor?: number
  signal: AbortSignal
}

/** Makes the copies for `work` and drops them after it, also when it fails. */
export async function withScratch<Result>(
  db: Db,
  options: ScratchOptions,
  work: (scratch: Scratch) => Promise<Result>,
): Promise<Result> {
  const { schema = scratchSchema } = options
  return await alone(db, async () => {
    await dropLeftover(db, schema)
    try {
      await createSchema(db, schema)
      return await work(await fillScratch(db, { ...options, schema }))
    } finally {
      await db.$client.unsafe(`drop schema if exists ${schema} cascade`)
    }
  })
}

/** Two at once would drop each other's copies. */
async function alone<Result>(db: Db, work: () => Promise<Result>): Promise<Result> {
  const session = await db.$client.reserve()
  try {
    const [row] = await session`select pg_try_advisory_lock(${advisoryLockKey}) as locked`
    if (!row?.['locked']) {
      throw new CommandError(
        'Another jumpstarter bench database runs on this database: wait for it.',
      )
    }
    try {
      return await work()
    } finally {
      await session`select pg_advisory_unlock(${advisoryLockKey})`
    }
  } finally {
    session.release()
  }
}

/** Makes the copies in a database that is itself thrown away. */
export async function makeScratch(
  db: Db,
  options: ScratchOptions & { schema: string },
): Promise<Scratch> {
  await createSchema(db, options.schema)
  return await fillScratch(db, options)
}

async function fillScratch(db: Db, options: ScratchOptions & { schema: string }): Promise<Scratch> {
  const { schema, signal } = options
  for (const statement of await makingStatements(db, options)) {
    await run(db.$client, statement, signal)
  }
  const tables = scratchTables(schema)
  const [row] = await db
    .select({ last: sql<string | null>`max(id)` })
    .from(tables.projects)
    .limit(1)
  if (row?.last) return { schema, tables, projects: Number(row.last) }
  throw new CommandError(
    'There are no projects to measure with: run jumpstarter seed on this database first.',
  )
}

/** What a killed run has left. A schema of this name that is not ours is refused. */
async function dropLeftover(db: Db, schema: string): Promise<void> {
  const [found] = await db.$client<{ comment: string | null }[]>`
    select obj_description(oid, 'pg_namespace') as comment
    from pg_namespace where nspname = ${schema}`
  if (!found) return
  if (found.comment !== mark) {
    throw new CommandError(
      `The database has a schema ${schema} that this program did not make: rename or drop it first.`,
    )
  }
  await db.$client.unsafe(`drop schema ${schema} cascade`)
}

async function createSchema(db: Db, schema: string): Promise<void> {
  try {
    await db.$client.unsafe(`create schema ${schema}; comment on schema ${schema} is '${mark}'`)
  } catch (error) {
    if (errorCode(error) !== forbidden) throw error
    throw new CommandError(
      `This user may not create a schema in the database: grant create on it, because writes are ` +
        `measured on copies in a schema ${schema}.`,
    )
  }
}

async function makingStatements(
  db: Db,
  { schema, rows, fillfactor }: ScratchOptions & { schema: string },
): Promise<string[]> {
  const columns = await db.$client<{ name: string }[]>`
    select quote_ident(attname) as name from pg_attribute
    where attrelid = 'public.projects'::regclass and attnum > 0 and not attisdropped
      and attgenerated = '' and attname <> 'id'
    order by attnum limit 1000`
  const [trigger] = await db.$client<{ definition: string }[]>`
    select pg_get_triggerdef(oid) as definition from pg_trigger
    where tgrelid = 'public.projects'::regclass and tgname = ${keptTrigger}`
  const [{ slice = 0 } = {}] = await db.$client<{ slice: number }[]>`
    select count(*)::int as slice from (select from projects limit ${rows}) as slice_rows`
  const names = columns.map(({ name }) => name).join(', ')
  const copies = Math.max(1, Math.ceil(rows / Math.max(1, slice)))
  return [
    `create table ${schema}.projects (like public.projects including all)`,
    `create table ${schema}.pledges (like public.pledges including all)`,
    ...(fillfactor === undefined
      ? []
      : [`alter table ${schema}.projects set (fillfactor = ${fillfactor})`]),
    // Numbered anew without gaps, so that every key that is drawn has a row.
    `insert into ${schema}.projects (id, ${names}) overriding system value
      select row_number() over (order by copy, newest.id), ${names}
      from (select * from public.projects order by id desc limit ${rows}) as newest
        cross join generate_series(1, ${copies}) as copy
      limit ${rows}`,
    `alter table ${schema}.pledges
      add foreign key (project_id) references ${schema}.projects (id)`,
    // After the rows are in: they are no projects of the site and must not be counted.
    ...(trigger
      ? [trigger.definition.replace(' ON public.projects ', ` ON ${schema}.projects `)]
      : []),
    `vacuum analyze ${schema}.projects`,
  ]
}

/** One statement that an interruption cancels. */
async function run(client: postgres.Sql, statement: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const query = client.unsafe(statement)
  const cancel = () => query.cancel()
  signal.addEventListener('abort', cancel)
  try {
    await query
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

export interface Totals {
  pledges: number
  amount: number
  pledged: number
  backers: number
}

/** What the copies hold: rows and amounts of the pledges, and the totals of the projects. */
export async function readTotals(db: Db, { projects, pledges }: ScratchTables): Promise<Totals> {
  const [rows] = await db
    .select({
      pledges: sql<string>`count(*)`,
      amount: sql<string>`coalesce(sum(${pledges.amount}), 0)`,
    })
    .from(pledges)
  const [sums] = await db
    .select({
      pledged: sql<string>`coalesce(sum(${projects.pledged}), 0)`,
      backers: sql<string>`coalesce(sum(${projects.backersCount}), 0)`,
    })
    .from(projects)
  return {
    pledges: Number(rows?.pledges ?? 0),
    amount: Number(rows?.amount ?? 0),
    pledged: Number(sums?.pledged ?? 0),
    backers: Number(sums?.backers ?? 0),
  }
}

/** Removes the pledges and lets the dead rows go, so that every load begins alike. */
export async function tidyScratch(db: Db, schema: string, signal: AbortSignal): Promise<void> {
  await run(db.$client, `truncate ${schema}.pledges`, signal)
  await run(db.$client, `vacuum ${schema}.projects`, signal)
}

export interface UpdateCounts {
  updates: number
  /** Those that touched no index. */
  hot: number
}

/** Updates of the projects since they were made, as the statistics know them. */
export async function readUpdateCounts(db: Db, schema: string): Promise<UpdateCounts> {
  const [row] = await db.$client<{ updates: string; hot: string }[]>`
    select n_tup_upd as updates, n_tup_hot_upd as hot from pg_stat_user_tables
    where schemaname = ${schema} and relname = 'projects'`
  return { updates: Number(row?.updates ?? 0), hot: Number(row?.hot ?? 0) }
}

/** One more backer and some money for a project, without the pledge itself. */
export const raiseTotals = ({ projects }: ScratchTables, amount: unknown) => ({
  pledged: sql`${projects.pledged} + ${amount}`,
  backersCount: sql`${projects.backersCount} + 1`,
})

/** The pledge as written without a batch writer: a row and the totals in one transaction. */
export async function pledgeNaively(
  db: Db,
  tables: ScratchTables,
  pledge: { projectId: number; backerId: number; amount: number },
): Promise<void> {
  await db.transaction(async (transaction) => {
    await transaction.insert(tables.pledges).values({ ...pledge, ...unchanging })
    await transaction
      .update(tables.projects)
      .set(raiseTotals(tables, pledge.amount))
      .where(eq(tables.projects.id, pledge.projectId))
  })
}

/** What pledges here have in common. */
export const unchanging = { backedBefore: true, city: 'Portland', country: 'United States' }
