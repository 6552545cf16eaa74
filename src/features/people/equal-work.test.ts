import { afterAll, beforeAll, expect, setDefaultTimeout, spyOn, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { joined, visitor } from '#testing/visitor'
import { countQueries } from '#testing/waves'

// That an answer takes as long for an address nobody has is seen in the work it takes: the same
// statements and as many hashes. A clock would find it by chance, and lose it by chance.

setDefaultTimeout(60_000)

let site: TestApp
beforeAll(async () => {
  site = await testApp()
  await joined(site, 'Known Person')
  // The first of a process has more to do.
  await hashing('/sign-in', { email: 'first@example.test', password: 'not this one' })
})
afterAll(() => site.close(), 30_000)

/** How often a password is hashed, and compared with a hash, for a form. */
async function hashing(path: string, fields: Record<string, string>) {
  const spies = [spyOn(Bun.password, 'hash'), spyOn(Bun.password, 'verify')]
  const before = spies.map((spy) => spy.mock.calls.length)
  await visitor(site).post(path, fields)
  return spies.map((spy, index) => spy.mock.calls.length - (before[index] ?? 0))
}

const [known, unknown] = ['known.person@example.test', 'no.one@example.test']

test('signing in', async () => {
  const password = 'not this one'
  for (const email of [known, unknown]) {
    const statements = await countQueries(site.db, async () => {
      expect(await hashing('/sign-in', { email, password })).toEqual([0, 1])
    })
    // Three limits, one look for the account.
    expect(statements).toEqual({ count: 4, waves: 4 })
  }
})

test('joining', async () => {
  const fields = { name: 'Anybody', password: 'correct horse battery' }
  for (const email of [known, unknown]) {
    expect(await hashing('/sign-up', { email, ...fields })).toEqual([1, 0])
  }
})
