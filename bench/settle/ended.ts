import { addBackers, newArena } from '#bench/pledges/arena'
import type { Db } from '#db/client'
import { takePledges } from '#features/pledges/writes/take-pledges'
import { passTime } from '#features/settlement/writes/clock'

const amount = 2_500
const perBatch = 2_000
/** Every so many backers have a card without enough money on it. */
const poorEvery = 20
const daysItRuns = 30

/**
 * Makes a project that has just ended with so many pledges, each by somebody else with a card and
 * an address for mail; one in twenty of the cards does not pay. Returns its number.
 */
export async function makeEnded(
  db: Db,
  pledges: number,
  report: (fraction: number) => void,
): Promise<number> {
  const first = await addBackers(db, pledges)
  await db.$client`
    insert into accounts (person_id, email, password_hash)
      select id, 'backer' || id || '@bench.test', 'none'
      from generate_series(${first}::bigint, ${first + pledges - 1}::bigint) id`
  const cards = await db.$client`
    insert into cards (person_id, provider, customer_ref, method_ref, brand, last_four,
        expiry_month, expiry_year)
      select id, 'test', 'customer_' || id,
        case when id % ${poorEvery} = 0 then 'card_insufficient_' else 'card_pays_' end || id,
        'Visa', '4242', 9, 2041
      from generate_series(${first}::bigint, ${first + pledges - 1}::bigint) id
      order by id returning id`
  const arena = await newArena(db, 1)
  const projectId = arena.projects[0] as number
  for (let from = 0; from < pledges; from += perBatch) {
    const count = Math.min(perBatch, pledges - from)
    await takePledges(
      db.$client,
      Array.from({ length: count }, (_, nth) => ({
        ...{ projectId, backerId: first + from + nth, key: `${from + nth}`, rewardId: null },
        ...{ addOns: [], bonus: amount, shipTo: null, anonymous: false, total: amount },
        cardId: Number(cards[from + nth]?.['id']),
      })),
    )
    report((from + count) / pledges)
  }
  await passTime(db, projectId, daysItRuns * 24 * 3600)
  await db.$client.unsafe('vacuum analyze pledges, cards, accounts, ledger')
  return projectId
}
