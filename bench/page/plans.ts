import { z } from 'zod'
import { chartColors, chartFigure } from '../chart-spec'
import { subject, type Table } from './section'

const planRow = z.looseObject({
  id: z.string(),
  rows: z.number(),
  buffers: z.number(),
  read_rows: z.number(),
  hot_ms: z.number().nullable(),
  complaints: z.array(z.string()),
})
const keysetRow = z.looseObject({
  id: z.string(),
  lists: z.number(),
  first_buffers: z.number(),
  deep_buffers: z.number(),
})
const timesRow = z.looseObject({
  id: z.string(),
  queries: z.number(),
  p50_ms: z.number(),
  p95_ms: z.number(),
  max_ms: z.number(),
})
const anyRow = z.union([planRow, keysetRow, timesRow])
type AnyRow = z.infer<typeof anyRow>
type PlanRow = z.infer<typeof planRow>

const isPlan = (row: AnyRow): row is PlanRow => 'complaints' in row
const isKeyset = (row: AnyRow): row is z.infer<typeof keysetRow> => 'lists' in row
const isTimes = (row: AnyRow): row is z.infer<typeof timesRow> => 'queries' in row

export const plans = subject({
  bench: 'plans',
  title: 'The plans of every read',
  about:
    'Every statement that the site reads with, for keys with many rows and with few, as Postgres ' +
    'executed it: what it touched, and whether that is bounded. A list deep down touches no more ' +
    'than its beginning.',
  command: 'jumpstarter bench plans',
  row: anyRow,
  section: (rows) => {
    const reads = rows.filter(isPlan)
    const kept = reads.filter(({ complaints }) => complaints.length === 0)
    const keysets = rows.filter(isKeyset)
    return {
      headlines: [],
      charts: [
        {
          kind: 'bars',
          title: 'A list costs the same at any depth',
          subtitle: 'Pages of 8 kB that one page of a list touches, in the middle of its shelves',
          unit: 'buffers',
          series: [
            { name: 'first page', color: chartColors[3] },
            { name: 'deep down', color: chartColors[0] },
          ],
          groups: keysets.map((row) => ({
            name: row.id.replace(/^keyset /, ''),
            values: [row.first_buffers, row.deep_buffers],
          })),
          log: false,
        },
      ],
      tables: [timesTable(rows.filter(isTimes)), slowestTable(reads)],
      budgets: [
        {
          what: 'reads within their limits',
          measured: `${kept.length} of ${reads.length}`,
          limit: 'all',
          met: kept.length === reads.length,
        },
      ],
      shortfalls: reads
        .filter(({ complaints }) => complaints.length > 0)
        .map(({ id, complaints }) => ({ what: id, measured: complaints.join('; '), sure: true })),
    }
  },
})

const timesTable = (rows: z.infer<typeof timesRow>[]): Table => ({
  title: 'What people type',
  headers: ['what', 'queries', 'p50 ms', 'p95 ms', 'most ms'],
  rows: rows.map((row) => [
    row.id,
    ...[row.queries, row.p50_ms, row.p95_ms, row.max_ms].map(chartFigure),
  ]),
})

const slowestTable = (reads: PlanRow[]): Table => ({
  title: 'The ten slowest reads',
  headers: ['read', 'rows', 'buffers', 'rows read', 'ms'],
  rows: reads
    .toSorted((a, b) => (b.hot_ms ?? 0) - (a.hot_ms ?? 0))
    .slice(0, 10)
    .map((row) => [
      row.id,
      ...[row.rows, row.buffers, row.read_rows, row.hot_ms ?? 0].map(chartFigure),
    ]),
})
