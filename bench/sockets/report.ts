import { count, ms, percent, rounded } from '../database/report'
import { medianLoad } from '../load/run'
import type { Transport } from '../load/servers'
import { kindTitles } from '../race/comparisons'
import { markdownTable, median, textTable } from '../report'
import {
  type Cell,
  cellId,
  driverOf,
  type Hop,
  hopTitles,
  transports,
  transportTitles,
} from './cells'
import { type Interval, showsDifference } from './interval'
import type { MeasuredCell, SocketRun } from './measure'
import type { Role } from './stage'

/** The median of something over runs; undefined where no run knows it. */
function middle(runs: SocketRun[], of: (run: SocketRun) => number | undefined): number | undefined {
  const known = runs.map(of).filter((each) => each !== undefined && Number.isFinite(each))
  return known.length === 0 ? undefined : median(known as number[])
}

const roles: Role[] = ['proxy', 'app', 'postgres', 'redis']
const roleTitles = { proxy: 'proxy', app: 'app', postgres: 'Postgres', redis: 'Redis' } as const

/** The rows of the JSON file: both transports of a cell, then one against the other. */
export const socketRows = (measured: MeasuredCell[]): object[] =>
  measured.flatMap((each) => [
    ...transports.map((transport) => throughputRow(each, transport)),
    comparisonRow(each),
  ])

const fieldsOf = ({ hop, kind, connections, keepAlive }: Cell) => ({
  ...{ hop, kind, connections, keep_alive: keepAlive },
})

function throughputRow({ cell, runs }: MeasuredCell, transport: Transport): object {
  const own = runs[transport]
  const run = medianLoad(own)
  const rates = own.map(({ operationsPerSecond }) => operationsPerSecond)
  const redisShare = middle(own, ({ redisShare }) => redisShare)
  return {
    id: `${cellId(cell)}, ${transportTitles[transport]}`,
    ...fieldsOf(cell),
    transport,
    driver: driverOf(cell),
    requests_per_second: rounded(run.operationsPerSecond, 1),
    requests_per_second_low: rounded(Math.min(...rates), 1),
    requests_per_second_high: rounded(Math.max(...rates), 1),
    errors: run.errors,
    ...(run.errors > 0 ? { errors_by_kind: run.errorKinds } : {}),
    p50_ms: rounded(run.p50Ms, 3),
    p75_ms: rounded(run.p75Ms, 3),
    p90_ms: rounded(run.p90Ms, 3),
    p99_ms: rounded(run.p99Ms, 3),
    cpu_us_per_request: rounded(
      middle(own, ({ costs }) => costs.app?.cpuUs),
      2,
    ),
    client_cpu_us_per_request: rounded(run.clientCpuUs, 2),
    ...costFields(own),
    total_cpu_us_per_request: rounded(
      middle(own, ({ totalUs }) => totalUs),
      2,
    ),
    others_cpu_share: rounded(
      middle(own, ({ othersShare }) => othersShare),
      3,
    ),
    stolen_cpu_share: rounded(
      middle(own, ({ stolenShare }) => stolenShare),
      3,
    ),
    ...(redisShare === undefined ? {} : { redis_share: rounded(redisShare, 3) }),
  }
}

/** Of the processes that are there, the switches of the app and the proxy. */
function costFields(runs: SocketRun[]): Record<string, number | null> {
  const fields: Record<string, number | null> = {}
  for (const role of roles) {
    if (middle(runs, ({ costs }) => costs[role]?.cpuUs) === undefined) continue
    if (role !== 'app') {
      const cpuUs = middle(runs, ({ costs }) => costs[role]?.cpuUs)
      fields[`${role}_cpu_us_per_request`] = rounded(cpuUs, 2)
    }
    if (role !== 'app' && role !== 'proxy') continue
    for (const way of ['voluntary', 'involuntary'] as const) {
      const switches = middle(runs, ({ costs }) => costs[role]?.[way])
      fields[`${role}_${way}_switches_per_request`] = rounded(switches, 3)
    }
  }
  return fields
}

