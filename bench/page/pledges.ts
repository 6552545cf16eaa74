import { z } from 'zod'
import { chartColors, type LineChart } from '../chart-spec'
import { count, ms } from '../database/report'
import {
  type Compared,
  compared,
  errorShortfalls,
  intervalOf,
  loadRow,
  ratioWords,
  type Served,
  served,
  servedTable,
  shortfallsOf,
} from './load-rows'
import { type Budget, type Headline, subject } from './section'

const loads = z.enum(['ours', 'naive', 'slots', 'pgbench'])
const pledgesRow = loadRow.and(
  z.looseObject({
    load: loads.optional(),
    against: loads.optional(),
    arena: z.enum(['one', 'spread']),
    clients: z.number().int().positive(),
  }),
)
type PledgesRow = z.infer<typeof pledgesRow>

/** Where budgets are judged: a rush into one project. */
const judgedClients = 64
const naiveRatioMin = 25
const pgbenchRatioMin = 1.5
const p99MsMax = 5

const names = {
  ours: 'the batch writer, everything on',
  naive: 'a transaction for each',
  slots: 'slotted counters',
  pgbench: 'pgbench, the row only',
} as const

export const pledges = subject({
  bench: 'pledges',
  title: 'A rush of pledges',
  about:
    'Pledges into one project and spread over 200, from more and more clients: by the batch writer ' +
    'with keys, stock, totals and books; by a transaction for each; with slotted counters; and by ' +
    'pgbench, which only inserts the row. In turns on one Postgres with fsync and synchronous_commit.',
  command: 'jumpstarter bench pledges',
  row: pledgesRow,
  section: (rows) => {
    const all = served(rows)
    const ratios = compared(rows)
    return {
      headlines: headlines(all, ratios),
      charts: [
        { kind: 'lines', ...rates(all, 'one') },
        { kind: 'lines', ...rates(all, 'spread') },
        {
          kind: 'intervals',
          title: 'The batch writer against the others',
          subtitle: 'Pledges a second: median of the rounds, least and most',
          unit: 'ours / it',
          ends: ['the other faster', 'ours faster'],
          rows: ratios.map((row) => intervalOf(row.id.replace('ours / ', ''), row)),
        },
      ],
      details: [servedTable('Every figure', all)],
      budgets: isJudged(rows) ? budgetsOf(all, ratios) : [],
      shortfalls: [
        ...shortfallsOf(ratios.filter((row) => !isBudget(row))),
        ...errorShortfalls(all),
      ],
    }
  },
})

const atRush = (row: PledgesRow) => row.arena === 'one' && row.clients === judgedClients
const isJudged = (rows: PledgesRow[]) => rows.some(atRush)
const isBudget = (row: PledgesRow) => atRush(row) && row.against !== 'slots'

const ownAt = (rows: Served<PledgesRow>[]) => rows.find((row) => atRush(row) && row.load === 'ours')

function headlines(rows: Served<PledgesRow>[], ratios: Compared<PledgesRow>[]): Headline[] {
  const own = ownAt(rows)
  const naive = ratios.find((row) => atRush(row) && row.against === 'naive')
  if (!own || !naive) return []
  return [
    {
      value: count(own.requests_per_second),
      unit: '/s',
      what: 'pledges into one project, each with its key, stock and books',
      beside: `${ratioWords(naive)} a transaction for each`,
    },
  ]
}

function budgetsOf(rows: Served<PledgesRow>[], ratios: Compared<PledgesRow>[]): Budget[] {
  const least = [
    ['naive', naiveRatioMin],
    ['pgbench', pgbenchRatioMin],
  ] as const
  const own = ownAt(rows)
  return [
    ...least.flatMap(([against, most]) =>
      ratios
        .filter((row) => atRush(row) && row.against === against)
        .map((row) => ({
          what: row.id,
          measured: ratioWords(row),
          limit: `≥ ${most} ×`,
          met: row.ratio >= most,
        })),
    ),
    ...(own?.p99_ms
      ? [
          {
            what: `p99 of the batch writer, one project, ${judgedClients} clients`,
            measured: `${ms(own.p99_ms)} ms`,
            limit: `≤ ${p99MsMax} ms`,
            met: own.p99_ms <= p99MsMax,
          },
        ]
      : []),
  ]
}

function rates(rows: Served<PledgesRow>[], arena: PledgesRow['arena']): LineChart {
  const here = rows.filter((row) => row.arena === arena)
  const points = [...new Set(here.map(({ clients }) => clients))].toSorted((a, b) => a - b)
  const colors = { ours: 3, naive: 1, slots: 4, pgbench: 0 } as const
  return {
    title: arena === 'one' ? 'Pledges into one project' : 'Pledges over 200 projects, 80/20',
    subtitle: 'Pledges a second by how many clients wait for an answer at once, medians',
    unit: '/s',
    across: 'clients',
    points,
    series: loads.options
      .filter((load) => here.some((row) => row.load === load))
      .map((load) => ({
        name: names[load],
        color: chartColors[colors[load]],
        values: points.map(
          (clients) =>
            here.find((row) => row.load === load && row.clients === clients)?.requests_per_second ??
            null,
        ),
      })),
  }
}
