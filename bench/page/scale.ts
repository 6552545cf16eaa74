import { z } from 'zod'
import { chartColors, chartFigure, type LineChart, sideOfOne } from '../chart-spec'
import { count, ms } from '../database/report'
import { efficiencyBudget } from '../scale/report'
import { published } from '../scale/scale'
import {
  compared,
  errorShortfalls,
  figure,
  loadRow,
  ratioWords,
  type Served,
  served,
  shortfallsOf,
} from './load-rows'
import { type Budget, type Headline, type Shortfall, subject, type Table } from './section'

const scaleRow = loadRow.and(
  z.looseObject({
    instances: z.number().int().positive().optional(),
    transport: z.enum(['tcp', 'unix']).optional(),
    efficiency: figure,
    efficiency_low: figure,
    efficiency_high: figure,
    error_rate: figure,
  }),
)
type ScaleRow = z.infer<typeof scaleRow>
type Cell = Served<ScaleRow> & { instances: number; transport: 'tcp' | 'unix' }

/** Of so many instances budgets are judged. */
const judgedInstances = 10

export const scale = subject({
  bench: 'scale',
  title: 'One instance against ten',
  about:
    'The second table of 2018: more and more instances behind one nginx, each confined to its share ' +
    'of a core as a t2.micro is, over TCP and over Unix sockets. Efficiency is what so many serve ' +
    'against as many times what one serves. Then one host with nothing confined.',
  command: 'jumpstarter bench scale',
  row: scaleRow,
  section: (rows) => {
    const cells = served(rows).filter((row) => row.transport !== undefined) as Cell[]
    const hosts = served(rows).filter((row) => typeof row.error_rate === 'number')
    const ratios = compared(rows)
    return {
      headlines: headlines(cells, hosts),
      charts: [efficiencies(cells), rates(cells)].map((chart) => ({ kind: 'lines', ...chart })),
      tables: [
        instancesTable(cells),
        {
          title: 'One host without a limit',
          headers: ['what', 'requests/s', 'errors', 'p50 ms', 'p99 ms'],
          rows: hosts.map((row) => [
            row.id,
            count(row.requests_per_second),
            `${row.errors ?? '–'}`,
            ms(row.p50_ms ?? undefined),
            ms(row.p99_ms ?? undefined),
          ]),
        },
        {
          title: 'That host against ten instances of 2018',
          headers: ['what', 'ratio'],
          rows: ratios.map((row) => [row.id, ratioWords(row)]),
        },
      ],
      budgets: cells.filter(isJudged).flatMap(budgetsOf),
      shortfalls: [
        ...cells.flatMap(inefficiencyOf),
        ...shortfallsOf(ratios),
        // Of those that are judged, errors are a budget.
        ...errorShortfalls([...cells.filter((cell) => !isJudged(cell)), ...hosts]),
      ],
    }
  },
})

const isJudged = ({ instances }: Cell) => instances === judgedInstances

const isEfficient = ({ efficiency }: Cell) => (efficiency ?? 0) >= efficiencyBudget

/** Below 1, unless that is a missed budget already. */
function inefficiencyOf(cell: Cell): Shortfall[] {
  const { id, efficiency, efficiency_low: low, efficiency_high: high } = cell
  if (!efficiency || efficiency >= 1 || (isJudged(cell) && !isEfficient(cell))) return []
  const sure = !!low && !!high && sideOfOne({ low, high }) < 0
  return [{ what: id, measured: `efficiency ${chartFigure(efficiency)}`, sure }]
}

/** A value of each number of instances over TCP, over Unix sockets and in 2018. */
function lines(cells: Cell[], of: (cell: Cell) => number | null | undefined, then: number[]) {
  const points = [...new Set(cells.map(({ instances }) => instances))].toSorted((a, b) => a - b)
  const over = (transport: Cell['transport']) =>
    points.map((instances) => {
      const cell = cells.find(
        (each) => each.instances === instances && each.transport === transport,
      )
      return (cell && of(cell)) ?? null
    })
  return {
    across: 'instances',
    points,
    series: [
      { name: 'over Unix sockets', color: chartColors[3], values: over('unix') },
      { name: 'over TCP', color: chartColors[4], values: over('tcp') },
      {
        name: 'published in 2018',
        color: chartColors[1],
        dashed: true,
        values: points.map(
          (instances) => then[published.findIndex((row) => row.instances === instances)] ?? null,
        ),
      },
    ],
  }
}

const rates = (cells: Cell[]): LineChart => ({
  title: 'One instance against ten',
  subtitle: 'Requests a second behind nginx, medians; 2018 as published, on t2.micro',
  unit: '/s',
  ...lines(
    cells,
    (cell) => cell.requests_per_second,
    published.map(({ rate }) => rate),
  ),
})

const efficiencies = (cells: Cell[]): LineChart => ({
  title: 'What each further instance is worth',
  subtitle: 'Efficiency: requests a second against as many times those of one instance',
  unit: '',
  ...lines(
    cells,
    (cell) => cell.efficiency,
    published.map(({ efficiency }) => Number(efficiency.toFixed(3))),
  ),
})

function budgetsOf(cell: Cell): Budget[] {
  const { id, efficiency, errors = 0 } = cell
  return [
    {
      what: `efficiency, ${id}`,
      measured: efficiency ? chartFigure(efficiency) : 'not measured',
      limit: `≥ ${efficiencyBudget}`,
      met: isEfficient(cell),
    },
    { what: `errors, ${id}`, measured: `${errors}`, limit: '0', met: errors === 0 },
  ]
}

function headlines(cells: Cell[], hosts: Served<ScaleRow>[]): Headline[] {
  const then = published.at(-1)
  const best = hosts.toSorted((a, b) => b.requests_per_second - a.requests_per_second)[0]
  const ten = cells.find(
    ({ instances, transport }) => instances === judgedInstances && transport === 'unix',
  )
  return [
    ...(best && then
      ? [
          {
            value: chartFigure(best.requests_per_second / then.rate),
            unit: '×',
            what: `the requests of ten instances, from one host: ${best.id}`,
            beside: `2018: ${count(then.rate)}/s with ${then.figures['errors']} errors`,
          },
        ]
      : []),
    ...(ten?.efficiency && then
      ? [
          {
            value: chartFigure(ten.efficiency),
            unit: '',
            what: 'efficiency of ten instances over Unix sockets',
            beside: `2018: ${then.efficiency.toFixed(2)}`,
          },
        ]
      : []),
  ]
}

const instancesTable = (cells: Cell[]): Table => ({
  title: 'Instances, and those of 2018',
  headers: [
    'what',
    'requests/s',
    'errors',
    'p50 ms',
    'p99 ms',
    'efficiency',
    '2018/s',
    'its errors',
    'its efficiency',
  ],
  rows: cells.map((row) => {
    const then = published.find(({ instances }) => instances === row.instances)
    return [
      row.id,
      count(row.requests_per_second),
      `${row.errors ?? '–'}`,
      ms(row.p50_ms ?? undefined),
      ms(row.p99_ms ?? undefined),
      row.efficiency ? row.efficiency.toFixed(2) : '–',
      count(then?.rate),
      `${then?.figures['errors'] ?? '–'}`,
      then ? then.efficiency.toFixed(2) : '–',
    ]
  }),
})
