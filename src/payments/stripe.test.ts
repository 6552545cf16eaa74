import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { secretKey, startStripe, stripeEvent } from '#testing/stripe-server'
import type { CaptureRequest, CardRefs, PaymentProvider } from './provider'
import { openStripe } from './stripe'

setDefaultTimeout(30_000)

let server: Awaited<ReturnType<typeof startStripe>>
let stripe: PaymentProvider

beforeAll(async () => {
  server = await startStripe()
  stripe = openStripe(server.config)
})

afterEach(() => {
  expect(server.takeProblems()).toEqual([])
})

afterAll(() => server.close())

let keys = 0
const asked = (deadlineMs = 2_000) => ({ key: `key ${++keys}`, deadlineMs })
const person = { id: 42, email: 'ana@example.test', name: 'Ana' }
const returnUrl = 'https://site.test/settings/cards/added?to=%2Fprojects%2F1'
const cancelUrl = 'https://site.test/projects/1'

async function setUp(behaviour: string) {
  const setup = await stripe.prepare({
    ...asked(),
    person,
    customerRef: null,
    returnUrl,
    cancelUrl,
  })
  if (setup.outcome !== 'ready') throw new Error(setup.reason)
  return { page: setup.url, back: server.account.giveCard(setup.url, behaviour) }
}

async function newCard(behaviour: string): Promise<CardRefs> {
  const { back } = await setUp(behaviour)
  const given = await stripe.authorise(new URL(back).searchParams.get('setup') ?? '', 2_000)
  if (given.outcome !== 'authorised') throw new Error(given.outcome)
  return given.card
}

const charge = (card: CardRefs, more: Partial<CaptureRequest> = {}): CaptureRequest => ({
  ...{ ...asked(), amount: 2_550, currency: 'USD', card, description: 'A project', ...more },
})

/** What the account has been charged for this card's customer, all of it. */
const paid = ({ methodRef }: CardRefs) =>
  [...server.account.kept.values()].filter(
    (one) => one['payment_method'] === methodRef && one['status'] === 'succeeded' && one['amount'],
  ).length

test('a card is given on Stripe’s page, for a customer of this person', async () => {
  const { page, back } = await setUp('pays')
  expect(page).toStartWith('https://checkout.stripe.com/')
  expect(stripe.origins).toContain(new URL(page).origin)
  const ref = new URL(back).searchParams.get('setup') ?? ''
  expect(new URL(back).searchParams.get('to')).toBe('/projects/1')
  const given = await stripe.authorise(ref, 2_000)
  expect(given).toMatchObject({
    ...{ outcome: 'authorised', personId: 42 },
    card: { brand: 'visa', lastFour: '4242', expiryMonth: 9, expiryYear: 2044 },
  })
  const again = await setUp('pays')
  const customers = [...server.account.kept.values()].filter(({ object }) => object === 'customer')
  expect(customers.length).toBe(1)
  expect(customers[0]).toMatchObject({ email: person.email, metadata: { person: '42' } })
  expect(again.page).not.toBe(page)
})

test('a page that was left, and one that never was, give no card', async () => {
  const setup = await stripe.prepare({
    ...asked(),
    person,
    customerRef: null,
    returnUrl,
    cancelUrl,
  })
  const ref = setup.outcome === 'ready' ? (setup.url.split('/').at(-1) ?? '') : ''
  for (const name of [ref, 'cs_none', '../customers', '']) {
    expect(await stripe.authorise(name, 2_000)).toEqual({ outcome: 'not_finished' })
  }
})

test('a charge is made once for a key', async () => {
  const request = charge(await newCard('pays'))
  const first = await stripe.capture(request)
  expect(first.outcome).toBe('succeeded')
  expect(await stripe.capture(request)).toEqual(first)
  expect(paid(request.card)).toBe(1)
  expect(await stripe.capture({ ...request, amount: 1 })).toMatchObject({ outcome: 'unknown' })
  expect(paid(request.card)).toBe(1)
  const [intent] = [...server.account.kept.values()].filter(
    (one) => one['payment_method'] === request.card.methodRef && one['amount'],
  )
  expect(intent).toMatchObject({ amount: 2_550, currency: 'usd', metadata: { key: request.key } })
})

test.each([
  ['declined', 'declined'],
  ['insufficient', 'insufficient_funds'],
  ['expired', 'expired'],
] as const)('a card that is %s: %s', async (behaviour, code) => {
  const request = charge(await newCard(behaviour))
  const answer = await stripe.capture(request)
  expect(answer).toMatchObject({ outcome: 'declined', code })
  expect(await stripe.capture(request)).toEqual(answer)
  const ref = answer.outcome === 'declined' ? (answer.ref ?? '') : ''
  expect(await stripe.check(ref, 2_000)).toEqual(answer)
})

