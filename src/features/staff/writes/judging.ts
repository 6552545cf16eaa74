import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import type { Viewer } from '#db/sessions'
import { type Access, findAccess } from '#features/projects/reads/access'
import { AppError } from '#lib/errors'

/**
 * Nobody of staff decides about what they have a part in. Throws AppError forbidden, or
 * project_not_found.
 */
export async function requireUninvolved(
  tx: Pick<Db, 'select'>,
  staff: Pick<Viewer, 'id'>,
  projectId: number,
): Promise<Access['project']> {
  const access = await findAccess(tx, staff, projectId)
  if (!access) throw new AppError('project_not_found')
  if (access.permissions.length > 0) {
    throw new AppError('forbidden', {
      detail: 'You have a part in this project: somebody else of our staff has to decide about it.',
    })
  }
  return access.project
}

/** Whoever else would decide about this project waits. */
export async function lockProject(tx: Pick<Db, 'execute'>, projectId: number): Promise<void> {
  await tx.execute(sql`select from projects where id = ${projectId} for update`)
}
