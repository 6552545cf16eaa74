import type { Context } from 'hono'
import { type Needed, requireAccess } from '#features/projects/reads/access'
import type { AppEnv } from '#http/env'
import { parseProjectId } from '#http/input'
import { requireViewer } from '#http/session'
import { requireDraft } from '../reads/drafts'

/**
 * The draft an address names, for whoever may do this to it. Throws AppError sign_in_required,
 * forbidden, or project_not_found where they may not know of it.
 */
export async function openDraft(c: Context<AppEnv>, needed: Needed = 'edit') {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project') ?? '')
  const [access, draft] = await Promise.all([
    requireAccess(db, viewer, id, needed),
    requireDraft(db, id),
  ])
  return { viewer, access, draft }
}

/** Whether a script asks, which saves as its reader goes on typing. */
export const asksForJson = (c: Context<AppEnv>): boolean =>
  c.req.header('accept') === 'application/json'
