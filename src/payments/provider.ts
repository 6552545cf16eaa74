/** The companies that move money for us, behind one interface. Amounts are in minor units. */

export type ProviderName = 'test' | 'stripe'

/** Why a card did not pay. */
export const declineCodes = [
  'declined',
  'insufficient_funds',
  'expired',
  'authentication_failed',
  'unusable',
] as const
export type DeclineCode = (typeof declineCodes)[number]

/** A card as its provider names it. */
export interface CardRefs {
  customerRef: string
  methodRef: string
}

/** What may be known of a card: never its number. */
export interface NewCard extends CardRefs {
  brand: string
  lastFour: string
  expiryMonth: number
  expiryYear: number
}

/**
 * On every call that changes something. The provider does a thing once for a key: with the same key
 * and the same content it answers again what it answered before, so that after a crash or without
 * an answer one asks again and is told what happened.
 */
export interface Asked {
  /** Ours, for this one thing: at most 200 printable characters. */
  key: string
  /** After this many milliseconds the answer is `unknown`. */
  deadlineMs: number
}

/** It may have happened or not: ask again with the same key, later. */
export interface Unknown {
  outcome: 'unknown'
  /** For the log. */
  reason: string
}
export type Declined = { outcome: 'declined'; code: DeclineCode; ref: string | null }

export interface SetupRequest extends Asked {
  person: { id: number; email: string; name: string }
  /** The person's at this provider; null when there is none yet. */
  customerRef: string | null
  /** Absolute. The provider adds `setup=REF` to its query and sends the browser there. */
  returnUrl: string
  /** Absolute. Where the browser goes when the person thinks better of it. */
  cancelUrl: string
}
export type Setup = { outcome: 'ready'; url: string } | Unknown

export type Authorisation =
  | { outcome: 'authorised'; personId: number; card: NewCard }
  /** The person has left before the end, or the provider knows of no such setup. */
  | { outcome: 'not_finished' }
  | Unknown

export interface CaptureRequest extends Asked {
  amount: number
  currency: string
  card: CardRefs
  /** On the backer's statement and at the provider. */
  description: string
  /**
   * This key may have been used before, longer ago than a provider remembers keys (a day): it looks
   * first, which costs a call.
   */
  mayBeDone?: boolean
}
export type Capture =
  | { outcome: 'succeeded'; ref: string }
  | Declined
  /** The bank asks for its customer: mail them a link to a page that calls `authenticate`. */
  | { outcome: 'needs_action'; ref: string }
  | Unknown

export interface AuthenticateRequest extends Asked {
  /** Of a capture that needs action. */
  ref: string
  card: CardRefs
  /** Absolute. Where the browser comes back; what came of it is told by `check` and a webhook. */
  returnUrl: string
}
export type Authentication = Capture | { outcome: 'redirect'; url: string }

export interface RefundRequest extends Asked {
  /** Of the capture. */
  ref: string
  amount: number
  /** Ours, kept beside it at the provider. */
  reason: string
  mayBeDone?: boolean
}
export type Refund =
  | { outcome: 'succeeded'; ref: string }
  | { outcome: 'failed'; reason: string }
  | Unknown

export interface PayoutRequest extends Asked {
  amount: number
  currency: string
  /** The creator's account at the provider; the test gateway needs none. */
  destination: string | null
  description: string
}

/**
 * What a provider tells of its own accord, late, twice or in any order; `chargeRef` is what `capture`
 * gave, `key` what it was asked with, for an event that is here before the answer.
 */
export type PaymentEvent =
  | { kind: 'charge_succeeded'; chargeRef: string; key: string | null }
  | { kind: 'charge_failed'; chargeRef: string; key: string | null; code: DeclineCode }
  | {
      kind: 'dispute_opened'
      disputeRef: string
      chargeRef: string
      amount: number
      reason: string
    }
  | {
      kind: 'dispute_closed'
      disputeRef: string
      chargeRef: string
      amount: number
      reason: string
      isWon: boolean
    }
  /** One that `refund` had called succeeded. */
  | { kind: 'refund_failed'; refundRef: string; chargeRef: string; reason: string }
  /** Of no interest to us. */
  | { kind: 'other' }

export type Webhook =
  | { outcome: 'told'; eventRef: string; providerKind: string; event: PaymentEvent }
  /** Forged, too old or no event at all. */
  | { outcome: 'refused'; reason: string }

export interface PaymentProvider {
  readonly name: ProviderName
  /** Its own pages, where our forms may lead. */
  readonly origins: readonly string[]
  /** Begins to take a card, on the provider's own page: its number never reaches us. */
  prepare(request: SetupRequest): Promise<Setup>
  /** What came of it: the card, checked with its bank so that it can be charged at the deadline. */
  authorise(setupRef: string, deadlineMs: number): Promise<Authorisation>
  /** Charges a card while its holder is away. */
  capture(request: CaptureRequest): Promise<Capture>
  /** Goes on with a charge whose bank asks for its customer, who is there now. */
  authenticate(request: AuthenticateRequest): Promise<Authentication>
  /** Where a charge stands. */
  check(ref: string, deadlineMs: number): Promise<Capture>
  /** Gives up a charge that needs action, before another one is tried in its place. */
  cancel(request: Asked & { ref: string }): Promise<{ outcome: 'canceled' } | Capture>
  refund(request: RefundRequest): Promise<Refund>
  /** Sends a creator what is theirs. */
  payout(request: PayoutRequest): Promise<Refund>
  /** Forgets a card. */
  detach(request: Asked & CardRefs): Promise<{ outcome: 'detached' } | Unknown>
  /** Checks the signature over these very bytes, then reads them. */
  parseWebhook(headers: Headers, body: string): Promise<Webhook>
}

const sentences: Record<DeclineCode, string> = {
  declined: 'The bank declined the card. It does not tell us why; your bank may tell you.',
  insufficient_funds: 'There was not enough money on the card.',
  expired: 'The card has expired.',
  authentication_failed: 'The bank asked whether it was you, and this was not confirmed.',
  unusable: 'The card can no longer be charged. It may have been closed or replaced.',
}

/** For its holder; `code` as it is kept with a charge. */
export const declineSentence = (code: string | null): string =>
  sentences[code as DeclineCode] ?? sentences.declined
