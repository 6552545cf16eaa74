import { z } from 'zod'
import type { Db } from '#db/client'
import {
  addGatewayEvents,
  changeGatewayRow,
  findGatewayRow,
  type GatewayData,
  gatewaySecret,
  type NewGatewayEvent,
  recordOnce,
  refundOnce,
} from '#db/test-gateway'
import type {
  Authorisation,
  Capture,
  CaptureRequest,
  PaymentEvent,
  PaymentProvider,
  Webhook,
} from './provider'
import { signatureProblem } from './signature'
import { type Behaviour, behaviourOf, declineOf } from './test-cards'

export const signatureHeader = 'gateway-signature'
/** Where the gateway's own pages are; it is another company's site that happens to be ours. */
export const gatewayPages = '/test-gateway'

const slowMs = 3_000
const disputeDelayMs = 3_000
const verdictDelayMs = 30_000

/** A gateway that moves no money and otherwise does what one does, with its state in Postgres. */
export function openTestGateway(db: Db, baseUrl: string): PaymentProvider {
  const pageOf = (kind: string, ref: string) => `${baseUrl}${gatewayPages}/${kind}/${ref}`
  const check = async (ref: string) => {
    const row = await findGatewayRow(db, 'payment', ref)
    return row ? captureOf(row.ref, row.data) : noSuchCharge
  }
  return {
    name: 'test',
    origins: [],
    prepare: async ({ key, person, customerRef, returnUrl, cancelUrl }) => {
      const customer = customerRef ?? `customer_${person.id}`
      const data = { personId: person.id, customerRef: customer, returnUrl, cancelUrl }
      const { ref } = await recordOnce(db, 'setup', key, { ...data, status: 'open' })
      return { outcome: 'ready', url: pageOf('cards', ref) }
    },
    authorise: async (setupRef) => authorisationOf(await findGatewayRow(db, 'setup', setupRef)),
    capture: (request) => capture(db, request),
    authenticate: async ({ ref, returnUrl }) => {
      const row = await changeGatewayRow(db, ref, (data) =>
        data['status'] === 'needs_action' ? { ...data, returnUrl } : undefined,
      )
      if (!row) return noSuchCharge
      const now = captureOf(ref, row.data)
      if (now.outcome !== 'needs_action') return now
      return { outcome: 'redirect', url: pageOf('payments', ref) }
    },
    check,
    cancel: async ({ ref }) => {
      const row = await changeGatewayRow(db, ref, (data) =>
        data['status'] === 'needs_action' ? { ...data, status: 'canceled' } : undefined,
      )
      if (!row) return noSuchCharge
      return row.data['status'] === 'canceled' ? { outcome: 'canceled' } : captureOf(ref, row.data)
    },
    refund: async ({ key, ref, amount, reason }) => {
      const made = await refundOnce(db, key, { payment: ref, amount, reason })
      if (!made) return { outcome: 'failed', reason: 'That is more than is left of the payment.' }
      if (made.data['payment'] !== ref || made.data['amount'] !== amount) return keyReused
      return { outcome: 'succeeded', ref: made.ref }
    },
    payout: async ({ key, amount, currency }) => {
      const made = await recordOnce(db, 'payout', key, { amount, currency })
      if (made.data['amount'] !== amount || made.data['currency'] !== currency) return keyReused
      return { outcome: 'succeeded', ref: made.ref }
    },
    detach: async () => ({ outcome: 'detached' }),
    parseWebhook: async (headers, body) => readWebhook(await gatewaySecret(db), headers, body),
  }
}

const keyReused = { outcome: 'unknown', reason: 'the key was used for something else' } as const
const noSuchCharge = { outcome: 'declined', code: 'unusable', ref: null } as const

async function capture(db: Db, request: CaptureRequest): Promise<Capture> {
  const { key, amount, currency, card, deadlineMs } = request
  const behaviour = behaviourOf(card.methodRef)
  if (!behaviour) return noSuchCharge
  if (behaviour === 'lost-before') {
    const { isNew } = await recordOnce(db, 'lost', `lost ${key}`, {})
    if (isNew) return await tooLate(deadlineMs)
  }
  const asked = { amount, currency, method: card.methodRef, key }
  const made = await recordOnce(db, 'payment', key, { ...asked, ...outcomeFor(behaviour) })
  const isSame = (['amount', 'currency', 'method'] as const).every(
    (part) => made.data[part] === asked[part],
  )
  if (!isSame) return keyReused
  if (made.isNew) await addGatewayEvents(db, disputesOf(behaviour, made.ref, amount))
  if (made.isNew && behaviour === 'lost-after') return await tooLate(deadlineMs)
  if (behaviour === 'slow') {
    if (deadlineMs <= slowMs) return await tooLate(deadlineMs)
    await Bun.sleep(slowMs)
  }
  return captureOf(made.ref, made.data)
}

