import { and, eq, gt, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { type Mail, queueMail } from '#db/outbox'
import { type mailedKinds, mailedTokens } from '#db/schema/accounts'
import { AppError } from '#lib/errors'
import { hashToken, newToken } from '#lib/tokens'

type Kind = (typeof mailedKinds)[number]
type Tx = Pick<Db, 'insert' | 'delete'>

/** For how long each works. */
const hours: Record<Kind, number> = { 'sign-up': 48, reset: 1, email: 1, guest: 2 * 365 * 24 }

/** Mails a link that does one thing, once. */
export async function mailLink(
  tx: Tx,
  link: { kind: Kind; email: string; personId?: number; name?: string; passwordHash?: string },
  write: (token: string) => Omit<Mail, 'recipient'>,
): Promise<void> {
  const { token, hash } = newToken()
  const expiresAt = sql.raw(`now() + interval '${hours[link.kind]} hours'`)
  await tx.insert(mailedTokens).values({ tokenHash: hash, ...link, expiresAt })
  const event = `${link.kind} ${Buffer.from(hash).toString('hex')}`
  await queueMail(tx, event, { recipient: link.email, ...write(token) })
}

/**
 * Mails somebody without an account, with a link by which they see what is theirs; the same event
 * is told once.
 */
export async function mailGuest(
  tx: Tx,
  event: string,
  guest: { personId: number; email: string },
  write: (token: string) => Omit<Mail, 'recipient'>,
): Promise<void> {
  const { token, hash } = newToken()
  const isNew = await queueMail(tx, event, { recipient: guest.email, ...write(token) })
  if (!isNew) return
  const expiresAt = sql.raw(`now() + interval '${hours.guest} hours'`)
  await tx.insert(mailedTokens).values({ tokenHash: hash, kind: 'guest', ...guest, expiresAt })
}

/** What a followed link stands for; it works no more. Throws AppError link_used. */
export async function takeLink(tx: Tx, kind: Kind, token: string) {
  const [link] = await tx
    .delete(mailedTokens)
    .where(
      and(
        eq(mailedTokens.tokenHash, hashToken(token)),
        eq(mailedTokens.kind, kind),
        gt(mailedTokens.expiresAt, sql`now()`),
      ),
    )
    .returning()
  if (link) return link
  throw new AppError('link_used')
}

/** Links mailed to a person work no more. */
export async function dropLinks(tx: Tx, personId: number): Promise<void> {
  await tx.delete(mailedTokens).where(eq(mailedTokens.personId, personId))
}

/** Forgets links that nobody has followed in time. */
export async function dropOldLinks(db: Db): Promise<void> {
  await db.delete(mailedTokens).where(sql`${mailedTokens.expiresAt} < now()`)
}
