import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges, rewards } from '#db/schema/backing'
import { cards, charges, refunds } from '#db/schema/payments'
import { pledgeAddOns } from '#db/schema/pledging'
import { projects } from '#db/schema/projects'
import { cutPage } from '#lib/page'

/** Far above what a pledge can have. */
const partsMax = 100

/** A try to charge a pledge, or money given back; amounts in minor units. */
interface Movement {
  status: string
  amount: number
  at: string
}

const pledgeOf = prepared((db) =>
  db
    .select({
      id: pledges.id,
      status: pledges.status,
      amount: pledges.amount,
      bonus: pledges.bonus,
      shipping: pledges.shipping,
      shipTo: pledges.shipTo,
      anonymous: pledges.anonymous,
      createdAt: pledges.createdAt,
      changedAt: pledges.changedAt,
      rewardId: pledges.rewardId,
      rewardName: rewards.name,
      deliveryMonth: rewards.deliveryMonth,
      cardId: pledges.cardId,
      cardBrand: cards.brand,
      cardLastFour: cards.lastFour,
      addOns: sql<{ rewardId: number; name: string; quantity: number; amount: number }[]>`(
        select coalesce(jsonb_agg(jsonb_build_object('rewardId', a.reward_id, 'name', r.name,
          'quantity', a.quantity, 'amount', a.amount) order by r.position, r.id), '[]')
        from ${pledgeAddOns} a
          join ${rewards} r on r.project_id = a.project_id and r.id = a.reward_id
        where a.project_id = ${pledges.projectId} and a.pledge_id = ${pledges.id})`.as('add_ons'),
      charges: sql<Movement[]>`(
        select coalesce(jsonb_agg(jsonb_build_object('status', t.status, 'amount', t.amount,
          'at', coalesce(t.finished_at, t.created_at)) order by t.attempt), '[]')
        from (select * from ${charges} c
          where c.project_id = ${pledges.projectId} and c.pledge_id = ${pledges.id}
          order by c.attempt limit ${sql.raw(String(partsMax))}) t)`.as('charges'),
      refunds: sql<Movement[]>`(
        select coalesce(jsonb_agg(jsonb_build_object('status', t.status, 'amount', t.amount,
          'at', coalesce(t.finished_at, t.created_at)) order by t.number), '[]')
        from (select * from ${refunds} f
          where f.project_id = ${pledges.projectId} and f.pledge_id = ${pledges.id}
          order by f.number limit ${sql.raw(String(partsMax))}) t)`.as('refunds'),
    })
    .from(pledges)
    .leftJoin(
      rewards,
      and(eq(rewards.projectId, pledges.projectId), eq(rewards.id, pledges.rewardId)),
    )
    .leftJoin(cards, and(eq(cards.personId, pledges.backerId), eq(cards.id, pledges.cardId)))
    .where(
      sql`${pledges.backerId} = ${sql.placeholder('personId')}
        and ${pledges.projectId} = ${sql.placeholder('projectId')}`,
    )
    .prepare('pledge_of'),
)

export type OwnPledge = NonNullable<Awaited<ReturnType<typeof findOwnPledge>>>

/** Somebody’s pledge to a project with all its parts, also one they have canceled. */
export async function findOwnPledge(db: Db, personId: number, projectId: number) {
  const [pledge] = await pledgeOf(db).execute({ personId, projectId })
  return pledge
}

export const ownPledgesPageRows = 24

export type ListedPledge = Awaited<ReturnType<typeof listOwnPledges>>['page'][number]

/** What somebody backs, also without their name; the newest projects first, after `after`. */
export async function listOwnPledges(db: Db, personId: number, after = Number.MAX_SAFE_INTEGER) {
  const rows = await db
    .select({
      id: projects.id,
      title: projects.title,
      category: projects.category,
      image: projects.image,
      projectStatus: projects.status,
      endsAt: projects.endsAt,
      currency: projects.currency,
      status: pledges.status,
      amount: pledges.amount,
      anonymous: pledges.anonymous,
      rewardName: rewards.name,
    })
    .from(pledges)
    .innerJoin(projects, eq(projects.id, pledges.projectId))
    .leftJoin(
      rewards,
      and(eq(rewards.projectId, pledges.projectId), eq(rewards.id, pledges.rewardId)),
    )
    .where(and(eq(pledges.backerId, personId), lt(pledges.projectId, after)))
    .orderBy(desc(pledges.backerId), desc(pledges.projectId))
    .limit(ownPledgesPageRows + 1)
  return cutPage(rows, ownPledgesPageRows, ({ id }) => id)
}

/** Hardly anybody has more; beyond it the sums are those of the newest. */
const summedPledgesMax = 500

export interface Sum {
  currency: string
  /** Promised or paid, in minor units. */
  amount: number
  pledges: number
}

/** What somebody’s pledges come to in each currency, without those canceled or let go. */
export async function sumOwnPledges(db: Db, personId: number): Promise<Sum[]> {
  const rows = await db.execute<{ currency: string; amount: number; pledges: number }>(sql`
    select currency, sum(amount)::float8 as amount, count(*)::int as pledges
    from (
      select p.currency, b.amount, b.status from ${pledges} b
        join ${projects} p on p.id = b.project_id
      where b.backer_id = ${personId}
      order by b.backer_id desc, b.project_id desc limit ${summedPledgesMax}
    ) mine
    where status not in ('canceled', 'dropped')
    group by currency order by currency`)
  return rows.map(({ currency, amount, pledges }) => ({ currency, amount, pledges }))
}
