import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges, rewards } from '#db/schema/backing'
import { projectVisits } from '#db/schema/making'
import { people } from '#db/schema/projects'

/** Rows of a file that are in memory at once. */
export const chunkRowsMax = 1_000
const chunkRows = sql.raw(String(chunkRowsMax))

const owner = sql`${sql.placeholder('owner')}::bigint`

const backersOf = prepared((db) => {
  const chunk = db
    .select({
      id: pledges.id,
      backerId: pledges.backerId,
      rewardId: pledges.rewardId,
      amount: pledges.amount,
      status: pledges.status,
      anonymous: pledges.anonymous,
      backedBefore: pledges.backedBefore,
      city: pledges.city,
      country: pledges.country,
      createdAt: pledges.createdAt,
    })
    .from(pledges)
    // Comparisons of rows: see the community's reads.
    .where(sql`project_id <= ${owner}
      and (project_id, id) > (${owner}, ${sql.placeholder('after')}::bigint)`)
    .orderBy(sql`project_id, id limit ${chunkRows}`)
    .as('chunk')
  return db
    .select({
      id: chunk.id,
      name: people.name,
      rewardId: chunk.rewardId,
      reward: rewards.name,
      amount: chunk.amount,
      status: chunk.status,
      anonymous: chunk.anonymous,
      backedBefore: chunk.backedBefore,
      city: chunk.city,
      country: chunk.country,
      createdAt: chunk.createdAt,
    })
    .from(chunk)
    .innerJoin(people, sql`${people.id} = ${chunk.backerId}`)
    .leftJoin(rewards, sql`${rewards.projectId} = ${owner} and ${rewards.id} = ${chunk.rewardId}`)
    .orderBy(chunk.id)
    .limit(chunkRowsMax)
    .prepare('export_backers')
})

export type BackerRow = Awaited<ReturnType<typeof listBackerChunk>>[number]

/** Pledges of a project after the one with this id, first come first: `chunkRowsMax` at a time. */
export function listBackerChunk(db: Db, projectId: number, after: number) {
  return backersOf(db).execute({ owner: projectId, after })
}

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
