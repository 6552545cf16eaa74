/** A ratio from several pairs, with the 95 % confidence interval of its mean. */
export interface Interval {
  /** Geometric mean of the pairs. */
  ratio: number
  /** NaN of a single pair, which says nothing about the next, and where a round has no ratio. */
  low: number
  high: number
  /** Of the pairs themselves. */
  lowest: number
  highest: number
  pairs: number
  rounds: number
}

// Student's t for 0.975 by degrees of freedom, from 1.
const tTable = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16],
  ...[2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052],
  ...[2.048, 2.045, 2.042],
]
const tNormal = 1.96

/** The factor of a two-sided 95 % interval; beyond the table between its end and the normal one. */
export function tFactor(degrees: number): number {
  const last = tTable.length
  const known = tTable[degrees - 1]
  if (known !== undefined) return known
  if (degrees < 1) return Number.NaN
  return tNormal + (((tTable[last - 1] ?? tNormal) - tNormal) * last) / degrees
}

/**
 * The mean of the ratios on the scale of their logarithms, where twice as much is as far from 1 as
 * half; NaN and infinity are rounds without one. Undefined when no round has a ratio.
 */
export function intervalOf(ratios: number[]): Interval | undefined {
  const logs = ratios.map(Math.log).filter(Number.isFinite)
  const pairs = logs.length
  if (pairs === 0) return undefined
  const mean = logs.reduce((sum, each) => sum + each, 0) / pairs
  const variance = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (pairs - 1)
  // Of the rounds that answered alone it would be too sure.
  const isWhole = pairs === ratios.length
  const reach = isWhole ? tFactor(pairs - 1) * Math.sqrt(variance / pairs) : Number.NaN
  return {
    ratio: Math.exp(mean),
    low: Math.exp(mean - reach),
    high: Math.exp(mean + reach),
    lowest: Math.exp(Math.min(...logs)),
    highest: Math.exp(Math.max(...logs)),
    pairs,
    rounds: ratios.length,
  }
}

/** Whether the interval is on one side of 1. */
export const showsDifference = ({ low, high }: Interval): boolean => low > 1 || high < 1
