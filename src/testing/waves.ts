import type { Db } from '#db/client'

export interface Queries {
  count: number
  /** Round trips one after the other: a query begun after another had ended is a wave later. */
  waves: number
}

type Unsafe = Db['$client']['unsafe']

/** Counts the statements that `work` sends through this pool, and how many waited for another. */
export async function countQueries(db: Db, work: () => Promise<unknown>): Promise<Queries> {
  const { $client } = db
  const original = $client.unsafe
  const seen: Queries = { count: 0, waves: 0 }
  let ended = 0
  const begin = () => {
    const wave = ended + 1
    seen.count++
    seen.waves = Math.max(seen.waves, wave)
    return () => {
      ended = Math.max(ended, wave)
    }
  }
  const watched = (...args: Parameters<Unsafe>) => {
    const query = original.apply($client, args)
    const end = begin()
    // Asking for its values or awaiting it is what sends a query, so both stay with the caller.
    const observe = <Result>(result: PromiseLike<Result>): Promise<Result> =>
      Promise.resolve(result).finally(end)
    return {
      values: () => observe(query.values()),
      // biome-ignore lint/suspicious/noThenProperty: a query of postgres.js is one
      then: (...handlers: Parameters<Promise<unknown>['then']>) => observe(query).then(...handlers),
    }
  }
  $client.unsafe = watched as unknown as Unsafe
  try {
    await work()
  } finally {
    $client.unsafe = original
  }
  return seen
}
