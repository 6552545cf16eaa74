import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { verifyCounters } from '#db/verify'
import { type TestApp, testApp } from '#testing/app'
import { addCard, addReward, makeCampaign } from '#testing/campaign'
import { program, signedIn } from '#testing/cast'

// Backing a project by the API: as a program does that may try again.

setDefaultTimeout(60_000)

let site: TestApp
let sql: TestApp['db']['$client']
let card: number
let project: number
let act: Awaited<ReturnType<typeof program>>
let names = 0

beforeAll(async () => {
  site = await testApp()
  sql = site.db.$client
  site.setNow(new Date())
})
afterAll(async () => {
  const wrong = (await Array.fromAsync(verifyCounters(site.db))).filter(({ count }) => count > 0)
  await site.close()
  expect(wrong).toEqual([])
}, 60_000)

beforeEach(async () => {
  project = await makeCampaign(sql, { endsIn: 10 * 86_400 })
  const { id } = await signedIn(site, `Program Number${names++}`)
  card = await addCard(sql, id, 'pays')
  act = await program(site, id, ['pledges'])
})

const wish = (given: object = {}) => ({ reward: null, bonus: 2_500, total: 2_500, card, ...given })
const path = () => `/projects/${project}/pledge`
const place = (body: unknown, key: string) => act('POST', path(), body, { 'idempotency-key': key })
const pledgedOf = async () => {
  const [row] = await sql`select pledged::int, backers_count from projects where id = ${project}`
  return [row?.['pledged'], row?.['backers_count']]
}
const jsonOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>
const refusalOf = async (answer: Response) => {
  const { type, field } = await jsonOf(answer)
  return [answer.status, String(type).replace('urn:jumpstarter:', ''), field]
}

test('a pledge is placed, read, listed, changed and canceled', async () => {
  const reward = await addReward(sql, project, { name: 'A big lamp' }, { Germany: 450 })
  const addOn = await addReward(sql, project, { name: 'A bulb', amount: 250, is_add_on: true })
  const cards = await jsonOf(await act('GET', '/me/cards'))
  expect(cards['data']).toEqual([
    { id: card, brand: 'Visa', lastFour: '4242', expiryMonth: 9, expiryYear: 2041 },
  ])

  const body = { ...{ reward, addOns: [{ reward: addOn, quantity: 2 }], bonus: 50 }, card }
  const placed = await place({ ...body, shipTo: 'germany', total: 3_000 }, 'one')
  expect(placed.status).toBe(201)
  const { id, total } = await jsonOf(placed)
  expect(total).toEqual({ amount: 3_000, currency: 'USD' })

  const sum = (amount: number) => ({ amount, currency: 'USD' })
  expect(await (await act('GET', path())).json()).toEqual({
    ...{ id, status: 'pledged', amount: sum(3_000), bonus: sum(50), shipping: sum(450) },
    reward: { id: reward, name: 'A big lamp' },
    addOns: [{ reward: addOn, name: 'A bulb', quantity: 2, amount: sum(500) }],
    ...{ shipTo: 'Germany', anonymous: false, card, createdAt: expect.any(String) },
    changedAt: null,
  })
  const { data } = await jsonOf(await act('GET', '/me/pledges'))
  expect(data).toEqual([
    {
      project: { id: project, title: 'A lamp', url: expect.stringContaining(`/${project}-a-lamp`) },
      ...{ status: 'pledged', amount: sum(3_000), reward: 'A big lamp', anonymous: false },
    },
  ])

  const once = { 'idempotency-key': 'two' }
  for (let times = 0; times < 2; times++) {
    const changed = await act('PUT', path(), wish({ anonymous: true }), once)
    expect([changed.status, (await jsonOf(changed))['total']]).toEqual([200, sum(2_500)])
  }
  expect(await pledgedOf()).toEqual([2_500, 1])
  for (let times = 0; times < 2; times++) {
    const canceled = await act('DELETE', path(), undefined, { 'idempotency-key': 'three' })
    expect(canceled.status).toBe(204)
  }
  expect(await pledgedOf()).toEqual([0, 0])
  expect((await jsonOf(await act('GET', path())))['status']).toBe('canceled')
})

test('fifty at once with one key are one pledge, and are answered the same', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => place(wish(), 'same')))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  const bodies = await Promise.all(answers.map((answer) => answer.text()))
  expect(new Set(bodies).size).toBe(1)
  expect(await pledgedOf()).toEqual([2_500, 1])
  expect(await refusalOf(await place(wish({ anonymous: true }), 'same'))).toEqual([
    ...[422, 'key_reused', undefined],
  ])
  expect(await refusalOf(await place(wish(), 'other'))).toEqual([409, 'already_pledged', undefined])
})