const comparisonRow = ({ cell, ratio, cpuRatio }: MeasuredCell) => ({
  id: `${cellId(cell)}: Unix / TCP`,
  ...fieldsOf(cell),
  ratio: rounded(ratio?.ratio, 3),
  ratio_low: rounded(ratio?.low, 3),
  ratio_high: rounded(ratio?.high, 3),
  ratio_lowest: rounded(ratio?.lowest, 3),
  ratio_highest: rounded(ratio?.highest, 3),
  pairs: ratio?.pairs ?? 0,
  difference: hasInterval(ratio) ? showsDifference(ratio) : null,
  cpu_ratio: rounded(cpuRatio?.ratio, 3),
  cpu_ratio_low: rounded(cpuRatio?.low, 3),
  cpu_ratio_high: rounded(cpuRatio?.high, 3),
})

type Table = [headers: string[], rows: string[][]]

const nameCells = ({ hop, kind, connections, keepAlive }: Cell) => [
  ...[hopTitles[hop], kindTitles[kind], `${connections}`, keepAlive ? 'yes' : 'no'],
]
const nameHeaders = ['hop', 'answer', 'connections', 'keep-alive']

const hasInterval = (ratio: Interval | undefined): ratio is Interval =>
  ratio !== undefined && !Number.isNaN(ratio.low)

/** `Unix + 12%`, that no difference is shown, or why nothing can be. */
export function finding(ratio: Interval | undefined): string {
  if (!ratio) return 'no answers'
  if (ratio.pairs < ratio.rounds)
    return `no answers in ${ratio.rounds - ratio.pairs} of ${ratio.rounds} rounds`
  if (!hasInterval(ratio)) return 'one pair shows nothing'
  if (!showsDifference(ratio)) return 'no difference shown'
  const share = Math.round(Math.abs(ratio.ratio - 1) * 100)
  return ratio.ratio > 1 ? `Unix + ${share}%` : `Unix − ${share}%`
}

const times = (ratio: Interval | undefined) => (ratio ? ratio.ratio.toFixed(2) : '–')
const reach = (ratio: Interval | undefined) =>
  hasInterval(ratio) ? `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}` : '–'
const outermost = (ratio: Interval | undefined) =>
  ratio ? `${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)}` : '–'

/** A row a cell: for a terminal, and the first table of the page. */
export const comparisonTable = (measured: MeasuredCell[]): Table => [
  [
    ...nameHeaders,
    ...['TCP/s', 'Unix/s', 'Unix / TCP', '95% interval', 'CPU ratio', 'TCP p99 ms', 'Unix p99 ms'],
    'finding',
  ],
  measured.map(({ cell, runs, ratio, cpuRatio }) => {
    const [tcp, unix] = [medianLoad(runs.tcp), medianLoad(runs.unix)]
    return [
      ...nameCells(cell),
      count(tcp.operationsPerSecond),
      count(unix.operationsPerSecond),
      times(ratio),
      reach(ratio),
      times(cpuRatio),
      ms(tcp.p99Ms),
      ms(unix.p99Ms),
      finding(ratio),
    ]
  }),
]

/** Both transports of each cell, a row each. */
const perTransport = (
  measured: MeasuredCell[],
  headers: string[],
  cells: (runs: SocketRun[], cell: Cell) => string[],
): Table => [
  [...nameHeaders, 'over', ...headers],
  measured.flatMap(({ cell, runs }) =>
    transports.map((transport) => [
      ...nameCells(cell),
      transportTitles[transport],
      ...cells(runs[transport], cell),
    ]),
  ),
]

const throughputTable = (measured: MeasuredCell[]): Table =>
  perTransport(
    measured,
    [
      ...['driven by', 'requests/s', 'from, to', 'p50 ms', 'p99 ms', 'errors', 'from Redis'],
      'others’ CPU',
    ],
    (runs, cell) => {
      const run = medianLoad(runs)
      const rates = runs.map(({ operationsPerSecond }) => operationsPerSecond)
      return [
        driverOf(cell),
        count(run.operationsPerSecond),
        `${count(Math.min(...rates))} to ${count(Math.max(...rates))}`,
        ms(run.p50Ms),
        ms(run.p99Ms),
        `${run.errors}`,
        percent(middle(runs, ({ redisShare }) => redisShare)),
        percent(middle(runs, ({ othersShare }) => othersShare)),
      ]
    },
  )

const figure = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(1))
const small = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(2))

const cpuTable = (measured: MeasuredCell[]): Table =>
  perTransport(measured, ['client', ...roles.map((role) => roleTitles[role]), 'total'], (runs) => [
    figure(middle(runs, ({ clientCpuUs }) => clientCpuUs)),
    ...roles.map((role) => figure(middle(runs, ({ costs }) => costs[role]?.cpuUs))),
    figure(middle(runs, ({ totalUs }) => totalUs)),
  ])

