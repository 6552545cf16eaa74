import { sql } from 'drizzle-orm'
import type { Told } from '#cache/live-subject'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { rewards } from '#db/schema/backing'
import { projects } from '#db/schema/projects'
import { hasPublicPage } from '../rules'

const id = sql.placeholder('id')

const liveOf = prepared((db) =>
  db
    .select({
      status: projects.status,
      hiddenAt: projects.hiddenAt,
      pledged: projects.pledged,
      goal: projects.goal,
      currency: projects.currency,
      backers: projects.backersCount,
      endsAt: projects.endsAt,
      isOver: sql<boolean>`${projects.status} <> 'live'`,
      // A project has a hundred rewards at most.
      left: sql<Record<string, number> | null>`(
        select json_object_agg(r.id, r.quantity - r.backers_count order by r.id)
        from ${rewards} r where r.project_id = projects.id and r.quantity is not null)`,
    })
    .from(projects)
    .where(sql`${projects.id} = ${id}`)
    .prepare('live_figures'),
)

/**
 * What changes on a project's page while it runs, as JSON: money in minor units, `left` of each
 * limited reward. Undefined where there is no page.
 */
export async function findLiveFigures(db: Db, projectId: number): Promise<Told | undefined> {
  const [row] = await liveOf(db).execute({ id: projectId })
  if (!row || !hasPublicPage(row)) return undefined
  const { isOver, left, hiddenAt: _, ...figures } = row
  return { data: JSON.stringify({ ...figures, left: left ?? {} }), isOver }
}
