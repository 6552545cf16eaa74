import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
} from 'drizzle-orm/pg-core'
import { pledges } from './backing'
import { id, money, sqlList, time } from './columns'
import { people, projects } from './projects'

export const paymentProviders = ['test', 'stripe'] as const

/** A card somebody pays with, as the provider names it: its number never reaches us. */
export const cards = pgTable(
  'cards',
  {
    personId: id()
      .notNull()
      .references(() => people.id),
    id: id().notNull().generatedAlwaysAsIdentity(),
    provider: text({ enum: paymentProviders }).notNull(),
    customerRef: text().notNull(),
    methodRef: text().notNull(),
    brand: text().notNull(),
    lastFour: text().notNull(),
    expiryMonth: smallint().notNull(),
    expiryYear: smallint().notNull(),
    createdAt: time().notNull().defaultNow(),
    /** Of several cards the one chosen last pays where none is named. */
    chosenAt: time().notNull().defaultNow(),
    removedAt: time(),
  },
  (t) => [primaryKey({ columns: [t.personId, t.id] })],
)

export const chargeStatuses = ['intended', 'succeeded', 'declined', 'needs_action'] as const

/** One try to charge a pledge: written before the provider is called, and again with its answer. */
export const charges = pgTable(
  'charges',
  {
    projectId: id().notNull(),
    pledgeId: id().notNull(),
    attempt: smallint().notNull(),
    provider: text({ enum: paymentProviders }).notNull(),
    amount: money().notNull(),
    status: text({ enum: chargeStatuses }).notNull().default('intended'),
    /** The provider's name for it, once there is one. */
    providerRef: text(),
    declineCode: text(),
    createdAt: time().notNull().defaultNow(),
    finishedAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.pledgeId, t.attempt] }),
    foreignKey({
      name: 'charges_pledge',
      columns: [t.projectId, t.pledgeId],
      foreignColumns: [pledges.projectId, pledges.id],
    }),
    index('charges_unfinished').on(t.createdAt).where(sql`status = 'intended'`),
    index('charges_by_provider').on(t.providerRef).where(sql`provider_ref is not null`),
    check('charges_status', sql`${t.status} in (${sql.raw(sqlList(chargeStatuses))})`),
  ],
)

export const refundStatuses = ['intended', 'succeeded', 'failed'] as const

/** Money given back to a backer, all of it or a part. */
export const refunds = pgTable(
  'refunds',
  {
    projectId: id().notNull(),
    pledgeId: id().notNull(),
    number: smallint().notNull(),
    amount: money().notNull(),
    reason: text().notNull(),
    status: text({ enum: refundStatuses }).notNull().default('intended'),
    providerRef: text(),
    /** Who asked for it. */
    actorId: id()
      .notNull()
      .references(() => people.id),
    createdAt: time().notNull().defaultNow(),
    finishedAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.pledgeId, t.number] }),
    foreignKey({
      name: 'refunds_pledge',
      columns: [t.projectId, t.pledgeId],
      foreignColumns: [pledges.projectId, pledges.id],
    }),
    index('refunds_unfinished').on(t.createdAt).where(sql`status = 'intended'`),
    check('refunds_amount', sql`${t.amount} > 0`),
    check('refunds_status', sql`${t.status} in (${sql.raw(sqlList(refundStatuses))})`),
  ],
)

export const disputeStatuses = ['open', 'won', 'lost'] as const

/** A backer's bank takes money back. */
export const disputes = pgTable(
  'disputes',
  {
    projectId: id().notNull(),
    pledgeId: id().notNull(),
    providerRef: text().notNull(),
    amount: money().notNull(),
    reason: text().notNull().default(''),
    status: text({ enum: disputeStatuses }).notNull().default('open'),
    createdAt: time().notNull().defaultNow(),
    closedAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.pledgeId, t.providerRef] }),
    foreignKey({
      name: 'disputes_pledge',
      columns: [t.projectId, t.pledgeId],
      foreignColumns: [pledges.projectId, pledges.id],
    }),
    check('disputes_status', sql`${t.status} in (${sql.raw(sqlList(disputeStatuses))})`),
  ],
)

/** What happens to a project after its end, step by step; a row is there from the deadline on. */
export const settlements = pgTable(
  'settlements',
  {
    projectId: id()
      .primaryKey()
      .references(() => projects.id),
    /** When there is something to do next; null when nothing is left. */
    dueAt: time(),
    /** Whoever works on it is expected to be done by then. */
    leasedUntil: time(),
    settledAt: time().notNull(),
    /** Until then errored pledges may be mended; null when nothing is charged. */
    retriesEndAt: time(),
    remindedAt: time(),
    payoutDueAt: time(),
    /** Nothing is charged any more. */
    closedAt: time(),
    /** Until then pledges are taken although the campaign is over; null where none ever were. */
    lateUntil: time(),
  },
  (t) => [index('settlements_due').on(t.dueAt).where(sql`due_at is not null`)],
)

export const payoutStatuses = ['intended', 'paid', 'failed'] as const

/** What a creator was sent, and how it came about; minor units of the project's currency. */
export const payouts = pgTable(
  'payouts',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    number: smallint().notNull(),
    collected: money().notNull(),
    platformFees: money().notNull(),
    processingFees: money().notNull(),
    refunded: money().notNull(),
    disputed: money().notNull(),
    amount: money().notNull(),
    status: text({ enum: payoutStatuses }).notNull().default('intended'),
    providerRef: text(),
    createdAt: time().notNull().defaultNow(),
    paidAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.number] }),
    check('payouts_status', sql`${t.status} in (${sql.raw(sqlList(payoutStatuses))})`),
  ],
)

/** What providers have told us, each thing once. */
export const providerEvents = pgTable(
  'provider_events',
  {
    provider: text({ enum: paymentProviders }).notNull(),
    eventRef: text().notNull(),
    kind: text().notNull(),
    receivedAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.provider, t.eventRef] }),
    index('provider_events_age').on(t.receivedAt),
  ],
)

/** What the test gateway knows: its customers, cards and payments. */
export const testGateway = pgTable(
  'test_gateway',
  {
    ref: text().primaryKey(),
    /** The key of the request that made it: the same makes nothing more. */
    requestKey: text().unique('test_gateway_request'),
    kind: text().notNull(),
    data: jsonb().$type<Record<string, unknown>>().notNull(),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [index('test_gateway_events').on(t.createdAt).where(sql`kind = 'event'`)],
)
