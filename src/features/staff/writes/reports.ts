import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { people } from '#db/schema/projects'
import { reports } from '#db/schema/trust'
import type { Viewer } from '#db/sessions'
import { hideComment, unhideComment } from '#features/comments/writes'
import { findAccess } from '#features/projects/reads/access'
import { hasPublicPage } from '#features/projects/rules'
import { findStanding } from '#features/updates/reads'
import { hideUpdate, unhideUpdate } from '#features/updates/writes/published'
import { AppError } from '#lib/errors'
import { aboutStatement, findOwnReport, findReport } from '../reads/reports'
import { findThing, type Thing } from '../reads/things'
import { excerptCharactersMax, keyOf, type ReportReason, type ThingKey } from '../rules'
import { recordAct } from './audit'
import { requireUninvolved } from './judging'

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

/**
 * What somebody wants to report, as far as they may see it. Throws AppError not_found, or forbidden
 * for what is their own.
 */
export async function requireReportable(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  key: ThingKey,
): Promise<Thing> {
  const thing = await findThing(db, key)
  if (!thing || !(await maySee(db, viewer, thing))) throw new AppError('not_found')
  if (thing.author.id !== viewer.id) return thing
  throw new AppError('forbidden', { detail: 'This is your own: it cannot be reported by you.' })
}

/** Only whoever got a message may report it; what staff has hidden need not be reported. */
async function maySee(db: Db, { id }: Pick<Viewer, 'id'>, thing: Thing): Promise<boolean> {
  const { key, project, author, hiddenAt, forBackers } = thing
  if (!project) return true
  if (key.kind === 'message') {
    if (author.id !== key.memberId) return key.memberId === id
    const access = await findAccess(db, { id }, project.id)
    return access?.permissions.includes('community') ?? false
  }
  if (!hasPublicPage(project) || hiddenAt) return false
  return !forBackers || (await findStanding(db, id, project.id)).isInside
}

export interface NewReport {
  reason: ReportReason
  details: string
}

/**
 * Reports something; whoever has an open report about it keeps that one. Returns its number. Throws
 * as `requireReportable` does.
 */
export async function fileReport(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  key: ThingKey,
  { reason, details }: NewReport,
): Promise<number> {
  const thing = await requireReportable(db, viewer, key)
  return await db.transaction(async (tx) => {
    // Sent twice at once, the second waits and finds the first.
    await tx
      .select({ id: people.id })
      .from(people)
      .where(eq(people.id, viewer.id))
      .for('no key update')
    const known = await findOwnReport(tx, viewer.id, key)
    if (known !== undefined) return known
    const [row] = await tx
      .insert(reports)
      .values({
        kind: key.kind,
        aboutProject: key.projectId,
        subject: key.subject,
        memberId: key.memberId,
        excerpt: [...thing.text.trim()].slice(0, excerptCharactersMax).join(''),
        ...{ reporterId: viewer.id, reason, details },
      })
      .returning({ id: reports.id })
    return row?.id ?? 0
  })
}

/** Answers all open reports about one thing at once; returns how many there were. */
export async function resolveReports(
  tx: Pick<Db, 'update'>,
  staff: Pick<Viewer, 'id'>,
  key: ThingKey,
  outcome: 'acted' | 'dismissed',
): Promise<number> {
  const resolved = await tx
    .update(reports)
    .set({ resolvedAt: sql`now()`, resolvedBy: staff.id, outcome })
    .where(and(aboutStatement(key), isNull(reports.resolvedAt)))
    .returning({ id: reports.id })
  return resolved.length
}

/** A report that waits, for this member of staff alone until the end of the transaction. */
export async function takeReport(tx: Tx, staff: Viewer, id: number): Promise<ThingKey> {
  const { key, isOpen } = await lockReport(tx, staff, id)
  if (!isOpen) throw new AppError('wrong_state')
  return key
}

async function lockReport(tx: Tx, staff: Viewer, id: number) {
  const report = await findReport(tx, id)
  if (!report) throw new AppError('not_found')
  const key = keyOf(report)
  // All about the same thing: whoever answers another of them answers this one too.
  const open = await tx
    .select({ id: reports.id })
    .from(reports)
    .where(and(aboutStatement(key), isNull(reports.resolvedAt)))
    .orderBy(reports.id)
    .for('update')
  if (key.kind === 'person' ? key.subject === staff.id : false) throw aboutYou()
  if (key.projectId !== null) await requireUninvolved(tx, staff, key.projectId)
  return { key, isOpen: open.some((each) => each.id === id) }
}

const aboutYou = () =>
  new AppError('forbidden', {
    detail: 'This is about you: somebody else of our staff has to decide about it.',
  })

/** Leaves a thing as it is. Throws AppError not_found, forbidden or wrong_state. */
export async function dismissReport(
  db: Db,
  staff: Viewer,
  { id, reason }: { id: number; reason: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    const key = await takeReport(tx, staff, id)
    const thing = await findThing(tx, key)
    if (thing?.author.id === staff.id) throw aboutYou()
    await resolveReports(tx, staff, key, 'dismissed')
    await recordAct(tx, staff, {
      act: 'dismiss',
      aboutProject: key.projectId,
      aboutPerson: thing?.author.id ?? null,
      subject: id,
      reason,
    })
  })
}

/**
 * Takes the comment or update that was reported down, or shows it again. Throws AppError not_found,
 * forbidden, or wrong_state where it is so already, has been answered or is nothing to be hidden.
 */
export async function hideReported(
  db: Db,
  staff: Viewer,
  { id, reason, isShown }: { id: number; reason: string; isShown: boolean },
): Promise<void> {
  await db.transaction(async (tx) => {
    const { key, isOpen } = await lockReport(tx, staff, id)
    const { kind, subject } = key
    const thing = await findThing(tx, key)
    if (kind !== 'comment' && kind !== 'update') throw new AppError('wrong_state')
    if (!thing?.project || (thing.hiddenAt !== null) !== isShown || !(isOpen || isShown)) {
      throw new AppError('wrong_state')
    }
    if (thing.author.id === staff.id) throw aboutYou()
    const projectId = thing.project.id
    if (kind === 'comment') {
      const comment = { projectId, id: subject, reason }
      await (isShown ? unhideComment : hideComment)(tx, staff, comment)
    } else {
      const update = { projectId, number: subject, reason }
      await (isShown ? unhideUpdate : hideUpdate)(tx, staff, update)
    }
    if (!isShown) await resolveReports(tx, staff, key, 'acted')
    await recordAct(tx, staff, {
      act: `${isShown ? 'show' : 'hide'}_${kind}`,
      aboutProject: projectId,
      aboutPerson: thing.author.id,
      subject,
      reason,
    })
  })
}
