import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { accounts } from '#db/schema/accounts'
import { mutedTopics } from '#db/schema/contact'
import { cutPage } from '#lib/page'
import { activityPageRows, type MailTopic } from '../rules/topics'
import { type HappeningRow, happenings } from './subjects'

export type Activity = Awaited<ReturnType<typeof listActivities>>['page'][number]

/**
 * What has happened for a person, the latest first below the event `before`; each with whether they
 * have not seen it.
 */
export async function listActivities(db: Db, personId: number, before = Number.MAX_SAFE_INTEGER) {
  const rows = await db.execute<HappeningRow & { event_id: number; is_new: boolean }>(sql`
    select e.event_id::float8 as event_id, e.event_id > own.seen_event as is_new,
      ${happenings.columns}
    from activities e
    join accounts own on own.person_id = e.person_id
    ${happenings.joins(sql`e.person_id`)}
    where e.person_id = ${personId} and e.event_id < ${before}
    order by e.event_id desc
    limit ${activityPageRows + 1}`)
  const activities = rows.map((row) => ({
    ...happenings.of(row),
    id: row.event_id,
    isNew: row.is_new,
  }))
  return cutPage(activities, activityPageRows, ({ id }) => id)
}

/** The kinds of mail a person does not want. */
export async function listMuted(db: Db, personId: number): Promise<MailTopic[]> {
  const rows = await db
    .select({ topic: mutedTopics.topic })
    .from(mutedTopics)
    .where(eq(mutedTopics.personId, personId))
  return rows.map(({ topic }) => topic)
}

/** Whether a mailed link's key is that of the account. */
export async function isMailKey(
  db: Pick<Db, 'select'>,
  { person, key }: { person: number; key: string },
): Promise<boolean> {
  const rows = await db
    .select({ personId: accounts.personId })
    .from(accounts)
    .where(sql`${accounts.personId} = ${person} and ${accounts.mailKey} = ${key}`)
  return rows.length > 0
}
