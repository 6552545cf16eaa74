import type { Ratio } from '../database/load'
import { comparison, count, ms, percent, rounded, spread, times } from '../database/report'
import type { Measured } from '../load/measure'
import { throughputCells, throughputHeaders, throughputRow } from '../load/rows'
import reference from '../queries/reference-2018.json'
import { markdownTable, textTable } from '../report'
import { errorRate, timesTen } from './headline'
import { cellName, efficiencies, limitsOf, published, type ScaleCell } from './scale'

/** What `jumpstarter bench scale` has found. */
export interface ScaleFindings {
  cells: ScaleCell[]
  /** Of a core, of each instance. */
  share: number
  /** One unconfined host. */
  headline: Measured[]
}

export const efficiencyBudget = 0.95

const ten = published.at(-1)
const goal = reference.error_rate_goal

/** The rows of the JSON file. */
export function scaleRows({ cells, share, headline }: ScaleFindings): object[] {
  return [
    ...efficiencies(cells).map((found) => cellRow(found, share)),
    ...headline.map((row) => ({
      ...throughputRow(row),
      error_rate: rounded(errorRate(row), 8),
    })),
    ...timesTen(headline).map(({ row, ratio }) =>
      comparison(`${row.id}, against ten instances of 2018`, ratio),
    ),
    ...published.map(({ instances, figures, efficiency }) => ({
      id: `published in 2018 on other hardware: ${instances}`,
      ...figures,
      efficiency: rounded(efficiency, 3),
    })),
  ]
}

function cellRow({ cell, efficiency }: { cell: ScaleCell; efficiency: Ratio }, share: number) {
  const { instances, transport, median } = cell
  const { shares } = median
  const limits = limitsOf(cell, share)
  return {
    id: cellName(cell),
    instances,
    transport,
    requests_per_second: rounded(median.operationsPerSecond, 1),
    errors: median.errors,
    ...(median.errors > 0 ? { errors_by_kind: median.errorKinds } : {}),
    average_ms: rounded(median.averageMs, 3),
    p50_ms: rounded(median.p50Ms, 3),
    p75_ms: rounded(median.p75Ms, 3),
    p90_ms: rounded(median.p90Ms, 3),
    p99_ms: rounded(median.p99Ms, 3),
    efficiency: rounded(efficiency.ratio, 3),
    efficiency_low: rounded(efficiency.low, 3),
    efficiency_high: rounded(efficiency.high, 3),
    instances_cpu_share: rounded(shares.instances, 3),
    nginx_cpu_share: rounded(shares.nginx, 3),
    load_cpu_share: rounded(shares.generator, 3),
    postgres_cpu_share: rounded(shares.postgres, 3),
    idle_cpu_share: rounded(shares.idle, 3),
    throttled_share: rounded(shares.throttled, 3),
    core_share_of_instance: rounded(shares.mean, 4),
    core_share_of_instance_max: rounded(shares.most, 4),
    ...(limits.length > 0 ? { limited_by: limits.join(', ') } : {}),
  }
}

type Table = [headers: string[], rows: string[][]]

const figures = ['requests/s', 'errors', 'average ms', '50% ms', '75% ms', '90% ms', '99% ms']

const throughputTable = (cells: ScaleCell[]): Table => [
  ['what', ...figures, 'efficiency', 'from, to'],
  efficiencies(cells).map(({ cell, efficiency }) => [
    cellName(cell),
    count(cell.median.operationsPerSecond),
    `${cell.median.errors}`,
    ...[cell.median.averageMs, cell.median.p50Ms, cell.median.p75Ms].map(ms),
    ...[cell.median.p90Ms, cell.median.p99Ms].map(ms),
    times(efficiency),
    spread(efficiency),
  ]),
]

