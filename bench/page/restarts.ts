import { z } from 'zod'
import { chartColors, chartFigure } from '../chart-spec'
import { faults } from '../restarts/faults'
import { ways } from '../restarts/ways'
import { type Headline, subject, type Table } from './section'

const count = z.number().int().nonnegative()

const restartRow = z.looseObject({
  id: z.string(),
  fault: z.string(),
  way: z.string(),
  times: count,
  requests: count,
  failed: count,
  failed_share: z.number(),
  failed_share_max: z.number().optional(),
  met: z.boolean().optional(),
  requests_per_second: z.number(),
  longest_gap_ms: z.number(),
  p99_ms: z.number(),
  p99_before_ms: z.number(),
})
type RestartRow = z.infer<typeof restartRow>

export const restarts = subject({
  bench: 'restarts',
  title: 'No failed request',
  about:
    'Clients ask without a pause while workers are replaced one by one, while the executable is ' +
    'replaced by a newer one, and while workers are killed: through nginx and HAProxy, over TCP and ' +
    'Unix sockets, and without a proxy.',
  command: 'jumpstarter bench restarts',
  row: restartRow,
  section: (rows) => ({
    headlines: headlines(rows),
    charts: [
      {
        kind: 'bars',
        title: 'What the slowest hundredth notices',
        subtitle: 'Milliseconds at the 99th percentile, while it happens and before',
        unit: 'ms',
        series: [
          { name: 'while it happens', color: chartColors[3] },
          { name: 'before', color: chartColors[0] },
        ],
        groups: rows.map((row) => ({ name: nameOf(row), values: [row.p99_ms, row.p99_before_ms] })),
        log: true,
      },
    ],
    tables: [faultsTable(rows)],
    budgets: rows.flatMap((row) =>
      row.failed_share_max === undefined
        ? []
        : [
            {
              what: nameOf(row),
              measured: `${row.failed} of ${row.requests.toLocaleString('en-US')} failed`,
              limit: `≤ ${percent(row.failed_share_max)}`,
              met: row.met === true,
            },
          ],
    ),
    shortfalls: rows
      .filter(({ failed, met }) => failed > 0 && met !== false)
      .map((row) => ({
        what: nameOf(row),
        measured: `${row.failed} of ${row.requests.toLocaleString('en-US')} requests failed`,
        sure: true,
      })),
  }),
})

const faultTitle = ({ fault }: Pick<RestartRow, 'fault'>) =>
  faults.find(({ id }) => id === fault)?.title ?? fault

const nameOf = ({ fault, way }: RestartRow) =>
  [faultTitle({ fault }), ways.find(({ id }) => id === way)?.title ?? way].join(' · ')

const percent = (share: number) => `${chartFigure(share * 100)}%`

function headlines(rows: RestartRow[]): Headline[] {
  const judged = rows.filter(({ failed_share_max: most }) => most === 0)
  if (judged.length === 0) return []
  const sum = (of: (row: RestartRow) => number) => judged.reduce((all, row) => all + of(row), 0)
  return [
    {
      value: sum(({ failed }) => failed).toLocaleString('en-US'),
      unit: '',
      what: `requests failed behind a proxy (${[...new Set(judged.map(faultTitle))].join(', ')})`,
      beside: `of ${sum(({ requests }) => requests).toLocaleString('en-US')}`,
    },
  ]
}

const faultsTable = (rows: RestartRow[]): Table => ({
  title: 'Every fault, every way',
  headers: [
    'what happens',
    'times',
    'requests',
    'failed',
    'share',
    'requests/s',
    'longest gap ms',
    'p99 ms',
    'p99 before ms',
  ],
  rows: rows.map((row) => [
    nameOf(row),
    ...[row.times, row.requests, row.failed].map(chartFigure),
    percent(row.failed_share),
    ...[row.requests_per_second, row.longest_gap_ms, row.p99_ms, row.p99_before_ms].map(
      chartFigure,
    ),
  ]),
})
