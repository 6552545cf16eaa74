import type { Context } from 'hono'
import type { Db } from '#db/client'
import type { Viewer } from '#db/sessions'
import { type Access, findAccess, requireAccess } from '#features/projects/reads/access'
import type { AppEnv } from '#http/env'
import { parseProjectId } from '#http/input'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'

export interface BackersAccess extends Access {
  /** Knows who everybody is and where they live, asks them, and says what was sent. */
  isDelivering: boolean
}

/**
 * What somebody may do who may see a project's backers: its makers with the permission for numbers
 * or for the community, and staff. Throws as `requireAccess` does.
 */
export async function requireBackers(
  db: Pick<Db, 'select'>,
  viewer: Viewer,
  projectId: number,
): Promise<BackersAccess> {
  const access =
    viewer.role === 'staff'
      ? await findAccess(db, viewer, projectId)
      : await requireAccess(db, viewer, projectId, ['numbers', 'community'])
  if (!access) throw new AppError('project_not_found')
  return { ...access, isDelivering: access.permissions.includes('community') }
}

/** The same for those who deliver. */
export const requireDelivering = (c: Context<AppEnv>): Promise<Access> =>
  requireAccess(c.var.deps.db, requireViewer(c), projectOf(c), 'community')

export const projectOf = (c: Context<AppEnv>): number =>
  parseProjectId(c.req.param('project') ?? '')
