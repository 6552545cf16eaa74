import { eq, sql } from 'drizzle-orm'
import { recordEvent } from '#db/events'
import { drafts } from '#db/schema/making'
import { projects } from '#db/schema/projects'
import { moveProject, recordTransition } from '#features/projects/writes/lifecycle'
import { AppError } from '#lib/errors'
import type { Tx } from './versions'

interface Act {
  projectId: number
  staffId: number
}

/**
 * Lets the creator launch, in the transaction of whoever calls. The project stays in review until
 * then. Throws AppError project_not_found, or wrong_state where it is not in review or approved
 * already.
 */
export async function approveProject(tx: Tx, { projectId, staffId }: Act): Promise<void> {
  const [project] = await tx
    .select({
      status: projects.status,
      creatorId: projects.creatorId,
      approvedAt: drafts.approvedAt,
    })
    .from(projects)
    .leftJoin(drafts, eq(drafts.projectId, projects.id))
    .where(eq(projects.id, projectId))
    .for('update', { of: projects })
  if (!project) throw new AppError('project_not_found')
  const { status, creatorId, approvedAt } = project
  if (status !== 'submitted' || approvedAt) throw new AppError('wrong_state')
  await tx
    .insert(drafts)
    .values({ projectId, approvedAt: sql`now()` })
    .onConflictDoUpdate({ target: drafts.projectId, set: { approvedAt: sql`now()` } })
  const line = { projectId, from: status, to: status, actorId: staffId, reason: '' }
  await recordTransition(tx, line)
  const event = { kind: 'project_approved', aboutProject: projectId, actorId: staffId } as const
  await recordEvent(tx, { ...event, recipientId: creatorId })
}

/** Makes it a draft again, with what staff wants to be changed. Throws as `approveProject` does. */
export async function sendBackProject(tx: Tx, act: Act & { note: string }): Promise<void> {
  await refuse(tx, act, 'draft', act.note)
}

/** Ends it: it cannot be submitted again. Throws as `approveProject` does. */
export async function rejectProject(tx: Tx, act: Act & { reason: string }): Promise<void> {
  await refuse(tx, act, 'rejected', act.reason)
}

async function refuse(
  tx: Tx,
  { projectId, staffId }: Act,
  to: 'draft' | 'rejected',
  reason: string,
): Promise<void> {
  const from = await moveProject(tx, { projectId, to, actorId: staffId, reason })
  if (from !== 'submitted') throw new AppError('wrong_state')
  await takeApprovalBack(tx, projectId)
  const [project] = await tx
    .select({ creatorId: projects.creatorId })
    .from(projects)
    .where(eq(projects.id, projectId))
  const kind = to === 'draft' ? 'project_sent_back' : 'project_rejected'
  const event = { kind, aboutProject: projectId, actorId: staffId, reason } as const
  await recordEvent(tx, { ...event, recipientId: project?.creatorId })
}

/** What leaves the review is no longer approved, and does not launch by itself. */
export async function takeApprovalBack(tx: Tx, projectId: number): Promise<void> {
  await tx
    .update(drafts)
    .set({ approvedAt: null, launchAt: null, version: sql`${drafts.version} + 1` })
    .where(eq(drafts.projectId, projectId))
}
