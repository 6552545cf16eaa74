import { describe, expect, test } from 'bun:test'
import { newAnswer, takePart } from './answer'
import { type Cell, cellId, driverOf, groupsOf, hops, kinds, leftOut } from './cells'
import { between, parseMachineTime, parseSwitches, readCounters } from './counters'
import { intervalOf, showsDifference, tFactor } from './interval'
import { requireFiles } from './limits'
import { finding } from './report'

describe('cells', () => {
  const all = groupsOf({ hops, kinds, connections: [1, 32, 256] })
  const cells = all.flatMap((group) => group.cells)

  test('every hop with every kind that makes sense, over each number of connections', () => {
    expect(all.map(({ hop, kind }) => `${hop} ${kind}`)).toEqual([
      ...['app cached-page', 'app page', 'app api', 'nginx cached-page', 'nginx page', 'nginx api'],
      ...['haproxy cached-page', 'haproxy page', 'haproxy api', 'postgres page', 'postgres api'],
      ...['redis cached-page', 'end-to-end cached-page', 'end-to-end page', 'end-to-end api'],
    ])
    // Twelve groups with and without keep-alive, three whose connections are the app's own.
    expect(cells).toHaveLength((12 * 2 + 3) * 3)
    expect(new Set(cells.map(cellId)).size).toBe(cells.length)
  })

  test('what makes no sense is named', () => {
    expect(leftOut({ hops, kinds, connections: [1] })).toEqual([
      'app → Postgres, cached page: not measured, a cached page asks no Postgres.',
      'app → Redis, page made anew: not measured, what is made anew asks no Redis.',
      'app → Redis, API, one project: not measured, what is made anew asks no Redis.',
      'app → Postgres and app → Redis: no connection for each request, as the app keeps its own.',
    ])
    expect(leftOut({ hops: ['app'], kinds, connections: [1] })).toEqual([])
  })

  test('h2load drives all it can', () => {
    const ours = cells.filter((cell) => driverOf(cell) === 'our client')
    const reconnecting = ours.filter(
      ({ connections, keepAlive }) => connections === 1 && !keepAlive,
    )
    expect(new Set(reconnecting.map(({ hop }) => hop))).toEqual(new Set(['app', 'end-to-end']))
    const name = ({ hop, kind }: Cell) => `${hop} ${kind}`
    const kept = ours.filter(({ hop, keepAlive }) => keepAlive && hop !== 'end-to-end')
    expect(kept.filter(({ connections }) => connections === 1)).toEqual([])
    expect(new Set(kept.map(name))).toEqual(
      new Set([
        ...['app page', 'app api', 'nginx page', 'nginx api', 'haproxy page', 'haproxy api'],
        ...['postgres page', 'postgres api', 'redis cached-page'],
      ]),
    )
  })
})

describe('confidence', () => {
  test('t as in the tables', () => {
    const known = { 1: 12.706, 2: 4.303, 4: 2.776, 9: 2.262, 30: 2.042, 40: 2.021, 120: 1.98 }
    for (const [degrees, t] of Object.entries(known)) {
      expect(tFactor(Number(degrees))).toBeCloseTo(t, 2)
    }
    expect(tFactor(1e9)).toBeCloseTo(1.96, 3)
    expect(tFactor(0)).toBeNaN()
  })

  test('the interval of five pairs, as worked out elsewhere', () => {
    const interval = intervalOf([1.1, 1.2, 1.05, 1.3, 1.15])
    expect(interval?.ratio).toBeCloseTo(1.1569, 4)
    expect(interval?.low).toBeCloseTo(1.0448, 3)
    expect(interval?.high).toBeCloseTo(1.2809, 3)
    expect([interval?.lowest, interval?.highest]).toEqual([
      expect.closeTo(1.05, 9),
      expect.closeTo(1.3, 9),
    ])
    expect(interval && showsDifference(interval)).toBe(true)
  })

  test('twice as fast and half as fast are no difference', () => {
    const interval = intervalOf([2, 0.5, 2, 0.5])
    expect(interval?.ratio).toBeCloseTo(1, 9)
    expect(interval && showsDifference(interval)).toBe(false)
  })

  test('one pair has no interval, and no answers have no ratio', () => {
    const one = intervalOf([1.5])
    expect([one?.ratio, one?.low, one?.pairs]).toEqual([1.5, Number.NaN, 1])
    expect(one && showsDifference(one)).toBe(false)
    expect(intervalOf([0, Number.NaN, Number.POSITIVE_INFINITY])).toBeUndefined()
    const partly = intervalOf([0, 1.5, 1.5, 1.6])
    expect([partly?.pairs, partly?.rounds, partly?.low]).toEqual([3, 4, Number.NaN])
    expect(finding(partly)).toBe('no answers in 1 of 4 rounds')
    expect(partly && showsDifference(partly)).toBe(false)
  })
})

describe('counters', () => {
  test('context switches and the time of the machine, as the kernel prints them', () => {
    const status = 'Name:\tbun\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n'
    expect(parseSwitches(status)).toEqual({ voluntary: 12, involuntary: 3 })
    const stat = 'cpu  100 1 50 800 20 2 7 5 40 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n'
    expect(parseMachineTime(stat)).toEqual({
      ...{ totalUs: 9_850_000, busyUs: 1_600_000, stolenUs: 50_000 },
    })
  })

  test('what a process has used and how often it was switched grows', async () => {
    const before = readCounters([process.pid])
    const begun = process.cpuUsage()
    while (process.cpuUsage(begun).user < 30_000) JSON.parse(JSON.stringify(process.versions))
    for (let naps = 0; naps < 5; naps++) await Bun.sleep(1)
    const used = between(before, readCounters([process.pid]))
    expect(used.cpuUs).toBeGreaterThan(0)
    expect(used.voluntary).toBeGreaterThanOrEqual(5)
  })

  test('who began in between counts from nothing, who ended no longer', () => {
    const reading = (cpuUs: [number, number][]) => ({
      ...{ cpuUs: new Map(cpuUs), voluntary: new Map(), involuntary: new Map() },
    })
    const before = reading([
      [1, 100],
      [2, 50],
    ])
    const after = reading([
      [1, 130],
      [3, 7],
    ])
    expect(between(before, after).cpuUs).toBe(37)
    expect(readCounters([2 ** 30]).cpuUs.size).toBe(0)
  })
})

describe('answers', () => {
  const parts = (text: string, size: number) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      Buffer.from(text.slice(at * size, (at + 1) * size)),
    )
  const known = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
  const chunked =
    'HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nend\r\n0\r\n\r\n'

  test.each([1, 2, 3, 7, 1_000])('are whole at their last byte, in parts of %p', (size) => {
    for (const [text, status] of [
      [known, 200],
      [chunked, 503],
    ] as const) {
      const answer = newAnswer()
      const taken = parts(text, size).map((part) => takePart(answer, part))
      expect(taken.slice(0, -1)).not.toContain('whole')
      expect([taken.at(-1), answer.status]).toEqual(['whole', status])
    }
  })

  test('without a length they end with the connection', () => {
    const answer = newAnswer()
    expect(takePart(answer, Buffer.from('HTTP/1.0 200 OK\r\n\r\nhello'))).toBe('more')
    expect(answer.untilClose).toBe(true)
  })
})

test('too few open files are named before anything starts', () => {
  const refusal = () => requireFiles(1_000, 1_024)
  expect(refusal).toThrow(
    'bench sockets needs 2800 open files for a program, and 1024 are allowed: run ulimit -n 2800',
  )
  expect(() => requireFiles(32, 1_024)).not.toThrow()
})
