import Stripe from 'stripe'
import type { Capture, DeclineCode, Declined, Unknown } from './provider'

/** What Stripe's answers and errors mean to us. */

interface Intent {
  id: string
  status: Stripe.PaymentIntent['status']
  last_payment_error?: { code?: string | null; decline_code?: string | null } | null
}

export function captureOf({ id, status, last_payment_error: error }: Intent): Capture {
  if (status === 'succeeded') return { outcome: 'succeeded', ref: id }
  if (status === 'processing') return { outcome: 'unknown', reason: 'the payment is under way' }
  if (status === 'canceled') return { outcome: 'declined', code: 'unusable', ref: id }
  const isAsked = status === 'requires_action' || status === 'requires_confirmation'
  if (isAsked || error?.code === 'authentication_required') {
    return { outcome: 'needs_action', ref: id }
  }
  return { outcome: 'declined', code: declineCodeOf(error), ref: id }
}

type Problem = Intent['last_payment_error']

/** Why a card did not pay: the bank's own code says more than Stripe's. */
export function declineCodeOf(error: Problem): DeclineCode {
  const said = [error?.decline_code, error?.code]
  const is = (...codes: string[]) => said.some((code) => code && codes.includes(code))
  if (is('insufficient_funds')) return 'insufficient_funds'
  if (is('expired_card')) return 'expired'
  if (is('payment_intent_authentication_failure', 'authentication_required')) {
    return 'authentication_failed'
  }
  if (is('lost_card', 'stolen_card', 'pickup_card', 'invalid_account')) return 'unusable'
  return 'declined'
}

/** The charge is declined, or waits for its holder, or nobody knows. */
export function declinedOf(error: unknown): Capture {
  if (error instanceof Stripe.errors.StripeCardError) {
    const ref = error.payment_intent?.id ?? null
    const problem = { code: error.code ?? null, decline_code: error.decline_code ?? null }
    if (isAskedFor(problem) && ref) return { outcome: 'needs_action', ref }
    return { outcome: 'declined', code: declineCodeOf(problem), ref }
  }
  return failureOf(error) === 'missing' ? gone : unknownOf(error)
}

const isAskedFor = (problem: NonNullable<Problem>) =>
  [problem.code, problem.decline_code].includes('authentication_required')

const gone: Declined = { outcome: 'declined', code: 'unusable', ref: null }

/** Of what was not to be done for certain, why; otherwise that nobody knows. */
export function refusedOf(error: unknown): { outcome: 'failed'; reason: string } | Unknown {
  const isCertain =
    error instanceof Stripe.errors.StripeInvalidRequestError ||
    error instanceof Stripe.errors.StripeCardError
  return isCertain ? { outcome: 'failed', reason: problemOf(error) } : unknownOf(error)
}

/** What an invalid request found: nothing of that name, or something that is past it. */
export function failureOf(error: unknown): 'missing' | 'state' | undefined {
  if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) return undefined
  if (error.code === 'resource_missing') return 'missing'
  return error.code === 'payment_intent_unexpected_state' ? 'state' : undefined
}

export const unknownOf = (error: unknown): Unknown => ({
  outcome: 'unknown',
  reason: problemOf(error),
})

/** For the log; of a message without the key that Stripe repeats when it refuses it. */
export function problemOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const kind = error instanceof Stripe.errors.StripeError ? `${error.type}: ` : ''
  return `${kind}${text}`.replace(/\b([sr]k|whsec)_[\w*]+/g, '$1_…').slice(0, 300)
}
