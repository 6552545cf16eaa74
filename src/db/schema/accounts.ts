import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { bytes, id, sqlList, time } from './columns'
import { people } from './projects'

export const roles = ['member', 'staff'] as const

/** How a person signs in; most people of a seeded site have none. */
export const accounts = pgTable(
  'accounts',
  {
    personId: id()
      .primaryKey()
      .references(() => people.id),
    /** In lower case, as it is looked up. */
    email: text().notNull().unique('accounts_email'),
    /** argon2id, in PHC form. */
    passwordHash: text().notNull(),
    role: text({ enum: roles }).notNull().default('member'),
    createdAt: time().notNull().defaultNow(),
    /** Of the second step, in base 32; null without one. */
    totpSecret: text(),
    /** The last 30 seconds a code of it was taken for: each is taken once. */
    totpStep: bigint({ mode: 'number' }),
    /** The latest event of the activity page that has been seen. */
    seenEvent: id().notNull().default(0),
    /** Stands in mailed links that end a kind of mail. */
    mailKey: text().notNull().default(sql`gen_random_uuid()::text`),
  },
  (t) => [check('accounts_role', sql`${t.role} in (${sql.raw(sqlList(roles))})`)],
)

/** A browser that is signed in. The cookie holds the token, this only its SHA-256. */
export const sessions = pgTable(
  'sessions',
  {
    tokenHash: bytes().primaryKey(),
    personId: id()
      .notNull()
      .references(() => accounts.personId),
    userAgent: text().notNull(),
    createdAt: time().notNull().defaultNow(),
    /** To the hour: it is not written at every request. */
    seenAt: time().notNull().defaultNow(),
    expiresAt: time().notNull(),
    /** The password was right, and a code is still to come: it signs nobody in. */
    pending: boolean().notNull().default(false),
  },
  (t) => [index('sessions_by_person').on(t.personId, t.createdAt)],
)

/** Each lets its owner in once without their telephone; kept as SHA-256. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    personId: id()
      .notNull()
      .references(() => accounts.personId),
    codeHash: bytes().notNull(),
  },
  (t) => [primaryKey({ columns: [t.personId, t.codeHash] })],
)

/** Somebody who backs without an account; whoever proves the address can make one of it. */
export const guests = pgTable('guests', {
  personId: id()
    .primaryKey()
    .references(() => people.id),
  /** In lower case. */
  email: text().notNull().unique('guests_email'),
  createdAt: time().notNull().defaultNow(),
})

export const mailedKinds = ['sign-up', 'reset', 'email', 'guest'] as const

/** What a mailed link does, once. The link holds the token, this only its SHA-256. */
export const mailedTokens = pgTable(
  'mailed_tokens',
  {
    tokenHash: bytes().primaryKey(),
    kind: text({ enum: mailedKinds }).notNull(),
    email: text().notNull(),
    /** Of a person who is there already. */
    personId: id().references(() => people.id),
    /** Of one who signs up: the person is made when the link is followed. */
    name: text(),
    passwordHash: text(),
    createdAt: time().notNull().defaultNow(),
    expiresAt: time().notNull(),
  },
  (t) => [
    index('mailed_tokens_by_person').on(t.personId),
    index('mailed_tokens_expiry').on(t.expiresAt),
    check('mailed_tokens_kind', sql`${t.kind} in (${sql.raw(sqlList(mailedKinds))})`),
    check(
      'mailed_tokens_whole',
      sql`case when ${t.kind} = 'sign-up' then ${t.personId} is null and ${t.name} is not null
        and ${t.passwordHash} is not null else ${t.personId} is not null end`,
    ),
  ],
)

export const scopes = ['read', 'write', 'projects', 'messages', 'pledges'] as const

/** Lets a program act for a person through the API. The program has the token, we its SHA-256. */
export const accessTokens = pgTable(
  'access_tokens',
  {
    id: id().primaryKey().generatedAlwaysAsIdentity(),
    tokenHash: bytes().notNull().unique('access_tokens_hash'),
    personId: id()
      .notNull()
      .references(() => accounts.personId),
    name: text().notNull(),
    scopes: text({ enum: scopes }).array().notNull(),
    createdAt: time().notNull().defaultNow(),
    /** To the hour. */
    usedAt: time(),
    expiresAt: time().notNull(),
  },
  (t) => [index('access_tokens_by_person').on(t.personId, t.id)],
)