async function tooLate(deadlineMs: number): Promise<Capture> {
  await Bun.sleep(deadlineMs)
  return { outcome: 'unknown', reason: `no answer within ${deadlineMs} ms` }
}

function outcomeFor(behaviour: Behaviour): GatewayData {
  if (behaviour === 'confirm') return { status: 'needs_action' }
  const code = declineOf[behaviour]
  return code ? { status: 'declined', code } : { status: 'succeeded' }
}

function disputesOf(behaviour: Behaviour, payment: string, amount: number): NewGatewayEvent[] {
  if (!behaviour.startsWith('disputed')) return []
  const object = { dispute: `dispute_${payment}`, payment, amount, reason: 'fraudulent' }
  const won = behaviour === 'disputed-won'
  return [
    { key: `${payment} opened`, kind: 'dispute.opened', object, delayMs: disputeDelayMs },
    {
      ...{ key: `${payment} closed`, kind: 'dispute.closed', object: { ...object, won } },
      delayMs: disputeDelayMs + verdictDelayMs,
    },
  ]
}

function captureOf(ref: string, data: GatewayData): Capture {
  const { status } = data
  if (status === 'succeeded' || status === 'needs_action') return { outcome: status, ref }
  const code = status === 'declined' ? codeSchema.parse(data['code']) : 'unusable'
  return { outcome: 'declined', code, ref }
}

const codeSchema = z.enum([
  ...(['declined', 'insufficient_funds', 'expired'] as const),
  ...(['authentication_failed', 'unusable'] as const),
])

const setupSchema = z.object({
  status: z.literal('done'),
  personId: z.number(),
  card: z.object({
    ...{ customerRef: z.string(), methodRef: z.string(), brand: z.string(), lastFour: z.string() },
    ...{ expiryMonth: z.number(), expiryYear: z.number() },
  }),
})

function authorisationOf(row: { data: GatewayData } | undefined): Authorisation {
  const setup = setupSchema.safeParse(row?.data)
  if (!setup.success) return { outcome: 'not_finished' }
  return { outcome: 'authorised', personId: setup.data.personId, card: setup.data.card }
}

const disputed = {
  ...{ dispute: z.string(), payment: z.string(), amount: z.number(), reason: z.string() },
}
const told = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('payment.succeeded'),
    object: z.object({ payment: z.string(), key: z.string() }),
  }),
  z.object({
    kind: z.literal('payment.failed'),
    object: z.object({ payment: z.string(), key: z.string(), code: codeSchema }),
  }),
  z.object({ kind: z.literal('dispute.opened'), object: z.object(disputed) }),
  z.object({
    kind: z.literal('dispute.closed'),
    object: z.object({ ...disputed, won: z.boolean() }),
  }),
])
const envelope = z.object({ ref: z.string().max(200), kind: z.string().max(100) })

function readWebhook(secret: string, headers: Headers, body: string): Webhook {
  const problem = signatureProblem(secret, body, headers.get(signatureHeader), new Date())
  if (problem) return { outcome: 'refused', reason: problem }
  const json = parseJson(body)
  const { data } = envelope.safeParse(json)
  if (!data) return { outcome: 'refused', reason: 'This is no event.' }
  const event = told.safeParse(json).data
  return {
    ...{ outcome: 'told', eventRef: data.ref, providerKind: data.kind },
    event: event ? eventOf(event) : { kind: 'other' },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function eventOf({ kind, object }: z.output<typeof told>): PaymentEvent {
  const chargeRef = object.payment
  if (kind === 'payment.succeeded') return { kind: 'charge_succeeded', chargeRef, key: object.key }
  if (kind === 'payment.failed') {
    return { kind: 'charge_failed', chargeRef, key: object.key, code: object.code }
  }
  const { dispute: disputeRef, amount, reason } = object
  if (kind === 'dispute.opened') {
    return { kind: 'dispute_opened', disputeRef, chargeRef, amount, reason }
  }
  return { kind: 'dispute_closed', disputeRef, chargeRef, amount, reason, isWon: object.won }
}
