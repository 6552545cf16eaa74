import { type Cell, decimal } from '#lib/csv'
import type { CountedProject, PledgeSums, RewardSales } from '../reads/numbers'
import type { Numbers } from './numbers'

/** The files there are. */
export const files = ['days', 'sources', 'rewards'] as const

export type Row = Cell[]

export const columns: Record<(typeof files)[number], string[]> = {
  days: [
    ...['day', 'visits', 'backers', 'new backers', 'returning backers', 'pledged'],
    ...['pledged in all', 'saved in all', 'followers in all', 'currency'],
  ],
  sources: ['day', 'source', 'visits'],
  rewards: ['reward', 'price', 'quantity', 'taken', 'pledged', 'currency'],
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
