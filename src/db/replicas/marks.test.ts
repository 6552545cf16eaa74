import { describe, expect, test } from 'bun:test'
import { endOfLog, parseLsn } from './lsn'
import { primaryOnly, readMarks, signMark } from './marks'
import { createPositions } from './positions'

const cluster = '7381209983'

test('a position is read as Postgres writes it', () => {
  expect(parseLsn('0/0')).toBe(0n)
  expect(parseLsn('16/B374D848')).toBe(0x16_b374_d848n)
  expect(parseLsn('FFFFFFFF/FFFFFFFF')).toBe(endOfLog)
  expect(() => parseLsn('nowhere')).toThrow(SyntaxError)
})

describe('a mark', () => {
  const mark = { position: parseLsn('16/B374D848'), source: '1763900000000000' }

  test.each([mark, { position: 0n }, primaryOnly])('comes back as it was signed: %p', (given) => {
    expect(readMarks(signMark(given, cluster), cluster)).toEqual([{ source: undefined, ...given }])
  })

  test('several stand side by side', () => {
    const tokens = `${signMark(mark, cluster)}, ${signMark(primaryOnly, cluster)},,`
    expect(readMarks(tokens, cluster)).toHaveLength(2)
  })

  test('that we have not signed says nothing', () => {
    const token = signMark(mark, cluster)
    const forged = [
      ...[
        `f${token}`,
        token.slice(0, -1),
        `${token}A`,
        token.toUpperCase(),
        '',
        '..',
        'x'.repeat(9_000),
      ],
      ...[token.replace('.', '.1'), signMark(mark, 'another cluster'), '%00', '🚀.🚀.🚀'],
    ]
    for (const text of forged)
      expect({ text, marks: readMarks(text, cluster) }).toEqual({ text, marks: [] })
  })

  test('leads to the primary while nobody can tell whether it is ours', () => {
    expect(readMarks(signMark(mark, cluster), undefined)).toEqual([primaryOnly])
    expect(readMarks('', undefined)).toEqual([])
  })
})

describe('the positions of the primary', () => {
  const at = (askedAt: number, position: bigint) => ({
    askedAt,
    position,
    snapshot: `${position}:`,
  })

  test('tell what was known at a moment, and what was known only later', () => {
    const positions = createPositions()
    expect(positions.latest()).toBeUndefined()
    for (const [moment, position] of [
      [100, 10n],
      [200, 10n],
      [300, 30n],
    ] as const) {
      positions.add(at(moment, position))
    }
    expect(positions.after(50)).toBe(10n)
    expect(positions.after(199)).toBe(10n)
    expect(positions.after(200)).toBe(30n)
    expect(positions.after(300)).toBeUndefined()
    expect(positions.upTo(9n)).toBeUndefined()
    expect(positions.upTo(29n)).toMatchObject({ askedAt: 200 })
    expect(positions.before(99)).toBeUndefined()
    expect(positions.before(299)).toBe(10n)
  })

  test('are forgotten when another server takes over that has less', () => {
    const positions = createPositions()
    positions.add(at(100, 10n))
    positions.add(at(200, 9n))
    expect(positions.upTo(8n)).toBeUndefined()
    expect(positions.before(150)).toBeUndefined()
    expect(positions.latest()).toMatchObject({ position: 9n })
  })

  test('are few, however long it goes on', () => {
    const positions = createPositions()
    for (let moment = 0; moment < 500_000; moment += 150) positions.add(at(moment, BigInt(moment)))
    expect(positions.before(400_000)).toBeUndefined()
    expect(positions.before(469_000)).toBeGreaterThan(468_000n)
    expect(positions.latest()?.position).toBeGreaterThan(499_000n)
  })
})
