import type { Context } from 'hono'
import { type Access, findAccess, requireAccess } from '#features/projects/reads/access'
import type { AppEnv } from '#http/env'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'

/**
 * What somebody who may see a project's numbers may do there: its makers with that permission, and
 * staff. Throws AppError sign_in_required, forbidden or project_not_found.
 */
export async function requireNumbers(c: Context<AppEnv>, projectId: number): Promise<Access> {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  if (viewer.role !== 'staff') return await requireAccess(db, viewer, projectId, 'numbers')
  const access = await findAccess(db, viewer, projectId)
  if (!access) throw new AppError('project_not_found')
  return access
}
