import { and, eq, sql } from 'drizzle-orm'
import { revokeTokens } from '#db/access-tokens'
import type { Db } from '#db/client'
import { queueMail } from '#db/outbox'
import { accounts, sessions } from '#db/schema/accounts'
import { endSessions } from '#db/sessions'
import { hashPassword, isOfOldTimes, verifyPassword } from '#lib/passwords'
import { findAccount, findOwnAccount } from '../reads/accounts'
import { emailChangesLetter, newEmailLetter, passwordChangedLetter, resetLetter } from './letters'
import { dropLinks, mailLink, takeLink } from './mailed-links'

/**
 * Whose address and password these are; undefined when they are nobody's. What was hashed as it was
 * usual once is hashed anew, as the password is known just now. Throws AppError busy.
 */
export async function checkPassword(db: Db, email: string, password: string) {
  const account = await findAccount(db, email)
  const isRight = await verifyPassword(password, account?.passwordHash)
  if (!account || !isRight) return undefined
  const { personId, passwordHash } = account
  if (isOfOldTimes(passwordHash)) {
    const hashed = await hashPassword(password)
    // Unless it has been changed meanwhile.
    const isSame = and(eq(accounts.personId, personId), eq(accounts.passwordHash, passwordHash))
    await db.update(accounts).set({ passwordHash: hashed }).where(isSame)
  }
  return account
}

/** The same for somebody who is signed in. */
export async function isPasswordOf(db: Db, personId: number, password: string): Promise<boolean> {
  const account = await findOwnAccount(db, personId)
  return await verifyPassword(password, account?.passwordHash)
}

/** Mails a link to a new password, where there is an account. */
export async function askForReset(db: Db, email: string, site: string): Promise<void> {
  await db.transaction(async (tx) => {
    const account = await findAccount(tx, email)
    if (!account) return
    const link = { kind: 'reset', email, personId: account.personId } as const
    await mailLink(tx, link, (token) => resetLetter(account.name, site, token))
  })
}

/** Sets the password a reset link asks for; returns whose it is. */
export async function resetPassword(
  db: Db,
  { token, password }: { token: string; password: string },
  site: string,
): Promise<{ personId: number; hasSecondStep: boolean }> {
  const passwordHash = await hashPassword(password)
  return await db.transaction(async (tx) => {
    const link = await takeLink(tx, 'reset', token)
    const personId = link.personId ?? 0
    await setPassword(tx, { personId, passwordHash }, site)
    // Whoever lost their password may have lost it to somebody who has made some.
    await revokeTokens(tx, personId)
    const account = await findOwnAccount(tx, personId)
    return { personId, hasSecondStep: account?.hasSecondStep ?? false }
  })
}

/**
 * Changes the password of somebody who knows the old one; false when they do not. All browsers but
 * the one with `sessionHash` are signed out, and links mailed before work no more.
 */
export async function changePassword(
  db: Db,
  change: {
    personId: number
    current: string
    password: string
    sessionHash?: Uint8Array | undefined
  },
  site: string,
): Promise<boolean> {
  const { personId, current, password, sessionHash } = change
  const account = await findOwnAccount(db, personId)
  if (!(await verifyPassword(current, account?.passwordHash))) return false
  const passwordHash = await hashPassword(password)
  await db.transaction((tx) => setPassword(tx, { personId, passwordHash, sessionHash }, site))
  return true
}

async function setPassword(
  tx: Pick<Db, 'select' | 'insert' | 'update' | 'delete'>,
  change: { personId: number; passwordHash: string; sessionHash?: Uint8Array | undefined },
  site: string,
): Promise<void> {
  const { personId, passwordHash, sessionHash } = change
  await tx.update(accounts).set({ passwordHash }).where(eq(accounts.personId, personId))
  await endSessions(tx, personId, sessionHash)
  await dropLinks(tx, personId)
  const account = await findOwnAccount(tx, personId)
  if (!account) return
  const letter = passwordChangedLetter(account.name, site)
  const event = `password-changed ${crypto.randomUUID()}`
  await queueMail(tx, event, { recipient: account.email, ...letter })
}

/**
 * Mails a link to the new address and word of it to the old one; false when the password is wrong.
 * Where the new one has an account, nothing is mailed there.
 */
export async function askForEmail(
  db: Db,
  { personId, email, password }: { personId: number; email: string; password: string },
  site: string,
): Promise<boolean> {
  const account = await findOwnAccount(db, personId)
  if (!account || !(await verifyPassword(password, account.passwordHash))) return false
  await db.transaction(async (tx) => {
    const event = `email-changes ${crypto.randomUUID()}`
    const word = emailChangesLetter(account.name, site, email)
    await queueMail(tx, event, { recipient: account.email, ...word })
    if (await findAccount(tx, email)) return
    const link = { kind: 'email', email, personId } as const
    await mailLink(tx, link, (token) => newEmailLetter(account.name, site, token))
  })
  return true
}

/** Uses the address a link was mailed to; false when somebody else has it by now. */
export async function changeEmail(db: Db, token: string): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const { email, personId } = await takeLink(tx, 'email', token)
    const changed = await tx
      .update(accounts)
      .set({ email })
      .where(
        sql`${accounts.personId} = ${personId}
          and not exists (select from accounts as other where other.email = ${email})`,
      )
      .returning({ personId: accounts.personId })
    return changed.length > 0
  })
}

/** Ends all sessions of a person and their access tokens; returns how many there were. */
export async function signOutEverywhere(
  db: Db,
  personId: number,
): Promise<{ sessions: number; tokens: number }> {
  return await db.transaction(async (tx) => ({
    sessions: await endSessions(tx, personId),
    tokens: await revokeTokens(tx, personId),
  }))
}

/** Signs one browser out, named as in the list of them; that of somebody else stays. */
export async function revokeSession(db: Db, personId: number, id: string): Promise<void> {
  await db
    .delete(sessions)
    .where(
      and(
        eq(sessions.personId, personId),
        sql`left(encode(${sessions.tokenHash}, 'hex'), 16) = ${id}`,
      ),
    )
}
