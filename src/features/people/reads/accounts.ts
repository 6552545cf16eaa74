import { and, desc, eq, not, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { accounts, mailedTokens, sessions } from '#db/schema/accounts'
import { people } from '#db/schema/projects'

/** The account of an address, in lower case. */
export async function findAccount(db: Pick<Db, 'select'>, email: string) {
  const [account] = await db
    .select({
      personId: accounts.personId,
      name: people.name,
      passwordHash: accounts.passwordHash,
      hasSecondStep: sql<boolean>`${accounts.totpSecret} is not null`.as('has_second_step'),
    })
    .from(accounts)
    .innerJoin(people, eq(people.id, accounts.personId))
    .where(eq(accounts.email, email))
  return account
}

/** A person's own account. */
export async function findOwnAccount(db: Pick<Db, 'select'>, personId: number) {
  const [account] = await db
    .select({
      name: people.name,
      bio: people.bio,
      city: people.city,
      state: people.state,
      country: people.country,
      email: accounts.email,
      passwordHash: accounts.passwordHash,
      hasSecondStep: sql<boolean>`${accounts.totpSecret} is not null`.as('has_second_step'),
    })
    .from(accounts)
    .innerJoin(people, eq(people.id, accounts.personId))
    .where(eq(accounts.personId, personId))
  return account
}

/** What a link was mailed for, without using it up. */
export async function findLink(db: Db, tokenHash: Uint8Array) {
  const [link] = await db
    .select({
      kind: mailedTokens.kind,
      email: mailedTokens.email,
      name: mailedTokens.name,
      personId: mailedTokens.personId,
    })
    .from(mailedTokens)
    .where(sql`${mailedTokens.tokenHash} = ${tokenHash} and ${mailedTokens.expiresAt} > now()`)
  return link
}

const sessionsShownMax = 100

export type Session = Awaited<ReturnType<typeof listSessions>>[number]

/** The browsers a person is signed in with, the latest seen first. */
export async function listSessions(db: Db, personId: number) {
  return await db
    .select({
      /** Enough of the hash to tell one from another, and of no use to sign in. */
      id: sql<string>`left(encode(${sessions.tokenHash}, 'hex'), 16)`.as('id'),
      userAgent: sessions.userAgent,
      createdAt: sessions.createdAt,
      seenAt: sessions.seenAt,
    })
    .from(sessions)
    .where(and(eq(sessions.personId, personId), not(sessions.pending)))
    .orderBy(desc(sessions.seenAt))
    .limit(sessionsShownMax)
}
