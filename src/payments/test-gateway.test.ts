import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '#testing/database'
import type { CaptureRequest, CardRefs, PaymentProvider } from './provider'
import { signatureProblem, signBody } from './signature'
import { type Behaviour, testMethodRef } from './test-cards'
import { openTestGateway, signatureHeader } from './test-gateway'
import { tellGatewayEvent } from './test-gateway-events'
import { decidePayment } from './test-gateway-pages'

setDefaultTimeout(30_000)

let database: TestDatabase
let gateway: PaymentProvider

beforeAll(async () => {
  database = await testDatabase()
  gateway = openTestGateway(database.db, 'https://site.test')
})

afterAll(() => database.close())

let keys = 0
const asked = (deadlineMs = 5_000) => ({ key: `test ${++keys}`, deadlineMs })
const cardThat = (behaviour: Behaviour): CardRefs => ({
  ...{ customerRef: 'customer_1', methodRef: testMethodRef(behaviour, `c${++keys}`) },
})
const charge = (behaviour: Behaviour, more: Partial<CaptureRequest> = {}): CaptureRequest => ({
  ...{ ...asked(), amount: 2_000, currency: 'USD', card: cardThat(behaviour) },
  ...{ description: 'A project', ...more },
})
const refOf = (answer: object) => ('ref' in answer ? String(answer.ref) : '')
const paymentsOf = async ({ card }: CaptureRequest) =>
  Number(
    (
      await database.db.$client`select count(*) from test_gateway
        where kind = 'payment' and data->>'method' = ${card.methodRef}`
    )[0]?.['count'],
  )

test.each([
  ['declined', 'declined'],
  ['insufficient', 'insufficient_funds'],
  ['expired', 'expired'],
] as const)('a card that is %s does not pay: %s', async (behaviour, code) => {
  const request = charge(behaviour)
  const answer = await gateway.capture(request)
  expect(answer).toMatchObject({ outcome: 'declined', code })
  expect(await gateway.capture(request)).toEqual(answer)
  expect(await gateway.check(refOf(answer), 1_000)).toEqual(answer)
})

test('a charge is made once for a key, however many ask at once', async () => {
  const request = charge('pays')
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.capture(request)))
  expect(new Set(answers.map(refOf)).size).toBe(1)
  expect(answers[0]?.outcome).toBe('succeeded')
  expect(await paymentsOf(request)).toBe(1)
  expect((await gateway.capture({ ...request, amount: 1 })).outcome).toBe('unknown')
})

test.each(['lost-after', 'lost-before'] as const)(
  'an answer that is %s is unknown after the deadline; asked again, it is paid once',
  async (behaviour) => {
    const request = charge(behaviour, { deadlineMs: 100 })
    expect(await gateway.capture(request)).toMatchObject({ outcome: 'unknown' })
    expect((await gateway.capture(request)).outcome).toBe('succeeded')
    expect(await paymentsOf(request)).toBe(1)
  },
)

test('a slow one is waited for, or not', async () => {
  const request = charge('slow', { deadlineMs: 100 })
  expect((await gateway.capture(request)).outcome).toBe('unknown')
  expect((await gateway.capture({ ...request, deadlineMs: 10_000 })).outcome).toBe('succeeded')
  expect(await paymentsOf(request)).toBe(1)
})

test('a card nobody knows, and a charge nobody knows, are unusable', async () => {
  const unusable = { outcome: 'declined', code: 'unusable' }
  const card = { customerRef: 'customer_1', methodRef: 'card_none_1' }
  expect(await gateway.capture({ ...charge('pays'), card })).toMatchObject(unusable)
  expect(await gateway.check('payment_none', 1_000)).toMatchObject(unusable)
  expect(await gateway.cancel({ ...asked(), ref: 'payment_none' })).toMatchObject(unusable)
})

test('its holder confirms a charge or refuses it, once, and both is told', async () => {
  const card = cardThat('confirm')
  const returnUrl = 'https://site.test/back?x=1'
  const told: string[] = []
  for (const [isConfirmed, outcome] of [
    [true, 'succeeded'] as const,
    [false, 'declined'] as const,
  ]) {
    const answer = await gateway.capture({ ...charge('pays'), card })
    const ref = refOf(answer)
    expect(answer.outcome).toBe('needs_action')
    expect(await decidePayment(database.db, ref, true)).toBeUndefined()
    const way = await gateway.authenticate({ ...asked(), ref, card, returnUrl })
    expect(way).toMatchObject({ url: `https://site.test/test-gateway/payments/${ref}` })
    const back = await decidePayment(database.db, ref, isConfirmed)
    expect(back).toBe(`https://site.test/back?x=1&charge=${ref}`)
    await decidePayment(database.db, ref, !isConfirmed)
    expect((await gateway.check(ref, 1_000)).outcome).toBe(outcome)
    told.push(`${outcome === 'succeeded' ? 'charge_succeeded' : 'charge_failed'} ${ref}`)
  }
  expect(await hear()).toEqual(told)
})

