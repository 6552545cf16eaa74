import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { testCards } from '#payments/test-cards'
import { type TestApp, testApp } from '#testing/app'
import { joined, type Visitor, visitor } from '#testing/visitor'
import { startCard } from './writes'

setDefaultTimeout(60_000)

let site: TestApp
let ana: Visitor

beforeAll(async () => {
  site = await testApp()
  ana = await joined(site, 'Ana Card')
})

afterAll(() => site.close())

const typed = (number: string) => ({ number, expiry: '09/44', cvc: '123' })
const success = '4242 4242 4242 4242'
const pathOf = (answer: Response) => {
  const place = answer.headers.get('location') ?? ''
  return place.startsWith('http') ? new URL(place).pathname + new URL(place).search : place
}

/** To the gateway's page for a new card. */
async function begin(who: Visitor, to?: string): Promise<string> {
  const query = to === undefined ? '' : `?to=${encodeURIComponent(to)}`
  const answer = await who.get(`/settings/cards/new${query}`)
  expect(answer.status).toBe(303)
  return pathOf(answer)
}

/** Through it, and back. */
async function add(who: Visitor, number: string, to?: string): Promise<string> {
  const page = await begin(who, to)
  const entered = await who.post(page, typed(number))
  expect(entered.status).toBe(303)
  const back = await who.get(pathOf(entered))
  expect(back.status).toBe(303)
  return pathOf(back)
}

const idIn = (path: string) =>
  Number(new URL(path, 'http://x').searchParams.get('card') ?? Number.NaN)

async function personOf(name: string): Promise<number> {
  const [row] = await site.db.$client<{ id: string }[]>`select id from people where name = ${name}`
  return Number(row?.id)
}

test('nobody but a signed-in person has cards', async () => {
  for (const path of ['/settings/cards', '/settings/cards/new']) {
    const answer = await visitor(site).get(path)
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toStartWith('/sign-in')
  }
})

test('a card is added on the gateway’s page, listed, preferred and removed', async () => {
  expect(await (await ana.get('/settings/cards')).text()).toContain('There are none yet')
  const first = await add(ana, success)
  const second = await add(ana, '5555555555554444')
  expect(second).toStartWith('/settings/cards?card=')
  expect(second).toEndWith('&done=added')
  const page = await (await ana.get(second)).text()
  expect(page).toContain('The card was added.')
  expect(page.indexOf('Mastercard ending in 4444')).toBeLessThan(
    page.indexOf('Visa ending in 4242'),
  )
  expect(page).toContain('09/44')
  await ana.post(`/settings/cards/${idIn(first)}/default`, {})
  const chosen = await (await ana.get('/settings/cards')).text()
  expect(chosen.indexOf('Visa')).toBeLessThan(chosen.indexOf('Mastercard'))
  for (const _ of ['once', 'twice']) {
    const removed = await ana.post(`/settings/cards/${idIn(second)}/remove`, {})
    expect(pathOf(removed)).toBe('/settings/cards?done=removed')
  }
  expect(await (await ana.get('/settings/cards')).text()).not.toContain('Mastercard')
})

test('coming back twice leaves one card, and other people’s cards are not there', async () => {
  const bo = await joined(site, 'Bo Card')
  const page = await begin(bo)
  const entered = pathOf(await bo.post(page, typed(success)))
  const [first, second] = await Promise.all([bo.get(entered), bo.get(entered)])
  expect(idIn(pathOf(first))).toBe(idIn(pathOf(second)))
  // Sent again, the form leads to the same card.
  expect(pathOf(await bo.post(page, typed('5555555555554444')))).toBe(entered)
  expect((await ana.get(entered)).status).toBe(404)
  const id = idIn(pathOf(first))
  for (const act of ['remove', 'default']) {
    expect((await ana.post(`/settings/cards/${id}/${act}`, {})).status).toBe(404)
    expect((await ana.post(`/settings/cards/0/${act}`, {})).status).toBe(404)
  }
  expect(await (await bo.get('/settings/cards')).text()).toContain('Visa ending in 4242')
})

test('the way back leads into this site only', async () => {
  expect(await add(ana, success, '/projects/1/pledges/new?reward=2')).toMatch(
    /^\/projects\/1\/pledges\/new\?reward=2&card=\d+$/,
  )
  expect(await add(ana, success, '//evil.test/')).toMatch(/^\/\?card=\d+$/)
})

test('a guest comes back without having signed in', async () => {
  const person = { id: await personOf('Bo Card'), email: 'bo@example.test', name: 'Bo' }
  const page = await startCard(site.deps, person, '/projects/1')
  const guest = visitor(site)
  const back = await guest.get(pathOf(await guest.post(page, typed('5555555555554444'))))
  expect(pathOf(back)).toMatch(/^\/projects\/1\?card=\d+$/)
})

