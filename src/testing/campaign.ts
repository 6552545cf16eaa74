import type { Db } from '#db/client'
import { takePledges } from '#features/pledges/writes/take-pledges'
import { type Behaviour, testMethodRef } from '#payments/test-cards'

type Sql = Db['$client']

/** What a project of a test is; money is in minor units. */
export interface CampaignWish {
  goal?: number
  currency?: string
  allOrNothing?: boolean
  /** Seconds from now, by the database's clock. */
  endsIn?: number
  creatorId?: number
}

/** A live project of its own; returns its number. */
export async function makeCampaign(sql: Sql, wish: CampaignWish = {}): Promise<number> {
  const { goal = 1_000, currency = 'USD', allOrNothing = true, endsIn = 3_600 } = wish
  const [row] = await sql`
    with project as (
      insert into projects (creator_id, creator_name, status, title, description, category,
          subcategory, city, state, country, currency, goal, all_or_nothing, launched_at, ends_at)
        select p.id, p.name, 'live', 'A lamp', 'It glows', category, subcategory, projects.city,
            projects.state, projects.country, ${currency}, ${goal},
            ${allOrNothing}, now() - interval '10 days', now() + make_interval(secs => ${endsIn})
          from projects join people p on p.id = coalesce(${wish.creatorId ?? null}, creator_id)
          where status = 'live' limit 1
        returning id, creator_id
    ), counted as (
      update people set projects_count = projects_count + 1
        where id = (select creator_id from project)
    )
    select id from project`
  return Number(row?.['id'])
}

/** Pledges by somebody else each, in order, with a card that behaves like this, or with none. */
export async function pledgeWith(
  sql: Sql,
  projectId: number,
  pledges: readonly { amount: number; card: Behaviour | null }[],
): Promise<{ pledgeId: number; backerId: number }[]> {
  const people = await sql`
    insert into people (name) select 'Backer ' || n from generate_series(1, ${pledges.length}) n
      returning id`
  const backers = people.map(({ id }) => Number(id))
  await sql`
    insert into accounts (person_id, email, password_hash)
      select id, 'backer' || id || '@example.test', 'none' from unnest(${backers}::bigint[]) id`
  const cards: (number | null)[] = []
  for (const [index, { card }] of pledges.entries()) {
    const backerId = backers[index] as number
    cards.push(card && (await addCard(sql, backerId, card)))
  }
  const results = await takePledges(
    sql,
    pledges.map(({ amount }, index) => ({
      ...{ projectId, backerId: backers[index] as number, key: `key ${backers[index]}` },
      ...{ rewardId: null, addOns: [], bonus: amount, shipTo: null, anonymous: false },
      ...{ total: amount, cardId: cards[index] ?? null },
    })),
  )
  return results.map(({ outcome, pledgeId }, index) => {
    if (outcome !== 'taken' || pledgeId === null) throw new Error(`a pledge was ${outcome}`)
    return { pledgeId, backerId: backers[index] as number }
  })
}

/** Gives somebody a card that behaves like this; returns its number. */
export async function addCard(sql: Sql, personId: number, behaviour: Behaviour): Promise<number> {
  const ref = testMethodRef(behaviour, crypto.randomUUID().replaceAll('-', ''))
  const [row] = await sql`
    insert into cards (person_id, provider, customer_ref, method_ref, brand, last_four,
        expiry_month, expiry_year)
      values (${personId}, 'test', ${`customer_${personId}`}, ${ref}, 'Visa', '4242', 9, 2041)
      returning id`
  return Number(row?.['id'])
}

/** A reward of 20.00, or as given; returns its number. `shipping` is prices by country. */
export async function addReward(
  sql: Sql,
  projectId: number,
  given: Record<string, unknown> = {},
  shipping: Readonly<Record<string, number>> = {},
): Promise<number> {
  const shipsTo = Object.keys(shipping).length > 0 ? 'some' : 'nobody'
  const reward = {
    ...{ project_id: projectId, position: 1, amount: 2_000, name: 'A lamp', description: '' },
    ...{ delivery_month: '2041-01-01', ships_to: shipsTo, ...given },
  }
  const [row] = await sql`insert into rewards ${sql(reward)} returning id`
  const id = Number(row?.['id'])
  for (const [country, price] of Object.entries(shipping)) {
    await sql`insert into reward_shipping (project_id, reward_id, country, price)
      values (${projectId}, ${id}, ${country}, ${price})`
  }
  return id
}