test('a bank that asks for its customer gets them, and the charge goes on', async () => {
  const card = await newCard('ask')
  const answer = await stripe.capture(charge(card))
  expect(answer.outcome).toBe('needs_action')
  const ref = answer.outcome === 'needs_action' ? answer.ref : ''
  expect(await stripe.check(ref, 2_000)).toEqual({ outcome: 'needs_action', ref })
  const way = await stripe.authenticate({ ...asked(), ref, card, returnUrl })
  expect(way).toMatchObject({ outcome: 'redirect' })
  expect(stripe.origins).toContain(new URL(way.outcome === 'redirect' ? way.url : '').origin)
  server.account.confirm(ref)
  expect(await stripe.check(ref, 2_000)).toEqual({ outcome: 'succeeded', ref })
  // Pressed once more, and canceled too late.
  expect(await stripe.authenticate({ ...asked(), ref, card, returnUrl })).toMatchObject({ ref })
  expect(await stripe.cancel({ ...asked(), ref })).toEqual({ outcome: 'succeeded', ref })
})

test('a charge that waits for its customer can be given up', async () => {
  const answer = await stripe.capture(charge(await newCard('ask')))
  const ref = answer.outcome === 'needs_action' ? answer.ref : ''
  expect(await stripe.cancel({ ...asked(), ref })).toEqual({ outcome: 'canceled' })
  expect(await stripe.cancel({ ...asked(), ref })).toEqual({ outcome: 'canceled' })
  expect(await stripe.check(ref, 2_000)).toMatchObject({ outcome: 'declined', code: 'unusable' })
})

test.each(['lost after', 'lost before', 'broken', 429, 500] as const)(
  'an answer that is %s is unknown, and asking again tells what happened',
  async (trouble) => {
    const request = charge(await newCard('pays'), { deadlineMs: 400 })
    server.trouble(trouble)
    expect(await stripe.capture(request)).toMatchObject({ outcome: 'unknown' })
    expect((await stripe.capture({ ...request, deadlineMs: 2_000 })).outcome).toBe('succeeded')
    expect(paid(request.card)).toBe(1)
  },
)

test('what was asked so long ago that its key is forgotten is looked for', async () => {
  const request = charge(await newCard('pays'), { deadlineMs: 400 })
  server.trouble('lost after')
  expect((await stripe.capture(request)).outcome).toBe('unknown')
  server.forgetKeys()
  const late = { ...request, deadlineMs: 2_000, mayBeDone: true }
  const found = await stripe.capture(late)
  expect(found.outcome).toBe('succeeded')
  expect(paid(request.card)).toBe(1)
  const ref = found.outcome === 'succeeded' ? found.ref : ''
  const back = { ...asked(400), ref, amount: 550, reason: 'broken' }
  server.trouble('lost after')
  expect((await stripe.refund(back)).outcome).toBe('unknown')
  server.forgetKeys()
  expect((await stripe.refund({ ...back, deadlineMs: 2_000, mayBeDone: true })).outcome).toBe(
    'succeeded',
  )
  expect(server.account.kept.get(ref)?.['refunded']).toBe(550)
})

test('a charge is given back in parts, and never more than all of it', async () => {
  const paid = await stripe.capture(charge(await newCard('pays')))
  const ref = paid.outcome === 'succeeded' ? paid.ref : ''
  const part = { ...asked(), ref, amount: 1_000, reason: 'r'.repeat(2_000) }
  const first = await stripe.refund(part)
  expect(first.outcome).toBe('succeeded')
  expect(await stripe.refund(part)).toEqual(first)
  expect(await stripe.refund({ ...asked(), ref, amount: 1_551, reason: '' })).toMatchObject({
    outcome: 'failed',
  })
  const rest = { ...asked(), ref, amount: 1_550, reason: 'the rest' }
  expect((await stripe.refund(rest)).outcome).toBe('succeeded')
})

test('a creator is paid at their account, and without one is not', async () => {
  const sum = { amount: 9_000, currency: 'EUR', description: 'A project' }
  const paid = await stripe.payout({ ...asked(), ...sum, destination: 'acct_1' })
  expect(paid.outcome).toBe('succeeded')
  expect(await stripe.payout({ ...asked(), ...sum, destination: null })).toMatchObject({
    outcome: 'failed',
  })
})

test('a card that was forgotten pays no more', async () => {
  const card = await newCard('pays')
  expect(await stripe.detach({ ...asked(), ...card })).toEqual({ outcome: 'detached' })
  expect(await stripe.detach({ ...asked(), ...card })).toEqual({ outcome: 'detached' })
  expect(await stripe.capture(charge(card))).toEqual({
    ...{ outcome: 'declined', code: 'unusable', ref: null },
  })
})

test('a key that Stripe refuses charges nobody, drops nobody, and is not told', async () => {
  const other = openStripe({ ...server.config, secretKey: 'sk_test_another' })
  const card = await newCard('pays')
  const answer = await other.capture(charge(card))
  expect(answer.outcome).toBe('unknown')
  expect(JSON.stringify(answer)).not.toContain('another')
  expect(server.takeProblems()).toEqual(['POST /v1/payment_intents: the key is wrong'])
})

