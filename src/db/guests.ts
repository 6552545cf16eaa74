import { eq, sql } from 'drizzle-orm'
import type { Db } from './client'
import { prepared } from './prepared'
import { guests, mailedTokens } from './schema/accounts'
import { people } from './schema/projects'

/** Somebody without an account who has followed a link in our mail. */
export interface Guest {
  id: number
  name: string
  email: string
}

const guestByToken = prepared((db) =>
  db
    .select({ id: guests.personId, name: people.name, email: guests.email })
    .from(mailedTokens)
    .innerJoin(guests, eq(guests.personId, mailedTokens.personId))
    .innerJoin(people, eq(people.id, guests.personId))
    .where(
      sql`${mailedTokens.tokenHash} = ${sql.placeholder('hash')}
        and ${mailedTokens.kind} = 'guest' and ${mailedTokens.expiresAt} > now()`,
    )
    .prepare('guest_by_token'),
)

/** Whom a link was mailed to; undefined when it is unknown, too old, or they have an account. */
export async function findGuest(db: Db, tokenHash: Uint8Array): Promise<Guest | undefined> {
  const [guest] = await guestByToken(db).execute({ hash: tokenHash })
  return guest
}
