import { describe, expect, test } from 'bun:test'
import { createRandom } from '#web/pictures/random'
import { drawArrivals } from './arrivals'
import { figuresByKind, goodputOf, quantileOf, secondsUntilNormal, whyInvalid } from './figures'
import type { Asked, GeneratorFigures } from './generator'
import { type Outcome, outcomes } from './order'
import { type Kind, kinds } from './requests'

function asked(rows: [at: number, kind: Kind, outcome: Outcome, ms: number][]): Asked {
  return {
    at: rows.map(([at]) => at),
    kind: rows.map(([, kind]) => kinds.indexOf(kind)),
    outcome: rows.map(([, , outcome]) => outcomes.indexOf(outcome)),
    ms: rows.map(([, , , ms]) => ms),
  }
}

describe('arrivals', () => {
  const drawn = (seed: number) => {
    const arrivals = drawArrivals(
      [
        { rate: 100, seconds: 20 },
        { rate: 0, seconds: 5 },
        { rate: 1_000, seconds: 10 },
      ],
      createRandom(seed),
    )
    const all: number[] = []
    for (let at = arrivals.next(); at < Infinity; at = arrivals.next()) all.push(at)
    return all
  }

  test('come by chance, as many as asked for, each phase at its rate', () => {
    const all = drawn(3)
    expect(all).toEqual(all.toSorted((a, b) => a - b))
    const within = (from: number, to: number) =>
      all.filter((at) => at >= from * 1000 && at < to * 1000).length
    expect(within(0, 20) / 2_000).toBeCloseTo(1, 1)
    expect(within(20, 25)).toBe(0)
    expect(within(25, 35) / 10_000).toBeCloseTo(1, 1)
    expect(all.at(-1)).toBeLessThan(35_000)
    expect(drawn(3)).toEqual(all)
    expect(drawn(4)).not.toEqual(all)
  })

  test('have gaps as of people who do not know of each other: as wide as they are long', () => {
    const gaps = drawn(5)
      .filter((at) => at < 20_000)
      .map((at, index, all) => at - (all[index - 1] ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 0)
  })
})

test('a right answer that comes late is none of the good ones', () => {
  const rows = asked([
    [100, 'made', 'right', 50],
    [200, 'made', 'right', 1_500],
    [300, 'made', 'refused', 2],
    [400, 'pledge', 'gone', 5_000],
    [900, 'made', 'right', 50],
  ])
  expect(figuresByKind(rows, { fromMs: 0, toMs: 500 })).toEqual([
    { kind: 'made', asked: 3, good: 1, refused: 1, wrong: 0, gone: 0, p50Ms: 775, p99Ms: 1_485.5 },
    {
      ...{ kind: 'pledge', asked: 1, good: 0, refused: 0, wrong: 0, gone: 1 },
      ...{ p50Ms: undefined, p99Ms: undefined },
    },
  ])
  expect(goodputOf(rows, 1)).toEqual([2, 2])
  expect(goodputOf(rows, 1, 'pledge')).toEqual([0, 0])
  expect(quantileOf(rows, { fromMs: 0, toMs: 500 }, 'refused', 0.99)).toBe(2)
  expect(quantileOf(rows, { fromMs: 500, toMs: 900 }, 'refused', 0.99)).toBeUndefined()
})

test('it is normal again after the last half second in which not all were well', () => {
  const second = (at: number, outcome: Outcome) => [at, 'made', outcome, 10] as const
  const rows = (bad: number[]) =>
    asked(
      [0, 500, 1_000, 1_500, 2_000].map((at) => [
        ...second(at + 10, bad.includes(at) ? 'refused' : 'right'),
      ]),
    )
  const span = { fromMs: 0, toMs: 2_500 }
  expect(secondsUntilNormal(rows([]), span)).toBe(0)
  expect(secondsUntilNormal(rows([0, 1_000]), span)).toBe(1.5)
  expect(secondsUntilNormal(rows([2_000]), span)).toBeUndefined()
})

test('a generator that was late or busy has measured itself', () => {
  const fine = { lateP99Ms: 2, cpuShare: 0.3 } as GeneratorFigures
  expect(whyInvalid(fine)).toBeUndefined()
  expect(whyInvalid({ ...fine, lateP99Ms: 40 })).toContain('40 ms late')
  expect(whyInvalid({ ...fine, cpuShare: 0.95 })).toContain('95%')
})
