import { heapStats } from 'bun:jsc'
import { expect, test } from 'bun:test'
import { createPauses } from './pauses'

const hourMs = 3_600_000

test('a pause is over in its time, and all are when nobody is to wait any longer', async () => {
  const pauses = createPauses()
  await pauses.wait(1)
  const long = [pauses.wait(hourMs), pauses.wait(hourMs)]
  pauses.end()
  await Promise.all(long)
  await pauses.wait(hourMs)
})

test('nothing is left of pauses that are over', async () => {
  const pauses = createPauses()
  const promises = () => {
    Bun.gc(true)
    return heapStats().objectTypeCounts['Promise'] ?? 0
  }
  const before = promises()
  for (let count = 0; count < 2_000; count++) await pauses.wait(0)
  expect(promises() - before).toBeLessThan(200)
})
