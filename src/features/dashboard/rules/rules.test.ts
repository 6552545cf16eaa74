import { describe, expect, test } from 'bun:test'
import { campaignDays, conversion, daysMax, daysOf, runningTotals, valuesOf } from './days'
import { labelledDays, niceTicks } from './scale'

describe('days', () => {
  const at = (text: string) => new Date(`${text}:00Z`)

  test('of a campaign are those from its launch to today or its end, in UTC', () => {
    const project = { launchedAt: at('2026-05-03T23:30'), endsAt: at('2026-05-06T00:10') }
    expect(campaignDays(project, at('2026-05-03T23:40'))).toEqual(['2026-05-03'])
    expect(campaignDays(project, at('2026-05-04T00:00'))).toEqual(['2026-05-03', '2026-05-04'])
    expect(campaignDays(project, at('2027-01-01T00:00')).at(-1)).toBe('2026-05-06')
    expect(campaignDays({ launchedAt: null, endsAt: null }, at('2026-05-04T00:00'))).toEqual([])
    const long = { launchedAt: at('2020-01-01T00:00'), endsAt: at('2026-05-06T00:10') }
    expect(campaignDays(long, at('2027-01-01T00:00'))).toHaveLength(daysMax)
    const ahead = { launchedAt: at('2030-01-01T00:00'), endsAt: at('2030-02-01T00:00') }
    expect(campaignDays(ahead, at('2026-05-04T00:00'))).toHaveLength(1)
  })

  test('of a range are the latest', () => {
    const days = ['2026-05-01', '2026-05-02', '2026-05-03']
    expect(daysOf(days, '7')).toEqual(days)
    expect(daysOf(Array(40).fill('2026-05-01'), '30')).toHaveLength(30)
  })

  test('without a row are nothing', () => {
    const rows = [{ day: '2026-05-02', n: 4 }]
    expect(valuesOf(['2026-05-01', '2026-05-02'], rows, ({ n }) => n)).toEqual([0, 4])
  })

  test('add up to what there is now, whatever came after them', () => {
    const days = ['2026-05-02', '2026-05-03', '2026-05-04']
    const rows = [
      { day: '2026-05-09', value: 100 },
      { day: '2026-05-03', value: 5 },
      { day: '2026-05-04', value: 7 },
    ]
    expect(runningTotals(days, rows, 1_112)).toEqual([1_000, 1_005, 1_012])
  })

  test('of more backers than visits say nothing of conversion', () => {
    expect([conversion(1, 0), conversion(3, 2), conversion(1, 8)]).toEqual([null, null, 12.5])
  })
})

describe('a scale', () => {
  test.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [9, [0, 3, 6, 9]],
    [100, [0, 25, 50, 75, 100]],
    [123_456, [0, 50_000, 100_000, 150_000]],
    [1_000_001, [0, 500_000, 1_000_000, 1_500_000]],
  ])('up to %i is %p', (most, ticks) => {
    expect(niceTicks(most)).toEqual(ticks)
  })

  test('is of few whole numbers and holds the most, whatever that is', () => {
    for (let most = 0; most < 5_000; most += 7) {
      const ticks = niceTicks(most)
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most)
      expect(ticks.length).toBeLessThanOrEqual(6)
      expect(ticks.every(Number.isInteger)).toBe(true)
    }
  })

  test('labels the first day and the last, and some between', () => {
    expect(labelledDays(0, 4)).toEqual([])
    expect(labelledDays(1, 4)).toEqual([0])
    expect(labelledDays(3, 4)).toEqual([0, 1, 2])
    expect(labelledDays(31, 4)).toEqual([0, 10, 20, 30])
  })
})
