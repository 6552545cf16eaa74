import { type Cell, decimal } from '#lib/csv'
import type { ReportRow } from '../reads/backers'
import type { Question } from './survey'

const addressColumns = [
  ...(['name', 'line1', 'line2', 'city', 'state', 'postcode', 'country', 'phone'] as const),
] as const

/**
 * The first line of the file of backers. Who has to deliver learns who everybody is, and where they
 * live.
 */
export const reportColumns = (isDelivering: boolean, questions: readonly Question[]): string[] => [
  ...[
    'pledge',
    'backer',
    'named to the public',
    'reward',
    'add-ons',
    'amount',
    'bonus',
    'shipping',
  ],
  ...['currency', 'pledge state', 'backed before', 'city', 'country', 'pledged at (UTC)'],
  ...['answered at (UTC)', 'fulfilment', 'tracking'],
  ...(isDelivering ? addressColumns.map((name) => `address ${name}`) : []),
  ...(isDelivering ? questions.map(({ question }) => question) : []),
]

const moment = (date: Date | null) => date?.toISOString().slice(0, 19).replace('T', ' ') ?? ''

/** One backer's line. */
export function reportLine(
  row: ReportRow,
  currency: string,
  isDelivering: boolean,
  questions: readonly Question[],
): Cell[] {
  return [
    ...[row.id, row.anonymous && !isDelivering ? 'Anonymous' : row.name],
    ...[row.anonymous ? 'no' : 'yes', row.reward ?? '', row.addOns ?? ''],
    ...[row.amount, row.bonus, row.shipping].map((amount) => decimal(amount, currency)),
    ...[currency, row.status, row.backedBefore ? 'yes' : 'no', row.city, row.country],
    ...[moment(row.createdAt), moment(row.answeredAt), row.fulfilment, row.tracking],
    ...(isDelivering ? addressColumns.map((name) => row.address?.[name] ?? '') : []),
    ...(isDelivering ? questions.map(({ id }) => row.answers[id] ?? '') : []),
  ]
}
