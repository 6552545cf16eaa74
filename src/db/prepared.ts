import type { Db } from './client'

/**
 * One named prepared statement per pool: `build` runs once, and Postgres parses and plans the text once
 * per connection. Drizzle prepares on the server only what is named, so `build` ends in
 * `.prepare(name)`, with a name of its own. postgres.js prepares only what has a parameter: a `limit`
 * is one.
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
