import { and, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { projects } from '#db/schema/projects'

const newestId = prepared((db) =>
  db
    .select({ id: sql<string | null>`max(${projects.id})` })
    .from(projects)
    .limit(1)
    .prepare('newest_project_id'),
)

/** The highest project id there is, 0 when there is none. */
export async function newestProjectId(db: Db): Promise<number> {
  const [row] = await newestId(db).execute()
  return Number(row?.id ?? 0)
}

const sitemapProjects = prepared((db) =>
  db
    .select({ id: projects.id, title: projects.title })
    .from(projects)
    .where(
      and(
        sql`${projects.id} between ${sql.placeholder('first')} and ${sql.placeholder('last')}`,
        sql`is_listed(${projects.status}) and ${projects.hiddenAt} is null`,
      ),
    )
    .orderBy(projects.id)
    .prepare('sitemap_projects'),
)

/** Listed projects with ids from `first` to `last`, which bound how many there can be. */
export function listSitemapProjects(db: Db, first: number, last: number) {
  return sitemapProjects(db).execute({ first, last })
}
