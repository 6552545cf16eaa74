import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
} from 'drizzle-orm/pg-core'
import { pledges } from './backing'
import { id, sqlList, time } from './columns'
import { people, projects } from './projects'

/** Where somebody lives; their address book. */
export const addresses = pgTable(
  'addresses',
  {
    personId: id()
      .notNull()
      .references(() => people.id),
    id: id().notNull().generatedAlwaysAsIdentity(),
    name: text().notNull(),
    line1: text().notNull(),
    line2: text().notNull().default(''),
    city: text().notNull(),
    state: text().notNull().default(''),
    postcode: text().notNull().default(''),
    country: text().notNull(),
    phone: text().notNull().default(''),
    isDefault: boolean().notNull().default(false),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.personId, t.id] })],
)

/** What a creator asks backers once they know that there will be something to send. */
export const surveys = pgTable('surveys', {
  projectId: id()
    .primaryKey()
    .references(() => projects.id),
  questions: jsonb()
    .$type<{ id: string; question: string; choices: string[]; isRequired: boolean }[]>()
    .notNull(),
  wantsAddress: boolean().notNull().default(true),
  sentAt: time(),
  /** From then on addresses stay as they are. */
  lockedAt: time(),
})

export const fulfilmentStatuses = ['none', 'preparing', 'sent', 'received'] as const

/** What is sent to one backer: their answers, where to, and how far it is. */
export const fulfilments = pgTable(
  'fulfilments',
  {
    projectId: id().notNull(),
    pledgeId: id().notNull(),
    answers: jsonb().$type<Record<string, string>>().notNull().default({}),
    address: jsonb().$type<Record<string, string>>(),
    answeredAt: time(),
    status: text({ enum: fulfilmentStatuses }).notNull().default('none'),
    tracking: text().notNull().default(''),
    changedAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.pledgeId] }),
    foreignKey({
      name: 'fulfilments_pledge',
      columns: [t.projectId, t.pledgeId],
      foreignColumns: [pledges.projectId, pledges.id],
    }),
    check('fulfilments_status', sql`${t.status} in (${sql.raw(sqlList(fulfilmentStatuses))})`),
  ],
)

export const taskKinds = ['mark', 'survey'] as const

/** What is done with all backers of a project, a number of pledges at a time. */
export const fulfilmentTasks = pgTable(
  'fulfilment_tasks',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    id: id().notNull().generatedAlwaysAsIdentity(),
    kind: text({ enum: taskKinds }).notNull(),
    /** What backers are marked as, and which of them. */
    mark: jsonb().$type<{ status: string; filter: Record<string, string | number> }>(),
    /** Pledges up to this one are done. */
    reached: id().notNull().default(0),
    /** How many were looked at, and how many of them were marked or mailed. */
    walked: integer().notNull().default(0),
    done: integer().notNull().default(0),
    createdAt: time().notNull().defaultNow(),
    /** The latest step: of several tasks each has its turn. */
    steppedAt: time().notNull().defaultNow(),
    finishedAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index('fulfilment_tasks_open').on(t.steppedAt).where(sql`finished_at is null`),
    check('fulfilment_tasks_kind', sql`${t.kind} in (${sql.raw(sqlList(taskKinds))})`),
  ],
)

/** Where a creator's programs want to be told what happens. */
export const webhooks = pgTable(
  'webhooks',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    id: id().notNull().generatedAlwaysAsIdentity(),
    url: text().notNull(),
    /** Each delivery is signed with it. */
    secret: text().notNull(),
    kinds: text().array().notNull(),
    createdAt: time().notNull().defaultNow(),
    /** Switched off, by hand or after too many failures. */
    disabledAt: time(),
    /** Lines of the books up to here have been queued. */
    ledgerNumber: id().notNull().default(0),
    /** Since when nothing got through. */
    failingSince: time(),
    /** Whoever delivers is done by then; after a failure, when it is tried again. */
    leasedUntil: time(),
    /** Signs too until then, for programs that do not know the new one yet. */
    oldSecret: text(),
    oldSecretUntil: time(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.id] })],
)

export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    projectId: id().notNull(),
    webhookId: id().notNull(),
    id: id().notNull().generatedAlwaysAsIdentity(),
    kind: text().notNull(),
    body: text().notNull(),
    createdAt: time().notNull().defaultNow(),
    /** When it is tried next; null when it has arrived or was given up. */
    dueAt: time().defaultNow(),
    attempts: smallint().notNull().default(0),
    triedAt: time(),
    /** What the other side answered last; null when it did not. */
    responseStatus: smallint(),
    /** The beginning of what it said. */
    answer: text(),
    lastError: text(),
    deliveredAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.webhookId, t.id] }),
    foreignKey({
      name: 'webhook_deliveries_webhook',
      columns: [t.projectId, t.webhookId],
      foreignColumns: [webhooks.projectId, webhooks.id],
    }),
    index('webhook_deliveries_due')
      .on(t.projectId, t.webhookId, t.dueAt)
      .where(sql`due_at is not null`),
    index('webhook_deliveries_age').using('brin', t.createdAt),
  ],
)
