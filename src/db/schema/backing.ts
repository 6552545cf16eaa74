import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  date,
  foreignKey,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { count, id, money, sqlList, time } from './columns'
import { people, projects } from './projects'

export const shipsToKinds = ['nobody', 'some', 'anywhere'] as const

export const rewards = pgTable(
  'rewards',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    id: id().notNull().generatedAlwaysAsIdentity(),
    position: smallint().notNull(),
    amount: money().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    deliveryMonth: date({ mode: 'string' }).notNull(),
    shipsTo: text({ enum: shipsToKinds }).notNull(),
    /** Null is unlimited. */
    quantity: integer(),
    opensAt: time(),
    closesAt: time(),
    backersCount: count(),
    /** On top of another reward, in any number up to the limit. */
    isAddOn: boolean().notNull().default(false),
    /** How many one backer may take; null is one of a reward and ten of an add-on. */
    perBackerMax: smallint(),
    image: text(),
    imageAlt: text().notNull().default(''),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    check('rewards_amount', sql`${t.amount} > 0`),
    check('rewards_stock', sql`${t.quantity} is null or ${t.backersCount} <= ${t.quantity}`),
    check('rewards_ships_to', sql`${t.shipsTo} in (${sql.raw(sqlList(shipsToKinds))})`),
  ],
)

export const rewardItems = pgTable(
  'reward_items',
  {
    projectId: id().notNull(),
    rewardId: id().notNull(),
    position: smallint().notNull(),
    name: text().notNull(),
    quantity: smallint().notNull().default(1),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.rewardId, t.position] }),
    foreignKey({
      name: 'reward_items_reward',
      columns: [t.projectId, t.rewardId],
      foreignColumns: [rewards.projectId, rewards.id],
    }),
  ],
)

/** What shipping costs, by country; `Rest of the world` is every country without a row of its own. */
export const rewardShipping = pgTable(
  'reward_shipping',
  {
    projectId: id().notNull(),
    rewardId: id().notNull(),
    country: text().notNull(),
    price: money().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.rewardId, t.country] }),
    foreignKey({
      name: 'reward_shipping_reward',
      columns: [t.projectId, t.rewardId],
      foreignColumns: [rewards.projectId, rewards.id],
    }),
  ],
)

export const pledgeStatuses = ['pledged', 'canceled', 'collected', 'errored', 'dropped'] as const

export type PledgeStatus = (typeof pledgeStatuses)[number]

export const pledges = pgTable(
  'pledges',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    id: id().notNull().generatedAlwaysAsIdentity(),
    backerId: id()
      .notNull()
      .references(() => people.id),
    rewardId: id(),
    amount: money().notNull(),
    status: text({ enum: pledgeStatuses }).notNull().default('pledged'),
    anonymous: boolean().notNull().default(false),
    /** Whether the backer had backed another project before this one. */
    backedBefore: boolean().notNull(),
    /** Where the backer lived when pledging. */
    city: text().notNull(),
    country: text().notNull(),
    createdAt: time().notNull().defaultNow(),
    /** Parts of the amount; the rest is the price of reward and add-ons. */
    bonus: money().notNull().default(0),
    shipping: money().notNull().default(0),
    /** The country it is shipped to; null when nothing is. */
    shipTo: text(),
    /** Of the backer's cards, the one that pays. */
    cardId: id(),
    changedAt: time(),
    /** Of the request that made it what it is; earlier ones are in money_requests. */
    requestKey: text(),
    requestFingerprint: id(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      name: 'pledges_reward',
      columns: [t.projectId, t.rewardId],
      foreignColumns: [rewards.projectId, rewards.id],
    }),
    // One pledge for each backer and project, and in the order in which a person's page shows them.
    uniqueIndex('pledges_by_backer').on(t.backerId, t.projectId),
    check('pledges_amount', sql`${t.amount} > 0`),
    check('pledges_status', sql`${t.status} in (${sql.raw(sqlList(pledgeStatuses))})`),
  ],
)
