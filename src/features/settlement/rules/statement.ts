import type { Books } from '#features/ledger/rules/books'
import { figuresOf } from '#features/ledger/rules/figures'
import { type Cell, decimal } from '#lib/csv'
import type { MoneyProject, PayoutRow, Returned } from '../reads/money'

/** A project's money for a spreadsheet: the figures, each payout, and what went back. */
export function statementRows(
  { currency, status }: MoneyProject,
  books: Books | null,
  payouts: readonly PayoutRow[],
  returned: readonly Returned[],
): Cell[][] {
  // As a number, so that no spreadsheet takes its sign for a formula.
  const sum = (amount: number) => Number(decimal(Math.abs(amount), currency)) * Math.sign(amount)
  const figures = books ? figuresOf(books, status === 'successful') : []
  return [
    ['What', 'Amount', 'Currency', 'When', 'Pledge', 'State', 'Reason'],
    ...figures.map(([label, amount]) => [label, sum(amount), currency, '', '', '', '']),
    ...payouts.map((payout) => [
      ...[`Payout ${payout.number}`, sum(payout.amount), currency],
      ...[(payout.paidAt ?? payout.createdAt).toISOString(), '', payout.status, ''],
    ]),
    ...returned.map((one) => [
      ...[one.kind === 'refund' ? 'Refund' : 'Dispute', sum(one.amount), currency],
      ...[one.createdAt.toISOString(), one.pledgeId, one.status, one.reason],
    ]),
  ]
}
