import { describe, expect, test } from 'bun:test'
import { parseTicks } from './cpu'
import { oneKey, spreadKeys, uniformKeys } from './keys'
import { medianRun, type Run, ratioOf, runLoad } from './load'
import { parseLatencies, parseSummary } from './pgbench'
import { forOneKey, pgbenchScript } from './script'
import { runTrial, verdictOf } from './trial'

const run = (operationsPerSecond: number, errors = 0): Run => ({
  ...{ operations: 10, operationsPerSecond, errors },
  ...{ p50Ms: 1, p75Ms: 2, p90Ms: 3, p99Ms: 4 },
})

/** Every thousandth from 0 to 1, over and over: what chance would do, without chance. */
function evenly() {
  let step = 0
  // 1000 and 7919 have no common divisor, so that neighbours are unlike.
  return () => ((step++ * 7919) % 1000) / 1000
}

describe('keys', () => {
  test('80 of 100 fall into the newest tenth, and every other key gets its share', () => {
    const keys = spreadKeys({ first: 101, last: 1100 })
    const drawn = Array.from({ length: 20_000 }, () => keys.draw())
    const newest = drawn.filter((key) => key > 1000).length / drawn.length
    expect(newest).toBeGreaterThan(0.78)
    expect(newest).toBeLessThan(0.82)
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(101)
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1100)
    // A key that nobody draws would be a wrong limit: each of 900 is expected four times.
    expect(new Set(drawn.filter((key) => key <= 1000)).size).toBeGreaterThan(800)
  })

  test('pgbench draws from the same limits', () => {
    expect(spreadKeys({ first: 101, last: 1100 }).script('id')).toEqual([
      '\\set percent random(1, 100)',
      '\\set id case when :percent <= 80 then random(1001, 1100) else random(101, 1000) end',
    ])
    expect(uniformKeys({ first: 1, last: 9 }).script('id')).toEqual(['\\set id random(1, 9)'])
    expect(oneKey(5).script('id')).toEqual(['\\set id 5'])
  })

  test('uniform ones reach both ends and nothing beyond', () => {
    const keys = uniformKeys({ first: 3, last: 5 }, evenly())
    const drawn = Array.from({ length: 1000 }, () => keys.draw())
    expect([...new Set(drawn)].toSorted()).toEqual([3, 4, 5])
  })

  test('a range of one has only that', () => {
    const keys = spreadKeys({ first: 4, last: 4 }, evenly())
    expect(new Set(Array.from({ length: 100 }, () => keys.draw()))).toEqual(new Set([4]))
  })
})

describe('what pgbench prints', () => {
  const head = 'transaction type: /tmp/0.sql\nscaling factor: 1\nquery mode: prepared\n'

  test('of version 15 and later', () => {
    const text =
      `${head}number of transactions actually processed: 54321\n` +
      'number of failed transactions: 12 (0.022%)\nlatency average = 0.294 ms\n' +
      'initial connection time = 7.5 ms\ntps = 27160.553 (without initial connection time)\n'
    expect(parseSummary(text)).toEqual({
      transactions: 54_321,
      failed: 12,
      transactionsPerSecond: 27_160.553,
    })
  })

  test('of version 13, which told two rates', () => {
    const text =
      `${head}number of transactions actually processed: 100\nlatency average = 0.1 ms\n` +
      'tps = 90.5 (including connections establishing)\n' +
      'tps = 99.5 (excluding connections establishing)\n'
    expect(parseSummary(text)).toEqual({
      transactions: 100,
      failed: 0,
      transactionsPerSecond: 99.5,
    })
  })

  test('without figures is an error that shows it', () => {
    expect(() => parseSummary('pgbench: killed')).toThrow(/no figures: pgbench: killed/)
    expect(() => parseSummary('')).toThrow(/nothing at all/)
  })

  test('its log has microseconds in the third column; failed ones have none', () => {
    const log = '0 1 2500 0 1700000000 1\n1 1 failed 0 1700000000 2\n1 2 750 1 1700000000 3\n'
    expect(parseLatencies(log)).toEqual([2.5, 0.75])
  })
})

