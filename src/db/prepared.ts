import { Column, is, SQL } from 'drizzle-orm'
import type { Db } from './client'

/** One thing of its own for every pool: `build` makes it at its first use, once. */
export function perPool<Own extends object>(build: (db: Db) => Own): (db: Db) => Own {
  const made = new WeakMap<Db, Own>()
  return (db) => {
    const known = made.get(db)
    if (known !== undefined) return known
    const own = build(db)
    made.set(db, own)
    return own
  }
}

/**
 * One prepared statement per pool: `build` runs once, and Postgres parses and plans the text once per
 * connection. So that it is prepared on the server, `build` must end in `.prepare(name)`, whatever
 * the name (the driver makes its own), and the text must have a parameter: a `limit` is one.
 */
export function prepared<Statement extends Internals>(
  build: (db: Db) => Statement,
): (db: Db) => Statement {
  return perPool((db) => {
    const statement = build(db)
    decodeByColumn(statement)
    return statement
  })
}

/** What drizzle’s own prepared query has inside. */
interface Internals {
  fields?: { path: string[]; field: Column | SQL | SQL.Aliased }[]
  customResultMapper?: (rows: unknown[][]) => Record<string, unknown>[]
  execute(parameters?: Record<string, unknown>): Promise<unknown>
}

type Decode = (value: unknown) => unknown

/**
 * Drizzle finds out for each cell anew how to read it, which takes longer than reading it. Here
 * that is done once for each column; selections with objects inside are left to drizzle.
 *
 * Where a statement has failed midway, postgres.js 3.4 begins the next result of that connection
 * with as many holes as rows had come (porsager/postgres#1181): `flatMap` and `filter` skip them.
 */
function decodeByColumn(statement: Internals): void {
  const { fields } = statement
  if (!fields) return
  if (fields.some(({ path }) => path.length > 1)) {
    const execute = statement.execute.bind(statement)
    statement.execute = async (parameters) =>
      ((await execute(parameters)) as unknown[]).filter(() => true)
    return
  }
  const columns = fields.map(({ path, field }) => ({
    name: path[0] as string,
    decode: decodeOf(field),
  }))
  statement.customResultMapper = (rows) =>
    rows.flatMap<Record<string, unknown>>((cells) => {
      const row: Record<string, unknown> = {}
      let index = 0
      for (const { name, decode } of columns) {
        const cell = cells[index++]
        row[name] = decode && cell !== null ? decode(cell) : cell
      }
      return row
    })
}

/** Undefined for what is already as it should be. */
function decodeOf(field: Column | SQL | SQL.Aliased): Decode | undefined {
  const source = is(field, SQL.Aliased) ? field.sql : field
  // Of SQL it is no part of the types.
  const decoder = is(source, Column) ? source : (source as unknown as { decoder: Column }).decoder
  const decode: Decode = decoder.mapFromDriverValue
  return decode === Column.prototype.mapFromDriverValue ? undefined : decode.bind(decoder)
}