test.each([
  ['4242424242424241', '09/44', '123', 'Is not the number of a card'],
  ['', '09/44', '123', 'Is not the number of a card'],
  ['4111111111111111', '09/44', '123', 'Never type the number of a real card'],
  [success, '04/40', '123', 'Is over: this card has expired'],
  [success, '13/44', '123', 'Takes a month and a year'],
  [success, '01/99', '123', 'more than 20 years ahead'],
  [success, '09/44', '12', 'Takes three digits'],
])('number %s, expiry %s, code %s: %s', async (number, expiry, cvc, sentence) => {
  const page = await begin(ana)
  const answer = await ana.post(page, { number, expiry, cvc })
  const text = await answer.text()
  expect(answer.status).toBe(422)
  expect(text).toContain(sentence)
  expect(text).toContain(`value="${expiry}"`)
  if (number !== '' && number !== success) expect(text).not.toContain(number)
})

test('a card that is valid to the end of this month is taken', async () => {
  const page = await begin(ana)
  const entered = await ana.post(page, { ...typed(success), expiry: '5/2040' })
  expect(entered.status).toBe(303)
})

test('a card that its bank declines is not added', async () => {
  const page = await begin(ana)
  const answer = await ana.post(page, typed('4000000000000002'))
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('The bank declined the card.')
  expect(pathOf(await ana.get(`/settings/cards/added?setup=${page.split('/').at(-1)}`))).toBe(
    '/settings/cards',
  )
})

test('a card whose bank asks its holder is added when they confirm, not when they refuse', async () => {
  const page = await begin(ana)
  const asked = pathOf(await ana.post(page, typed('4000002500003155')))
  expect(asked).toBe(`${page}/confirm`)
  expect(await (await ana.get(asked)).text()).toContain('Nothing is charged now')
  const refused = await ana.post(asked, { answer: 'refuse' })
  expect(refused.status).toBe(422)
  expect(await refused.text()).toContain('this was not confirmed')
  await ana.post(page, typed('4000002500003155'))
  const back = await ana.get(pathOf(await ana.post(asked, { answer: 'confirm' })))
  expect(idIn(pathOf(back))).toBeGreaterThan(0)
  expect((await ana.post(asked, { answer: 'perhaps' })).status).toBe(400)
})

test('a setup nobody has begun is nowhere', async () => {
  for (const path of ['/test-gateway/cards/setup_none', '/test-gateway/cards/setup_none/confirm']) {
    expect((await ana.get(path)).status).toBe(404)
    expect((await ana.post(path, { ...typed(success), answer: 'confirm' })).status).toBe(404)
  }
  expect((await ana.get('/test-gateway/payments/payment_none')).status).toBe(404)
  expect(pathOf(await ana.get('/settings/cards/added?setup=none'))).toBe('/settings/cards')
})

test('a card that an open pledge pays with stays, and the project is named', async () => {
  const cy = await joined(site, 'Cy Card')
  const id = idIn(await add(cy, success))
  const personId = await personOf('Cy Card')
  const [row] = await site.db.$client<{ project: string; title: string }[]>`
    with taken as (
      update pledges set backer_id = ${personId}, card_id = ${id}, status = 'pledged'
      where (project_id, id) = (select project_id, id from pledges limit 1)
      returning project_id)
    select p.id as project, p.title from projects p join taken on taken.project_id = p.id`
  const kept = await cy.post(`/settings/cards/${id}/remove`, {})
  expect(kept.status).toBe(409)
  const text = await kept.text()
  expect(text).toContain(Bun.escapeHTML(row?.title ?? '?').replace('&#39;', '&#x27;'))
  expect(text).toContain('Choose another card there first')
  await site.db.$client`
    update pledges set status = 'collected' where project_id = ${row?.project ?? 0} and card_id = ${id}`
  expect((await cy.post(`/settings/cards/${id}/remove`, {})).status).toBe(303)
})

test('ten cards are as many as one may have', async () => {
  const di = await joined(site, 'Di Card')
  // Begun before the others were there.
  const early = await begin(di)
  for (let count = 0; count < 10; count++) await add(di, success)
  const answer = await di.get('/settings/cards/new')
  expect(answer.status).toBe(409)
  expect(await answer.text()).toContain('You have 10 cards')
  const entered = await di.post(early, typed(success))
  expect((await di.get(pathOf(entered))).status).toBe(409)
  expect(await (await di.get('/settings/cards')).text()).toContain('as many as one may have')
})

test('numbers and codes are kept nowhere', async () => {
  await add(ana, '4000000000009995')
  const tables = await site.db.$client<{ name: string }[]>`
    select quote_ident(relname) as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace`
  expect(tables.length).toBeGreaterThan(40)
  for (const { name } of tables) {
    const rows = await site.db.$client.unsafe(
      `select t::text as row from ${name} t where t::text ~ '\\d{12}[0-9]' limit 2000`,
    )
    const text = rows.map(({ row }) => row).join('\n')
    for (const { number } of testCards) expect([name, text.includes(number)]).toEqual([name, false])
  }
  const [kept] = await site.db.$client<{ data: object }[]>`
    select data from test_gateway where data->'card'->>'lastFour' = '9995'`
  expect(JSON.stringify(kept?.data)).not.toMatch(/\d{13}|"123"/)
})

test('the test cards are shown, each with what it does', async () => {
  const text = await (await visitor(site).get('/test-cards')).text()
  for (const { does } of testCards) expect(text).toContain(does)
  expect(text).toContain('4242 4242 4242 4242')
})
