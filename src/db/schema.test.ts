import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { Glob } from 'bun'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { emptyDatabase, type TestDatabase } from '#testing/database'
import type { Db } from './client'
import { kitConfig } from './kit.config'
import { migrate } from './migrations'

setDefaultTimeout(60_000)

let migrated: TestDatabase

beforeAll(async () => {
  migrated = await emptyDatabase()
  await migrate(migrated.db)
})

afterAll(() => migrated.close())

/** Everything src/db/schema declares, as drizzle-kit reads it. */
async function declaredSchema() {
  const files = [...new Glob('*.ts').scanSync(`${import.meta.dir}/schema`)]
  const modules = await Promise.all(files.map((file) => import(`./schema/${file}`)))
  return generateDrizzleJson(Object.assign({}, ...modules), undefined, undefined, kitConfig.casing)
}

/** Columns, constraints and indexes, each as Postgres itself writes it. */
async function catalog(db: Db): Promise<string[]> {
  const rows = await db.$client<{ line: string }[]>`
    select format('%s.%s #%s %s%s %s %s%s', c.relname, a.attname, a.attnum,
        format_type(a.atttypid, a.atttypmod), case when a.attnotnull then ' not null' end,
        pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated) as line
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relnamespace = 'public'::regnamespace and a.attnum > 0
        and c.relname <> 'schema_migrations'
    union all
    select format('%s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
      from pg_constraint
      where connamespace = 'public'::regnamespace and conrelid is distinct from to_regclass('schema_migrations')
    union all
    select indexdef from pg_indexes
      where schemaname = 'public' and tablename <> 'schema_migrations'
    order by 1`
  return rows.map(({ line }) => line)
}

test('the migrations make exactly what src/db/schema declares', async () => {
  const statements = await generateMigration(generateDrizzleJson({}), await declaredSchema())
  const declared = await emptyDatabase()
  try {
    // What the expressions of indexes call; the schema cannot declare it.
    const functions = await migrated.db.$client<{ sql: string }[]>`
      select pg_get_functiondef(oid) as sql from pg_proc
        where pronamespace = 'public'::regnamespace and provolatile = 'i' and prokind = 'f' order by oid`
    for (const { sql } of functions) await declared.db.$client.unsafe(sql)
    for (const statement of statements) await declared.db.$client.unsafe(statement)
    const expected = await catalog(declared.db)
    expect(expected.length).toBeGreaterThan(150)
    expect(await catalog(migrated.db)).toEqual(expected)
  } finally {
    await declared.close()
  }
})

test('there is nothing to generate: the snapshot is that of src/db/schema', async () => {
  const folder = `${import.meta.dir}/../../drizzle/meta`
  const journal = await Bun.file(`${folder}/_journal.json`).json()
  const { idx } = journal.entries.at(-1)
  const name = `${folder}/${String(idx).padStart(4, '0')}_snapshot.json`
  const snapshot = await Bun.file(name).json()
  expect(await generateMigration(snapshot, await declaredSchema())).toEqual([])
})

test('every index that is no constraint says which read it serves', async () => {
  const rows = await migrated.db.$client<{ name: string; comment: string | null }[]>`
    select c.relname as name, obj_description(c.oid, 'pg_class') as comment
      from pg_index i
      join pg_class c on c.oid = i.indexrelid
      where c.relnamespace = 'public'::regnamespace
        and not exists (select from pg_constraint where conindid = c.oid and contype in ('p', 'u'))`
  expect(rows.length).toBeGreaterThan(25)
  for (const { name, comment } of rows) {
    // Of a page or an action: what it shows.
    expect(`${name}: ${comment}`).toMatch(
      /^\w+: [\w ]+[:,] .+|^\w+: saved projects of a person, .+/,
    )
  }
})

test('inside a project every primary key begins with project_id, and references carry it', async () => {
  const { $client } = migrated.db
  const keys = await $client<{ name: string; first: string }[]>`
    select c.relname as name,
        (select attname from pg_attribute where attrelid = c.oid and attnum = k.conkey[1]) as first
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'project_id'
      join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`
  expect(keys.length).toBeGreaterThanOrEqual(10)
  expect(keys.filter(({ first }) => first !== 'project_id')).toEqual([])

  const strays = await $client<{ conname: string }[]>`
    select k.conname from pg_constraint k
      join pg_attribute a on a.attrelid = k.confrelid and a.attname = 'project_id'
      where k.contype = 'f' and k.connamespace = 'public'::regnamespace
        and not a.attnum = any (k.confkey)`
  expect([...strays]).toEqual([])
})
