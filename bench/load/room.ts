import { readFileSync } from 'node:fs'
import type { Db } from '#db/client'
import { settings } from '#settings'

// What a server and the programs that ask it may be short of.

/** Of Postgres, for an instance with one worker: its pool, and one on which it hears of changes. */
export const sessionsOfInstance = Number(settings.JUMPSTARTER_POOL.fallback) + 1

/** Sessions of Postgres that nobody has now, of the most that there may be. */
export async function freeSessions(db: Db): Promise<{ free: number; max: number }> {
  const [row] = await db.$client<{ free: number; max: number }[]>`
    select current_setting('max_connections')::int as max,
      current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int
        - (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as free`
  return row ?? { free: 0, max: 0 }
}

/** Files that a process may have open, from /proc/PID/limits: by default what we start may have. */
export const descriptorsMax = (
  limits: string = readFileSync('/proc/self/limits', 'utf8'),
): number =>
  Number(
    /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1]?.replace('unlimited', 'Infinity') ?? 0,
  )
