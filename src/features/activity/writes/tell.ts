import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { queueMails } from '#db/outbox'
import { type HappeningRow, happenings } from '../reads/subjects'
import { batchPeopleMax, isBetweenPeople } from '../rules/topics'
import { audiences } from './audiences'
import { letterOf, type Reader } from './letters'

type Tx = Pick<Db, 'execute'>

const failedWaitSeconds = 60

/**
 * Tells one event to the next thousand of those whom it concerns, on their activity page and by
 * mail. All of that is one transaction: after a crash it is as if it had not begun, and whoever
 * else tells meanwhile takes another event. `site` is the site's address. Returns whether anything
 * was due.
 */
export async function tell(db: Db, site: string): Promise<boolean> {
  let taken: number | undefined
  try {
    return await db.transaction(async (tx) => {
      const event = await takeEvent(tx)
      if (!event) return false
      taken = event.id
      const readers = isGone(event) ? [] : await writeActivities(tx, event)
      const mails = readers.flatMap((reader) => letterOf(event, reader, site) ?? [])
      if (mails.length > 0) await queueMails(tx, mails)
      const isDone = readers.length < batchPeopleMax
      await tx.execute(sql`
        update events set told_up_to = ${readers.at(-1)?.id ?? event.toldUpTo},
          due_at = clock_timestamp(), told_at = case when ${isDone} then now() end
        where id = ${event.id}`)
      return true
    })
  } catch (error) {
    // So that it does not keep the others waiting.
    if (taken !== undefined) await postpone(db, taken)
    throw error
  }
}

type Event = NonNullable<Awaited<ReturnType<typeof takeEvent>>>

interface EventRow extends HappeningRow {
  id: number
  told_up_to: number
  recipient_id: number | null
  audience: string | null
}

/** The event that has waited longest, for this transaction alone. */
async function takeEvent(tx: Tx) {
  const [row] = await tx.execute<EventRow>(sql`
    select e.id::float8 as id, e.told_up_to::float8 as told_up_to,
      e.recipient_id::float8 as recipient_id, u.audience, ${happenings.columns}
    from (select * from events where told_at is null and due_at <= clock_timestamp()
      order by due_at limit 1 for update skip locked) e
    ${happenings.joins(sql`e.recipient_id`)}`)
  if (!row) return undefined
  return {
    ...happenings.of(row),
    id: row.id,
    toldUpTo: row.told_up_to,
    recipientId: row.recipient_id ?? 0,
    isForBackers: row.audience === 'backers',
  }
}

/** What was deleted or taken down before it could be told is told to nobody. */
const isGone = ({ kind, project, update, comment }: Event): boolean =>
  (project === null && !kind.startsWith('person_')) ||
  (kind === 'update_published' && update === null) ||
  (kind === 'comment_posted' && comment === null)

/** Writes the next readers' activities and returns those readers, the lowest number first. */
async function writeActivities(tx: Tx, event: Event): Promise<Reader[]> {
  const { id, kind, toldUpTo, project, actor, comment } = event
  const audience = audiences[kind]({
    projectId: project?.id ?? 0,
    creatorId: project?.creatorId ?? 0,
    recipientId: event.recipientId,
    answersId: comment?.answersId ?? 0,
    isForBackers: event.isForBackers,
    after: toldUpTo,
  })
  const actorId = actor?.id ?? 0
  const unblocked = isBetweenPeople(kind)
    ? sql`and not exists (select from blocks b
        where (b.person_id, b.blocked_id) in ((r.id, ${actorId}), (${actorId}, r.id)))`
    : sql``
  return await tx.execute<Reader & Record<string, unknown>>(sql`
    with reader as (
      select a.person_id, a.email, a.mail_key
      from (select distinct id from (${audience}) anybody (id)) r
      join accounts a on a.person_id = r.id
      where r.id <> ${actorId} ${unblocked}
      order by a.person_id limit ${batchPeopleMax}
    ), written as (
      insert into activities
        (person_id, event_id, kind, about_project, subject, actor_id, reason, created_at)
      select r.person_id, e.id, e.kind, e.about_project, e.subject, e.actor_id, e.reason,
        e.created_at
      from reader r, events e where e.id = ${id}
      on conflict do nothing
    )
    select r.person_id::float8 as id, r.email, r.mail_key as key, p.name,
      array(select topic from muted_topics m where m.person_id = r.person_id) as muted
    from reader r join people p on p.id = r.person_id
    order by r.person_id`)
}

async function postpone(db: Db, id: number): Promise<void> {
  await db.execute(sql`
    update events set due_at = now() + make_interval(secs => ${failedWaitSeconds})
    where id = ${id}`)
}
