import { sql } from 'drizzle-orm'
import { index, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'
import { id, time } from './columns'

/** Mail on its way: written in the transaction of what it tells, sent after the commit. */
export const outbox = pgTable(
  'outbox',
  {
    id: id().primaryKey().generatedAlwaysAsIdentity(),
    /** Names the event and the reader: the same is never written twice. */
    event: text().notNull().unique('outbox_event'),
    recipient: text().notNull(),
    subject: text().notNull(),
    text: text().notNull(),
    html: text().notNull(),
    createdAt: time().notNull().defaultNow(),
    /** When it is tried next; while it is being sent, when another may take over. */
    dueAt: time().notNull().defaultNow(),
    attempts: smallint().notNull().default(0),
    lastError: text(),
    sentAt: time(),
    /** Where a mailbox may end mails of this kind (RFC 8058); null for those nobody can end. */
    unsubscribe: text(),
  },
  (t) => [
    index('outbox_due').on(t.dueAt).where(sql`sent_at is null`),
    index('outbox_sent').on(t.sentAt).where(sql`sent_at is not null`),
  ],
)

/** How full the bucket of each limited thing is; cheap to lose. */
export const rateLimits = pgTable(
  'rate_limits',
  {
    key: text().primaryKey(),
    /** Until then it is not empty again. */
    emptyAt: timestamp({ withTimezone: true, mode: 'date' }).notNull(),
  },
  (t) => [index('rate_limits_empty').on(t.emptyAt)],
)