test('a Stripe that is not there is unknown', async () => {
  const away = openStripe({ ...server.config, apiBase: 'http://127.0.0.1:1' })
  const unknown = { outcome: 'unknown' }
  const card = { customerRef: 'cus_1', methodRef: 'pm_1' }
  const setup = { ...asked(), person, customerRef: null, returnUrl, cancelUrl }
  expect(await away.prepare(setup)).toMatchObject(unknown)
  expect(await away.authorise('cs_1', 500)).toMatchObject(unknown)
  expect(await away.capture(charge(card))).toMatchObject(unknown)
  expect(await away.refund({ ...asked(), ref: 'pi_1', amount: 1, reason: '' })).toMatchObject(
    unknown,
  )
  expect(await away.cancel({ ...asked(), ref: 'pi_1' })).toMatchObject(unknown)
  expect(await away.detach({ ...asked(), ...card })).toMatchObject(unknown)
})

test('the stand-in notes what Stripe would refuse', async () => {
  const ask = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.config.apiBase}/v1/payment_intents`, {
      ...{ method: 'POST', body },
      headers: {
        ...{ authorization: `Bearer ${secretKey}`, 'stripe-version': '2020-08-27' },
        ...{ 'idempotency-key': 'one', ...headers },
      },
    })
  await ask('amount=1.5&currency=usd&colour=red&confirm=yes&metadata=x')
  expect(server.takeProblems().map((problem) => problem.split(': ')[1])).toEqual([
    ...['amount is no whole number', 'colour is unknown', 'confirm is no boolean'],
    'metadata is no object',
  ])
  await ask('amount=1', { 'idempotency-key': '', 'stripe-version': '2019-01-01' })
  expect(server.takeProblems().map((problem) => problem.split(': ')[1])).toEqual([
    ...['currency is missing', 'another version', 'no idempotency key'],
  ])
})

const parse = ({ body, headers }: { body: string; headers: Record<string, string> }) =>
  stripe.parseWebhook(new Headers(headers), body)
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)

test('webhooks are read when they are signed, and only then', async () => {
  const intent = {
    id: 'pi_1',
    object: 'payment_intent',
    status: 'succeeded',
    metadata: { key: 'k' },
  }
  const right = stripeEvent('payment_intent.succeeded', intent, { id: 'evt_1' })
  expect(await parse(right)).toEqual({
    ...{ outcome: 'told', eventRef: 'evt_1', providerKind: 'payment_intent.succeeded' },
    event: { kind: 'charge_succeeded', chargeRef: 'pi_1', key: 'k' },
  })
  for (const wrong of [
    { ...right, body: right.body.replace('pi_1', 'pi_2') },
    { ...right, headers: {} },
    { ...right, headers: { 'stripe-signature': 't=1,v1=00' } },
    stripeEvent('payment_intent.succeeded', intent, { secret: 'whsec_another' }),
    stripeEvent('payment_intent.succeeded', intent, { at: minutesAgo(6) }),
  ]) {
    expect(await parse(wrong)).toMatchObject({ outcome: 'refused' })
  }
})

test.each([
  [
    'payment_intent.payment_failed',
    { status: 'requires_payment_method', last_payment_error: { code: 'expired_card' } },
    { kind: 'charge_failed', chargeRef: 'x_1', key: null, code: 'expired' },
  ],
  [
    'payment_intent.payment_failed',
    { status: 'requires_payment_method', last_payment_error: { code: 'authentication_required' } },
    { kind: 'other' },
  ],
  [
    'charge.dispute.created',
    { payment_intent: 'pi_1', amount: 5, reason: 'fraudulent', status: 'needs_response' },
    {
      ...{ kind: 'dispute_opened', disputeRef: 'x_1', chargeRef: 'pi_1', amount: 5 },
      reason: 'fraudulent',
    },
  ],
  [
    'charge.dispute.closed',
    { payment_intent: 'pi_1', amount: 5, reason: 'general', status: 'won' },
    {
      ...{ kind: 'dispute_closed', disputeRef: 'x_1', chargeRef: 'pi_1', amount: 5 },
      ...{ reason: 'general', isWon: true },
    },
  ],
  [
    'charge.refund.updated',
    { payment_intent: 'pi_1', status: 'failed', failure_reason: 'lost_or_stolen_card' },
    { kind: 'refund_failed', refundRef: 'x_1', chargeRef: 'pi_1', reason: 'lost_or_stolen_card' },
  ],
  ['charge.refund.updated', { payment_intent: 'pi_1', status: 'succeeded' }, { kind: 'other' }],
  ['customer.created', {}, { kind: 'other' }],
])('%s %j', async (type, object, expected) => {
  const told = await parse(stripeEvent(type, { id: 'x_1', metadata: {}, ...object }))
  expect(told).toMatchObject({ outcome: 'told' })
  expect(told.outcome === 'told' ? told.event : {}).toEqual(expected as never)
})
