import type postgres from 'postgres'

// Indexes and keys are built after the load, many times faster than row by row. They are read from
// the catalogs beforehand and written back from there: what stands afterwards is what the migrations
// made, whichever migrations come later.

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
  /** Not taken off: a superuser may leave links and the keys they point to, with their triggers off. */
  stays: boolean
}

/** Where the tables are while they are being filled, out of the site's sight. */
export const seedSchema = 'seed'

/** Whether a bulk seed of this database has begun and not ended. */
export async function isUnderConstruction(client: Statements): Promise<boolean> {
  const [row] = await client.unsafe(`select to_regclass('seed.structure') is not null as begun`)
  return row?.['begun'] === true
}

/**
 * Moves every table but that of the migrations into the schema `seed` and writes down there what was
 * on them, in one transaction: from then on the site finds no tables, and never half of them.
 */
export async function setAside(client: postgres.Sql): Promise<void> {
  await client.begin(async (tx) => {
    await tx.unsafe(`
      create schema seed;
      set local search_path = public;
      create table seed.structure as
      select pieces.*, rolsuper and (kind = 'link' or kind = 'key' and pieces.table in (
          select confrelid::regclass::text from pg_constraint where contype = 'f'
        )) or kind = 'link' and pieces.table = 'categories' or pieces.table in ('categories', 'places') and kind <> 'link'
        as stays
      from pg_roles, (
        select case contype when 'f' then 'link' else 'key' end as kind,
          conrelid::regclass::text as table, conname::text as name, pg_get_constraintdef(oid, true) as definition,
          coalesce(obj_description(oid, 'pg_constraint'), obj_description(conindid, 'pg_class')) as comment,
          case contype when 'f' then confrelid::regclass::text end as target
        from pg_constraint where connamespace = 'public'::regnamespace and contype in ('f', 'p', 'u')
          and conrelid <> 'public.schema_migrations'::regclass and conparentid = 0
        union all
        select 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid, 0, true),
          obj_description(indexrelid, 'pg_class'), null
        from pg_index join pg_class on pg_class.oid = indrelid and relnamespace = 'public'::regnamespace
        where not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
          and indrelid <> 'public.schema_migrations'::regclass
      ) pieces
      where rolname = current_user;
      create table seed.tables as
        select relname::text as name from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migrations'`)
    for (const table of await tablesOf(tx)) {
      await tx.unsafe(`alter table public.${table} set schema seed`)
    }
  })
}

/** Empties the tables and takes indexes, keys, links and triggers off them. May be repeated. */
export async function strip(client: Statements): Promise<void> {
  const order = ['link', 'key', 'index']
  const pieces = await readPieces(client)
  for (const { kind, table, name } of pieces.toSorted(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind),
  )) {
    await client.unsafe(
      kind === 'index'
        ? `drop index if exists seed.${name}`
        : `alter table seed.${table} drop constraint if exists ${name}`,
    )
  }
  const tables = await tablesOf(client)
  for (const table of tables) await switchTriggers(client, table, 'disable')
  const filled = tables.filter((table) => table !== 'categories').map((table) => `seed.${table}`)
  await client.unsafe(`truncate ${filled.join(', ')}`)
}

/** Those of foreign keys too, which only a superuser may; where they matter they are dropped. */
async function switchTriggers(client: Statements, table: string, how: 'enable' | 'disable') {
  const [row] = await client.unsafe('select rolsuper from pg_roles where rolname = current_user')
  await client.unsafe(
    `alter table seed.${table} ${how} trigger ${row?.['rolsuper'] ? 'all' : 'user'}`,
  )
}

/** What has been taken off, and has to be put back. */
export async function readPieces(client: Statements): Promise<Piece[]> {
  return await client.unsafe<Piece[]>(
    'select * from seed.structure where not stays order by "table", name',
  )
}

/** SQL that builds an index, or that of a key, with its comment. Others may read and build meanwhile. */
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
    for (const table of await tablesOf(tx)) {
      await switchTriggers(tx, table, 'enable')
      await tx.unsafe(`alter table seed.${table} set schema public`)
    }
    await tx.unsafe('drop schema seed cascade')
  })
}

async function tablesOf(client: Statements): Promise<string[]> {
  const rows = await client.unsafe<{ name: string }[]>('select name from seed.tables order by name')
  return rows.map(({ name }) => name)
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
