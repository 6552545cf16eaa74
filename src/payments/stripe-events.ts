import type Stripe from 'stripe'
import type { PaymentEvent } from './provider'
import { captureOf, declineCodeOf } from './stripe-answers'

/** What an event of Stripe's says; those we do nothing about are `other`. */
export function eventOf(event: Stripe.Event): PaymentEvent {
  switch (event.type) {
    case 'payment_intent.succeeded':
      return { kind: 'charge_succeeded', ...chargeOf(event.data.object) }
    case 'payment_intent.payment_failed':
      return failedOf(event.data.object)
    case 'charge.dispute.created':
      return disputeOf('dispute_opened', event.data.object)
    case 'charge.dispute.closed':
      return disputeOf('dispute_closed', event.data.object)
    case 'charge.refund.updated':
    case 'refund.updated':
    case 'refund.failed':
      return refundOf(event.data.object)
    default:
      return { kind: 'other' }
  }
}

const chargeOf = ({ id, metadata }: Stripe.PaymentIntent) => ({
  chargeRef: id,
  key: metadata['key'] ?? null,
})

/** One that waits for its holder has not failed. */
function failedOf(intent: Stripe.PaymentIntent): PaymentEvent {
  if (captureOf(intent).outcome !== 'declined') return { kind: 'other' }
  const code = declineCodeOf(intent.last_payment_error)
  return { kind: 'charge_failed', ...chargeOf(intent), code }
}

/** An inquiry that is closed without a chargeback (`warning_closed`) took nothing: it is won. */
function disputeOf(
  kind: 'dispute_opened' | 'dispute_closed',
  dispute: Stripe.Dispute,
): PaymentEvent {
  const { id: disputeRef, amount, reason, status } = dispute
  const chargeRef = refOf(dispute.payment_intent)
  if (!chargeRef) return { kind: 'other' }
  const told = { disputeRef, chargeRef, amount, reason }
  if (kind === 'dispute_opened') return { kind, ...told }
  return { kind, ...told, isWon: status !== 'lost' }
}

function refundOf({
  id,
  status,
  payment_intent: intent,
  failure_reason: why,
}: Stripe.Refund): PaymentEvent {
  const chargeRef = refOf(intent)
  if (!chargeRef || (status !== 'failed' && status !== 'canceled')) return { kind: 'other' }
  return { kind: 'refund_failed', refundRef: id, chargeRef, reason: why ?? status }
}

const refOf = (named: string | { id: string } | null): string | undefined =>
  typeof named === 'string' ? named : named?.id
