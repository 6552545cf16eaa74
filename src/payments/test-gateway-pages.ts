import { randomBytes } from 'node:crypto'
import type { Db } from '#db/client'
import { changeGatewayRow, findGatewayRow, type GatewayData } from '#db/test-gateway'
import type { DeclineCode, NewCard } from './provider'
import {
  type CardFields,
  declineOf,
  type ReadCard,
  readCardFields,
  testMethodRef,
} from './test-cards'

/** What the test gateway's own pages do. */

export type SetupStatus = 'open' | 'confirming' | 'done'
export interface OpenSetup {
  status: SetupStatus
  cancelUrl: string
}

/** A card that is being added. */
export async function findSetup(db: Db, ref: string): Promise<OpenSetup | undefined> {
  const row = await findGatewayRow(db, 'setup', ref)
  return (
    row && { status: row.data['status'] as SetupStatus, cancelUrl: String(row.data['cancelUrl']) }
  )
}

export type Wrong = { outcome: 'wrong'; errors: Partial<Record<keyof CardFields, string>> }
/** What comes of a card, and of what its holder says about it. */
export type Entry =
  | { outcome: 'declined'; code: DeclineCode }
  | { outcome: 'confirm' }
  | { outcome: 'done'; url: string }

/**
 * Takes a card. Of its number nothing is kept but the last four digits. Undefined when the setup is
 * unknown.
 */
export async function enterCard(
  db: Db,
  ref: string,
  fields: CardFields,
  now: Date,
): Promise<Entry | Wrong | undefined> {
  const read = readCardFields(fields, now)
  if ('errors' in read) return { outcome: 'wrong', errors: read.errors }
  const { behaviour } = read.card.card
  const code = behaviour === 'refused' ? declineOf[behaviour] : undefined
  if (code) return { outcome: 'declined', code }
  const status = behaviour === 'confirm-once' ? 'confirming' : 'done'
  const row = await changeGatewayRow(db, ref, (data) =>
    data['status'] === 'done'
      ? undefined
      : { ...data, status, card: cardOf(read.card, String(data['customerRef'])) },
  )
  return row && entryOf(ref, row.data)
}

/** What the holder says to their bank about a card that is being added. */
export async function decideSetup(
  db: Db,
  ref: string,
  isConfirmed: boolean,
): Promise<Entry | undefined> {
  const row = await changeGatewayRow(db, ref, (data) => {
    if (data['status'] !== 'confirming') return undefined
    const { card, ...others } = data
    return isConfirmed ? { ...data, status: 'done' } : { ...others, status: 'open' }
  })
  if (!row) return undefined
  if (row.data['status'] === 'open') return { outcome: 'declined', code: 'authentication_failed' }
  return entryOf(ref, row.data)
}

function entryOf(ref: string, data: GatewayData): Entry {
  if (data['status'] === 'confirming') return { outcome: 'confirm' }
  return { outcome: 'done', url: withQuery(String(data['returnUrl']), 'setup', ref) }
}

function cardOf({ card, expiryMonth, expiryYear }: ReadCard, customerRef: string): NewCard {
  const methodRef = testMethodRef(card.behaviour, randomBytes(12).toString('hex'))
  const { brand, number } = card
  return { customerRef, methodRef, brand, lastFour: number.slice(-4), expiryMonth, expiryYear }
}

export interface OpenPayment {
  amount: number
  currency: string
  isOpen: boolean
}

/** A charge whose bank asks for its customer. */
export async function findPayment(db: Db, ref: string): Promise<OpenPayment | undefined> {
  const data = (await findGatewayRow(db, 'payment', ref))?.data
  if (!data?.['returnUrl']) return undefined
  const [amount, currency] = [Number(data['amount']), String(data['currency'])]
  return { amount, currency, isOpen: data['status'] === 'needs_action' }
}

/** What the holder says to their bank about a charge; returns where their browser goes then. */
export async function decidePayment(
  db: Db,
  ref: string,
  isConfirmed: boolean,
): Promise<string | undefined> {
  const before = (await findGatewayRow(db, 'payment', ref))?.data
  if (!before?.['returnUrl']) return undefined
  const code = 'authentication_failed'
  const object = { payment: ref, key: before['key'] }
  const event = isConfirmed
    ? { kind: 'payment.succeeded', object }
    : { kind: 'payment.failed', object: { ...object, code } }
  const row = await changeGatewayRow(
    db,
    ref,
    (data) => {
      if (data['status'] !== 'needs_action') return undefined
      return isConfirmed ? { ...data, status: 'succeeded' } : { ...data, status: 'declined', code }
    },
    [{ key: `${ref} decided`, ...event, delayMs: 0 }],
  )
  return row && withQuery(String(row.data['returnUrl']), 'charge', ref)
}

function withQuery(address: string, name: string, value: string): string {
  const url = new URL(address)
  url.searchParams.set(name, value)
  return url.href
}
