import { eq } from 'drizzle-orm'
import type { Db } from '#db/client'
import { queueMail } from '#db/outbox'
import { accounts, guests, mailedTokens } from '#db/schema/accounts'
import { people } from '#db/schema/projects'
import { AppError } from '#lib/errors'
import { hashPassword } from '#lib/passwords'
import { findAccount } from '../reads/accounts'
import { alreadyHereLetter, welcomeLetter } from './letters'
import { mailLink, takeLink } from './mailed-links'

/**
 * Mails a link that makes the account. To an address that has one it mails just that: who asks
 * cannot tell the difference. The link leads on to the path `next`; `site` is the address of the
 * site. Throws AppError busy.
 */
export async function askToJoin(
  db: Db,
  asked: { name: string; email: string; password: string; next?: string | undefined },
  site: string,
): Promise<void> {
  const { name, email, password, next } = asked
  const passwordHash = await hashPassword(password)
  await db.transaction(async (tx) => {
    const known = await findAccount(tx, email)
    if (known) {
      const event = `already-here ${crypto.randomUUID()}`
      const letter = alreadyHereLetter(known.name, site)
      await queueMail(tx, event, { recipient: email, ...letter })
      return
    }
    const link = { kind: 'sign-up', email, name, passwordHash } as const
    await mailLink(tx, link, (token) => welcomeLetter(name, site, { token, next }))
  })
}

/** Makes the person and the account a link stands for; returns the person's number. */
export async function join(db: Db, token: string): Promise<number> {
  return await db.transaction(async (tx) => {
    const { email, name, passwordHash } = await takeLink(tx, 'sign-up', token)
    // A check of the table says that both are there.
    return await addAccount(tx, { email, name: name ?? '', passwordHash: passwordHash ?? '' })
  })
}

/**
 * Makes an account for a person: a new one or, where they have backed something without an account,
 * that one. Whoever calls it knows that the address is theirs. Returns their number. Throws
 * AppError link_used when the address has one: two links to it have been followed.
 */
export async function addAccount(
  tx: Pick<Db, 'insert' | 'delete'>,
  account: { email: string; name: string; passwordHash: string; role?: 'member' | 'staff' },
): Promise<number> {
  const { name, ...rest } = account
  const personId = (await takeGuest(tx, account.email)) ?? (await addPerson(tx, name))
  const added = await tx
    .insert(accounts)
    .values({ personId, ...rest })
    .onConflictDoNothing({ target: accounts.email })
    .returning({ personId: accounts.personId })
  if (added.length === 0) throw new AppError('link_used')
  return personId
}

export async function addPerson(tx: Pick<Db, 'insert'>, name: string): Promise<number> {
  const [person] = await tx.insert(people).values({ name }).returning({ id: people.id })
  return person?.id ?? 0
}

/** Who has this address without an account: from now on they are no guest. */
async function takeGuest(tx: Pick<Db, 'delete'>, email: string): Promise<number | undefined> {
  const [guest] = await tx
    .delete(guests)
    .where(eq(guests.email, email))
    .returning({ personId: guests.personId })
  if (!guest) return undefined
  await tx.delete(mailedTokens).where(eq(mailedTokens.personId, guest.personId))
  return guest.personId
}

/** Makes somebody a member of staff. */
export async function promote(db: Db, personId: number): Promise<void> {
  await db.update(accounts).set({ role: 'staff' }).where(eq(accounts.personId, personId))
}
