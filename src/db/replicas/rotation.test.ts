import { expect, test } from 'bun:test'
import { createLog } from '#observability/log'
import { createPositions } from './positions'
import { createRotation, lagBytesMax, type Primary } from './rotation'
import type { Standing } from './standing'

const cluster = '7381209983'
const log = createLog('silent')

/** A rotation, and what the servers say. */
function scene({ isPrimaryKnown = true } = {}) {
  const positions = createPositions()
  const primary: Primary = {
    db: undefined as never,
    positions,
    cluster: () => (isPrimaryKnown ? cluster : undefined),
  }
  const rotation = createRotation('replica.test:5432', primary, log)
  return {
    rotation,
    primaryAt: (position: bigint) =>
      positions.add({ askedAt: performance.now(), position, snapshot: '3:3:' }),
    replicaAt: (position: bigint, more: Partial<Standing> = {}) =>
      rotation.told({
        ...{ cluster, isInRecovery: true, position, startedAt: '1', snapshot: '3:3:' },
        ...more,
      }),
  }
}

test('a replica that keeps up is in use from its first answer', () => {
  const { rotation, primaryAt, replicaAt } = scene()
  expect(rotation.problem()).toContain('not answered yet')
  primaryAt(10n)
  replicaAt(10n)
  expect(rotation.problem()).toBeUndefined()
})

test('nothing is said of it before the primary has answered', () => {
  const { rotation, replicaAt } = scene({ isPrimaryKnown: false })
  replicaAt(10n)
  expect(rotation.problem()).toContain('not answered yet')
})

test('one that was lost has to answer well several times', () => {
  const { rotation, primaryAt, replicaAt } = scene()
  primaryAt(10n)
  replicaAt(10n)
  rotation.lost(new Error('the cable is out'))
  expect(rotation.problem()).toBe('the cable is out')
  replicaAt(10n)
  replicaAt(10n)
  expect(rotation.problem()).toBeDefined()
  replicaAt(10n)
  expect(rotation.problem()).toBeUndefined()
})

test('one that lacks too much of the log is left alone, however fast that was written', () => {
  const { rotation, primaryAt, replicaAt } = scene()
  primaryAt(10n)
  primaryAt(11n + BigInt(lagBytesMax))
  replicaAt(10n)
  expect(rotation.problem()).toContain('bytes behind')
})

test('one that has what the primary has lost stays out until it is started again', async () => {
  const { rotation, primaryAt, replicaAt } = scene()
  primaryAt(100n)
  replicaAt(105n)
  expect(rotation.problem()).toBeUndefined()
  await Bun.sleep(1)
  // Another server was promoted, which had not come so far.
  primaryAt(90n)
  replicaAt(105n)
  expect(rotation.problem()).toBe('it has what the primary has not')
  await Bun.sleep(1)
  primaryAt(200n)
  for (let answer = 0; answer < 5; answer++) replicaAt(105n)
  expect(rotation.problem()).toBe('it has what the primary has not')
  for (let answer = 0; answer < 5; answer++) replicaAt(200n, { startedAt: '2' })
  expect(rotation.problem()).toBeUndefined()
})
