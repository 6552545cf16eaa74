import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { queueMail } from '#db/outbox'
import { guests } from '#db/schema/accounts'
import { findAccount } from '#features/people/reads/accounts'
import { addAccount, addPerson } from '#features/people/writes/joining'
import { mailGuest, takeLink } from '#features/people/writes/mailed-links'
import { hashPassword } from '#lib/passwords'
import { paths } from '#web/paths'
import { accountLetter, guestLetter } from './letters'

type Tx = Pick<Db, 'select' | 'insert' | 'execute'>

/**
 * Mails somebody a link by which they go on backing without an account. To an address that has one
 * it says so: who asks cannot tell the difference. `next` is where the link leads.
 */
export async function inviteGuest(
  db: Db,
  { name, email, next }: { name: string; email: string; next: string },
  site: string,
): Promise<void> {
  const event = `guest ${crypto.randomUUID()}`
  await db.transaction(async (tx) => {
    const account = await findAccount(tx, email)
    if (account) {
      const letter = accountLetter(account.name, site + paths.signIn({ next }))
      await queueMail(tx, event, { recipient: email, ...letter })
      return
    }
    const personId = await guestOf(tx, { name, email })
    await mailGuest(tx, event, { personId, email }, (token) =>
      guestLetter(name, site + paths.enterAsGuest({ token, next })),
    )
  })
}

/** The same address is the same guest; until they have pledged, the name is the one given last. */
async function guestOf(tx: Tx, { name, email }: { name: string; email: string }): Promise<number> {
  // Two at once for one address wait for each other.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`guest ${email}`}, 0))`)
  const [known] = await tx.execute<{ personId: number }>(sql`
    select person_id::float8 as "personId" from guests where email = ${email}`)
  if (!known) {
    const personId = await addPerson(tx, name)
    await tx.insert(guests).values({ personId, email })
    return personId
  }
  await tx.execute(sql`
    update people set name = ${name} where id = ${known.personId}
      and not exists (select from pledges b where b.backer_id = ${known.personId})`)
  return known.personId
}

/**
 * Makes an account of a guest; returns their number. What they have pledged is theirs as before.
 * Throws AppError link_used or busy.
 */
export async function claimGuest(
  db: Db,
  { token, name, password }: { token: string; name: string; password: string },
): Promise<number> {
  const passwordHash = await hashPassword(password)
  return await db.transaction(async (tx) => {
    const { email } = await takeLink(tx, 'guest', token)
    return await addAccount(tx, { email, name, passwordHash })
  })
}
