import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { rewardItems, rewardShipping, rewards } from '#db/schema/backing'
import { faqs } from '#db/schema/community'
import { fulfilmentTasks, surveys, webhookDeliveries, webhooks } from '#db/schema/fulfilment'
import { collaborators, drafts, updateDrafts } from '#db/schema/making'
import { projects, stories } from '#db/schema/projects'
import { restrictions } from '#db/schema/trust'
import type { Viewer } from '#db/sessions'
import { requireAccess } from '#features/projects/reads/access'
import { moveProject } from '#features/projects/writes/lifecycle'
import { releasePledges } from '#features/settlement/writes/release'
import { AppError } from '#lib/errors'
import { requireDraft } from '../reads/drafts'
import { durationDaysMax, durationDaysMin, missingToLaunch } from '../rules'
import { takeApprovalBack } from './review'
import { beginSave, type Tx } from './versions'

type Creator = Pick<Viewer, 'id'>

/**
 * Hands a draft to the staff, as it is stored. Throws AppError project_not_found, forbidden,
 * wrong_state, and incomplete where something is missing; without rewards that has to be said.
 */
export async function submitProject(
  db: Db,
  viewer: Creator,
  { projectId, withoutRewards, now }: { projectId: number; withoutRewards: boolean; now: Date },
): Promise<void> {
  await requireAccess(db, viewer, projectId, 'creator')
  const draft = await requireDraft(db, projectId)
  if (draft.status !== 'draft') throw new AppError('wrong_state')
  const missing = missingToLaunch(draft, now).map(({ sentence }) => sentence)
  if (missing.length > 0) {
    throw new AppError('incomplete', { detail: `Still missing: ${missing.join('; ')}.` })
  }
  if (draft.rewardsCount === 0 && !withoutRewards) {
    const detail = 'There are no rewards: offer one, or say that you offer none.'
    throw new AppError('incomplete', { detail, field: 'withoutRewards' })
  }
  await db.transaction(async (tx) => {
    // What was found whole above is what is submitted.
    await beginSave(tx, { projectId, version: draft.version })
    await moveProject(tx, { projectId, to: 'submitted', actorId: viewer.id })
  })
}

/** Takes it out of the review, to be changed. Throws AppError as `submitProject` does. */
export async function withdrawProject(
  db: Db,
  viewer: Creator,
  { projectId }: { projectId: number },
): Promise<void> {
  await requireAccess(db, viewer, projectId, 'creator')
  await db.transaction(async (tx) => {
    const reason = 'Withdrawn.'
    await moveProject(tx, { projectId, to: 'draft', actorId: viewer.id, reason })
    await takeApprovalBack(tx, projectId)
  })
}

/** Launches an approved project at once. Throws AppError as `submitProject` does. */
export async function launchProject(
  db: Db,
  viewer: Creator,
  { projectId }: { projectId: number },
): Promise<void> {
  await requireAccess(db, viewer, projectId, 'creator')
  await db.transaction((tx) => launch(tx, projectId, viewer.id))
}

/** Whoever else saves or moves it waits; always the project before its draft. */
async function lockProject(tx: Tx, projectId: number) {
  const [project] = await tx
    .select({ status: projects.status })
    .from(projects)
    .where(eq(projects.id, projectId))
    .for('update')
  return project
}

/**
 * It begins now and ends when its draft says, both by the database's clock. Throws AppError
 * wrong_state where it is not approved or its end is out of reach.
 */
async function launch(tx: Tx, projectId: number, actorId: number | null): Promise<void> {
  await lockProject(tx, projectId)
  const [draft] = await tx
    .select({ approvedAt: drafts.approvedAt, isEndInReach: endInReach(sql`now()`) })
    .from(drafts)
    .where(eq(drafts.projectId, projectId))
  if (!draft?.approvedAt) throw new AppError('wrong_state')
  if (!draft.isEndInReach) throw new AppError('wrong_state', { detail: endOutOfReach })
  // The dates before the state, or it would be listed without them.
  await tx
    .update(projects)
    .set({
      launchedAt: sql`now()`,
      endsAt: sql`(select coalesce(d.planned_end, now() + make_interval(days => d.duration_days))
        from ${drafts} d where d.project_id = ${projectId})`,
    })
    .where(eq(projects.id, projectId))
  await moveProject(tx, { projectId, to: 'live', actorId })
  await tx.update(drafts).set({ launchAt: null }).where(eq(drafts.projectId, projectId))
  const event = { kind: 'project_launched', aboutProject: projectId } as const
  await recordEvent(tx, { ...event, ...(actorId === null ? {} : { actorId }) })
}

const endOutOfReach =
  `Its end has to be between ${durationDaysMin} and ${durationDaysMax} days after the launch. ` +
  'Choose another moment, or withdraw it and give another end.'

const endInReach = (at: unknown) => sql<boolean>`coalesce(${drafts.plannedEnd} between
    ${at} + make_interval(days => ${durationDaysMin})
    and ${at} + make_interval(days => ${durationDaysMax}),
  ${drafts.durationDays} is not null)`

/** How far ahead a launch may be set. */
export const launchDaysMax = 180

