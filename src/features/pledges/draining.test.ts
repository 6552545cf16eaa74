import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { tmpdir } from 'node:os'
import { tokenPrefix } from '#db/access-tokens'
import { verifyCounters } from '#db/verify'
import { hashToken, newToken } from '#lib/tokens'
import { addCard, makeCampaign } from '#testing/campaign'
import { type TestDatabase, testDatabase } from '#testing/database'
import { checkoutCommand, freePort, start } from '#testing/program'

// A server that is told to stop while pledges come in.

setDefaultTimeout(60_000)

let database: TestDatabase
let sql: TestDatabase['db']['$client']
beforeAll(async () => {
  database = await testDatabase()
  sql = database.db.$client
})
afterAll(() => database.close(), 30_000)

const backersCount = 300
const clientsCount = 32

/** People with a card and a token each, as the bodies and headers of their requests. */
async function addBackers(): Promise<{ id: number; init: RequestInit }[]> {
  const rows = await sql`
    insert into people (name) select 'Backer ' || n from generate_series(1, ${backersCount}) n
      returning id`
  const backers = []
  for (const { id } of rows) {
    const token = tokenPrefix + newToken().token
    await sql`insert into accounts (person_id, email, password_hash)
      values (${id}, ${`drain${id}@example.test`}, 'none')`
    await sql`insert into access_tokens (token_hash, person_id, name, scopes, expires_at)
      values (${hashToken(token)}, ${id}, 'Test', ${['pledges']}, now() + interval '1 day')`
    const card = await addCard(sql, Number(id), 'pays')
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': `drain-${id}`,
    }
    const body = JSON.stringify({ reward: null, bonus: 500, total: 500, card })
    backers.push({ id: Number(id), init: { method: 'POST', headers, body } })
  }
  return backers
}

test('does what it has accepted; what it has not, may be sent again', async () => {
  const project = await makeCampaign(sql, { endsIn: 86_400 * 10 })
  const backers = await addBackers()
  const env = { DATABASE_URL: database.url, JUMPSTARTER_DRAIN_SECONDS: '10' }
  const serve = async () => {
    const port = await freePort()
    const listen = `tcp:127.0.0.1:${port}`
    const command = [...checkoutCommand, 'serve', '--workers', '1', '--listen', listen]
    const server = await start(command, { cwd: tmpdir(), env })
    return { server, url: `http://127.0.0.1:${port}/api/v1/projects/${project}/pledge` }
  }
  const { server, url } = await serve()
  const answered: number[] = []
  const statuses = new Set<number>()
  const waiting = [...backers]
  const clients = Array.from({ length: clientsCount }, async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { id, init } = next
      const status = await fetch(url, init).then(
        (answer) => answer.status,
        () => 0,
      )
      statuses.add(status)
      if (status === 201) answered.push(id)
    }
  })
  while (answered.length < clientsCount) await Bun.sleep(1)
  expect(await server.stop()).toBe(0)
  await Promise.all(clients)
  // Nothing but done, told to come again, or never heard.
  expect([...statuses].filter((status) => ![0, 201, 503].includes(status))).toEqual([])
  expect(answered.length).toBeLessThan(backersCount)

  const storedIds = async () =>
    (await sql`select backer_id from pledges where project_id = ${project}`).map((row) =>
      Number(row['backer_id']),
    )
  const stored = await storedIds()
  expect(answered.filter((id) => !stored.includes(id))).toEqual([])

  const next = await serve()
  const untilTaken = async (init: RequestInit) => {
    for (;;) {
      const { status } = await fetch(next.url, init)
      if (status !== 503) return status
      await Bun.sleep(100)
    }
  }
  const again = await Promise.all(backers.map(({ init }) => untilTaken(init)))
  expect(new Set(again)).toEqual(new Set([201]))
  expect((await storedIds()).length).toBe(backersCount)
  expect(await next.server.stop()).toBe(0)
  const counters = await Array.fromAsync(verifyCounters(database.db))
  expect(counters.filter(({ count }) => count > 0)).toEqual([])
})
