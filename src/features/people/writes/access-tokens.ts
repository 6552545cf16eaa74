import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { type Scope, tokenPrefix } from '#db/access-tokens'
import type { Db } from '#db/client'
import { queueMail } from '#db/outbox'
import { accessTokens, accounts } from '#db/schema/accounts'
import { verifyPassword } from '#lib/passwords'
import { hashToken, newToken } from '#lib/tokens'
import { findOwnAccount } from '../reads/accounts'
import { accessTokensMax } from '../rules'
import { accessTokenLetter } from './letters'

interface NewAccessToken {
  personId: number
  name: string
  scopes: Scope[]
  /** For how long it works. */
  days: number
  password: string
}

/**
 * Makes a token for a program that is to act for somebody, and mails them that there is one.
 * Returns the token, which is kept by nobody, or what stands against it. A form that was sent twice
 * leaves one: the second takes the place of the first.
 */
export async function createAccessToken(
  db: Db,
  asked: NewAccessToken,
  site: string,
): Promise<{ token: string } | { wrong: 'password' | 'many' }> {
  const { personId, name, scopes, days, password } = asked
  const account = await findOwnAccount(db, personId)
  if (!account || !(await verifyPassword(password, account.passwordHash))) {
    return { wrong: 'password' }
  }
  const token = tokenPrefix + newToken().token
  return await db.transaction(async (tx) => {
    // Whoever else makes one for this person waits, so that what is counted is there.
    await tx.execute(sql`select from ${accounts} where person_id = ${personId} for update`)
    const replaced = await tx
      .delete(accessTokens)
      .where(
        and(
          eq(accessTokens.personId, personId),
          eq(accessTokens.name, name),
          isNull(accessTokens.usedAt),
          gt(accessTokens.createdAt, sql`now() - interval '1 minute'`),
        ),
      )
      .returning({ id: accessTokens.id })
    if ((await tx.$count(accessTokens, eq(accessTokens.personId, personId))) >= accessTokensMax) {
      return { wrong: 'many' }
    }
    const expiresAt = sql`now() + make_interval(days => ${days})`
    const tokenHash = hashToken(token)
    await tx.insert(accessTokens).values({ personId, name, scopes, tokenHash, expiresAt })
    if (replaced.length === 0) {
      const letter = accessTokenLetter(account.name, site, name)
      const event = `access-token ${Buffer.from(tokenHash).toString('hex')}`
      await queueMail(tx, event, { recipient: account.email, ...letter })
    }
    return { token }
  })
}

/** Ends a token of this person; that of somebody else stays. */
export async function revokeAccessToken(db: Db, personId: number, id: number): Promise<void> {
  await db
    .delete(accessTokens)
    .where(and(eq(accessTokens.personId, personId), eq(accessTokens.id, id)))
}