/**
 * Sets when an approved project launches by itself, or with null that it does not. Throws AppError
 * as `submitProject` does, and invalid_input with the field `at`.
 */
export async function scheduleLaunch(
  db: Db,
  viewer: Creator,
  { projectId, at }: { projectId: number; at: Date | null },
): Promise<void> {
  await requireAccess(db, viewer, projectId, 'creator')
  const wrong = (detail: string) => new AppError('invalid_input', { field: 'at', detail })
  const moment = sql`${at?.toISOString() ?? null}::timestamptz`
  await db.transaction(async (tx) => {
    const project = await lockProject(tx, projectId)
    const [draft] = await tx
      .select({
        approvedAt: drafts.approvedAt,
        isAhead: sql<boolean>`${moment} between now() and
          now() + make_interval(days => ${launchDaysMax})`,
        isEndInReach: endInReach(moment),
      })
      .from(drafts)
      .where(eq(drafts.projectId, projectId))
    if (project?.status !== 'submitted' || !draft?.approvedAt) throw new AppError('wrong_state')
    if (at && !draft.isAhead) {
      throw wrong(`Must be in the future, and within ${launchDaysMax} days.`)
    }
    if (at && !draft.isEndInReach) throw wrong(endOutOfReach)
    await tx.update(drafts).set({ launchAt: at }).where(eq(drafts.projectId, projectId))
  })
}

/**
 * Launches one project whose moment has come; any number of processes may ask at once, and each
 * project is launched by one. Returns whether there was one. Whoever may not launch for now has to
 * wait; what cannot be launched any more, as nobody ran this for days, waits for its creator.
 */
export async function launchNextDue(db: Db): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const isDue = sql<boolean>`${drafts.launchAt} <= now()`
    const [next] = await tx
      .select({ projectId: drafts.projectId })
      .from(drafts)
      .innerJoin(projects, eq(projects.id, drafts.projectId))
      .where(sql`${isDue} and ${projects.status} = 'submitted' and not exists (
        select from ${restrictions} r where r.person_id = ${projects.creatorId}
          and r.kind = 'submit' and (r.until is null or r.until > now()))`)
      .orderBy(drafts.launchAt)
      .limit(1)
      .for('update', { of: projects, skipLocked: true })
    if (!next) return false
    const { projectId } = next
    // Its creator may have changed their mind before it was locked.
    const [draft] = await tx
      .select({ isDue, isEndInReach: endInReach(sql`now()`) })
      .from(drafts)
      .where(eq(drafts.projectId, projectId))
    if (draft?.isDue && draft.isEndInReach) await launch(tx, projectId, null)
    else if (draft?.isDue) {
      await tx.update(drafts).set({ launchAt: null }).where(eq(drafts.projectId, projectId))
    }
    return true
  })
}

/** Ends a live project before its time, for good. Throws AppError as `submitProject` does. */
export async function cancelProject(
  db: Db,
  viewer: Creator,
  { projectId, reason }: { projectId: number; reason: string },
): Promise<void> {
  await requireAccess(db, viewer, projectId, 'creator')
  await db.transaction(async (tx) => {
    await moveProject(tx, { projectId, to: 'canceled', actorId: viewer.id, reason })
    const [project] = await tx
      .select({ isOver: sql<boolean>`${projects.endsAt} <= now()` })
      .from(projects)
      .where(eq(projects.id, projectId))
    if (project?.isOver) throw new AppError('wrong_state')
    await releasePledges(tx, projectId)
    const event = { kind: 'project_canceled', aboutProject: projectId, reason } as const
    await recordEvent(tx, { ...event, actorId: viewer.id })
  })
}

/**
 * Removes a draft and all that is inside; what was done with it stays in the history. Throws
 * AppError project_not_found, forbidden, and wrong_state where it is no draft.
 */
export async function deleteDraft(
  db: Db,
  viewer: Creator,
  { projectId }: { projectId: number },
): Promise<void> {
  await requireAccess(db, viewer, projectId, 'creator')
  await db.transaction((tx) => removeDraft(tx, projectId))
}

/** The same inside a transaction, for whoever may. Throws AppError wrong_state. */
export async function removeDraft(tx: Tx, projectId: number): Promise<void> {
  const project = await lockProject(tx, projectId)
  if (project?.status !== 'draft') throw new AppError('wrong_state')
  const parts = [
    ...[rewardItems, rewardShipping, rewards, faqs, collaborators, updateDrafts],
    ...[stories, drafts, surveys, fulfilmentTasks, webhookDeliveries, webhooks],
  ]
  for (const part of parts) await tx.delete(part).where(eq(part.projectId, projectId))
  await tx.delete(projects).where(eq(projects.id, projectId))
}

/** Opens the preview to whoever has a new link, or to nobody; older links work no more. */
export async function sharePreview(
  db: Db,
  viewer: Creator,
  { projectId, key }: { projectId: number; key: string | null },
): Promise<void> {
  await requireAccess(db, viewer, projectId, 'edit')
  await db
    .insert(drafts)
    .values({ projectId, previewKey: key })
    .onConflictDoUpdate({ target: drafts.projectId, set: { previewKey: key } })
}
