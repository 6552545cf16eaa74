import { Column, is, SQL } from 'drizzle-orm'
import type { Db } from './client'

/**
 * One prepared statement per pool: `build` runs once, and Postgres parses and plans the text once per
 * connection. So that it is prepared on the server, `build` must end in `.prepare(name)`, whatever
 * the name (the driver makes its own), and the text must have a parameter: a `limit` is one.
 */
export function prepared<Statement extends object>(
  build: (db: Db) => Statement,
): (db: Db) => Statement {
  const statements = new WeakMap<Db, Statement>()
  return (db) => {
    const known = statements.get(db)
    if (known !== undefined) return known
    const statement = build(db)
    decodeByColumn(statement)
    statements.set(db, statement)
    return statement
  }
}

/** What drizzle’s own prepared query has inside. */
interface Internals {
  fields?: { path: string[]; field: Column | SQL | SQL.Aliased }[]
  customResultMapper?: (rows: unknown[][]) => Record<string, unknown>[]
}

type Decode = (value: unknown) => unknown

/**
 * Drizzle finds out for each cell anew how to read it, which takes longer than reading it. Here
 * that is done once for each column; selections with objects inside are left to drizzle.
 */
function decodeByColumn(statement: Internals): void {
  const { fields } = statement
  if (!fields || fields.some(({ path }) => path.length > 1)) return
  const columns = fields.map(({ path, field }) => ({
    name: path[0] as string,
    decode: decodeOf(field),
  }))
  statement.customResultMapper = (rows) =>
    rows.map((cells) => {
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
