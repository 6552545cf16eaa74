import { expect, setDefaultTimeout, test } from 'bun:test'
import { AppError } from './errors'
import { verifyPassword } from './passwords'

setDefaultTimeout(60_000)

test('a hundred may wait for their turn, others are told so at once', async () => {
  const begun = performance.now()
  const refusedMs: number[] = []
  const answers = Array.from({ length: 110 }, () =>
    verifyPassword('any of them', undefined).catch((error: unknown) => {
      refusedMs.push(performance.now() - begun)
      return error instanceof AppError ? error.code : error
    }),
  )
  const all = await Promise.all(answers)
  const doneMs = performance.now() - begun
  const busy = all.filter((answer) => answer === 'busy')
  expect(busy.length).toBeGreaterThan(5)
  expect(busy.length).toBeLessThan(10)
  expect(all.filter((answer) => answer === false)).toHaveLength(110 - busy.length)
  // They did not wait for those before them.
  expect(Math.max(...refusedMs)).toBeLessThan(doneMs / 2)
})
