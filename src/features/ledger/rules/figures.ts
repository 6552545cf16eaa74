import type { Books } from './books'

/** What a project has brought in and where it went, as lines that sum up. */
export function figuresOf(books: Books, isSuccess: boolean): [label: string, amount: number][] {
  const lines: [string, number, boolean][] = [
    ['Pledged', books.pledged, true],
    ['Not charged yet', -books.uncharged, books.uncharged > 0],
    ['Could not be charged yet', -books.errored, books.errored > 0],
    [isSuccess ? 'Dropped' : 'Let go, never charged', -books.dropped, books.dropped > 0],
    ['Collected', books.collected, true],
    ['Platform fee', -books.platformFees, true],
    ['Payment processing', -books.processingFees, true],
    ['Refunded', -books.refunded, true],
    ['Disputed', -books.disputed, true],
    ['Paid out', -books.paidOut, true],
    ['Due to the creator', books.owed, true],
  ]
  return lines.filter(([, , isShown]) => isShown).map(([label, amount]) => [label, amount])
}
