import type { DeclineCode } from './provider'

/** What a test card does; it is part of the name that the gateway gives the card. */
export type Behaviour =
  | 'pays'
  | 'refused'
  | 'declined'
  | 'insufficient'
  | 'expired'
  | 'confirm'
  | 'confirm-once'
  | 'disputed-lost'
  | 'disputed-won'
  | 'lost-after'
  | 'lost-before'
  | 'slow'

export interface TestCard {
  number: string
  brand: 'Visa' | 'Mastercard'
  behaviour: Behaviour
  does: string
}

const card = (
  number: string,
  behaviour: Behaviour,
  does: string,
  brand: TestCard['brand'] = 'Visa',
): TestCard => ({ number, brand, behaviour, does })

/** The only numbers that the test gateway takes; the first ones are those known from Stripe. */
export const testCards: readonly TestCard[] = [
  card('4242424242424242', 'pays', 'Pays.'),
  card('5555555555554444', 'pays', 'Pays.', 'Mastercard'),
  card('4000000000000002', 'refused', 'Is declined at once, and so cannot be added.'),
  card('4000000000000341', 'declined', 'Can be added; is declined when it is charged.'),
  card('4000000000009995', 'insufficient', 'Has too little money on it when it is charged.'),
  card('4000000000000069', 'expired', 'Has expired by the time it is charged.'),
  card('4000002500003155', 'confirm-once', 'Asks for your confirmation when it is added.'),
  card('4000002760003184', 'confirm', 'Asks for your confirmation each time it is charged.'),
  card('4000000000000259', 'disputed-lost', 'Pays; then its holder disputes that, and wins.'),
  card('4000000000002685', 'disputed-won', 'Pays; then its holder disputes that, and loses.'),
  card('4000000000005001', 'lost-after', 'Pays, but the answer to us is lost at first.'),
  card('4000000000006009', 'lost-before', 'Our first request is lost; pays at the second.'),
  card('4000000000007007', 'slow', 'Pays after three seconds.'),
]

const behaviours = new Set<string>(testCards.map(({ behaviour }) => behaviour))

/** The gateway's name for a card that behaves like this; `unique` tells it from all others. */
export const testMethodRef = (behaviour: Behaviour, unique: string): string =>
  `card_${behaviour}_${unique}`

export function behaviourOf(methodRef: string): Behaviour | undefined {
  const [, behaviour = ''] = /^card_([a-z-]+)_\w+$/.exec(methodRef) ?? []
  return behaviours.has(behaviour) ? (behaviour as Behaviour) : undefined
}

/** Why a card that behaves like this does not pay. */
export const declineOf: Partial<Record<Behaviour, DeclineCode>> = {
  refused: 'declined',
  declined: 'declined',
  insufficient: 'insufficient_funds',
  expired: 'expired',
}

/** Whether the last digit agrees with the others, as on every card (Luhn). */
export function isCardNumber(digits: string): boolean {
  if (!/^\d{12,19}$/.test(digits)) return false
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

export interface CardFields {
  number: string
  expiry: string
  cvc: string
}

export interface ReadCard {
  card: TestCard
  expiryMonth: number
  expiryYear: number
}

// As far ahead as any card is valid.
const expiryYearsMax = 20

/** Reads what was typed on the card form; what is wrong is said field by field. */
export function readCardFields(
  { number, expiry, cvc }: CardFields,
  now: Date,
): { card: ReadCard } | { errors: Partial<Record<keyof CardFields, string>> } {
  const digits = number.replace(/[\s-]/g, '')
  const known = testCards.find((one) => one.number === digits)
  const date = readExpiry(expiry, now)
  const errors: Partial<Record<keyof CardFields, string>> = {}
  if (!isCardNumber(digits)) errors.number = 'Is not the number of a card. Please check the digits.'
  else if (!known) {
    errors.number = 'Is none of the test cards. Never type the number of a real card here.'
  }
  if (typeof date === 'string') errors.expiry = date
  if (!/^\d{3}$/.test(cvc.trim())) errors.cvc = 'Takes three digits: any will do.'
  if (!known || typeof date === 'string' || Object.keys(errors).length > 0) return { errors }
  return { card: { card: known, ...date } }
}

function readExpiry(
  typed: string,
  now: Date,
): { expiryMonth: number; expiryYear: number } | string {
  const [, month = '', year = ''] = /^\s*(\d{1,2})\s*[/.-]\s*(?:20)?(\d{2})\s*$/.exec(typed) ?? []
  const expiryMonth = Number(month)
  const expiryYear = 2000 + Number(year)
  if (month === '' || expiryMonth < 1 || expiryMonth > 12) {
    return 'Takes a month and a year, such as 09/41.'
  }
  if (Date.UTC(expiryYear, expiryMonth) <= now.getTime()) return 'Is over: this card has expired.'
  if (expiryYear > now.getUTCFullYear() + expiryYearsMax) {
    return `Is more than ${expiryYearsMax} years ahead. Please check the year.`
  }
  return { expiryMonth, expiryYear }
}
