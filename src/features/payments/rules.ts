import type { PaymentEvent, ProviderName } from '#payments/provider'

/** More than anybody pays with; a limit on what a script can pile up. */
export const cardsMax = 10

/** A person waits for it. */
export const askingDeadlineMs = 10_000

/** A card that somebody can pay with. */
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

/** Whether it will have expired at this moment: it is good until its month is over. */
export const isExpired = (card: Pick<Card, 'expiryMonth' | 'expiryYear'>, at: Date): boolean =>
  at.getTime() >= Date.UTC(card.expiryYear, card.expiryMonth)

export type ToldEvent = { provider: ProviderName; event: PaymentEvent }
