import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { projectVisits } from '#db/schema/making'

/** Rows of a file that are in memory at once. */
export const chunkRowsMax = 1_000

const owner = sql`${sql.placeholder('owner')}::bigint`

const sourcesOf = prepared((db) =>
  db
    .select({
      day: projectVisits.day,
      source: projectVisits.source,
      visits: projectVisits.visits,
    })
    .from(projectVisits)
    .where(
      sql`${projectVisits.projectId} = ${owner} and (${projectVisits.day}, ${projectVisits.source})
        > (${sql.placeholder('day')}::date, ${sql.placeholder('source')}::text)`,
    )
    .orderBy(projectVisits.day, projectVisits.source)
    .limit(sql.placeholder('limit'))
    .prepare('export_sources'),
)

/** Visits by day and source after this place: `chunkRowsMax` at a time. */
export function listSourceChunk(db: Db, projectId: number, after: { day: string; source: string }) {
  return sourcesOf(db).execute({ owner: projectId, ...after, limit: chunkRowsMax })
}
