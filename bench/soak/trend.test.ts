import { describe, expect, test } from 'bun:test'
import { createRandom } from '#web/pictures/random'
import { type Sample, trendOf } from './trend'

const megabyte = 1024 * 1024

/** A look each second: a level, what leaks in an hour, and garbage that is collected at times. */
function memory(minutes: number, leak: number, { warmUp = 0, noise = 1 } = {}): Sample[] {
  const random = createRandom(11)
  return Array.from({ length: minutes * 60 }, (_, at) => {
    const garbage = (at % 23) * 2 * megabyte
    const early = Math.max(0, 1 - at / (minutes * 8)) * warmUp
    const wobble = random.float(-noise, noise) * megabyte
    return { at, value: 150 * megabyte + (at / 3600) * leak - early + garbage + wobble }
  })
}

describe('half an hour of memory', () => {
  test('that only wobbles is flat, however much garbage comes and goes', () => {
    const { verdict, perHour, low, high } = trendOf(memory(30, 0))
    expect(verdict).toBe('flat')
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0)
    expect(Math.abs(perHour)).toBeLessThan(5 * megabyte)
  })

  test('that warms up first is flat', () => {
    expect(trendOf(memory(30, 0, { warmUp: 60 * megabyte })).verdict).toBe('flat')
  })

  test('that leaks 40 MB an hour grows, and by as much', () => {
    const { verdict, perHour, low, high } = trendOf(memory(30, 40 * megabyte))
    expect(verdict).toBe('grows')
    expect(low).toBeLessThan(40 * megabyte)
    expect(high).toBeGreaterThan(40 * megabyte)
    expect(perHour / megabyte).toBeCloseTo(40, -1)
  })

  test('that shrinks is flat', () => {
    expect(trendOf(memory(30, -30 * megabyte)).verdict).toBe('flat')
  })
})

test('eleven minutes show a leak that is large enough, and say nothing of what wobbles', () => {
  expect(trendOf(memory(11, 900 * megabyte)).verdict).toBe('grows')
  expect(trendOf(memory(11, 0, { noise: 9 })).verdict).toBe('unsure')
})

test('less than ten minutes say nothing, whatever they show', () => {
  expect(trendOf(memory(9, 6_000 * megabyte)).verdict).toBe('unsure')
})

test('what stands still is flat, and nothing is no trend', () => {
  const still = Array.from({ length: 1_800 }, (_, at) => ({ at, value: 42 }))
  expect(trendOf(still)).toEqual({ level: 42, perHour: 0, low: 0, high: 0, verdict: 'flat' })
  const none = Array.from({ length: 1_800 }, (_, at) => ({ at, value: 0 }))
  expect(trendOf(none).verdict).toBe('flat')
  expect(() => trendOf(still.slice(0, 2))).toThrow('too few samples')
})
