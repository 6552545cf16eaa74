import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { pledges } from '#db/schema/backing'
import { fulfilments, surveys } from '#db/schema/fulfilment'
import { projects } from '#db/schema/projects'
import { AppError } from '#lib/errors'
import { findAddress } from '../reads/addresses'
import { findFulfilment } from '../reads/surveys'
import type { Answers, Question } from '../rules/survey'
import { beginTask, type Work } from './steps'
import { addTask } from './tasks'

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

/** Keeps the questions until they are sent. Throws AppError wrong_state when they have been. */
export async function saveSurvey(
  db: Db,
  projectId: number,
  survey: { questions: Question[]; wantsAddress: boolean },
): Promise<void> {
  const saved = await db
    .insert(surveys)
    .values({ projectId, ...survey })
    .onConflictDoUpdate({
      target: surveys.projectId,
      set: survey,
      setWhere: isNull(surveys.sentAt),
    })
    .returning({ projectId: surveys.projectId })
  if (saved.length === 0) {
    throw new AppError('wrong_state', { detail: 'The survey has been sent, so it stays as it is.' })
  }
}

/**
 * Sends it to all who have paid, once: members hear of it as an event, guests by mail, of a large
 * project over a while. Throws AppError wrong_state before the campaign has succeeded, and
 * incomplete while there is nothing to ask.
 */
export async function sendSurvey(
  work: Work,
  { projectId, actorId }: { projectId: number; actorId: number },
): Promise<void> {
  const task = await work.db.transaction(async (tx) => {
    const [project] = await tx
      .select({ status: projects.status })
      .from(projects)
      .where(eq(projects.id, projectId))
    if (project?.status !== 'successful') {
      throw new AppError('wrong_state', {
        detail: 'A survey goes out once the campaign has ended well and backers have paid.',
      })
    }
    const [survey] = await tx
      .select({ questions: surveys.questions, wantsAddress: surveys.wantsAddress })
      .from(surveys)
      .where(eq(surveys.projectId, projectId))
      .for('update')
    if (!survey || (survey.questions.length === 0 && !survey.wantsAddress)) {
      throw new AppError('incomplete', { detail: 'There is nothing to ask yet.' })
    }
    const sent = await tx
      .update(surveys)
      .set({ sentAt: sql`now()` })
      .where(and(eq(surveys.projectId, projectId), isNull(surveys.sentAt)))
      .returning({ projectId: surveys.projectId })
    if (sent.length === 0) return undefined
    await recordEvent(tx, { kind: 'survey_sent', aboutProject: projectId, actorId })
    return await addTask(tx, projectId, null)
  })
  if (task) await beginTask(work, task)
}

/** From now on what was answered stays. Throws AppError wrong_state before it was sent. */
export async function lockSurvey(db: Db, projectId: number): Promise<void> {
  const locked = await db
    .update(surveys)
    .set({ lockedAt: sql`coalesce(${surveys.lockedAt}, now())` })
    .where(and(eq(surveys.projectId, projectId), sql`${surveys.sentAt} is not null`))
    .returning({ projectId: surveys.projectId })
  if (locked.length === 0) throw new AppError('wrong_state')
}

/**
 * Keeps a backer's answers, with a copy of the address. Throws AppError pledge_not_found, and
 * wrong_state when nothing was asked, nothing was paid, or what they have answered is locked.
 */
export async function answerSurvey(
  db: Db,
  { backerId, projectId }: { backerId: number; projectId: number },
  { answers, addressId }: Answers,
): Promise<{ wrong: 'address' } | 'done'> {
  return await db.transaction(async (tx) => {
    // Nobody locks it meanwhile.
    await tx
      .select({ projectId: surveys.projectId })
      .from(surveys)
      .where(eq(surveys.projectId, projectId))
      .for('share')
    const fulfilment = await findFulfilment(tx, backerId, projectId)
    if (!fulfilment) throw new AppError('pledge_not_found')
    const { survey, pledgeStatus, answeredAt } = fulfilment
    if (!survey?.sentAt || pledgeStatus !== 'collected') throw new AppError('wrong_state')
    if (survey.lockedAt && answeredAt) {
      throw new AppError('wrong_state', {
        detail: 'The creator is about to send it: what you answered stays. Write to them instead.',
      })
    }
    const address = addressId === undefined ? null : await findAddress(tx, backerId, addressId)
    if (address === undefined) return { wrong: 'address' }
    const { id: _, isDefault: __, ...postal } = address ?? { id: 0, isDefault: false }
    const given = { answers, address: address && (postal as Record<string, string>) }
    await put(tx, { projectId, pledgeId: fulfilment.pledgeId }, given, sql`now()`)
    return 'done'
  })
}

async function put(
  tx: Tx,
  key: { projectId: number; pledgeId: number },
  given: Partial<typeof fulfilments.$inferInsert>,
  answeredAt: ReturnType<typeof sql>,
) {
  await tx
    .insert(fulfilments)
    .values({ ...key, ...given, answeredAt })
    .onConflictDoUpdate({
      target: [fulfilments.projectId, fulfilments.pledgeId],
      set: { ...given, answeredAt, changedAt: sql`now()` },
    })
}

/** The backer says that it has come. Throws AppError pledge_not_found, or wrong_state unpaid. */
export async function markReceived(db: Db, backerId: number, projectId: number): Promise<void> {
  const [pledge] = await db
    .select({ pledgeId: pledges.id, status: pledges.status })
    .from(pledges)
    .where(and(eq(pledges.backerId, backerId), eq(pledges.projectId, projectId)))
  if (!pledge || pledge.status === 'canceled') throw new AppError('pledge_not_found')
  if (pledge.status !== 'collected') throw new AppError('wrong_state')
  await db
    .insert(fulfilments)
    .values({ projectId, pledgeId: pledge.pledgeId, status: 'received' })
    .onConflictDoUpdate({
      target: [fulfilments.projectId, fulfilments.pledgeId],
      set: { status: 'received', changedAt: sql`now()` },
    })
}
