import { expect, test } from 'bun:test'
import { parseSnapshot, sees, seesAllOf } from './snapshot'

test('a snapshot sees what was over when it was taken', () => {
  const snapshot = parseSnapshot('10:20:10,14,15')
  expect([9n, 11n, 13n, 16n, 19n].map((id) => sees(snapshot, id))).toEqual(Array(5).fill(true))
  expect([10n, 14n, 15n, 20n, 21n].map((id) => sees(snapshot, id))).toEqual(Array(5).fill(false))
})

test('a snapshot without running transactions has nothing after its second colon', () => {
  const snapshot = parseSnapshot('7:7:')
  expect([sees(snapshot, 6n), sees(snapshot, 7n)]).toEqual([true, false])
})

test.each([
  ['10:20:10,14', '10:20:10,14', true],
  ['10:20:10', '10:20:10,14', true],
  // 14 was over for the other.
  ['10:20:10,14', '10:20:10', false],
  ['10:20:10', '10:21:10', false],
  ['30:30:', '10:20:10,14', true],
  // Of a long transaction neither saw anything.
  ['10:40:10', '10:20:10,14', true],
])('%s sees all of %s: %p', (one, other, expected) => {
  expect(seesAllOf(parseSnapshot(one), parseSnapshot(other))).toBe(expected)
})
