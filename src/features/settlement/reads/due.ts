import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'

/** Looked at before the clock is asked again. */
export const endedProjectsMax = 100

/**
 * Live projects whose deadline has passed, the first to end first: a scan of the index that lists
 * projects by their end. With a project, that one alone.
 */
export async function listEnded(db: Pick<Db, 'execute'>, projectId?: number) {
  const only = projectId === undefined ? sql`true` : sql`id = ${projectId}`
  return await db.execute<EndedProject>(sql`
    select id::float8 as id, title, currency, goal::float8 as goal, pledged::float8 as pledged,
      all_or_nothing as "allOrNothing", backers_count as "backersCount"
    from projects
    where listing_key(shelf, listing_seconds(ends_at)) >= listing_key(shelf_of(0, 'live'), 0)
      and listing_key(shelf, listing_seconds(ends_at))
        <= listing_key(shelf_of(0, 'live'), listing_seconds(clock_timestamp()))
      and status = 'live' and ends_at <= clock_timestamp() and ${only}
    order by listing_key(shelf, listing_seconds(ends_at)), id
    limit ${endedProjectsMax}`)
}

export type EndedProject = {
  id: number
  title: string
  currency: string
  goal: number
  pledged: number
  allOrNothing: boolean
  backersCount: number
}
