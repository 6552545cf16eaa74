import { expect, test } from 'bun:test'
import { figuresOf, latenciesOf } from './latency'
import { requireStreams } from './live'

test('a message tells of all that was committed up to its total, to its reader', () => {
  const commits = [
    { total: 500, at: 100 },
    { total: 1_000, at: 110 },
    { total: 1_500, at: 120 },
  ]
  const messages = [
    { reader: 0, total: 500, at: 99 },
    { reader: 1, total: 1_000, at: 150 },
    { reader: 0, total: 1_500, at: 200 },
    { reader: 0, total: 1_500, at: 900 },
  ]
  const { latenciesMs, missed } = latenciesOf(commits, messages, 2)
  expect(latenciesMs).toEqual([0, 50, 40, 90, 80])
  expect(missed).toBe(1)
})

test('figures of latencies lie between them in proportion', () => {
  const { p50, p99 } = figuresOf([4, 1, 3, 2])
  expect(p50).toBe(2.5)
  expect(p99).toBeCloseTo(3.97)
  expect(figuresOf([7])).toEqual({ p50: 7, p99: 7 })
})

test('too few open files are named, with what to do', () => {
  expect(() => requireStreams(10_000, 20_000)).not.toThrow()
  expect(() => requireStreams(10_000, 4_096)).toThrow(
    '10000 streams need 10200 open files for a program, and 4096 are allowed: run ulimit -n 10200',
  )
})
