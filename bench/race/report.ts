import { count, spread, times } from '../database/report'
import {
  comparisonRow,
  cpuRatio,
  cpuTimes,
  throughputCells,
  throughputHeaders,
  throughputRow,
} from '../load/rows'
import { markdownTable, textTable } from '../report'
import { kindTitles } from './comparisons'
import type { Race } from './race'

const met = ({ ratio, budget, ours }: Race): boolean | undefined =>
  budget === undefined ? undefined : ours.median.errors === 0 && ratio.ratio >= budget

/** How many of the budgets were met, in words. */
export function verdict(races: Race[]): string {
  const judged = races.map(met).filter((each) => each !== undefined)
  return `${judged.filter(Boolean).length} of ${judged.length} budgets met.`
}

/** The rows of the JSON file. */
export function raceRows(races: Race[]): object[] {
  return races.flatMap((race) => {
    const { kind, title, ours, theirs, ratio, budget } = race
    return [
      { ...throughputRow(ours), against: title },
      throughputRow(theirs),
      {
        ...comparisonRow(`${kindTitles[kind]}: ours / ${title}`, ratio, ours, theirs),
        ...(budget === undefined ? {} : { budget, met: met(race) }),
      },
    ]
  })
}

type Table = [headers: string[], rows: string[][]]

const comparisonTable = (races: Race[]): Table => [
  ['what', 'against', 'ours/s', 'theirs/s', 'ratio', 'from, to', 'CPU ratio', 'budget', ''],
  races.map((race) => {
    const { kind, title, ours, theirs, ratio, budget } = race
    return [
      kindTitles[kind],
      title,
      count(ours.median.operationsPerSecond),
      count(theirs.median.operationsPerSecond),
      times(ratio),
      spread(ratio),
      cpuTimes(cpuRatio(ours, theirs)),
      budget === undefined ? '–' : `≥ ${budget}`,
      { true: 'met', false: 'missed', undefined: '' }[`${met(race)}`],
    ]
  }),
]

const figuresTable = (races: Race[]): Table => [
  throughputHeaders,
  races.flatMap(({ ours, theirs }) => [throughputCells(ours), throughputCells(theirs)]),
]

const sections = (races: Race[]): [string, Table][] => [
  ['Ours against each', comparisonTable(races)],
  ['What was measured', figuresTable(races)],
]

/** The findings for a terminal. */
export const racesText = (races: Race[]): string =>
  sections(races)
    .map(([title, table]) => `${title}\n\n${textTable(...table)}`)
    .join('\n\n')

/** The findings as a page; the caller's report adds when, where and the notes. */
export const racesMarkdown = (races: Race[]): string =>
  [
    '# Ours against others',
    'The same project pages from the same rows, in turns: ours, theirs, ours, theirs … The ratio is ' +
      'ours to theirs, the median of the rounds, with the lowest and the highest. Processor time is ' +
      'for one request: of the server (with Redis where it has one) and of Postgres; the ' +
      'generator’s is its share of all cores. The CPU ratio is that of the servers’ processor time a ' +
      'request. A budget is met only without errors of ours.',
    ...sections(races).map(([title, table]) => `## ${title}\n\n${markdownTable(...table)}`),
  ].join('\n\n')
