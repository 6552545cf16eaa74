import type { Db } from './client'

/**
 * One prepared statement per pool: `build` runs once, and Postgres parses and plans the text once per
 * connection. So that it is prepared on the server, `build` must end in `.prepare(name)`, whatever
 * the name (the driver makes its own), and the text must have a parameter: a `limit` is one.
 */
export function prepared<Statement>(build: (db: Db) => Statement): (db: Db) => Statement {
  const statements = new WeakMap<Db, Statement>()
  return (db) => {
    const known = statements.get(db)
    if (known !== undefined) return known
    const statement = build(db)
    statements.set(db, statement)
    return statement
  }
}
