import { count, ms, spread, times } from '../database/report'
import type { Measured } from '../load/measure'
import {
  comparisonRow,
  cpuRatio,
  cpuTimes,
  throughputCells,
  throughputHeaders,
  throughputRow,
} from '../load/rows'
import reference from '../queries/reference-2018.json'
import { markdownTable, textTable } from '../report'
import { climbs, steps } from './ladder'

const { columns, rows: publishedRows } = reference.single_server

/** The figures of 2018 by their names there. */
const published = publishedRows.map(({ step, values }) => ({
  step,
  figures: Object.fromEntries(columns.map((name, index) => [name, values[index] ?? Number.NaN])),
}))

const beside = (id: string) => steps.find((step) => step.id === id)?.beside === true

/** The rows of the JSON file. */
export function ladderRows(measured: Measured[]): object[] {
  return [
    ...measured.map(throughputRow),
    ...climbs(measured).map(({ row, before, ratio }) =>
      comparisonRow(`${row.id} / ${before.id}`, ratio, row, before),
    ),
    ...published.map(({ step, figures }) => ({
      id: `published in 2018 on other hardware: ${step}`,
      ...figures,
    })),
  ]
}

type Table = [headers: string[], rows: string[][]]

function ladderTable(measured: Measured[], which: (id: string) => boolean): Table {
  const found = new Map(climbs(measured).map((climb) => [climb.row, climb] as const))
  return [
    [...throughputHeaders, 'ratio', 'from, to', 'CPU ratio'],
    measured
      .filter(({ id }) => which(id))
      .map((row) => {
        const { before, ratio } = found.get(row) ?? {}
        const cpu = before && cpuRatio(row, before)
        return [...throughputCells(row), times(ratio), spread(ratio), cpuTimes(cpu)]
      }),
  ]
}

const publishedTable = (): Table => [
  ['what', 'requests/s', 'errors', 'average ms', '50% ms', '75% ms', '90% ms', '99% ms'],
  published.map(({ step, figures }) => [
    step,
    count(figures['requests_per_second']),
    `${figures['errors']}`,
    ...['average_ms', 'p50_ms', 'p75_ms', 'p90_ms', 'p99_ms'].map((name) => ms(figures[name])),
  ]),
]

const sections = (measured: Measured[]): [string, Table][] => [
  ['The ladder', ladderTable(measured, (id) => !beside(id))],
  ['Beside it', ladderTable(measured, beside)],
  ['Published in 2018, on other hardware', publishedTable()],
]

/** The findings for a terminal. */
export const ladderText = (measured: Measured[]): string =>
  sections(measured)
    .map(([title, table]) => `${title}\n\n${textTable(...table)}`)
    .join('\n\n')

/** The findings as a page; the caller's report adds when, where and the notes. */
export function ladderMarkdown(measured: Measured[]): string {
  const against = steps.flatMap(({ id, against: other }) => (other ? [`- ${id}: ${other}`] : []))
  return [
    '# One server, step by step',
    'The table of 2018 continued: each step adds one thing to the step above it and is asked for the ' +
      'same project pages. Processor time is for one request: of the server (with Redis where it ' +
      'has one) and of Postgres; the generator’s is its share of all cores. The ratio is to the ' +
      'step named below, the median of the rounds, with the lowest and the highest; the CPU ratio is ' +
      'that of the server’s processor time a request.',
    ...sections(measured).map(([title, table]) => `## ${title}\n\n${markdownTable(...table)}`),
    'Ratios are to:',
    against.join('\n'),
  ].join('\n\n')
}
