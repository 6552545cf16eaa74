import Stripe from 'stripe'
import type { PaymentConfig } from '#config'
import type {
  Asked,
  AuthenticateRequest,
  Authentication,
  Authorisation,
  Capture,
  CaptureRequest,
  NewCard,
  PaymentProvider,
  PayoutRequest,
  Refund,
  RefundRequest,
  Setup,
  SetupRequest,
} from './provider'
import { captureOf, declinedOf, failureOf, problemOf, refusedOf, unknownOf } from './stripe-answers'
import { eventOf } from './stripe-events'

type StripeConfig = Extract<PaymentConfig, { provider: 'stripe' }>

/** The one whose description our calls are checked against; newer ones are a change of ours. */
export const stripeVersion = '2020-08-27'
const webhookAgeSecondsMax = 300
/** More than are ever charged to one customer, or given back of one charge, within a few days. */
const latestMax = 100

/** Stripe: cards are taken on its own page, and charged later without their holder. */
export function openStripe(config: StripeConfig): PaymentProvider {
  const { hostname, port, protocol } = new URL(config.apiBase)
  const stripe = new Stripe(config.secretKey, {
    // The types are those of the newest version; what is read here is the same in both.
    apiVersion: stripeVersion as '2026-10-28.endive',
    ...{ host: hostname, protocol: protocol === 'http:' ? 'http' : 'https' },
    ...(port === '' ? {} : { port }),
    httpClient: Stripe.createFetchHttpClient(),
    // Whoever asks decides when to ask again.
    maxNetworkRetries: 0,
    telemetry: false,
  })
  const crypto = Stripe.createSubtleCryptoProvider()
  return {
    name: 'stripe',
    origins: ['https://checkout.stripe.com', 'https://hooks.stripe.com'],
    prepare: (request) => prepare(stripe, request),
    authorise: (setupRef, deadlineMs) => authorise(stripe, setupRef, deadlineMs),
    capture: (request) => capture(stripe, request),
    authenticate: (request) => authenticate(stripe, request),
    check: (ref, deadlineMs) => check(stripe, ref, deadlineMs),
    cancel: async ({ ref, ...asked }) => {
      try {
        await stripe.paymentIntents.cancel(ref, {}, options(asked))
        return { outcome: 'canceled' }
      } catch (error) {
        // Perhaps because it has been paid or canceled meanwhile.
        const now = await check(stripe, ref, asked.deadlineMs)
        return now.outcome === 'succeeded' ? now : cancelled(now, error)
      }
    },
    refund: (request) => refund(stripe, request),
    payout: (request) => payout(stripe, request),
    detach: async ({ methodRef, ...asked }) => {
      try {
        await stripe.paymentMethods.detach(methodRef, {}, options(asked))
        return { outcome: 'detached' }
      } catch (error) {
        // One that is not attached has been detached before.
        if (error instanceof Stripe.errors.StripeInvalidRequestError) return { outcome: 'detached' }
        return unknownOf(error)
      }
    },
    parseWebhook: async (headers, body) => {
      const signature = headers.get('stripe-signature') ?? ''
      try {
        const event = await stripe.webhooks.constructEventAsync(
          ...([body, signature, config.webhookSecret, webhookAgeSecondsMax, crypto] as const),
        )
        const { id, type } = event
        return { outcome: 'told', eventRef: id, providerKind: type, event: eventOf(event) }
      } catch (error) {
        return { outcome: 'refused', reason: problemOf(error) }
      }
    },
  }
}

function cancelled(now: Capture, error: unknown): { outcome: 'canceled' } | Capture {
  return now.outcome === 'declined' && now.code === 'unusable'
    ? { outcome: 'canceled' }
    : unknownOf(error)
}

const options = ({ key, deadlineMs }: Asked) => ({ idempotencyKey: key, timeout: deadlineMs })

async function prepare(stripe: Stripe, request: SetupRequest): Promise<Setup> {
  const { person, returnUrl, cancelUrl, deadlineMs, key } = request
  const separator = returnUrl.includes('?') ? '&' : '?'
  try {
    const customer = request.customerRef ?? (await makeCustomer(stripe, request))
    const { url } = await stripe.checkout.sessions.create(
      {
        ...{ mode: 'setup', customer, payment_method_types: ['card'], cancel_url: cancelUrl },
        client_reference_id: String(person.id),
        // Stripe puts the name of the session where this stands, which may not be encoded.
        success_url: `${returnUrl}${separator}setup={CHECKOUT_SESSION_ID}`,
      },
      options({ key, deadlineMs }),
    )
    return url ? { outcome: 'ready', url } : { outcome: 'unknown', reason: 'Stripe gave no page' }
  } catch (error) {
    return unknownOf(error)
  }
}

