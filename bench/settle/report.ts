import { count, rounded } from '../database/report'
import { markdownTable, textTable } from '../report'
import type { Phase, Settled } from './settle'

const rateOf = ({ pledges, seconds }: Phase) => pledges / seconds

/** The rows of the JSON file. */
export const settleRows = ({ phases }: Settled): object[] =>
  phases.map((phase) => ({
    ...{ id: phase.id, pledges: phase.pledges, seconds: rounded(phase.seconds, 3) },
    pledges_per_second: rounded(rateOf(phase), 0),
  }))

const headers = ['part', 'pledges', 'seconds', 'pledges/s']

const cells = ({ phases }: Settled): string[][] =>
  phases.map((phase) => [
    ...[phase.id, count(phase.pledges), phase.seconds.toFixed(2)],
    count(rateOf(phase)),
  ])

export const settleText = (settled: Settled): string => textTable(headers, cells(settled))

export const settleMarkdown = (settled: Settled): string => `# Settling a project

From its deadline to the payout: ${count(settled.collected)} pledges were collected and
${count(settled.dropped)} dropped. The books agreed with the pledges, the charges and the payout.

${markdownTable(headers, cells(settled))}
`
