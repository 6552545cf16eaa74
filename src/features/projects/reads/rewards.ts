import { asc, type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { coalesced } from '#db/coalesce'
import { prepared } from '#db/prepared'
import { rewardItems, rewardShipping, rewards } from '#db/schema/backing'

/** Far above what the editor allows; bounds for what one page can be made to carry. */
const rewardsMax = 100
/** The items of all of a project’s rewards, and the prices of their shipping. */
const rewardPartsMax = 2_000

const ids = sql.placeholder('ids')

/** Each id, for what is bounded and ordered within each. */
const asked = sql`unnest(${ids}::bigint[]) as asked(id)`

/** Of what there is enough of, nothing is set aside. */
const heldNow = sql.raw(`from reward_holds h where rewards.quantity is not null
  and h.project_id = rewards.project_id and h.reward_id = rewards.id
  and h.expires_at > clock_timestamp()`)

const rewardsByProject = prepared((db) => {
  const each = db
    .select({
      projectId: rewards.projectId,
      id: rewards.id,
      amount: rewards.amount,
      name: rewards.name,
      description: rewards.description,
      deliveryMonth: rewards.deliveryMonth,
      shipsTo: rewards.shipsTo,
      quantity: rewards.quantity,
      opensAt: rewards.opensAt,
      closesAt: rewards.closesAt,
      backersCount: rewards.backersCount,
      heldCount: sql<number>`coalesce((select sum(h.quantity) ${heldNow})::int, 0)`.as(
        'held_count',
      ),
      heldUntil: (
        sql`(select min(h.expires_at) ${heldNow})`.mapWith(rewards.opensAt) as SQL<Date | null>
      ).as('held_until'),
      isAddOn: rewards.isAddOn,
      perBackerMax: rewards.perBackerMax,
      image: rewards.image,
      imageAlt: rewards.imageAlt,
    })
    .from(rewards)
    .where(sql`${rewards.projectId} = asked.id`)
    .orderBy(asc(rewards.position), asc(rewards.id))
    .limit(rewardsMax)
    .as('each')
  return db
    .select(each._.selectedFields)
    .from(asked)
    .crossJoinLateral(each)
    .prepare('rewards_by_project')
})

const itemsByProject = prepared((db) => {
  const each = db
    .select({
      projectId: rewardItems.projectId,
      rewardId: rewardItems.rewardId,
      name: rewardItems.name,
      quantity: rewardItems.quantity,
    })
    .from(rewardItems)
    .where(sql`${rewardItems.projectId} = asked.id`)
    .orderBy(asc(rewardItems.rewardId), asc(rewardItems.position))
    .limit(rewardPartsMax)
    .as('each')
  return db
    .select(each._.selectedFields)
    .from(asked)
    .crossJoinLateral(each)
    .prepare('reward_items_by_project')
})

const shippingByProject = prepared((db) => {
  const each = db
    .select({
      projectId: rewardShipping.projectId,
      rewardId: rewardShipping.rewardId,
      country: rewardShipping.country,
      price: rewardShipping.price,
    })
    .from(rewardShipping)
    .where(sql`${rewardShipping.projectId} = asked.id`)
    .orderBy(asc(rewardShipping.price), asc(rewardShipping.country))
    .limit(rewardPartsMax)
    .as('each')
  return db
    .select(each._.selectedFields)
    .from(asked)
    .crossJoinLateral(each)
    .prepare('reward_shipping_by_project')
})

const ofProject = ({ projectId }: { projectId: number }) => projectId
const rewardsOf = coalesced((db, ids) => rewardsByProject(db).execute({ ids }), ofProject)
const itemsOf = coalesced((db, ids) => itemsByProject(db).execute({ ids }), ofProject)
const shippingOf = coalesced((db, ids) => shippingByProject(db).execute({ ids }), ofProject)

export type Reward = Awaited<ReturnType<typeof listRewards>>[number]

/**
 * Every reward and add-on in the creator's order, also those nobody has taken. Items and prices are
 * read beside them: to gather them for each reward in Postgres takes three times as long.
 */
export async function listRewards(db: Db, projectId: number) {
  const [rows, items, shipping] = await Promise.all([
    rewardsOf(db, projectId),
    itemsOf(db, projectId),
    shippingOf(db, projectId),
  ])
  return rows.map(({ projectId: _, ...reward }) => ({
    ...reward,
    items: items
      .filter(({ rewardId }) => rewardId === reward.id)
      .map(({ name, quantity }) => ({ name, quantity })),
    shipping: shipping
      .filter(({ rewardId }) => rewardId === reward.id)
      .map(({ country, price }) => ({ country, price })),
  }))
}
