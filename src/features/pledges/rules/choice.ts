import type { Reward } from '#features/projects/reads/rewards'
import { mostPerBacker, pledgeLimits } from '#features/projects/rules'
import { countries, countryNamed } from '#lib/countries'
import { formatMoney, parseMoney, plainAmount } from '#lib/money'
import type { PledgeRequest } from '../rules'
import { type Fees, feesOf } from './fees'

/** What a backer wants, but for the card. */
export type Choice = Pick<PledgeRequest, 'rewardId' | 'addOns' | 'bonus' | 'shipTo' | 'anonymous'>

/** What there is to choose from. */
export interface Offer {
  currency: string
  rewards: readonly Reward[]
}

/** Field → what was typed, or what is wrong with it. */
type Texts = Readonly<Record<string, string>>

export interface Line {
  label: string
  /** In minor units. */
  amount: number
}

/** What a choice comes to, in minor units. With `errors`, it cannot be had like this. */
export interface Quote {
  lines: Line[]
  total: number
  errors: Texts
}

const restOfTheWorld = 'Rest of the world'

export const addOnField = (id: number): string => `add-${id}`

/** Reads a choice from a form or an address; what cannot be read is in `errors`. */
export function readChoice(
  values: Texts,
  { currency, rewards }: Offer,
): { choice: Choice; errors: Texts } {
  const errors: Record<string, string> = {}
  const wanted = values['reward'] ?? ''
  const reward = rewards.find(({ id, isAddOn }) => !isAddOn && String(id) === wanted)
  if (!reward && wanted !== '' && wanted !== 'none') errors['reward'] = 'There is no such reward.'
  const addOns: Choice['addOns'][number][] = []
  for (const { id } of reward ? rewards.filter(({ isAddOn }) => isAddOn) : []) {
    const typed = values[addOnField(id)]?.trim() || '0'
    if (!/^\d{1,4}$/.test(typed)) errors[addOnField(id)] = 'Must be a whole number.'
    else if (Number(typed) > 0) addOns.push({ rewardId: id, quantity: Number(typed) })
  }
  const typed = values['bonus']?.trim() ?? ''
  const bonus = typed === '' ? { minor: 0 } : parseMoney(typed, currency)
  if (bonus.problem !== undefined) errors['bonus'] = bonus.problem
  const country = values['country']?.trim() ?? ''
  const choice: Choice = {
    rewardId: reward?.id ?? null,
    addOns,
    bonus: bonus.minor ?? 0,
    shipTo: shippedTo(reward, country),
    anonymous: (values['anonymous'] ?? '') !== '',
  }
  return { choice, errors }
}

/** The country something is shipped to, as the site writes it; null where nothing is. */
export function shippedTo(reward: Reward | undefined, country: string): string | null {
  if (!reward || reward.shipsTo === 'nobody') return null
  return countryNamed(country) ?? (country || null)
}

/** A choice as the fields it was read from. */
export function choiceFields(choice: Choice, currency: string): Record<string, string> {
  return {
    reward: choice.rewardId === null ? 'none' : String(choice.rewardId),
    ...Object.fromEntries(
      choice.addOns.map(({ rewardId, quantity }) => [addOnField(rewardId), String(quantity)]),
    ),
    ...(choice.shipTo === null ? {} : { country: choice.shipTo }),
    ...(choice.bonus === 0 ? {} : { bonus: plainAmount(choice.bonus, currency) }),
    ...(choice.anonymous ? { anonymous: '1' } : {}),
  }
}

/** Where a reward can be shipped to; none where nothing is. */
export function shippingCountries({ shipsTo, shipping }: Reward): readonly string[] {
  if (shipsTo === 'nobody') return []
  const named = shipping.map(({ country }) => country)
  if (named.includes(restOfTheWorld)) return countries
  return named.toSorted((a, b) => a.localeCompare(b, 'en'))
}

/** What it costs to ship a reward to a country, in minor units; null where it does not go. */
export function shippingPrice(reward: Reward, country: string): number | null {
  if (!shippingCountries(reward).includes(country)) return null
  const priceFor = (name: string) => reward.shipping.find((each) => each.country === name)?.price
  return priceFor(country) ?? priceFor(restOfTheWorld) ?? null
}

/** Every line of what a choice costs, and what is wrong with it. */
export function quoteOf(choice: Choice, { currency, rewards }: Offer): Quote {
  const errors: Record<string, string> = {}
  const reward = rewards.find(({ id, isAddOn }) => id === choice.rewardId && !isAddOn)
  const lines: Line[] = []
  if (reward) lines.push({ label: reward.name, amount: reward.amount })
  else if (choice.rewardId !== null) errors['reward'] = 'There is no such reward.'
  for (const [index, { rewardId, quantity }] of choice.addOns.entries()) {
    const addOn = rewards.find(({ id, isAddOn }) => id === rewardId && isAddOn)
    const first = choice.addOns.findIndex((each) => each.rewardId === rewardId)
    const problem = !addOn
      ? 'There is no such add-on.'
      : addOnProblem(quantity, mostPerBacker(addOn), reward !== undefined && first === index)
    if (problem) errors[addOnField(rewardId)] = problem
    else if (addOn) {
      const times = quantity > 1 ? `${quantity} × ` : ''
      lines.push({ label: times + addOn.name, amount: addOn.amount * quantity })
    }
  }
  if (reward && reward.shipsTo !== 'nobody') {
    const { shipTo } = choice
    const price = shipTo === null ? null : shippingPrice(reward, shipTo)
    if (shipTo === null) errors['country'] = 'Please choose where it is to be shipped.'
    else if (price === null) errors['country'] = `This reward does not ship to ${shipTo}.`
    else lines.push({ label: `Shipping to ${shipTo}`, amount: price })
  }
  if (choice.bonus !== 0) lines.push({ label: reward ? 'Bonus' : 'Pledge', amount: choice.bonus })
  const total = lines.reduce((sum, { amount }) => sum + amount, 0)
  const problem = amountProblem(choice.bonus, total, currency)
  if (problem) errors['bonus'] = problem
  return { lines, total, errors }
}

function addOnProblem(quantity: number, max: number, isOnTop: boolean): string | undefined {
  if (!isOnTop) return 'Comes once on top of a reward.'
  const fits = Number.isInteger(quantity) && quantity >= 1 && quantity <= max
  return fits ? undefined : `You may take ${max} at most.`
}

function amountProblem(bonus: number, total: number, currency: string): string | undefined {
  const { min, max } = pledgeLimits(currency)
  if (!Number.isSafeInteger(bonus) || bonus < 0) return 'Must not be below zero.'
  if (total < min) return `A pledge is ${formatMoney(min, currency)} at least.`
  if (total > max) return `A pledge is ${formatMoney(max, currency)} at most.`
  return undefined
}

/** Who gets what of a pledge once it is charged. */
export function shareOut(
  total: number,
  currency: string,
  rates: Parameters<typeof feesOf>[2],
): Fees & { creator: number } {
  const fees = feesOf(total, currency, rates)
  return { ...fees, creator: total - fees.platform - fees.processing }
}
