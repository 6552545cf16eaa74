import type { Fields } from './stripe-description'
import published from './stripe-objects.json'

/** An account at Stripe: what it keeps, and what each call makes of it. */

type Kept = Record<string, unknown> & { id: string; object: string }
export interface Answer {
  status: number
  body: unknown
}

const objects = published.objects as unknown as Record<string, Kept>
const firstPage = 10

/** What a card does, by the beginning of its name; those of any other name pay. */
const declines: [RegExp, { code: string; decline_code?: string }][] = [
  [/^pm_declined/, { code: 'card_declined', decline_code: 'generic_decline' }],
  [/^pm_insufficient/, { code: 'card_declined', decline_code: 'insufficient_funds' }],
  [/^pm_expired/, { code: 'expired_card' }],
  [/^pm_ask/, { code: 'authentication_required', decline_code: 'authentication_required' }],
]

export function openAccount() {
  const kept = new Map<string, Kept>()
  const orders: string[] = []
  const add = (kind: string, prefix: string, fields: Record<string, unknown>): Kept => {
    const id = `${prefix}_test${orders.length + 1}`
    const made = { ...objects[kind], ...fields, id, object: kind }
    kept.set(id, made)
    orders.unshift(id)
    return made
  }
  const list = (kind: string, match: Fields): Answer => {
    const found = orders
      .map((id) => kept.get(id))
      .filter((one) => one?.object === kind)
      .filter((one) =>
        ['customer', 'payment_intent'].every((name) => !match[name] || one?.[name] === match[name]),
      )
    const data = found.slice(0, Number(match['limit'] ?? firstPage))
    return ok({ object: 'list', data, has_more: data.length < found.length, url: '' })
  }

  const pay = (intent: Kept, method: string, isOffSession: boolean): Answer => {
    const card = kept.get(method)
    if (!card || card['customer'] !== intent['customer']) return missing('payment_method', method)
    const decline = declines.find(([pattern]) => pattern.test(method))?.[1]
    const isAsked = decline?.code === 'authentication_required'
    intent['payment_method'] = method
    if (isAsked && !isOffSession) {
      intent['status'] = 'requires_action'
      const url = `https://hooks.stripe.com/redirect/${intent.id}`
      intent['next_action'] = { type: 'redirect_to_url', redirect_to_url: { url } }
      return ok(intent)
    }
    if (!decline) {
      Object.assign(intent, { status: 'succeeded', amount_received: intent['amount'] })
      intent['last_payment_error'] = null
      return ok(intent)
    }
    intent['status'] = 'requires_payment_method'
    const error = { type: 'card_error', message: 'Your card was declined.', ...decline }
    intent['last_payment_error'] = error
    return { status: 402, body: { error: { ...error, payment_intent: { ...intent } } } }
  }

  const handlers: Record<string, (fields: Fields, id: string) => Answer> = {
    'POST /v1/customers': (fields) => ok(add('customer', 'cus', fields)),
    'POST /v1/checkout/sessions': (fields) => {
      if (!kept.has(String(fields['customer']))) return missing('customer', fields['customer'])
      const session = add('checkout.session', 'cs', { ...fields, status: 'open' })
      const intent = add('setup_intent', 'seti', { customer: fields['customer'] })
      session['setup_intent'] = intent.id
      session['url'] = `https://checkout.stripe.com/c/pay/${session.id}`
      return ok(session)
    },
    'GET /v1/checkout/sessions/{session}': (fields, id) => {
      const session = kept.get(id)
      if (session?.object !== 'checkout.session') return missing('session', id)
      const expanded = Object.values((fields['expand'] as Fields | undefined) ?? {})
      if (!expanded.includes('setup_intent.payment_method')) return ok(session)
      const intent = kept.get(String(session['setup_intent']))
      const method = kept.get(String(intent?.['payment_method'])) ?? null
      return ok({ ...session, setup_intent: { ...intent, payment_method: method } })
    },
    'POST /v1/payment_intents': (fields) => {
      if (!kept.has(String(fields['customer']))) return missing('customer', fields['customer'])
      const amount = Number(fields['amount'])
      const made = { ...fields, amount, status: 'requires_confirmation', next_action: null }
      const intent = add('payment_intent', 'pi', { ...made, last_payment_error: null })
      const isOffSession = fields['off_session'] === 'true'
      return pay(intent, String(fields['payment_method']), isOffSession)
    },
    'GET /v1/payment_intents': (fields) => list('payment_intent', fields),
    'GET /v1/payment_intents/{intent}': (_, id) => {
      const intent = kept.get(id)
      return intent ? ok(intent) : missing('intent', id)
    },
    'POST /v1/payment_intents/{intent}/confirm': (fields, id) => {
      const intent = kept.get(id)
      if (!intent) return missing('intent', id)
      if (['succeeded', 'canceled'].includes(String(intent['status']))) return unexpected(intent)
      return pay(intent, String(fields['payment_method']), false)
    },
    'POST /v1/payment_intents/{intent}/cancel': (_, id) => {
      const intent = kept.get(id)
      if (!intent) return missing('intent', id)
      if (['succeeded', 'canceled'].includes(String(intent['status']))) return unexpected(intent)
      intent['status'] = 'canceled'
      return ok(intent)
    },
    'POST /v1/refunds': (fields) => {
      const intent = kept.get(String(fields['payment_intent']))
      if (!intent) return missing('payment_intent', fields['payment_intent'])
      const amount = Number(fields['amount'])
      const before = Number(intent['refunded'] ?? 0)
      if (before + amount > Number(intent['amount_received'])) {
        return refused('charge_already_refunded', 'That is more than is left of this charge.')
      }
      intent['refunded'] = before + amount
      return ok(add('refund', 're', { ...fields, amount, status: 'succeeded' }))
    },
    'GET /v1/refunds': (fields) => list('refund', fields),
    'POST /v1/payment_methods/{payment_method}/detach': (_, id) => {
      const method = kept.get(id)
      if (!method?.['customer']) return refused('resource_missing', 'It is not attached.')
      method['customer'] = null
      return ok(method)
    },
    'POST /v1/transfers': (fields) =>
      ok(add('transfer', 'tr', { ...fields, amount: Number(fields['amount']) })),
  }

  return {
    kept,
    ask: (call: string, fields: Fields, path: string): Answer => {
      const id = path.split('/').find((_, place) => call.split('/')[place]?.startsWith('{')) ?? ''
      return handlers[call]?.(fields, id) ?? { status: 404, body: {} }
    },
    /** What a person does on the page of a session; returns where their browser goes then. */
    giveCard: (page: string, behaviour: string, lastFour = '4242'): string => {
      const session = kept.get(page.split('/').at(-1) ?? '') as Kept
      const card = { brand: 'visa', last4: lastFour, exp_month: 9, exp_year: 2044 }
      const customer = session['customer']
      const method = add('payment_method', `pm_${behaviour}`, { card, customer })
      const intent = kept.get(String(session['setup_intent'])) as Kept
      Object.assign(intent, { status: 'succeeded', payment_method: method.id })
      return String(session['success_url']).replace('{CHECKOUT_SESSION_ID}', session.id)
    },
    /** What a person does on the page of their bank. */
    confirm: (intent: string) => {
      Object.assign(kept.get(intent) as Kept, { status: 'succeeded' })
    },
    dispute: (intent: string, fields: Record<string, unknown>): Kept =>
      add('dispute', 'dp', { payment_intent: intent, ...fields }),
  }
}

const ok = (body: unknown): Answer => ({ status: 200, body })
const refused = (code: string, message: string): Answer => ({
  status: 400,
  body: { error: { type: 'invalid_request_error', code, message } },
})
const missing = (what: string, id: unknown): Answer =>
  refused('resource_missing', `No such ${what}: '${id}'`)
const unexpected = (intent: Kept): Answer =>
  refused('payment_intent_unexpected_state', `This intent is ${intent['status']}.`)
