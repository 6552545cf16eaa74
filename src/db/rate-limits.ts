import { sql } from 'drizzle-orm'
import type { Db } from './client'

/** So many at once, and as many again in each period. */
export interface RateLimit {
  times: number
  seconds: number
}

/**
 * Counts one more under this key, for all processes and hosts together. Returns 0 when it is within
 * the limit, otherwise the seconds to wait, and then it is not counted. A leaky bucket: `empty_at`
 * is when all that was put in has run out (the generic cell rate algorithm of ATM).
 */
export async function countAgainst(db: Db, key: string, limit: RateLimit): Promise<number> {
  const { times, seconds } = limit
  const each = seconds / times
  const [row] = await db.execute<{ wait: number }>(sql`
    with counted as (
      insert into rate_limits as held (key, empty_at)
      values (${key}, clock_timestamp() + make_interval(secs => ${each}))
      on conflict (key) do update
        set empty_at = greatest(held.empty_at, clock_timestamp()) + make_interval(secs => ${each})
        where greatest(held.empty_at, clock_timestamp()) + make_interval(secs => ${each})
          <= clock_timestamp() + make_interval(secs => ${seconds})
      returning 0 as wait
    )
    select wait::float8 from counted
    union all
    select greatest(1, ceil(extract(epoch from empty_at - clock_timestamp())
      - ${seconds}::float8 + ${each}::float8))::float8
    from rate_limits where key = ${key} and not exists (select from counted)`)
  return Number(row?.wait ?? 0)
}

/** Forgets what has run empty. */
export async function dropEmptyLimits(db: Db): Promise<void> {
  await db.execute(sql`delete from rate_limits where empty_at < now()`)
}
