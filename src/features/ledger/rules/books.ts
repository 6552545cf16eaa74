import type { LedgerAccount } from '#db/schema/pledging'

// The accounts, and which side of each is the larger one. Debit: backers (promised, not yet due),
// overdue (could not be charged), provider (taken from backers). Credit: promised (to the creator),
// creator (earned and not yet sent), platform (its fees), and what has left the provider, by where
// it went: processing, refunded, disputed, paid_out.

/** What moves an amount, from which account to which. */
const sides = {
  release: ['promised', 'backers'],
  failure: ['overdue', 'backers'],
  capture: ['provider', 'backers'],
  /** Of a pledge that could not be charged before. */
  late_capture: ['provider', 'overdue'],
  earn: ['promised', 'creator'],
  platform_fee: ['creator', 'platform'],
  processing_fee: ['creator', 'processing'],
  drop: ['promised', 'overdue'],
  /** A dropped pledge was paid after all. */
  restore: ['overdue', 'promised'],
  /** One that could not be charged is as if nobody had tried. */
  revive: ['backers', 'overdue'],
  refund: ['creator', 'refunded'],
  /** The provider took a refund back. */
  refund_failed: ['refunded', 'creator'],
  dispute: ['creator', 'disputed'],
  dispute_won: ['disputed', 'creator'],
  payout: ['creator', 'paid_out'],
} as const satisfies Record<string, readonly [LedgerAccount, LedgerAccount]>

export type LineKind = keyof typeof sides

/** One line to be written; `pledgeId` is null for what concerns the project as a whole. */
export interface NewLine {
  projectId: number
  pledgeId: number | null
  kind: LineKind
  debit: LedgerAccount
  credit: LedgerAccount
  /** Minor units. */
  amount: number
}

/** A line of this kind, between the accounts it always moves. */
export function lineOf(
  projectId: number,
  pledgeId: number | null,
  kind: LineKind,
  amount: number,
): NewLine {
  const [debit, credit] = sides[kind]
  return { projectId, pledgeId, kind, debit, credit, amount }
}

export interface Balance {
  account: LedgerAccount
  debits: number
  credits: number
}

/** What the books of one project say, in minor units. */
export interface Books {
  /** By all who have not canceled; it stays as it was at the end. */
  pledged: number
  /** Neither charged nor given up yet. */
  uncharged: number
  collected: number
  /** Could not be charged, and may still be. */
  errored: number
  /** Given up: not paid in time or, of a project without success, let go. */
  dropped: number
  platformFees: number
  processingFees: number
  refunded: number
  /** Open disputes and lost ones. */
  disputed: number
  paidOut: number
  /** Due to the creator and not yet sent. */
  owed: number
}

/** The figures of a project out of its balances; `pledged` is the project's own total. */
export function booksOf(balances: readonly Balance[], pledged: number): Books {
  const debitsOf = (name: LedgerAccount) =>
    balances.find(({ account }) => account === name)?.debits ?? 0
  const creditsOf = (name: LedgerAccount) =>
    balances.find(({ account }) => account === name)?.credits ?? 0
  const held = (name: LedgerAccount) => creditsOf(name) - debitsOf(name)
  const due = (name: LedgerAccount) => debitsOf(name) - creditsOf(name)
  // Before the first line of the books, all that was pledged is as it was.
  const uncharged = balances.length === 0 ? pledged : due('backers')
  const errored = due('overdue')
  const collected = debitsOf('provider')
  return {
    ...{ pledged, uncharged, collected, errored },
    dropped: pledged - uncharged - collected - errored,
    platformFees: held('platform'),
    processingFees: held('processing'),
    refunded: held('refunded'),
    disputed: held('disputed'),
    paidOut: held('paid_out'),
    owed: held('creator'),
  }
}
