import type { Session } from './snapshot'

// Rows go in many times faster without indexes and keys, and whoever owns the tables may take them
// off and put them back, where only a superuser may switch off the triggers of foreign keys.

interface Piece {
  kind: 'key' | 'index' | 'link'
  remove: string
  make: string
}

const order = ['key', 'index', 'link']

/** Takes indexes, keys, links and triggers off every table. Returns SQL that puts them back. */
export async function takeApart(session: Session, tables: string[]): Promise<string[]> {
  const pieces = await readPieces(session, tables)
  await session.unsafe(tables.map((name) => `alter table ${name} disable trigger user`).join(';'))
  // Links first, which stand on keys.
  for (const { remove } of pieces.toReversed()) await session.unsafe(remove)
  return [
    ...pieces.map(({ make }) => make),
    tables.map((name) => `alter table ${name} enable trigger user`).join(';'),
  ]
}

async function readPieces(session: Session, tables: string[]): Promise<Piece[]> {
  const pieces = await session<Piece[]>`
    select case contype when 'f' then 'link' else 'key' end as kind,
      format('alter table %s drop constraint %I', conrelid::regclass, conname) as remove,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname,
        pg_get_constraintdef(oid))
      || coalesce(format('; comment on constraint %I on %s is ', conname, conrelid::regclass)
        || quote_literal(obj_description(oid, 'pg_constraint')), '')
      || case when contype = 'f' then '' else coalesce(format('; comment on index %I is ', conname)
        || quote_literal(obj_description(conindid, 'pg_class')), '') end as make
    from pg_constraint
    where connamespace = 'public'::regnamespace and contype in ('f', 'p', 'u', 'x')
      and conrelid = any(${tables}::text[]::regclass[])
    union all
    select 'index', format('drop index %s', indexrelid::regclass),
      pg_get_indexdef(indexrelid)
      || coalesce(format('; comment on index %s is ', indexrelid::regclass)
        || quote_literal(obj_description(indexrelid, 'pg_class')), '')
    from pg_index where indrelid = any(${tables}::text[]::regclass[]) and not exists (
      select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
    limit 10000`
  return pieces.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

/** Removes all tables and functions but those of extensions. */
export async function clear(session: Session): Promise<void> {
  const things = await session<{ remove: string }[]>`
    select format('drop table if exists %s cascade', oid::regclass) as remove from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')
    union all
    select format('drop routine if exists %s cascade', oid::regprocedure) from pg_proc
    where pronamespace = 'public'::regnamespace
      and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')
    limit 10000`
  for (const { remove } of things) await session.unsafe(remove)
}

/** The first table with something in it that no migration has brought. */
export async function findUsed(session: Session): Promise<string | undefined> {
  const tables = await session<{ name: string }[]>`
    select relname::text as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and relname not in ('schema_migrations', 'categories')
      and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e')
    order by relname limit 1000`
  for (const { name } of tables) {
    const [row] = await session`select exists (select from ${session(name)}) as used`
    if (row?.['used']) return name
  }
  return undefined
}
