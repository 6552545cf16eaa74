import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { projects } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { listTransitions } from '#features/editor/reads/making'
import { approveProject, rejectProject, sendBackProject } from '#features/editor/writes/review'
import { moveProject } from '#features/projects/writes/lifecycle'
import { releasePledges } from '#features/settlement/writes/release'
import { AppError } from '#lib/errors'
import { recordAct } from './audit'
import { lockProject, requireUninvolved } from './judging'
import { resolveReports } from './reports'

export type Verdict =
  | { act: 'approve' }
  | { act: 'send_back'; reason: string }
  | { act: 'reject'; reason: string }

/**
 * Decides about a project in review, as long as nothing has become of it since its history had
 * `seen` lines. Throws AppError forbidden, project_not_found or wrong_state.
 */
export async function judgeProject(
  db: Db,
  staff: Viewer,
  key: { projectId: number; seen: number },
  verdict: Verdict,
): Promise<void> {
  const { projectId, seen } = key
  await db.transaction(async (tx) => {
    await lockProject(tx, projectId)
    const { creatorId } = await requireUninvolved(tx, staff, projectId)
    const [latest] = await listTransitions(tx, projectId)
    if ((latest?.number ?? 0) !== seen) throw new AppError('wrong_state')
    const by = { projectId, staffId: staff.id }
    if (verdict.act === 'approve') await approveProject(tx, by)
    if (verdict.act === 'send_back') await sendBackProject(tx, { ...by, note: verdict.reason })
    if (verdict.act === 'reject') await rejectProject(tx, { ...by, reason: verdict.reason })
    await recordAct(tx, staff, { ...verdict, aboutProject: projectId, aboutPerson: creatorId })
  })
}

/**
 * Shows a live project among the staff picks, or no longer; what is so already stays. Throws
 * AppError forbidden, project_not_found, or wrong_state for what is not live.
 */
export async function pickProject(
  db: Db,
  staff: Viewer,
  { projectId, isPick }: { projectId: number; isPick: boolean },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockProject(tx, projectId)
    const { creatorId, status } = await requireUninvolved(tx, staff, projectId)
    if (status !== 'live') throw new AppError('wrong_state')
    const changed = await tx
      .update(projects)
      .set({ featuredAt: isPick ? sql`now()` : null })
      .where(
        and(
          eq(projects.id, projectId),
          isPick ? isNull(projects.featuredAt) : isNotNull(projects.featuredAt),
        ),
      )
      .returning({ id: projects.id })
    if (changed.length === 0) return
    const act = isPick ? 'pick' : 'unpick'
    await recordAct(tx, staff, { act, aboutProject: projectId, aboutPerson: creatorId })
    await announceChange(tx, [tags.project(projectId)])
  })
}

/**
 * Ends a live project for good, and with it what was reported of it. Throws AppError forbidden,
 * project_not_found or wrong_state.
 */
export async function suspendProject(
  db: Db,
  staff: Viewer,
  { projectId, reason }: { projectId: number; reason: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockProject(tx, projectId)
    const { creatorId } = await requireUninvolved(tx, staff, projectId)
    await moveProject(tx, { projectId, to: 'suspended', actorId: staff.id, reason })
    await releasePledges(tx, projectId)
    await recordEvent(tx, {
      kind: 'project_suspended',
      aboutProject: projectId,
      actorId: staff.id,
      recipientId: creatorId,
      reason,
    })
    await resolveReports(
      tx,
      staff,
      { kind: 'project', projectId, subject: 0, memberId: null },
      'acted',
    )
    await recordAct(tx, staff, {
      act: 'suspend',
      aboutProject: projectId,
      aboutPerson: creatorId,
      reason,
    })
  })
}
