import { expect, test } from 'bun:test'
import type { Report } from './families'
import { createHistory, quantileMs } from './history'
import { createMeter } from './meter'

const minute = 60_000

/** What one worker has counted after so many requests of so many milliseconds. */
function figures() {
  const meter = createMeter()
  const fine = meter.histogram('request_fine')
  const durations = meter.histogram('http_server_request_duration_seconds', 'GET', '/', '200')
  const statements = meter.histogram('db_client_operation_duration_seconds', 'SELECT', 'p')
  const hits = meter.counter('jumpstarter_page_cache_requests', 'hit')
  const misses = meter.counter('jumpstarter_page_cache_requests', 'miss')
  meter.gauge('process_memory_usage_bytes', ['0'], () => 1024)
  return (times: number, ms: number): Report => {
    fine.observe(ms / 1000, times)
    durations.observe(ms / 1000, times)
    statements.observe(ms / 2000, times)
    hits[0] = (hits[0] as number) + times * 3
    misses[0] = (misses[0] as number) + times
    return meter.report()
  }
}

test('each minute tells of itself alone, and the hour of all', () => {
  const serve = figures()
  const history = createHistory(0)
  history.take(serve(600, 2), minute)
  history.take(serve(60, 200), minute + 1_000)
  history.take(serve(0, 0), 2 * minute)
  const { minutes, hour } = history.performance(serve(30, 2), 2 * minute + 30_000)
  expect(minutes.map(({ at, seconds, requests }) => ({ at, seconds, requests }))).toEqual([
    { at: 0, seconds: 60, requests: 600 },
    { at: minute, seconds: 60, requests: 60 },
    { at: 2 * minute, seconds: 30, requests: 30 },
  ])
  for (const [place, ms] of [2, 200, 2].entries()) {
    const { p50Ms, p99Ms, hitRate, databaseMs } = minutes[place] as (typeof minutes)[number]
    for (const quantile of [p50Ms, p99Ms]) {
      expect(quantile).toBeGreaterThan(ms * 0.8)
      expect(quantile).toBeLessThan(ms * 1.2)
    }
    expect(hitRate).toBe(0.75)
    expect(databaseMs).toBeCloseTo(ms / 2)
  }
  expect(hour.requests).toBe(690)
  expect(hour.p50Ms).toBeLessThan(2.4)
  expect(hour.p99Ms).toBeGreaterThan(160)
  expect(minutes[0]?.workers).toEqual([{ worker: 0, delayMs: null, memoryBytes: 1024 }])
})

test('an hour is kept, and not more', () => {
  const serve = figures()
  const history = createHistory(0)
  for (let each = 1; each <= 100; each++) history.take(serve(1, 1), each * minute)
  const { minutes, hour } = history.performance(serve(0, 0), 100.5 * minute)
  expect(minutes).toHaveLength(60)
  expect(hour.requests).toBe(59)
})

test('without anything measured there is no percentile', () => {
  const { minutes } = createHistory(0).performance([], 1_000)
  expect(minutes).toEqual([
    {
      ...{ at: 0, seconds: 1, requests: 0, refused: 0, p50Ms: null, p99Ms: null, hitRate: null },
      ...{ databaseMs: null, statements: 0, workers: [] },
    },
  ])
  expect(quantileMs([0, 0, 4, 9], [1, 2], 0.5)).toBe(2_000)
})
