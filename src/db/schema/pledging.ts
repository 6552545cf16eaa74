import { sql } from 'drizzle-orm'
import { check, foreignKey, index, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core'
import { pledges, rewards } from './backing'
import { bytes, id, money, time } from './columns'
import { people } from './projects'

/** What somebody has taken on top of their reward. */
export const pledgeAddOns = pgTable(
  'pledge_add_ons',
  {
    projectId: id().notNull(),
    pledgeId: id().notNull(),
    rewardId: id().notNull(),
    quantity: smallint().notNull(),
    /** Of all of them, without shipping. */
    amount: money().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.pledgeId, t.rewardId] }),
    foreignKey({
      name: 'pledge_add_ons_pledge',
      columns: [t.projectId, t.pledgeId],
      foreignColumns: [pledges.projectId, pledges.id],
    }),
    foreignKey({
      name: 'pledge_add_ons_reward',
      columns: [t.projectId, t.rewardId],
      foreignColumns: [rewards.projectId, rewards.id],
    }),
    check('pledge_add_ons_quantity', sql`${t.quantity} > 0`),
  ],
)

/** A limited reward set aside for somebody at the checkout; it returns to stock when it lapses. */
export const rewardHolds = pgTable(
  'reward_holds',
  {
    projectId: id().notNull(),
    rewardId: id().notNull(),
    personId: id()
      .notNull()
      .references(() => people.id),
    quantity: smallint().notNull(),
    expiresAt: time().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.rewardId, t.personId] }),
    foreignKey({
      name: 'reward_holds_reward',
      columns: [t.projectId, t.rewardId],
      foreignColumns: [rewards.projectId, rewards.id],
    }),
    index('reward_holds_lapsed').on(t.expiresAt),
  ],
)

// Without references to the project: they would be checked for each line, and none goes away.

/**
 * Which writes of money have been done, by the key their sender gave them: each is done once. The
 * latest of a pledge is on the pledge itself.
 */
export const moneyRequests = pgTable(
  'money_requests',
  {
    projectId: id().notNull(),
    personId: id().notNull(),
    key: text().notNull(),
    /** Of what was asked for: the same key with something else is refused. */
    fingerprint: id().notNull(),
    pledgeId: id().notNull(),
    total: money().notNull(),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.personId, t.key] }),
    index('money_requests_age').using('brin', t.createdAt),
  ],
)

/** Whose money it is; each project has all of them. */
export const ledgerAccounts = [
  ...(['backers', 'promised', 'overdue', 'provider'] as const),
  ...(['creator', 'platform'] as const),
  ...(['processing', 'refunded', 'disputed', 'paid_out'] as const),
] as const
export type LedgerAccount = (typeof ledgerAccounts)[number]

/**
 * The books: each line moves an amount from one account of a project to another, so that all of
 * them together are always balanced. Lines are only ever added; a hash covers the line before it.
 */
export const ledger = pgTable(
  'ledger',
  {
    projectId: id().notNull(),
    number: id().notNull(),
    kind: text().notNull(),
    /** Null for what concerns the project as a whole. */
    pledgeId: id(),
    debit: text({ enum: ledgerAccounts }).notNull(),
    credit: text({ enum: ledgerAccounts }).notNull(),
    amount: money().notNull(),
    createdAt: time().notNull(),
    hash: bytes().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.number] }),
    check('ledger_amount', sql`${t.amount} >= 0 and ${t.debit} <> ${t.credit}`),
  ],
)

/** Where each project's books stand: the last line. */
export const ledgerHeads = pgTable('ledger_heads', {
  projectId: id().primaryKey(),
  number: id().notNull(),
  hash: bytes().notNull(),
})

/** What has gone into each account and out of it. */
export const ledgerBalances = pgTable(
  'ledger_balances',
  {
    projectId: id().notNull(),
    account: text({ enum: ledgerAccounts }).notNull(),
    debits: money().notNull().default(0),
    credits: money().notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.account] })],
)
