import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDeps } from '#deps'
import { ownPages, publicPages } from '#testing/access-tables'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'
import { testDatabase } from '#testing/database'
import { visitor } from '#testing/visitor'

// A link from elsewhere makes anybody's browser read a page of theirs: that must change nothing. Here
// every page is read on a database that takes no writes.

setDefaultTimeout(60_000)

let site: TestApp
let readOnly: TestApp
let cast: Cast
let made: Record<string, string>

beforeAll(async () => {
  const database = await testDatabase()
  site = await testApp(database)
  cast = await makeCast(site)
  made = await cast.makeProject('live')
  const [row] = await site.db.$client<{ name: string }[]>`select current_database() as name`
  await site.db.$client`
    alter database ${site.db.$client(row?.name ?? '')} set default_transaction_read_only = on`
  readOnly = await testApp(database)
})
afterAll(async () => {
  await closeDeps(readOnly.deps)
  await site.close()
})

const filled = (path: string) =>
  path.replace(/\{.*?\}/g, '').replace(/:(\w+)\??/g, (_, name: string) => made[name] ?? 'nothing')

/** They count how often they are asked for, or lead to a payment provider at most so often. */
const counted = [
  ...['/projects/:project/dashboard.csv', '/projects/:project/backers.csv', '/settings/cards/new'],
]
/** It goes on until its reader leaves. */
const endless = '/projects/:project/live'
const pages = [...publicPages, ...Object.keys(ownPages)].filter((path) => path !== endless)

test('it takes no writes', async () => {
  const answer = await visitor(readOnly).post('/reset-password', { email: 'ana@example.test' })
  expect(answer.status).toBe(503)
  expect(readOnly.takeErrors().join()).toContain('read-only')
})

test.each(pages)('%s is read, and that is all', async (path) => {
  for (const actor of [cast.anonymous, cast.member, cast.owner, cast.staff]) {
    const reader = visitor(readOnly)
    for (const [name, value] of actor.cookies) reader.cookies.set(name, value)
    const answer = await reader.get(filled(path))
    await answer.arrayBuffer()
    const errors = readOnly.takeErrors()
    const isCounted = counted.includes(path) && errors.every((each) => each.includes('rate_limits'))
    expect([path, isCounted ? [] : errors]).toEqual([path, []])
    if (!isCounted) expect(answer.status).toBeLessThan(500)
  }
})
