import { and, eq, sql } from 'drizzle-orm'
import { Secret, TOTP } from 'otpauth'
import type { Db } from '#db/client'
import { queueMail } from '#db/outbox'
import { accounts, recoveryCodes } from '#db/schema/accounts'
import { verifyPassword } from '#lib/passwords'
import { hashToken } from '#lib/tokens'
import { findOwnAccount } from '../reads/accounts'
import { recoveryCodesCount } from '../rules'
import { secondStepLetter } from './letters'

/** A telephone's clock may be off by one code. */
const stepsAside = 1
const stepSeconds = 30
const secretBytes = 20
const recoveryCodeBytes = 8

const totpOf = (secret: string, email: string) =>
  new TOTP({ issuer: 'Jumpstarter', label: email, secret: Secret.fromBase32(secret) })

/** A secret for an authenticator app, in base 32, and the address its QR code leads to. */
export function newSecret(email: string): { secret: string; uri: string } {
  const secret = new Secret({ size: secretBytes }).base32
  return { secret, uri: secretUri(secret, email) }
}

export const secretUri = (secret: string, email: string): string => totpOf(secret, email).toString()

/**
 * Asks for a code at each sign-in from now on. Returns the recovery codes, which are never shown
 * again, or which of the fields is wrong.
 */
export async function turnOnSecondStep(
  db: Db,
  asked: { personId: number; secret: string; code: string; password: string },
  site: string,
): Promise<{ codes: string[] } | { wrong: 'password' | 'code' }> {
  const { personId, secret, code, password } = asked
  const account = await findOwnAccount(db, personId)
  if (!account || !(await verifyPassword(password, account.passwordHash))) {
    return { wrong: 'password' }
  }
  const step = stepOf(secret, code)
  if (step === undefined) return { wrong: 'code' }
  const codes = Array.from({ length: recoveryCodesCount }, newRecoveryCode)
  await db.transaction(async (tx) => {
    await tx
      .update(accounts)
      .set({ totpSecret: secret, totpStep: step })
      .where(eq(accounts.personId, personId))
    await tx.delete(recoveryCodes).where(eq(recoveryCodes.personId, personId))
    const rows = codes.map((text) => ({ personId, codeHash: hashToken(text) }))
    await tx.insert(recoveryCodes).values(rows)
    const letter = secondStepLetter(account.name, site, true)
    await queueMail(tx, `second-step ${crypto.randomUUID()}`, {
      recipient: account.email,
      ...letter,
    })
  })
  return { codes }
}

/** The reverse, for who knows the password; false when they do not. */
export async function turnOffSecondStep(
  db: Db,
  { personId, password }: { personId: number; password: string },
  site: string,
): Promise<boolean> {
  const account = await findOwnAccount(db, personId)
  if (!account || !(await verifyPassword(password, account.passwordHash))) return false
  await db.transaction(async (tx) => {
    await tx
      .update(accounts)
      .set({ totpSecret: null, totpStep: null })
      .where(eq(accounts.personId, personId))
    await tx.delete(recoveryCodes).where(eq(recoveryCodes.personId, personId))
    const letter = secondStepLetter(account.name, site, false)
    await queueMail(tx, `second-step ${crypto.randomUUID()}`, {
      recipient: account.email,
      ...letter,
    })
  })
  return true
}

/** Whether this is a code of now that was not used yet, or a recovery code; it is used up. */
export async function takeCode(db: Db, personId: number, text: string): Promise<boolean> {
  const code = text.replace(/[\s-]/g, '').toLowerCase()
  if (!/^\d{6}$/.test(code)) return await takeRecoveryCode(db, personId, code)
  const [account] = await db
    .select({ secret: accounts.totpSecret })
    .from(accounts)
    .where(eq(accounts.personId, personId))
  const step = account?.secret ? stepOf(account.secret, code) : undefined
  if (step === undefined) return false
  // Two at once cannot both be the first.
  const used = await db
    .update(accounts)
    .set({ totpStep: step })
    .where(and(eq(accounts.personId, personId), sql`coalesce(${accounts.totpStep}, 0) < ${step}`))
    .returning({ personId: accounts.personId })
  return used.length > 0
}

async function takeRecoveryCode(db: Db, personId: number, code: string): Promise<boolean> {
  const used = await db
    .delete(recoveryCodes)
    .where(and(eq(recoveryCodes.personId, personId), eq(recoveryCodes.codeHash, hashToken(code))))
    .returning({ personId: recoveryCodes.personId })
  return used.length > 0
}

/** The number of the 30 seconds a code is of; undefined when it is of none near now. */
function stepOf(secret: string, code: string): number | undefined {
  const aside = totpOf(secret, '').validate({ token: code, window: stepsAside })
  return aside === null ? undefined : Math.floor(Date.now() / 1000 / stepSeconds) + aside
}

/** 64 random bits, as sixteen of `0`–`f`. */
const newRecoveryCode = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(recoveryCodeBytes))).toString('hex')