test('a script has variables where keys were, and values where there were others', () => {
  const statements = [
    { text: 'begin', parameters: [] },
    { text: 'insert into t values ($1, $2, $3, $1)', parameters: [42, 'New York', null] },
  ]
  const variables = new Map([['42', 'id']])
  expect(pgbenchScript(statements, { lines: ['\\set id 1'], variables, prefix: 'x' })).toEqual({
    text: '\\set id 1\nbegin;\ninsert into t values (:id, :x_1_2, null, :id);\n',
    defines: ['x_1_2=New York'],
  })
})

test('of a lookup pgbench gets what asks for the key, and for it alone', () => {
  const statements = [
    { text: 'select slug from categories limit $1', parameters: [1000] },
    { text: 'select name from people where id = any($1)', parameters: ['{42}'] },
  ]
  expect(forOneKey(statements, 42)).toEqual([
    { text: 'select name from people where id = $1', parameters: [42] },
  ])
})

test('processor time is read behind a name with spaces and brackets', () => {
  const stat = `123 (postgres: a) b (c) S 1 1 1 0 -1 4194624 9 0 0 0 250 50 0 0 20 0 1 0 99`
  expect(parseTicks(stat)).toBe(300)
})

describe('runs', () => {
  test('failed operations are counted and have no time', async () => {
    let calls = 0
    const operation = async () => {
      calls++
      await Bun.sleep(1)
      if (calls % 2 === 0) throw new Error(`call ${calls}`)
    }
    const { signal } = new AbortController()
    const result = await runLoad(operation, { inFlight: 1, seconds: 0.05, signal })
    expect(result.operations + result.errors).toBe(calls)
    expect(result.errors).toBe(Math.floor(calls / 2))
    expect(result.firstError).toBe('call 2')
  })

  test('the middle of several has the errors of all', () => {
    const middle = medianRun([run(100, 1), run(300, 2), run(200)])
    expect([middle.operationsPerSecond, middle.errors]).toEqual([200, 3])
  })

  test('ratios are taken round by round', () => {
    const ratio = ratioOf([run(50), run(300), run(200)], [run(100), run(100), run(100)])
    expect(ratio).toEqual({ ratio: 2, low: 0.5, high: 3 })
  })
})

describe('a verdict', () => {
  test.each([
    [{ ratio: 1.2, low: 1.15, high: 1.25 }, 'ship'],
    // In every round, but the rounds differ by more.
    [{ ratio: 1.2, low: 1.05, high: 1.3 }, 'no gain'],
    [{ ratio: 1.2, low: 0.9, high: 1.5 }, 'no gain'],
    [{ ratio: 1.02, low: 1.01, high: 1.04 }, 'no gain'],
    [{ ratio: 0.5, low: 0.4, high: 0.6 }, 'no gain'],
  ])('of %p is %s', (ratio, verdict) => {
    expect(verdictOf(ratio, false)).toBe(verdict as 'ship')
    expect(verdictOf(ratio, true)).toBe('price only')
  })

  test('comes from turns: what is shipped, the other, what is shipped, the other', async () => {
    const turns: string[] = []
    const variant = (value: string, perSecond: number) => ({
      value,
      run: () => {
        turns.push(value)
        return Promise.resolve(run(perSecond))
      },
    })
    const { signal } = new AbortController()
    const trial = {
      setting: 's',
      load: 'l',
      shipped: variant('a', 100),
      others: [variant('b', 130)],
    }
    const rows = await runTrial(trial, 2, signal)
    // The first is to warm up and is not counted.
    expect(turns).toEqual(['a', 'a', 'b', 'a', 'b'])
    expect(rows.map(({ value, ratio, verdict }) => [value, ratio?.ratio, verdict])).toEqual([
      ['a', undefined, 'shipped'],
      ['b', 1.3, 'ship'],
    ])
  })
})
