import type { PledgeStatus } from '#db/schema/backing'
import type { BackerRow } from '../reads/exports'
import type { CountedProject, PledgeSums, RewardSales } from '../reads/numbers'
import { type Cell, decimal } from './csv'
import type { Numbers } from './numbers'

/** The files there are. */
export const files = ['days', 'sources', 'rewards', 'backers'] as const

export type Row = Cell[]

export const columns: Record<(typeof files)[number], string[]> = {
  days: [
    ...['day', 'visits', 'backers', 'new backers', 'returning backers', 'pledged'],
    ...['pledged in all', 'saved in all', 'followers in all', 'currency'],
  ],
  sources: ['day', 'source', 'visits'],
  rewards: ['reward', 'price', 'quantity', 'taken', 'pledged', 'currency'],
  backers: [
    ...['pledge', 'backer', 'named to the public', 'reward', 'amount', 'currency', 'pledge state'],
    ...['backed before', 'city', 'country', 'pledged at (UTC)'],
  ],
}

export function dayRows(numbers: Numbers, { currency }: CountedProject): Row[] {
  return numbers.days.map((day, index) => {
    const at = (values: readonly number[] | null) => values?.[index] ?? ''
    const money = (values: readonly number[]) => decimal(values[index] ?? 0, currency)
    return [
      ...[day, at(numbers.visits), at(numbers.backers), at(numbers.newBackers)],
      ...[at(numbers.returningBackers), money(numbers.amounts), money(numbers.pledged)],
      ...[at(numbers.saves), at(numbers.followers), currency],
    ]
  })
}

export function rewardRows(
  rewards: readonly RewardSales[],
  pledges: PledgeSums,
  { currency }: CountedProject,
): Row[] {
  const amounts = new Map(pledges.rewards.map(({ id, amount }) => [id, amount]))
  return rewards.map(({ id, name, amount, quantity, backersCount }) => [
    ...[name, decimal(amount, currency), quantity ?? '', backersCount],
    ...[decimal(amounts.get(id) ?? 0, currency), currency],
  ])
}

export interface BackerFilter {
  reward?: number | undefined
  status?: PledgeStatus | undefined
}

export const isWanted = (row: BackerRow, { reward, status }: BackerFilter): boolean =>
  (reward === undefined || row.rewardId === reward) &&
  (status === undefined || row.status === status)

/**
 * Who has to deliver learns who everybody is; for others, whoever does not show their name to the
 * public has none.
 */
export function backerRow(row: BackerRow, currency: string, isCreator: boolean): Row {
  return [
    row.id,
    row.anonymous && !isCreator ? 'Anonymous' : row.name,
    row.anonymous ? 'no' : 'yes',
    row.reward ?? '',
    decimal(row.amount, currency),
    currency,
    row.status,
    row.backedBefore ? 'yes' : 'no',
    row.city,
    row.country,
    row.createdAt.toISOString().slice(0, 19).replace('T', ' '),
  ]
}
