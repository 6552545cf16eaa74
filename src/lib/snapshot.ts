/**
 * Which transactions a reader of Postgres saw, as `pg_current_snapshot()` tells it:
 * https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
 */
export interface Snapshot {
  /** Every transaction below is over. */
  xmin: bigint
  /** No transaction from here on was over. */
  xmax: bigint
  /** Those between that were still going on. */
  running: ReadonlySet<bigint>
}

/** Reads `10:20:10,14,15`. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '', xmax = '', running = ''] = text.split(':')
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: new Set(running === '' ? [] : running.split(',').map(BigInt)),
  }
}

/** Whether a reader with this snapshot saw what a transaction that has committed wrote. */
export const sees = ({ xmin, xmax, running }: Snapshot, transaction: bigint): boolean =>
  transaction < xmin || (transaction < xmax && !running.has(transaction))

/** Whether a reader with this snapshot saw all that one with the other saw. */
export function seesAllOf(snapshot: Snapshot, other: Snapshot): boolean {
  if (snapshot.xmax < other.xmax) return false
  return [...snapshot.running].every((transaction) => !sees(other, transaction))
}
