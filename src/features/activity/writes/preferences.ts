import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { accounts } from '#db/schema/accounts'
import { activities, events, mailTopics, mutedTopics } from '#db/schema/contact'
import { isMailKey } from '../reads/activities'
import { activityKeptDays, type MailTopic } from '../rules/topics'

/** From now on a person gets mail of these kinds, and of no others. */
export async function chooseTopics(
  db: Db,
  personId: number,
  wanted: readonly MailTopic[],
): Promise<void> {
  const muted = mailTopics.filter((topic) => !wanted.includes(topic))
  await db.transaction(async (tx) => {
    await tx.delete(mutedTopics).where(eq(mutedTopics.personId, personId))
    if (muted.length === 0) return
    await tx
      .insert(mutedTopics)
      .values(muted.map((topic) => ({ personId, topic })))
      .onConflictDoNothing()
  })
}

/** Ends mails of one kind. Returns whether the key was that of the account. */
export async function unsubscribe(
  db: Db,
  { topic, ...proof }: { person: number; key: string; topic: MailTopic },
): Promise<boolean> {
  if (!(await isMailKey(db, proof))) return false
  await db.insert(mutedTopics).values({ personId: proof.person, topic }).onConflictDoNothing()
  return true
}

/** A person has seen all up to this event. */
export async function markSeen(
  db: Pick<Db, 'update'>,
  personId: number,
  upTo: number,
): Promise<void> {
  await db
    .update(accounts)
    .set({ seenEvent: sql`greatest(${accounts.seenEvent}, ${upTo})` })
    .where(eq(accounts.personId, personId))
}

const keptSince = sql.raw(`now() - interval '${activityKeptDays} days'`)

/** Forgets what happened three months ago. */
export async function dropOldActivities(db: Pick<Db, 'delete'>): Promise<void> {
  await db.delete(activities).where(sql`${activities.createdAt} < ${keptSince}`)
  await db.delete(events).where(sql`${events.toldAt} < ${keptSince}`)
}
