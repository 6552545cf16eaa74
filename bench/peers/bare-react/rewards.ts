import type { Reward } from '#features/projects/reads/rewards'

// As ours reads them: items and prices beside the rewards, which costs Postgres least.

const heldNow = `from reward_holds h where rewards.quantity is not null
  and h.project_id = rewards.project_id and h.reward_id = rewards.id
  and h.expires_at > clock_timestamp()`
const rewardsSql = `
  select id, amount, name, description, delivery_month as "deliveryMonth", ships_to as "shipsTo",
    quantity, opens_at as "opensAt", closes_at as "closesAt", backers_count as "backersCount",
    is_add_on as "isAddOn", per_backer_max as "perBackerMax", image, image_alt as "imageAlt",
    coalesce((select sum(h.quantity) ${heldNow})::int, 0) as "heldCount",
    (select min(h.expires_at) ${heldNow}) as "heldUntil"
  from rewards where project_id = $1
  order by position, id limit 100`

const itemsSql = `
  select reward_id as "rewardId", name, quantity
  from reward_items where project_id = $1
  order by reward_id, position limit 2000`

const shippingSql = `
  select reward_id as "rewardId", country, price
  from reward_shipping where project_id = $1
  order by price, country limit 2000`

interface OfReward {
  rewardId: number
}
type Item = OfReward & Reward['items'][number]
type Price = OfReward & Reward['shipping'][number]

type Select = <Row>(text: string, id: number) => PromiseLike<Row[]>

/** The rewards of a project, in their order. */
export async function listRewards(select: Select, projectId: number): Promise<Reward[]> {
  const [rows, items, shipping] = await Promise.all([
    select<Omit<Reward, 'items' | 'shipping'>>(rewardsSql, projectId),
    select<Item>(itemsSql, projectId),
    select<Price>(shippingSql, projectId),
  ])
  return rows.map((reward) => ({
    ...reward,
    items: items
      .filter(({ rewardId }) => rewardId === reward.id)
      .map(({ name, quantity }) => ({ name, quantity })),
    shipping: shipping
      .filter(({ rewardId }) => rewardId === reward.id)
      .map(({ country, price }) => ({ country, price })),
  }))
}
