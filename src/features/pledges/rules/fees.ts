import type { FeeRates } from '#config'
import { pledgeLimits } from '#features/projects/rules'

/** Parts of a percent, and cents of a dollar: what rates are counted in. */
const pointsPerWhole = 10_000
const centsPerDollar = 100
/** Charges below this many dollars have rates of their own. */
const smallDollars = 10

export interface Fees {
  platform: number
  processing: number
}

/**
 * What is kept of a charge, in minor units of its currency: rounded once, half up, and never more
 * than the charge itself. Fixed parts are worth about as much in every currency.
 */
export function feesOf(amount: number, currency: string, rates: FeeRates): Fees {
  const dollar = pledgeLimits(currency).min
  const isSmall = amount < smallDollars * dollar
  const { points, cents } = isSmall ? rates.small : rates.processing
  // Of ten-thousandths of a minor unit there are no fractions.
  const platform = amount * rates.platformPoints
  const processing =
    amount * points + Math.round(cents * dollar * (pointsPerWhole / centsPerDollar))
  const total = Math.floor((platform + processing + pointsPerWhole / 2) / pointsPerWhole)
  const [first = 0, second = 0] = shares(Math.min(amount, total), [platform, processing])
  return { platform: first, processing: second }
}

/**
 * Shares a whole out by weights, so that the parts sum to it: each gets its part rounded down, and
 * what is left goes to the largest remainders, the first of equal ones first.
 */
export function shares(whole: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + BigInt(weight), 0n)
  if (sum === 0n) return weights.map(() => 0)
  const exact = weights.map((weight) => BigInt(whole) * BigInt(weight))
  const parts = exact.map((part) => Number(part / sum))
  const left = whole - parts.reduce((total, part) => total + part, 0)
  const byRemainder = [...exact.keys()].sort(
    (a, b) => Number(((exact[b] as bigint) % sum) - ((exact[a] as bigint) % sum)) || a - b,
  )
  for (const index of byRemainder.slice(0, left)) parts[index] = (parts[index] as number) + 1
  return parts
}
