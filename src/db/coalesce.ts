import type { Db } from './client'
import { perPool } from './prepared'

/** Ids in one statement: more are found no faster, and keep those who asked first waiting. */
export const batchIdsMax = 100
/** Statements under way of one kind: while one waits for the disk, another goes on. */
const flightsMax = 2

/** Finds the rows of several ids at once, given as a Postgres array: `{1,2,3}`. */
type FindRows<Row> = (db: Db, ids: string) => Promise<Row[]>

/**
 * Lookups by id that share statements: what is asked for in one turn of the event loop goes out as
 * one statement, and what is asked for while two such run, as the next. Gives the rows of an id in
 * the order in which `find` has them; who asks for the same id shares them, so they are not to be
 * changed. A statement that fails, fails all who wait for it.
 */
export function coalesced<Row>(
  find: FindRows<Row>,
  idOf: (row: Row) => number,
): (db: Db, id: number) => Promise<Row[]> {
  const lookup = perPool((db) => batched((ids) => find(db, ids), idOf))
  return (db, id) => lookup(db)(id)
}

function batched<Row>(find: (ids: string) => Promise<Row[]>, idOf: (row: Row) => number) {
  type Waiting = PromiseWithResolvers<Row[]> & { rows: Row[] }
  let waiting = new Map<number, Waiting>()
  let flights = 0
  let due = false

  function take(): Map<number, Waiting> {
    const batch = waiting
    waiting = new Map()
    if (batch.size <= batchIdsMax) return batch
    waiting = new Map(batch.entries().drop(batchIdsMax))
    return new Map(batch.entries().take(batchIdsMax))
  }

  async function send(batch: Map<number, Waiting>) {
    try {
      const rows = await find(`{${[...batch.keys()].join()}}`)
      for (const row of rows) batch.get(idOf(row))?.rows.push(row)
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

  return (id: number): Promise<Row[]> => {
    let asked = waiting.get(id)
    if (!asked) {
      asked = { ...Promise.withResolvers<Row[]>(), rows: [] }
      waiting.set(id, asked)
    }
    if (!due && flights < flightsMax) {
      due = true
      setImmediate(flush)
    }
    return asked.promise
  }
}
