import { z } from 'zod'
import type { ProviderName } from '#payments/provider'

/** More than anybody pays with; a limit on what a script can pile up. */
export const cardsMax = 10

/** Somebody waits for it. */
export const askingDeadlineMs = 10_000

/** Each asks the provider for a page. */
export const newCardTries = { times: 20, seconds: 3600 }

/** Of what a provider tells: larger than any event. */
export const webhookBytesMax = 256 * 1024

/** A provider tells a thing again for some days, never after this. */
export const eventsKeptDays = 30

/** A card that somebody can pay with; the references are the provider's names for it. */
export interface Card {
  id: number
  provider: ProviderName
  customerRef: string
  methodRef: string
  brand: string
  lastFour: string
  expiryMonth: number
  expiryYear: number
}

/** Whether it has expired at this moment: it is good until its month is over everywhere. */
export function isExpired({ expiryMonth, expiryYear }: Card, at: Date): boolean {
  const halfDayMs = 12 * 3600 * 1000
  return at.getTime() >= Date.UTC(expiryYear, expiryMonth) + halfDayMs
}

const brands: Record<string, string> = {
  ...{ amex: 'American Express', diners: 'Diners Club', discover: 'Discover', jcb: 'JCB' },
  ...{ mastercard: 'Mastercard', unionpay: 'UnionPay', visa: 'Visa' },
}

/** `Visa ending in 4242`. */
export const cardName = ({ brand, lastFour }: Pick<Card, 'brand' | 'lastFour'>): string =>
  `${brands[brand.toLowerCase()] ?? 'Card'} ending in ${lastFour}`

/** `09/41`. */
export const cardExpiry = ({ expiryMonth, expiryYear }: Card): string =>
  `${String(expiryMonth).padStart(2, '0')}/${String(expiryYear % 100).padStart(2, '0')}`

/** A page of our own by its path: a reader may be here by another name of the site. */
export const withoutHost = (url: string, baseUrl: string): string =>
  url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length) : url

const cardText = z.string().max(100).default('')
export const cardForm = z.object({ number: cardText, expiry: cardText, cvc: cardText })
export const answerForm = z.object({ answer: z.enum(['confirm', 'refuse']) })
