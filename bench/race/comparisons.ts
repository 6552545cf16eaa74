import type { PeerPage } from '../peers/peers'

/** What the budgets ask for. */
interface Budget {
  kind: PeerPage
  peer: string
  ratio: number
}

export const pgbenchId = 'pgbench'

export const kindTitles: Record<PeerPage, string> = {
  'cached-page': 'cached page',
  page: 'page made anew',
  api: 'API, one project',
}

const budgets: Budget[] = [
  { kind: 'cached-page', peer: 'bare-bun', ratio: 0.95 },
  { kind: 'cached-page', peer: 'next', ratio: 25 },
  { kind: 'cached-page', peer: 'express-2018', ratio: 10 },
  { kind: 'page', peer: 'bare-react', ratio: 1 },
  { kind: 'page', peer: 'next', ratio: 20 },
  { kind: 'page', peer: 'express-2018', ratio: 2.5 },
  { kind: 'api', peer: pgbenchId, ratio: 0.8 },
]

/** The ratio of ours to this peer that we have set ourselves. */
export const budgetOf = (kind: PeerPage, peer: string): number | undefined =>
  budgets.find((budget) => budget.kind === kind && budget.peer === peer)?.ratio
