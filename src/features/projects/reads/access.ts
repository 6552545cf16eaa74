import { and, eq, isNotNull } from 'drizzle-orm'
import type { Db } from '#db/client'
import { collaborators, permissions as everything, type Permission } from '#db/schema/making'
import { projects } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { AppError } from '#lib/errors'
import { hasPublicPage } from '../rules'

/** What somebody may do inside a project: its creator all, a collaborator what they were given. */
export interface Access {
  project: { id: number; title: string; status: (typeof projects.$inferSelect)['status'] } & {
    creatorId: number
    hiddenAt: Date | null
  }
  isCreator: boolean
  permissions: readonly Permission[]
}

/**
 * What this person may do inside a project, whatever its state; undefined when there is no such
 * project. One statement.
 */
export async function findAccess(
  db: Pick<Db, 'select'>,
  viewer: Pick<Viewer, 'id'>,
  projectId: number,
): Promise<Access | undefined> {
  const [row] = await db
    .select({
      id: projects.id,
      title: projects.title,
      status: projects.status,
      hiddenAt: projects.hiddenAt,
      creatorId: projects.creatorId,
      permissions: collaborators.permissions,
    })
    .from(projects)
    .leftJoin(
      collaborators,
      and(
        eq(collaborators.projectId, projects.id),
        eq(collaborators.personId, viewer.id),
        isNotNull(collaborators.acceptedAt),
      ),
    )
    .where(eq(projects.id, projectId))
  if (!row) return undefined
  const { permissions: given, ...project } = row
  const isCreator = project.creatorId === viewer.id
  return { project, isCreator, permissions: isCreator ? everything : (given ?? []) }
}

export type Needed = Permission | 'creator' | readonly Permission[]

/**
 * The same for those who may do this, or one of these; `creator` is what nobody else may. Throws
 * AppError forbidden or, where others may not even know that there is a project, project_not_found.
 */
export async function requireAccess(
  db: Pick<Db, 'select'>,
  viewer: Pick<Viewer, 'id'>,
  projectId: number,
  needed: Needed,
): Promise<Access> {
  const access = await findAccess(db, viewer, projectId)
  if (!access) throw new AppError('project_not_found')
  const { project, isCreator, permissions } = access
  const may = (each: Permission | 'creator') =>
    each === 'creator' ? isCreator : permissions.includes(each)
  if ([needed].flat().some(may)) return access
  const isKnown = isCreator || permissions.length > 0 || hasPublicPage(project)
  throw new AppError(isKnown ? 'forbidden' : 'project_not_found')
}
