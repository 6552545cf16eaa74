import { expect, setDefaultTimeout, test } from 'bun:test'
import { testApp } from '#testing/app'

setDefaultTimeout(60_000)

test('every path can be found by one regular expression', async () => {
  const site = await testApp()
  await site.get('/healthz')
  // Otherwise a pattern has a fixed sibling, and Hono takes ten times as long to route anything.
  expect(site.app.router.name).toBe('SmartRouter + RegExpRouter')
  await site.close()
})