/** Everything that is told now, as the site reads it. */
async function hear(): Promise<string[]> {
  const heard: string[] = []
  const post = async (body: string, headers: Record<string, string>) => {
    const webhook = await gateway.parseWebhook(new Headers(headers), body)
    if (webhook.outcome === 'refused') return new Response(webhook.reason, { status: 400 })
    const { event } = webhook
    const verdict = 'isWon' in event ? (event.isWon ? ' won' : ' lost') : ''
    heard.push(`${event.kind} ${'chargeRef' in event ? event.chargeRef : ''}${verdict}`)
    return new Response()
  }
  while (await tellGatewayEvent(database.db, post));
  return heard
}

test('a charge that waits for its holder can be given up, a paid one cannot', async () => {
  const ref = refOf(await gateway.capture(charge('confirm')))
  expect(await gateway.cancel({ ...asked(), ref })).toEqual({ outcome: 'canceled' })
  expect(await gateway.cancel({ ...asked(), ref })).toEqual({ outcome: 'canceled' })
  expect(await gateway.check(ref, 1_000)).toMatchObject({ outcome: 'declined', code: 'unusable' })
  const paid = refOf(await gateway.capture(charge('pays')))
  expect(await gateway.cancel({ ...asked(), ref: paid })).toEqual({
    outcome: 'succeeded',
    ref: paid,
  })
})

test('never more is given back than was paid, however many ask at once', async () => {
  const ref = refOf(await gateway.capture(charge('pays')))
  const part = { ref, amount: 600, reason: 'broken' }
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => gateway.refund({ ...asked(), ...part })),
  )
  expect(answers.filter(({ outcome }) => outcome === 'succeeded').length).toBe(3)
  const again = { ...asked(), ref, amount: 200, reason: 'the rest' }
  const rest = await gateway.refund(again)
  expect(rest.outcome).toBe('succeeded')
  expect(await gateway.refund(again)).toEqual(rest)
  expect(await gateway.refund({ ...again, amount: 199 })).toMatchObject({ outcome: 'unknown' })
  const declined = refOf(await gateway.capture(charge('declined')))
  expect((await gateway.refund({ ...asked(), ...part, ref: declined })).outcome).toBe('failed')
})

test('a payout is made once for a key', async () => {
  const sum = { ...asked(), amount: 900, currency: 'EUR', destination: null, description: 'A' }
  const paid = await gateway.payout(sum)
  expect(paid.outcome).toBe('succeeded')
  expect(await gateway.payout(sum)).toEqual(paid)
  expect((await gateway.payout({ ...sum, amount: 901 })).outcome).toBe('unknown')
})

test.each([
  ['disputed-won', 'won'],
  ['disputed-lost', 'lost'],
] as const)('a card that is %s is disputed later, and that is %s', async (behaviour, verdict) => {
  const ref = refOf(await gateway.capture(charge(behaviour)))
  expect(await hear()).toEqual([])
  await database.db.$client`
    update test_gateway set data = data || '{"dueAt": 0}' where kind = 'event'`
  expect(await hear()).toEqual([`dispute_opened ${ref}`, `dispute_closed ${ref} ${verdict}`])
})

test('what nobody takes note of is told again, later', async () => {
  await gateway.capture(charge('disputed-won'))
  const due = () => database.db.$client`
    update test_gateway set data = data || '{"dueAt": 0}' where kind = 'event'`
  await due()
  const refuse = async () => new Response(null, { status: 500 })
  expect((await tellGatewayEvent(database.db, refuse))?.problem).toBe('the answer was 500')
  expect(
    (await tellGatewayEvent(database.db, () => Promise.reject(new Error('away'))))?.problem,
  ).toBe('away')
  expect(await hear()).toEqual([])
  await due()
  expect((await hear()).length).toBe(2)
})

test('a signature is of this body, by this secret, and fresh', async () => {
  const at = new Date()
  const minutes = (number: number) => new Date(at.getTime() + number * 60_000)
  const right = signBody('secret', 'body', at)
  expect(signatureProblem('secret', 'body', right, minutes(4))).toBeUndefined()
  expect(signatureProblem('secret', 'bodies', right, at)).toBe('The signature is wrong.')
  expect(signatureProblem('another', 'body', right, at)).toBe('The signature is wrong.')
  expect(signatureProblem('secret', 'body', right, minutes(6))).toBe('The signature is too old.')
  expect(signatureProblem('secret', 'body', right, minutes(-6))).toBe('The signature is too old.')
  for (const none of [null, '', 't=1', 'v1=00', `${right},v1=00`, 't=x,v1=y']) {
    expect(signatureProblem('secret', 'body', none, at)).toBe('There is no signature.')
  }
  const forged = new Headers({ [signatureHeader]: right })
  expect(await gateway.parseWebhook(forged, 'body')).toMatchObject({ outcome: 'refused' })
})
