import { tokenPrefix } from '#db/access-tokens'
import type { Db } from '#db/client'
import { hashToken, newToken } from '#lib/tokens'
import { testMethodRef } from '#payments/test-cards'
import { addBackers, newArena } from '../pledges/arena'
import type { Backer } from './backer'
import type { Stored } from './check'

/** A project with two rewards, one of them for few. */
export interface Project {
  id: number
  plenty: number
  scarce: number
}

export const plentyAmount = 2_000
export const scarceAmount = 3_000

/** Makes so many projects, with this many of the scarce reward in each. */
export async function makeProjects(db: Db, count: number, scarce: number): Promise<Project[]> {
  const { projects, rewards } = await newArena(db, count)
  const rows = await db.$client`
    insert into rewards (project_id, position, amount, name, description, delivery_month, ships_to,
        quantity)
      select id, 2, ${scarceAmount}, 'A lamp, signed', '', '2041-01-01', 'nobody', ${scarce}
      from unnest(${projects as number[]}::bigint[]) with ordinality as p (id, n) order by n
      returning project_id, id`
  const scarceOf = new Map(rows.map((row) => [Number(row['project_id']), Number(row['id'])]))
  return projects.map((id, index) => ({
    ...{ id, plenty: rewards[index] as number, scarce: scarceOf.get(id) as number },
  }))
}

/** Makes people who may back them by the API. */
export async function makeBackers(db: Db, count: number): Promise<Backer[]> {
  const sql = db.$client
  const first = await addBackers(db, count)
  const ids = Array.from({ length: count }, (_, index) => first + index)
  await sql`
    insert into accounts (person_id, email, password_hash)
      select id, 'backer' || id || '@bench.example', 'none' from unnest(${ids}::bigint[]) id`
  const tokens = ids.map(() => tokenPrefix + newToken().token)
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  const rows = ids.map((id, index) => ({
    ...{ token_hash: hashToken(tokens[index] as string), person_id: id, name: 'Bench' },
    ...{ scopes: ['pledges'], expires_at: tomorrow },
  }))
  const cards = ids.map((id) => ({
    ...{ person_id: id, provider: 'test', customer_ref: `customer_${id}` },
    method_ref: testMethodRef('pays', crypto.randomUUID().replaceAll('-', '')),
    ...{ brand: 'Visa', last_four: '4242', expiry_month: 9, expiry_year: 2041 },
  }))
  const cardOf = new Map<number, number>()
  // A statement has room for 65,535 values.
  for (let from = 0; from < count; from += 1_000) {
    await sql`insert into access_tokens ${sql(rows.slice(from, from + 1_000))}`
    const made = await sql`
      insert into cards ${sql(cards.slice(from, from + 1_000))} returning person_id, id`
    for (const row of made) cardOf.set(Number(row['person_id']), Number(row['id']))
  }
  return ids.map((id, index) => ({
    ...{ id, token: tokens[index] as string, card: cardOf.get(id) as number },
  }))
}

/** Everything that is stored about these projects. */
export async function readStored(db: Db, projects: readonly Project[]): Promise<Stored> {
  const sql = db.$client
  const ids = projects.map(({ id }) => id)
  const [pledges, keys, lines, rewards, totals] = await Promise.all([
    sql`select project_id, backer_id, id, status, amount, reward_id from pledges
      where project_id = any(${ids})`,
    sql`select project_id, backer_id, request_key as key from pledges where project_id = any(${ids})
      union select project_id, person_id, key from money_requests where project_id = any(${ids})`,
    sql`select project_id, pledge_id, kind, amount from ledger where project_id = any(${ids})
      order by project_id, number`,
    sql`select id, quantity, backers_count from rewards where project_id = any(${ids})`,
    sql`select id, pledged, backers_count from projects where id = any(${ids})`,
  ])
  return {
    pledges: pledges.map((row) => ({
      ...{ projectId: Number(row['project_id']), backerId: Number(row['backer_id']) },
      ...{ id: Number(row['id']), status: row['status'], amount: Number(row['amount']) },
      rewardId: row['reward_id'] === null ? null : Number(row['reward_id']),
    })),
    keys: keys.map((row) => ({
      ...{ projectId: Number(row['project_id']), backerId: Number(row['backer_id']) },
      key: row['key'],
    })),
    lines: lines.map((row) => ({
      ...{ projectId: Number(row['project_id']), pledgeId: Number(row['pledge_id']) },
      ...{ kind: row['kind'], amount: Number(row['amount']) },
    })),
    rewards: rewards.map((row) => ({
      ...{ id: Number(row['id']), quantity: row['quantity'], taken: row['backers_count'] },
    })),
    projects: totals.map((row) => ({
      ...{ id: Number(row['id']), pledged: Number(row['pledged']), backers: row['backers_count'] },
    })),
  }
}
