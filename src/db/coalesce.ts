import { type SQL, sql } from 'drizzle-orm'
import type { Db } from './client'
import { perPool } from './prepared'

/** Keys in one statement: more are found no faster, and keep those who asked first waiting. */
export const batchKeysMax = 100
/** Statements under way of one kind: while one waits for the disk, another goes on. */
const flightsMax = 2

/** Lookups by id that share statements; `find` is given a Postgres array: `{1,2,3}`. */
export function coalesced<Row>(
  find: (db: Db, ids: string) => Promise<Row[]>,
  idOf: (row: Row) => number,
): (db: Db, id: number) => Promise<Row[]> {
  return coalescedByKey<Row, number>((db, ids) => find(db, `{${ids.join()}}`), idOf)
}

/**
 * Lookups by a key that share statements: what is asked for in one turn of the event loop goes out
 * as one statement, and what is asked for while two such run, as the next. Gives the rows of a key
 * in the order in which `find` has them; who asks for the same key shares them, so they are not to
 * be changed. A statement that fails, fails all who wait for it.
 */
export function coalescedByKey<Row, Key extends number | string>(
  find: (db: Db, keys: Key[]) => Promise<Row[]>,
  keyOf: (row: Row) => Key,
): (db: Db, key: Key) => Promise<Row[]> {
  const lookup = perPool((db) => batched((keys: Key[]) => find(db, keys), keyOf))
  return (db, key) => lookup(db)(key)
}

/** Two ids of each lookup, as two Postgres arrays of one length: `pairsAsked` reads them. */
interface Pairs extends Record<string, unknown> {
  ones: string
  others: string
}

/** Lookups by two ids, of which statements find several at once. */
export function coalescedByPair<Row>(
  find: (db: Db, pairs: Pairs) => Promise<Row[]>,
  pairOf: (row: Row) => [number, number],
): (db: Db, one: number, other: number) => Promise<Row[]> {
  const lookup = coalescedByKey<Row, string>(
    (db, keys) => {
      const pairs = keys.map((key) => key.split(' '))
      const column = (index: number) => `{${pairs.map((pair) => pair[index]).join()}}`
      return find(db, { ones: column(0), others: column(1) })
    },
    (row) => pairOf(row).join(' '),
  )
  return (db, one, other) => lookup(db, `${one} ${other}`)
}

/** What a statement of `coalescedByPair` selects from: `asked`, with these two columns. */
export const pairsAsked = (one: string, other: string): SQL =>
  sql`unnest(${sql.placeholder('ones')}::bigint[], ${sql.placeholder('others')}::bigint[])
    asked (${sql.raw(one)}, ${sql.raw(other)})`

function batched<Row, Key>(find: (keys: Key[]) => Promise<Row[]>, keyOf: (row: Row) => Key) {
  type Waiting = PromiseWithResolvers<Row[]> & { rows: Row[] }
  let waiting = new Map<Key, Waiting>()
  let flights = 0
  let due = false

  function take(): Map<Key, Waiting> {
    const batch = waiting
    waiting = new Map()
    if (batch.size <= batchKeysMax) return batch
    waiting = new Map(batch.entries().drop(batchKeysMax))
    return new Map(batch.entries().take(batchKeysMax))
  }

  async function send(batch: Map<Key, Waiting>) {
    try {
      const rows = await find([...batch.keys()])
      for (const row of rows) batch.get(keyOf(row))?.rows.push(row)
      for (const { resolve, rows } of batch.values()) resolve(rows)
    } catch (error) {
      for (const { reject } of batch.values()) reject(error)
    }
    flights--
    flush()
  }

  function flush() {
    due = false
    while (waiting.size > 0 && flights < flightsMax) {
      flights++
      void send(take())
    }
  }

  return (key: Key): Promise<Row[]> => {
    let asked = waiting.get(key)
    if (!asked) {
      asked = { ...Promise.withResolvers<Row[]>(), rows: [] }
      waiting.set(key, asked)
    }
    if (!due && flights < flightsMax) {
      due = true
      setImmediate(flush)
    }
    return asked.promise
  }
}
