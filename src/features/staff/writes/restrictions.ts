import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { people } from '#db/schema/projects'
import { type RestrictionKind, restrictions } from '#db/schema/trust'
import type { Viewer } from '#db/sessions'
import { AppError } from '#lib/errors'
import { findPersonRecord } from '../reads/people'
import { restrictionNames, tellTerms } from '../rules'
import { recordAct } from './audit'
import { resolveReports, takeReport } from './reports'

export interface NewRestriction {
  kinds: RestrictionKind[]
  /** Null: until it is lifted. */
  days: number | null
  reason: string
  /** The report it answers. */
  about?: number | undefined
}

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

/**
 * Takes something from a person for some days, in place of what was taken of it before; sent twice
 * it is done once. Throws AppError person_not_found, forbidden for staff and for oneself, and
 * wrong_state where the report has been answered.
 */
export async function restrictPerson(
  db: Db,
  staff: Viewer,
  personId: number,
  { kinds, days, reason, about }: NewRestriction,
): Promise<void> {
  await db.transaction(async (tx) => {
    await requireRestrictable(tx, personId)
    if (await isDone(tx, staff, personId, { kinds, days, reason })) return
    if (about !== undefined) {
      await resolveReports(tx, staff, await takeReport(tx, staff, about), 'acted')
    }
    const until = days === null ? null : sql`now() + make_interval(days => ${days})`
    const set = { reason, staffId: staff.id, until, createdAt: sql`now()` }
    await tx
      .insert(restrictions)
      .values(kinds.map((kind) => ({ personId, kind, ...set })))
      .onConflictDoUpdate({ target: [restrictions.personId, restrictions.kind], set })
    const terms = tellTerms(kinds, days, reason)
    await recordAct(tx, staff, {
      act: 'restrict',
      aboutPerson: personId,
      subject: about ?? null,
      reason: terms,
    })
    const event = { kind: 'person_restricted', actorId: staff.id, recipientId: personId } as const
    await recordEvent(tx, { ...event, reason: terms })
  })
}

/** Locks the person, so that of two who do the same the second finds what the first did. */
async function requireRestrictable(tx: Tx, personId: number): Promise<void> {
  await tx
    .select({ id: people.id })
    .from(people)
    .where(eq(people.id, personId))
    .for('no key update')
  const person = await findPersonRecord(tx, personId)
  if (!person?.role || person.deletedAt) throw new AppError('person_not_found')
  if (person.role === 'staff') {
    throw new AppError('forbidden', { detail: 'Staff cannot be restricted.' })
  }
}

/** A form sent twice: the same person did the same within the last minute. */
async function isDone(
  tx: Tx,
  staff: Viewer,
  personId: number,
  { kinds, days, reason }: NewRestriction,
): Promise<boolean> {
  const until =
    days === null
      ? sql`${restrictions.until} is null`
      : sql`${restrictions.until} = ${restrictions.createdAt} + make_interval(days => ${days})`
  const same = await tx
    .select({ kind: restrictions.kind })
    .from(restrictions)
    .where(
      and(
        eq(restrictions.personId, personId),
        eq(restrictions.staffId, staff.id),
        eq(restrictions.reason, reason),
        sql`${until} and ${restrictions.createdAt} > now() - interval '1 minute'`,
      ),
    )
  return kinds.every((kind) => same.some((row) => row.kind === kind))
}

/** Gives it back before its time; what is not taken stays so. Throws as `restrictPerson` does. */
export async function liftRestriction(
  db: Db,
  staff: Viewer,
  personId: number,
  kind: RestrictionKind,
): Promise<void> {
  await db.transaction(async (tx) => {
    await requireRestrictable(tx, personId)
    const lifted = await tx
      .delete(restrictions)
      .where(
        and(
          eq(restrictions.personId, personId),
          eq(restrictions.kind, kind),
          sql`(${restrictions.until} is null or ${restrictions.until} > now())`,
        ),
      )
      .returning({ kind: restrictions.kind })
    if (lifted.length === 0) return
    const reason = restrictionNames[kind]
    await recordAct(tx, staff, { act: 'lift', aboutPerson: personId, reason })
    const event = { kind: 'person_unrestricted', actorId: staff.id, recipientId: personId } as const
    await recordEvent(tx, { ...event, reason: `${reason}.` })
  })
}