describe('is refused', () => {
  test('without a key, or with one that is none', async () => {
    expect(await refusalOf(await act('POST', path(), wish()))).toEqual([
      ...[400, 'key_required', 'Idempotency-Key'],
    ])
    for (const key of ['two words', 'x'.repeat(101)]) {
      expect((await place(wish(), key)).status).toBe(400)
    }
    expect(await pledgedOf()).toEqual([0, 0])
  })

  test.each<[string, object, unknown[]]>([
    ['nothing', { bonus: 0, total: 0 }, [422, 'invalid_body', 'bonus']],
    ['less than nothing', { bonus: -500, total: -500 }, [422, 'invalid_body', 'bonus']],
    ['parts of a cent', { bonus: 2_500.5, total: 2_500.5 }, [422, 'invalid_body', 'bonus']],
    ['a text', { bonus: '2500' }, [422, 'invalid_body', 'bonus']],
    ['too much', { bonus: 1_000_001, total: 1_000_001 }, [422, 'invalid_body', 'bonus']],
    ['more than a number holds', { bonus: 1e300, total: 1e300 }, [422, 'invalid_body', 'bonus']],
    ['another total', { total: 1 }, [409, 'price_changed', 'total']],
    ['a forged price', { amount: 1 }, [422, 'invalid_body', 'amount']],
    ['a reward that is none', { reward: 999_999_999 }, [422, 'invalid_body', 'reward']],
    ['a card that is none', { card: 999_999_999 }, [422, 'card_not_found', 'card']],
    ['an add-on alone', { addOns: [{ reward: 1, quantity: 1 }] }, [422, 'invalid_body', 'addOns']],
  ])('%s', async (_, given, refusal) => {
    expect(await refusalOf(await place(wish(given), 'a'))).toEqual(refusal)
    expect(await pledgedOf()).toEqual([0, 0])
  })

  test('a reward that is gone, one that ships elsewhere, and a project that is over', async () => {
    const gone = await addReward(sql, project, { quantity: 1, backers_count: 0 })
    const others = await signedIn(site, `Program Number${names++}`)
    await sql`insert into reward_holds (project_id, reward_id, person_id, quantity, expires_at)
      values (${project}, ${gone}, ${others.id}, 1, now() + interval '5 minutes')`
    const held = wish({ reward: gone, bonus: 0, total: 2_000 })
    expect(await refusalOf(await place(held, 'a'))).toEqual([409, 'sold_out', 'reward'])
    const far = await addReward(sql, project, {}, { Germany: 450 })
    const elsewhere = wish({ reward: far, bonus: 0, total: 2_450, shipTo: 'France' })
    expect(await refusalOf(await place(elsewhere, 'b'))).toEqual([422, 'invalid_body', 'shipTo'])
    await sql`update projects set ends_at = now() where id = ${project}`
    expect(await refusalOf(await place(wish(), 'c'))).toEqual([409, 'campaign_over', undefined])
    expect(await pledgedOf()).toEqual([0, 0])
  })

  test('in yen and in Kuwaiti dinars as in dollars, by what they are worth', async () => {
    project = await makeCampaign(sql, { currency: 'JPY' })
    const yen = (bonus: number) => wish({ bonus, total: bonus })
    expect(await refusalOf(await place(yen(99), 'a'))).toEqual([422, 'invalid_body', 'bonus'])
    expect((await place(yen(100), 'b')).status).toBe(201)
    project = await makeCampaign(sql, { currency: 'KWD' })
    expect(await refusalOf(await place(yen(299), 'c'))).toEqual([422, 'invalid_body', 'bonus'])
    const placed = await place(yen(1_255), 'd')
    expect((await jsonOf(placed))['total']).toEqual({ amount: 1_255, currency: 'KWD' })
  })

  test('to whoever may not pledge for now', async () => {
    const { id } = await signedIn(site, `Program Number${names++}`)
    await sql`insert into restrictions (person_id, kind, reason, staff_id)
      values (${id}, 'pledge', 'None', ${id})`
    const restricted = await program(site, id, ['pledges'])
    const body = wish({ card: await addCard(sql, id, 'pays') })
    const answer = await restricted('POST', path(), body, { 'idempotency-key': 'a' })
    expect(answer.status).toBe(403)
  })
})
