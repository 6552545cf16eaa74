import { sql } from 'drizzle-orm'
import type { Db } from './client'
import { outbox } from './schema/outbox'

export interface Mail {
  recipient: string
  subject: string
  text: string
  html: string
  /** Where a mailbox may end mails of this kind by one click; null when nobody can end them. */
  unsubscribe?: string | null
}

export interface ClaimedMail extends Mail {
  id: number
  attempts: number
}

const claimSeconds = 300
const attemptsMax = 8
/** For people to read in the outbox, and for staff to ask about. */
const keptDays = 30
const shownMax = 50

/**
 * Writes a mail in the transaction of what it tells, so that it goes out if and only if that
 * happened. `event` names the happening and its reader: the same is written once. Returns whether
 * it had not been written before.
 */
export async function queueMail(
  tx: Pick<Db, 'insert'>,
  event: string,
  mail: Mail,
): Promise<boolean> {
  const written = await tx
    .insert(outbox)
    .values({ event, ...mail })
    .onConflictDoNothing()
    .returning({ id: outbox.id })
  return written.length > 0
}

/** The same for many at once, each with its event: one statement. */
export async function queueMails(
  tx: Pick<Db, 'execute'>,
  mails: readonly (Mail & { event: string })[],
): Promise<void> {
  await tx.execute(sql`
    insert into outbox (event, recipient, subject, text, html, unsubscribe)
    select event, recipient, subject, text, html, unsubscribe
    from jsonb_to_recordset(${JSON.stringify(mails)}::jsonb)
      as mail (event text, recipient text, subject text, text text, html text, unsubscribe text)
    on conflict do nothing`)
}

/**
 * Takes mails that are due; no other process gets them before five minutes are over, unless they
 * are reported as failed. Returns at most `limit`.
 */
export async function claimMail(db: Db, limit: number): Promise<ClaimedMail[]> {
  return await db.execute<ClaimedMail & Record<string, unknown>>(sql`
    update outbox set attempts = attempts + 1,
      due_at = now() + make_interval(secs => ${claimSeconds})
    where id = any(array(
      select id from outbox
      where sent_at is null and due_at <= now() and attempts < ${attemptsMax}
      order by due_at limit ${limit} for update skip locked))
    returning id::int8::float8 as id, recipient, subject, text, html, unsubscribe, attempts`)
}

/** What it said is forgotten: a link in it may still work. */
export async function markMailSent(db: Db, id: number): Promise<void> {
  await db.execute(sql`
    update outbox set sent_at = now(), last_error = null, text = '', html = '',
      unsubscribe = null where id = ${id}`)
}

/** It is tried again after a minute, two, four and so on. */
export async function markMailFailed(
  db: Db,
  { id, attempts }: Pick<ClaimedMail, 'id' | 'attempts'>,
  reason: string,
): Promise<void> {
  const waitSeconds = 60 * 2 ** (attempts - 1)
  await db.execute(sql`
    update outbox set last_error = ${reason}, due_at = now() + make_interval(secs => ${waitSeconds})
    where id = ${id}`)
}

/** Forgets mails that went out a month ago. */
export async function dropSentMail(db: Db): Promise<void> {
  await db.execute(sql`
    delete from outbox where sent_at < now() - make_interval(days => ${keptDays})`)
}

/** For how many seconds the mail has been due that has been for longest; 0 where none is. */
export async function oldestDueSeconds(db: Db): Promise<number> {
  const [row] = await db.execute<{ seconds: number }>(sql`
    select coalesce(extract(epoch from now() - min(due_at)), 0)::float8 as seconds from outbox
    where sent_at is null and due_at <= now() and attempts < ${attemptsMax}`)
  return row?.seconds ?? 0
}

export type OutboxRow = Awaited<ReturnType<typeof listOutbox>>[number]

/** The latest mails, newest first. */
export async function listOutbox(db: Db) {
  return await db
    .select({
      id: outbox.id,
      recipient: outbox.recipient,
      subject: outbox.subject,
      text: outbox.text,
      createdAt: outbox.createdAt,
    })
    .from(outbox)
    .orderBy(sql`${outbox.id} desc`)
    .limit(shownMax)
}
