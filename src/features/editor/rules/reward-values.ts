import type { Reward } from '#features/projects/reads/rewards'
import type { FormValues } from '#http/forms'
import { plainAmount } from '#lib/money'
import { plainMoment } from '#lib/time'
import type { RewardTerms } from './rewards'
import { restOfTheWorld } from './rewards'

/** What a form begins with. */
export const blankReward: FormValues = { kind: 'reward', shipsTo: 'nobody' }

/** A reward as its form shows it: the reverse of `rewardForm`. */
export function rewardValues(reward: Reward, currency: string): FormValues {
  const { items, shipping, opensAt, closesAt } = reward
  const world = shipping.find(({ country }) => country === restOfTheWorld)
  const values: Record<string, string> = {
    amount: plainAmount(reward.amount, currency),
    name: reward.name,
    description: reward.description,
    kind: reward.isAddOn ? 'add-on' : 'reward',
    quantity: String(reward.quantity ?? ''),
    perBackerMax: String(reward.perBackerMax ?? ''),
    opensAt: opensAt ? plainMoment(opensAt) : '',
    closesAt: closesAt ? plainMoment(closesAt) : '',
    deliveryMonth: reward.deliveryMonth.slice(0, 'YYYY-MM'.length),
    shipsTo: reward.shipsTo,
    worldPrice: world ? plainAmount(world.price, currency) : '',
    imageAlt: reward.imageAlt,
  }
  items.forEach(({ name, quantity }, index) => {
    values[`item-${index + 1}`] = name
    values[`item-${index + 1}-number`] = String(quantity)
  })
  shipping
    .filter((row) => row !== world)
    .forEach(({ country, price }, index) => {
      values[`country-${index + 1}`] = country
      values[`country-${index + 1}-number`] = plainAmount(price, currency)
    })
  return values
}

const singleLabels: Readonly<Record<string, string>> = {
  amount: 'Amount',
  name: 'Name',
  description: 'Description',
  kind: 'Kind',
  quantity: 'Quantity',
  perBackerMax: 'For each backer',
  opensAt: 'Opens',
  closesAt: 'Closes',
  deliveryMonth: 'Delivery',
  shipsTo: 'Ships to',
  worldPrice: 'Shipping to everywhere else',
  imageAlt: 'What the picture shows',
}

/** What each field is called that was sent, and each row of either. */
export function rewardLabels(typed: FormValues, stored: FormValues): Record<string, string> {
  const singles = Object.entries(singleLabels).filter(([field]) => field in typed)
  const fields = 'name' in typed ? [typed, stored].flatMap(Object.keys) : []
  const rows = fields.flatMap((field): [string, string][] => {
    const [, kind, number, isNumber] = /^(item|country)-(\d+)(-number)?$/.exec(field) ?? []
    if (kind === undefined) return []
    const row = `${kind === 'item' ? 'Item' : 'Country'} ${number}`
    return [[field, isNumber ? `${row}, ${kind === 'item' ? 'how many' : 'price'}` : row]]
  })
  return Object.fromEntries([...singles, ...rows])
}

/** Whether what is stored is just what was typed: it was sent twice. */
export function isSameReward(reward: Reward, terms: RewardTerms): boolean {
  const stored = Object.fromEntries(
    Object.keys(terms).map((name) => [name, reward[name as keyof RewardTerms]]),
  ) as unknown as RewardTerms
  return Bun.deepEquals(inOrder(stored), inOrder(terms))
}

const inOrder = ({ shipping, ...terms }: RewardTerms) => ({
  ...terms,
  shipping: shipping.toSorted((a, b) => a.country.localeCompare(b.country)),
})
