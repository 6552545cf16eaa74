import { eq, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { drafts } from '#db/schema/making'
import { projects } from '#db/schema/projects'
import type { ProjectStatus } from '#features/projects/rules'
import { AppError } from '#lib/errors'
import { isEditable } from '../rules'

export type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

/**
 * Every save of anything inside a project begins with this: whoever else saves or moves the project
 * waits, the draft's version is raised, and readers of a launched project are told. `version` is
 * the one that the form was made from. Throws AppError project_not_found, wrong_state when it can
 * no longer be changed, by the database's clock, or is in review, and edited_meanwhile.
 */
export async function beginSave(
  tx: Tx,
  { projectId, version }: { projectId: number; version: number },
): Promise<{ status: ProjectStatus; version: number; currency: string }> {
  const [project] = await tx
    .select({
      status: projects.status,
      currency: projects.currency,
      isOver: sql<boolean>`coalesce(${projects.endsAt} <= now(), false)`,
    })
    .from(projects)
    .where(eq(projects.id, projectId))
    .for('update')
  if (!project) throw new AppError('project_not_found')
  if (!isEditable(project)) throw new AppError('wrong_state')
  const [saved] = await tx
    .insert(drafts)
    .values({ projectId })
    .onConflictDoUpdate({
      target: drafts.projectId,
      set: { version: sql`${drafts.version} + 1`, updatedAt: sql`now()` },
      setWhere: eq(drafts.version, version),
    })
    .returning({ version: drafts.version })
  if (!saved) throw new AppError('edited_meanwhile')
  if (project.status === 'live') await announceChange(tx, [tags.project(projectId)])
  return { ...project, ...saved }
}
