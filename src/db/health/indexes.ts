import type { Db } from '../client'
import { migrations } from '../migrations'
import { ask } from './ask'

/** An index that the migrations make, by itself or for a key. */
export interface ExpectedIndex {
  table: string
  name: string
  isUnique: boolean
  /** Makes it again. */
  sql: string
}

const inTable = /^CREATE TABLE "(\w+)" \(\n([\s\S]*?)\n\);/gm
const statement = new RegExp(
  [
    String.raw`^CREATE (UNIQUE )?INDEX (?:CONCURRENTLY )?"(\w+)" ON "(\w+)" [^;]*;`,
    String.raw`^ALTER TABLE "(\w+)" ADD CONSTRAINT "(\w+)" (?:UNIQUE|PRIMARY KEY)[^;]*;`,
    String.raw`^DROP INDEX (?:CONCURRENTLY )?"(\w+)"|DROP CONSTRAINT "(\w+)"`,
    String.raw`^DROP TABLE "(\w+)"`,
  ].join('|'),
  'gm',
)

/** Every index there is after all migrations, as their text says. */
export function expectedIndexes(): ExpectedIndex[] {
  const found = new Map<string, ExpectedIndex>()
  const add = (index: ExpectedIndex) => found.set(index.name, index)
  for (const { sql } of migrations) {
    for (const [, table = '', body = ''] of sql.matchAll(inTable)) {
      for (const key of keysOf(table, body)) add(key)
    }
    for (const match of sql.matchAll(statement)) {
      const [text, unique, index, table = '', altered = '', key, noIndex, noKey, noTable] = match
      if (index) add({ table, name: index, isUnique: unique !== undefined, sql: anew(text) })
      if (key) add({ table: altered, name: key, isUnique: true, sql: text })
      found.delete(noIndex ?? noKey ?? '')
      for (const each of found.values()) if (each.table === noTable) found.delete(each.name)
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Without standing in the way of those who write. */
const anew = (text: string) =>
  text.replace(/^CREATE (UNIQUE )?INDEX(?: CONCURRENTLY)?/, 'CREATE $1INDEX CONCURRENTLY')

function keysOf(table: string, body: string): ExpectedIndex[] {
  return body.split('\n').flatMap((line) => {
    const [, name, kind] = /CONSTRAINT "(\w+)" ((?:UNIQUE|PRIMARY KEY).*?),?$/.exec(line) ?? []
    const column = /^\s*("\w+") .*PRIMARY KEY/.exec(line)?.[1]
    const key = name && kind ? { name, kind } : undefined
    const own = column ? { name: `${table}_pkey`, kind: `PRIMARY KEY(${column})` } : key
    if (!own) return []
    const sql = `ALTER TABLE "${table}" ADD CONSTRAINT "${own.name}" ${own.kind};`
    return [{ table, name: own.name, isUnique: true, sql }]
  })
}

export interface ThereIndex {
  table: string
  name: string
  isUnique: boolean
  /** False: being built, or its building was interrupted. */
  isValid: boolean
  /** Somebody is building it now. */
  isBeingBuilt: boolean
}

/** The indexes that there are in `public`. */
export async function listIndexes(db: Db): Promise<ThereIndex[]> {
  return await ask(
    db,
    `select t.relname as "table", c.relname as name, i.indisunique as "isUnique",
        i.indisvalid and i.indisready and i.indislive as "isValid",
        exists (select from pg_stat_progress_create_index p
          where p.index_relid = i.indexrelid or p.relid = i.indrelid) as "isBeingBuilt"
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'i' limit 10000`,
  )
}
