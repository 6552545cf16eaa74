import type postgres from 'postgres'
import { announceEverything } from '#db/changes'
import setAsideSql from './set-aside.sql' with { type: 'text' }

// Indexes and keys are built after the load, many times faster than row by row. They are read from
// the catalogs beforehand and written back from there: what stands afterwards is what the
// migrations made, whichever migrations come later.

type Statements = Pick<postgres.Sql, 'unsafe'>

export interface Piece {
  kind: 'index' | 'key' | 'link'
  table: string
  name: string
  /** As Postgres writes it, without schema names. */
  definition: string
  comment: string | null
  /** Of a link: the table it points to. */
  target: string | null
}

/**
 * Moves every table but that of the migrations into the schema `seed` and writes down there what was
 * on them, in one transaction: from then on the site finds no tables, and never half of them.
 */
export async function setAside(client: postgres.Sql): Promise<void> {
  await client.begin(async (tx) => {
    await tx.unsafe(setAsideSql)
    for (const table of await tablesOf(tx)) {
      await tx.unsafe(`alter table public.${table} set schema seed`)
    }
    await tx.unsafe(announceEverything)
  })
}

/** Empties the tables and takes indexes, keys, links and triggers off them. May be repeated. */
export async function strip(client: Statements): Promise<void> {
  const order = ['link', 'key', 'index']
  const pieces = await readPieces(client)
  for (const { kind, table, name } of pieces.toSorted(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind),
  )) {
    if (kind !== 'index') {
      await client.unsafe(`alter table seed.${table} drop constraint if exists ${name}`)
    }
    // A key that an interrupted load has built is an index until it is promoted.
    if (kind !== 'link') await client.unsafe(`drop index if exists seed.${name}`)
  }
  const tables = await tablesOf(client)
  await switchTriggers(client, tables, 'disable')
  const filled = tables.filter((table) => table !== 'categories').map((table) => `seed.${table}`)
  await client.unsafe(`truncate ${filled.join(', ')}`)
}

/** Those of foreign keys too, which only a superuser may; where they matter they are dropped. */
async function switchTriggers(client: Statements, tables: string[], how: 'enable' | 'disable') {
  const [row] = await client.unsafe('select rolsuper from pg_roles where rolname = current_user')
  const which = row?.['rolsuper'] ? 'all' : 'user'
  for (const table of tables) {
    await client.unsafe(`alter table seed.${table} ${how} trigger ${which}`)
  }
}

/** What has been taken off, and has to be put back. */
export async function readPieces(client: Statements): Promise<Piece[]> {
  return await client.unsafe<Piece[]>(
    `select kind, "table", name, definition, comment, target from seed.structure
      where not stays order by "table", name`,
  )
}

/** SQL that builds an index, or that of a key, with its comment. Others may build meanwhile. */
export function build({ kind, table, name, definition, comment }: Piece): string {
  const make =
    kind === 'index'
      ? definition
      : `create unique index ${name} on ${table} ${definition.replace(/^(PRIMARY KEY|UNIQUE) /, '')}`
  return comment === null ? make : `${make}; comment on index ${name} is ${literal(comment)}`
}

/** SQL that makes the index of a key its constraint, in no time. */
export const promote = ({ table, name, definition }: Piece): string =>
  `alter table ${table} add constraint ${name} ${/^(PRIMARY KEY|UNIQUE)/.exec(definition)?.[1]} using index ${name}`

/** SQL that adds a foreign key without looking at the rows. */
export const link = ({ table, name, definition }: Piece): string =>
  `alter table ${table} add constraint ${name} ${definition} not valid`

/** SQL that looks at the rows, and lets others write meanwhile. */
export const proof = ({ table, name }: Piece): string =>
  `alter table ${table} validate constraint ${name}`

/** Puts the finished tables where the site looks for them, all at once, and drops the rest. */
export async function unveil(client: postgres.Sql): Promise<void> {
  await client.begin(async (tx) => {
    const tables = await tablesOf(tx)
    await switchTriggers(tx, tables, 'enable')
    for (const table of tables) await tx.unsafe(`alter table seed.${table} set schema public`)
    await tx.unsafe('drop schema seed cascade')
    await tx.unsafe(announceEverything)
  })
}

async function tablesOf(client: Statements): Promise<string[]> {
  const rows = await client.unsafe<{ name: string }[]>('select name from seed.tables order by name')
  return rows.map(({ name }) => name)
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
