import { tokenPrefix } from '#db/access-tokens'
import type { Db } from '#db/client'
import { testMethodRef } from '#payments/test-cards'
import { addBackers } from './arena'

/** People who may back by the API and in a browser; their numbers follow the first ones. */
export interface SignedIn {
  first: number
  /** The number of the first one's card. */
  firstCard: number
  count: number
}

const tokenStem = `${tokenPrefix}bench_`
const sessionStem = 'bench_'

// The client works them out from the number: so many would be long to hand over.
export const tokenOf = (person: number): string => `${tokenStem}${person}`
export const sessionOf = (person: number): string => `${sessionStem}${person}`

/** Makes so many people, each with an account, a token, a session and a card that pays. */
export async function addSignedIn(db: Db, count: number): Promise<SignedIn> {
  const first = await addBackers(db, count)
  const last = first + count - 1
  const sql = db.$client
  const hash = (stem: string) => sql`sha256(convert_to(${stem}::text || id, 'UTF8'))`
  const card = testMethodRef('pays', 'bench')
  await sql.begin(async (tx) => {
    await tx`
      insert into accounts (person_id, email, password_hash)
        select id, 'backer' || id || '@bench.example', 'none'
        from generate_series(${first}::bigint, ${last}::bigint) id`
    await tx`
      insert into access_tokens (token_hash, person_id, name, scopes, expires_at, used_at)
        select ${hash(tokenStem)}, id, 'Bench', '{pledges}', now() + interval '1 day', now()
        from generate_series(${first}::bigint, ${last}::bigint) id`
    await tx`
      insert into sessions (token_hash, person_id, user_agent, expires_at)
        select ${hash(sessionStem)}, id, 'Bench', now() + interval '1 day'
        from generate_series(${first}::bigint, ${last}::bigint) id`
    await tx`
      insert into cards (person_id, provider, customer_ref, method_ref, brand, last_four,
          expiry_month, expiry_year)
        select id, 'test', 'customer_' || id, ${card}::text || id, 'Visa', '4242', 9, 2041
        from generate_series(${first}::bigint, ${last}::bigint) id`
  })
  await sql`vacuum analyze accounts, access_tokens, sessions, cards`
  const [row] = await sql<{ card: number; gap: number }[]>`
    select min(id)::float8 as card, count(distinct id - person_id)::float8 as gap from cards
      where person_id between ${first} and ${last}`
  if (row?.gap !== 1) throw new Error('the numbers of cards do not follow those of people')
  return { first, firstCard: row.card, count }
}