const busyTable = ({ cells, share }: ScaleFindings): Table => [
  [
    ...['what', 'instances', 'nginx', 'generator', 'Postgres', 'idle'],
    ...['each of a core', 'the most', 'throttled', 'limited by'],
  ],
  cells.map((cell) => {
    const { shares } = cell.median
    return [
      cellName(cell),
      ...[shares.instances, shares.nginx, shares.generator, shares.postgres, shares.idle].map(
        percent,
      ),
      ...[shares.mean, shares.most].map((part) => `${(part * 100).toFixed(1)}%`),
      percent(shares.throttled),
      limitsOf(cell, share).join(', ') || 'instances',
    ]
  }),
]

const headlineTable = (headline: Measured[]): Table => [
  [...throughputHeaders, 'error rate', 'times ten of 2018', 'from, to'],
  timesTen(headline).map(({ row, ratio }) => [
    ...throughputCells(row),
    `${errorRate(row)}`,
    times(ratio),
    spread(ratio),
  ]),
]

const publishedTable = (): Table => [
  ['instances', ...figures, 'efficiency'],
  published.map(({ instances, figures: row, efficiency }) => [
    `${instances}`,
    count(row['requests_per_second']),
    `${row['errors']}`,
    ...['average_ms', 'p50_ms', 'p75_ms', 'p90_ms', 'p99_ms'].map((name) => ms(row[name])),
    efficiency.toFixed(2),
  ]),
]

const sections = (findings: ScaleFindings): [string, Table][] => [
  ['Instances, each with its share of a core', throughputTable(findings.cells)],
  ['Who was busy', busyTable(findings)],
  ['One host without a limit', headlineTable(findings.headline)],
  ['Published in 2018, on ten t2.micro', publishedTable()],
]

/** The findings for a terminal. */
export const scaleText = (findings: ScaleFindings): string =>
  sections(findings)
    .map(([title, table]) => `${title}\n\n${textTable(...table)}`)
    .join('\n\n')

/** The findings as a page; the caller's report adds when, where and the notes. */
export const scaleMarkdown = (findings: ScaleFindings): string =>
  [
    '# One instance against ten',
    'The second table of 2018: more and more instances behind one nginx, each confined to its share ' +
      'of a core. Efficiency is what so many serve against as many times what one serves, over the ' +
      'same transport: the median of the rounds, with the lowest and the highest. Shares of processor ' +
      'time are of all cores, but for that of an instance, which is of one core; throttled are the ' +
      'periods in which an instance had used up its share. Then one host, with nothing confined.',
    verdict(findings),
    ...sections(findings).map(([title, table]) => `## ${title}\n\n${markdownTable(...table)}`),
  ].join('\n\n')

/** Against the budget and 2018, in sentences. */
export function verdict({ cells, headline }: ScaleFindings): string {
  const most = Math.max(...cells.map(({ instances }) => instances))
  const then = published.find(({ instances }) => instances === most)
  const scale = efficiencies(cells)
    .filter(({ cell }) => cell.instances === most)
    .map(({ cell, efficiency }) => {
      const held = efficiency.ratio >= efficiencyBudget
      return (
        `${cellName(cell)}: efficiency ${times(efficiency)} (${spread(efficiency)}), ` +
        `${held ? 'at least' : 'less than'} the ${efficiencyBudget} we ask for` +
        `${then ? `; 2018: ${then.efficiency.toFixed(2)}` : ''}. Errors: ${cell.median.errors}` +
        `${then ? `; 2018: ${then.figures['errors']}` : ''}.`
      )
    })
  const hosts = timesTen(headline).map(
    ({ row, ratio }) =>
      `One host ${row.id}: ${count(row.median.operationsPerSecond)} requests/s, ` +
      `${ratio.ratio.toFixed(1)} times the ${count(ten?.rate)} of ten instances in 2018; ` +
      `error rate ${errorRate(row)}, ${errorRate(row) <= goal ? 'within' : 'above'} the goal of ${goal}.`,
  )
  return [...scale, ...hosts].join('\n')
}

/** What went wrong, a sentence for each cell that had errors. */
export const errorSentencesOf = (cells: ScaleCell[]): string[] =>
  cells
    .filter(({ median }) => median.errors > 0)
    .map(
      (cell) =>
        `${cellName(cell)}: ${cell.median.errors} errors, such as: ${cell.median.firstError}.`,
    )