const switchesTable = (measured: MeasuredCell[]): Table =>
  perTransport(measured, ['app: waited', 'interrupted', 'proxy: waited', 'interrupted'], (runs) =>
    (['app', 'proxy'] as const).flatMap((role) =>
      (['voluntary', 'involuntary'] as const).map((way) =>
        small(middle(runs, ({ costs }) => costs[role]?.[way])),
      ),
    ),
  )

const pairsTable = (measured: MeasuredCell[]): Table => [
  [...nameHeaders, 'Unix / TCP', '95% interval', 'lowest, highest', 'CPU ratio', '95% interval'],
  measured.map(({ cell, ratio, cpuRatio }) => [
    ...nameCells(cell),
    ...[times(ratio), reach(ratio), outermost(ratio), times(cpuRatio), reach(cpuRatio)],
  ]),
]

/** A sentence for each hop: in how many cells which transport was ahead. */
export function hopSentences(measured: MeasuredCell[]): string[] {
  const named = [...new Set(measured.map(({ cell }) => cell.hop))]
  return named.map((hop) =>
    hopSentence(
      hop,
      measured.filter(({ cell }) => cell.hop === hop),
    ),
  )
}

function hopSentence(hop: Hop, cells: MeasuredCell[]): string {
  const ratios = cells.map(({ ratio }) => ratio).filter(hasInterval)
  const shown = ratios.filter(showsDifference)
  const side = (words: string, of: Interval[]) => {
    const factors = of.map(({ ratio }) => ratio).toSorted((a, b) => a - b)
    const [low = 1, high = 1] = [factors.at(0), factors.at(-1)]
    const range = of.length === 1 ? low.toFixed(2) : `${low.toFixed(2)} to ${high.toFixed(2)}`
    return of.length === 0 ? [] : [`${words} in ${of.length} (× ${range})`]
  }
  const open = ratios.length - shown.length
  const unknown = cells.length - ratios.length
  const parts = [
    ...side(
      'Unix faster',
      shown.filter(({ ratio }) => ratio > 1),
    ),
    ...side(
      'TCP faster',
      shown.filter(({ ratio }) => ratio < 1),
    ),
    ...(open > 0 ? [`no difference shown in ${open}`] : []),
    ...(unknown > 0 ? [`no interval in ${unknown}`] : []),
  ]
  return `${hopTitles[hop]}, ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}: ${parts.join(', ')}.`
}

/** The findings for a terminal. */
export const socketsText = (measured: MeasuredCell[]): string =>
  [textTable(...comparisonTable(measured)), hopSentences(measured).join('\n')].join('\n\n')

/** The findings as a page; the caller's report adds when, where and the notes. */
export const socketsMarkdown = (measured: MeasuredCell[]): string =>
  [
    '# TCP against Unix sockets',
    'The same requests to the same servers over TCP and over Unix sockets of one machine, in turns. The ratio ' +
      'is requests a second over Unix sockets to those over TCP, the geometric mean of the pairs ' +
      'with its 95% confidence interval; where that has 1 in it, no difference is shown. The CPU ' +
      'ratio is that of the processor time of a request in all processes: below 1 Unix sockets ' +
      'cost less.',
    hopSentences(measured)
      .map((sentence) => `- ${sentence}`)
      .join('\n'),
    ...(
      [
        ['Unix sockets against TCP', comparisonTable(measured)],
        ['How sure that is', pairsTable(measured)],
        ['Requests a second and latency', throughputTable(measured)],
        ['Processor time of a request, µs', cpuTable(measured)],
        ['Context switches a request', switchesTable(measured)],
      ] as [string, Table][]
    ).map(([title, table]) => `## ${title}\n\n${markdownTable(...table)}`),
  ].join('\n\n')

/** What went wrong, a sentence for each cell and transport that had errors. */
export const errorSentences = (measured: MeasuredCell[]): string[] =>
  measured.flatMap(({ cell, runs }) =>
    transports.flatMap((transport) => {
      const { errors, firstError } = medianLoad(runs[transport])
      const name = `${cellId(cell)}, ${transportTitles[transport]}`
      return errors > 0 ? [`${name}: ${errors} errors, such as: ${firstError}.`] : []
    }),
  )
