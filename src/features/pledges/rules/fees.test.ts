import { describe, expect, test } from 'bun:test'
import { pledgeLimits } from '#features/projects/rules'
import { feesOf, shares } from './fees'

const rates = {
  platformPoints: 500,
  processing: { points: 300, cents: 20 },
  small: { points: 500, cents: 5 },
}

const runs = 2_000
const currencies = ['USD', 'EUR', 'JPY', 'KWD', 'SEK', 'KRW']
const upTo = (max: number) => Math.floor(Math.random() * (max + 1))
const pick = <One>(all: readonly One[]): One => all[upTo(all.length - 1)] as One

describe('shares', () => {
  test('sum to the whole, and none is a unit away from its exact part', () => {
    for (let run = 0; run < runs; run++) {
      const weights = Array.from({ length: 1 + upTo(6) }, () => upTo(1_000_000))
      const whole = upTo(1_000_000_000)
      const sum = weights.reduce((total, weight) => total + weight, 0)
      if (sum === 0) continue
      const parts = shares(whole, weights)
      expect([weights, parts.reduce((total, part) => total + part, 0)]).toEqual([weights, whole])
      for (const [index, part] of parts.entries()) {
        const exact = (whole * (weights[index] as number)) / sum
        expect(Math.abs(part - exact)).toBeLessThan(1 + 1e-6)
        expect(part).toBeGreaterThanOrEqual(0)
      }
    }
  })

  test('go to the largest remainders, and to nobody of no weight', () => {
    expect(shares(10, [1, 1, 1])).toEqual([4, 3, 3])
    expect(shares(100, [50, 30, 15])).toEqual([53, 31, 16])
    expect(shares(7, [0, 2, 0])).toEqual([0, 7, 0])
    expect(shares(7, [0, 0])).toEqual([0, 0])
  })
})

describe('fees', () => {
  test('are those of the table, by hand', () => {
    expect(feesOf(2_500, 'USD', rates)).toEqual({ platform: 125, processing: 95 })
    expect(feesOf(500, 'USD', rates)).toEqual({ platform: 25, processing: 30 })
    expect(feesOf(999, 'USD', rates)).toEqual({ platform: 50, processing: 55 })
    expect(feesOf(1_000, 'USD', rates)).toEqual({ platform: 50, processing: 50 })
    expect(feesOf(5_000, 'JPY', rates)).toEqual({ platform: 250, processing: 170 })
  })

  test('are whole, sum to what is rounded once, and never exceed the charge', () => {
    for (let run = 0; run < runs; run++) {
      const currency = pick(currencies)
      const { min, max } = pledgeLimits(currency)
      const amount = pick([min, 10 * min - 1, 10 * min, max, min + upTo(max - min)])
      const given = {
        platformPoints: upTo(5_000),
        processing: { points: upTo(1_000), cents: upTo(100) },
        small: { points: upTo(1_000), cents: upTo(100) },
      }
      const { platform, processing } = feesOf(amount, currency, given)
      const { points, cents } = amount < 10 * min ? given.small : given.processing
      const exact = (amount * (given.platformPoints + points)) / 10_000 + (cents * min) / 100
      const context = JSON.stringify({ amount, currency, given, platform, processing })
      expect(Number.isInteger(platform) && Number.isInteger(processing), context).toBe(true)
      expect(Math.min(platform, processing), context).toBeGreaterThanOrEqual(0)
      expect(platform + processing, context).toBeLessThanOrEqual(amount)
      // Half a unit of rounding, and as much of a fixed part that is no whole unit.
      const off = Math.abs(platform + processing - Math.min(amount, exact))
      expect(off, context).toBeLessThanOrEqual(0.5 + 1e-6)
    }
  })
})
