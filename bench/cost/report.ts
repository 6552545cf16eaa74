import { rounded, us } from '../database/report'
import { markdownTable, textTable } from '../report'
import type { Cost } from './turn'

/** How the two are called of which one has something that costs. */
export interface CostNames {
  without: string
  with: string
}

/** The rows of the JSON file. */
export const costRows = (costs: Cost[]): object[] =>
  costs.map(({ id, withoutUs, withUs, ratio }) => ({
    id,
    without_cpu_us: rounded(withoutUs, 1),
    with_cpu_us: rounded(withUs, 1),
    ratio: rounded(ratio?.ratio, 3),
    ratio_low: rounded(ratio?.low, 3),
    ratio_high: rounded(ratio?.high, 3),
  }))

const headers = (names: CostNames) => [
  ...['page', `${names.without} µs`, `${names.with} µs`, 'ratio', '95 % interval'],
]

const cells = (costs: Cost[]): string[][] =>
  costs.map(({ id, withoutUs, withUs, ratio }) => [
    ...[id, us(withoutUs), us(withUs), ratio?.ratio.toFixed(2) ?? '–'],
    ratio ? `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}` : '–',
  ])

export const costText = (costs: Cost[], names: CostNames): string =>
  textTable(headers(names), cells(costs))

export const costMarkdown = (title: string, about: string, costs: Cost[], names: CostNames) => `\
# ${title}

${about}

${markdownTable(headers(names), cells(costs))}
`