async function makeCustomer(stripe: Stripe, { person, deadlineMs }: SetupRequest): Promise<string> {
  const { id, email, name } = person
  // Whoever tries several times before a card is taken stays one customer.
  const key = `customer ${id} ${Bun.hash(`${email} ${name}`)}`
  const made = await stripe.customers.create(
    { email, name, metadata: { person: String(id) } },
    options({ key, deadlineMs }),
  )
  return made.id
}

async function authorise(
  stripe: Stripe,
  setupRef: string,
  deadlineMs: number,
): Promise<Authorisation> {
  if (!/^cs_\w{1,250}$/.test(setupRef)) return { outcome: 'not_finished' }
  try {
    const session = await stripe.checkout.sessions.retrieve(
      setupRef,
      { expand: ['setup_intent.payment_method'] },
      { timeout: deadlineMs },
    )
    const { setup_intent: intent, customer, client_reference_id: person } = session
    if (!intent || typeof intent === 'string' || intent.status !== 'succeeded') {
      return { outcome: 'not_finished' }
    }
    const card = cardOf(intent.payment_method, refOf(customer))
    return card
      ? { outcome: 'authorised', personId: Number(person), card }
      : { outcome: 'not_finished' }
  } catch (error) {
    if (failureOf(error) === 'missing') return { outcome: 'not_finished' }
    return unknownOf(error)
  }
}

const refOf = (named: string | { id: string } | null): string =>
  typeof named === 'string' ? named : (named?.id ?? '')

function cardOf(
  method: string | Stripe.PaymentMethod | null,
  customerRef: string,
): NewCard | undefined {
  if (!method || typeof method === 'string' || !method.card) return undefined
  const { brand, last4: lastFour, exp_month: expiryMonth, exp_year: expiryYear } = method.card
  return { customerRef, methodRef: method.id, brand, lastFour, expiryMonth, expiryYear }
}

async function capture(stripe: Stripe, request: CaptureRequest): Promise<Capture> {
  const { key, amount, currency, card, description, deadlineMs } = request
  try {
    if (request.mayBeDone) {
      const { data } = await stripe.paymentIntents.list(
        { customer: card.customerRef, limit: latestMax },
        { timeout: deadlineMs },
      )
      const done = data.find(({ metadata }) => metadata['key'] === key)
      if (done) return captureOf(done)
    }
    return captureOf(
      await stripe.paymentIntents.create(
        {
          ...{ amount, currency: currency.toLowerCase(), description, metadata: { key } },
          ...{ customer: card.customerRef, payment_method: card.methodRef },
          ...{ payment_method_types: ['card'], confirm: true, off_session: true },
        },
        options(request),
      ),
    )
  } catch (error) {
    return declinedOf(error)
  }
}

async function authenticate(stripe: Stripe, request: AuthenticateRequest): Promise<Authentication> {
  const { ref, card, returnUrl } = request
  try {
    const intent = await stripe.paymentIntents.confirm(
      ref,
      { payment_method: card.methodRef, return_url: returnUrl },
      options(request),
    )
    const url = intent.next_action?.redirect_to_url?.url
    return url ? { outcome: 'redirect', url } : captureOf(intent)
  } catch (error) {
    // It may have been paid already.
    if (failureOf(error) === 'state') return await check(stripe, ref, request.deadlineMs)
    return declinedOf(error)
  }
}

async function check(stripe: Stripe, ref: string, deadlineMs: number): Promise<Capture> {
  try {
    return captureOf(await stripe.paymentIntents.retrieve(ref, {}, { timeout: deadlineMs }))
  } catch (error) {
    return declinedOf(error)
  }
}

async function refund(stripe: Stripe, request: RefundRequest): Promise<Refund> {
  const { key, ref, amount, reason, deadlineMs } = request
  try {
    if (request.mayBeDone) {
      const { data } = await stripe.refunds.list(
        { payment_intent: ref, limit: latestMax },
        { timeout: deadlineMs },
      )
      const done = data.find(({ metadata }) => metadata?.['key'] === key)
      if (done) return refundOf(done)
    }
    const metadata = { key, reason: reason.slice(0, metadataCharactersMax) }
    return refundOf(
      await stripe.refunds.create({ payment_intent: ref, amount, metadata }, options(request)),
    )
  } catch (error) {
    return refusedOf(error)
  }
}

const metadataCharactersMax = 500

/** A refund that is on its way counts: should it fail, a webhook tells. */
function refundOf({ id, status }: Stripe.Refund): Refund {
  return status === 'failed' || status === 'canceled'
    ? { outcome: 'failed', reason: `The refund is ${status}.` }
    : { outcome: 'succeeded', ref: id }
}

async function payout(stripe: Stripe, request: PayoutRequest): Promise<Refund> {
  const { amount, currency, destination, description } = request
  if (!destination) return { outcome: 'failed', reason: 'The creator has no account at Stripe.' }
  try {
    const made = await stripe.transfers.create(
      { amount, currency: currency.toLowerCase(), destination, description },
      options(request),
    )
    return { outcome: 'succeeded', ref: made.id }
  } catch (error) {
    return refusedOf(error)
  }
}
