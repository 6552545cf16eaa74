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
