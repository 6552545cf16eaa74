import { z } from 'zod'
import { type Chart, chartFigure } from '../chart-spec'
import { count, ms, us } from '../database/report'
import { kindTitles } from '../race/comparisons'
import { median } from '../report'
import { hops, hopTitles, kinds } from '../sockets/cells'
import {
  type Compared,
  compared,
  errorShortfalls,
  intervalOf,
  loadRow,
  ratioWords,
  type Served,
  served,
  shortfallsOf,
  sideOf,
} from './load-rows'
import { type Headline, subject, type Table } from './section'

const socketRow = loadRow.and(
  z.looseObject({
    hop: z.enum(hops),
    kind: z.enum(kinds),
    connections: z.number().int().positive(),
    keep_alive: z.boolean(),
    transport: z.enum(['tcp', 'unix']).optional(),
  }),
)
type SocketRow = z.infer<typeof socketRow>

/** Where the pictures are of one number of connections, this one if it is there. */
const usualConnections = 32

export const sockets = subject({
  bench: 'sockets',
  title: 'TCP against Unix sockets',
  about:
    'The same requests to the same servers over 127.0.0.1 and over Unix sockets, in turns, hop by hop. ' +
    'The ratio is requests a second over Unix sockets to those over TCP with its 95% confidence ' +
    'interval; where that has 1 in it, no difference is shown.',
  command: 'jumpstarter bench sockets',
  row: socketRow,
  section: (rows) => {
    const ratios = compared(rows)
    const all = served(rows)
    return {
      headlines: headlines(ratios),
      charts: charts(ratios),
      tables: [hopsTable(ratios)],
      details: [ratiosTable(ratios), figuresTable(all)],
      shortfalls: [...shortfallsOf(ratios), ...errorShortfalls(all)],
    }
  },
})

/** First every hop at one number of connections, then each hop by itself. */
function charts(ratios: Compared<SocketRow>[]): Chart[] {
  const numbers = [...new Set(ratios.map(({ connections }) => connections))]
  const usual = numbers.includes(usualConnections) ? usualConnections : numbers[0]
  const chart = (
    title: string,
    rows: Compared<SocketRow>[],
    name: (row: SocketRow) => string,
  ): Chart => ({
    kind: 'intervals',
    title,
    subtitle: 'Requests a second over Unix sockets to those over TCP, with 95% intervals',
    unit: 'Unix / TCP',
    ends: ['TCP faster', 'Unix faster'],
    rows: rows.map((row) => intervalOf(name(row), row)),
  })
  const first = ratios.filter((row) => row.connections === usual && row.keep_alive)
  return [
    chart(`Unix sockets against TCP, hop by hop, ${usual} connections`, first, ({ hop, kind }) =>
      [hopTitles[hop], kindTitles[kind]].join(' · '),
    ),
    ...hops.flatMap((hop) => {
      const own = ratios.filter((row) => row.hop === hop)
      return own.length > 1
        ? [
            chart(hopTitles[hop], own, ({ kind, connections, keep_alive }) =>
              [kindTitles[kind], `${connections}${keep_alive ? '' : ', not kept'}`].join(' · '),
            ),
          ]
        : []
    }),
  ]
}

/** For each hop, in how many cells which transport was surely ahead. */
function hopsTable(ratios: Compared<SocketRow>[]): Table {
  return {
    title: 'What Unix sockets buy, at which hop',
    headers: ['hop', 'cells', 'Unix faster', 'TCP faster', 'no difference shown', 'median ratio'],
    rows: hops.flatMap((hop) => {
      const own = ratios.filter((row) => row.hop === hop)
      if (own.length === 0) return []
      const unix = own.filter((row) => sideOf(row) > 0).length
      const tcp = own.filter((row) => sideOf(row) < 0).length
      const numbers = [own.length, unix, tcp, own.length - unix - tcp]
      return [[hopTitles[hop], ...numbers.map(String), `${chartFigure(middle(own))} ×`]]
    }),
  }
}

const middle = (rows: Compared<SocketRow>[]) => median(rows.map(({ ratio }) => ratio))

function headlines(ratios: Compared<SocketRow>[]): Headline[] {
  const row = ratios.find(
    ({ hop, kind, connections, keep_alive }) =>
      hop === 'end-to-end' &&
      kind === 'cached-page' &&
      keep_alive &&
      connections === usualConnections,
  )
  if (!row) return []
  const range = `${chartFigure(row.ratio_low)} to ${chartFigure(row.ratio_high)}`
  return [
    {
      value: chartFigure(row.ratio),
      unit: '×',
      what: 'of TCP, with Unix sockets at every hop: a cached page through nginx',
      beside: `${range} with 95% confidence; 2018 wished to know`,
    },
  ]
}

const ratiosTable = (rows: Compared<SocketRow>[]): Table => ({
  title: 'Every ratio; of processor time for a request less is better',
  headers: ['cell', 'Unix / TCP, 95% interval', 'CPU, Unix / TCP'],
  rows: rows.map((row) => [
    row.id,
    ratioWords(row),
    row.cpu_ratio ? `${chartFigure(row.cpu_ratio)} ×` : '–',
  ]),
})

const figuresTable = (rows: Served<SocketRow>[]): Table => ({
  title: 'Every figure',
  headers: ['cell', 'requests/s', 'errors', 'p50 ms', 'p99 ms', 'app CPU µs'],
  rows: rows.map((row) => [
    row.id,
    count(row.requests_per_second),
    `${row.errors ?? '–'}`,
    ms(row.p50_ms ?? undefined),
    ms(row.p99_ms ?? undefined),
    us(row.cpu_us_per_request ?? undefined),
  ]),
})
