import { expect, test } from 'bun:test'
import { readOpenMetrics, sumOf } from '#testing/openmetrics'
import { createMeter } from './meter'
import { toOpenMetrics } from './openmetrics'
import { createTally } from './tally'

test('labels with anything in them are read as they were written', () => {
  const meter = createMeter()
  const route = 'a "b" \\ c\nd'
  meter.histogram('http_server_request_duration_seconds', 'GET', route, '200').observe(0.003)
  const samples = readOpenMetrics(toOpenMetrics(meter.report()))
  expect(sumOf(samples, 'http_server_request_duration_seconds_count', { http_route: route })).toBe(
    1,
  )
})

test('a histogram has its observations in the first bucket that reaches up to them', () => {
  const meter = createMeter()
  const sizes = meter.histogram('jumpstarter_pledge_batch_size')
  for (const size of [1, 2, 3, 500, 501]) sizes.observe(size)
  const samples = readOpenMetrics(toOpenMetrics(meter.report()))
  const upTo = (le: string) => sumOf(samples, 'jumpstarter_pledge_batch_size_bucket', { le })
  expect(['1.0', '2.0', '5.0', '200.0', '500.0', '+Inf'].map(upTo)).toEqual([1, 2, 3, 3, 4, 5])
  expect(sumOf(samples, 'jumpstarter_pledge_batch_size_sum')).toBe(1007)
})

test('counts of processes that have ended stay, and what they only had goes', () => {
  const [first, second] = [{}, {}]
  const tally = createTally()
  const told = (process: object, pledges: number, streams: number) =>
    tally.take(process, [
      ['jumpstarter_pledges', ['taken'], [pledges]],
      ['jumpstarter_event_streams', [], [streams]],
    ])
  const now = () => {
    const samples = readOpenMetrics(toOpenMetrics(tally.total()))
    const streams = sumOf(samples, 'jumpstarter_event_streams')
    return [sumOf(samples, 'jumpstarter_pledges_total'), streams]
  }
  told(first, 3, 10)
  told(second, 4, 1)
  told(first, 5, 7)
  expect(now()).toEqual([9, 8])
  tally.end(first)
  expect(now()).toEqual([9, 1])
  told(second, 6, 2)
  expect(now()).toEqual([11, 2])
})

test('figures that a newer worker tells of, and this program does not know, are left out', () => {
  const tally = createTally()
  tally.take({}, [
    ['jumpstarter_of_tomorrow' as never, [], [1]],
    ['jumpstarter_pledge_batch_size', [], [1, 2]],
    ['jumpstarter_pledges', ['taken'], [1]],
  ])
  expect(tally.total()).toEqual([['jumpstarter_pledges', ['taken'], [1]]])
})

test.each([
  ['without an end', '# TYPE a counter\na_total 1\n'],
  ['a counter without its ending', '# TYPE a counter\na 1\n# EOF\n'],
  ['a family twice', '# TYPE a gauge\na 1\n# TYPE a gauge\na 2\n# EOF\n'],
  ['a sample twice', '# TYPE a gauge\na{b="c"} 1\na{b="c"} 2\n# EOF\n'],
  ['a quote in a label', '# TYPE a gauge\na{b="c"d"} 1\n# EOF\n'],
  ['a unit that is not in the name', '# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n'],
  ['a count below nothing', '# TYPE a counter\na_total -1\n# EOF\n'],
  [
    'buckets that shrink',
    '# TYPE a histogram\na_bucket{le="1.0"} 2\na_bucket{le="+Inf"} 1\na_count 1\n# EOF\n',
  ],
])('the reader of the tests refuses %s', (_, text) => {
  expect(() => readOpenMetrics(text)).toThrow()
})
