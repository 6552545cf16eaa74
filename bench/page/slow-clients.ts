import { z } from 'zod'
import { count, ms } from '../database/report'
import { subject } from './section'

const number = z.number()
const slowRow = z.looseObject({
  id: z.string(),
  connections: number,
  held: number,
  failed: number,
  calm_p99_ms: number.nullable(),
  slow_p99_ms: number.nullable(),
  ratio: number.nullable(),
  ratio_low: number.nullable(),
  ratio_high: number.nullable(),
  memory_mb_before: number,
  memory_mb_most: number,
})

const ratioMax = 1.2

export const slowClients = subject({
  bench: 'slow-clients',
  title: 'Slow clients',
  about:
    'Clients of slowhttptest that send headers or bodies a few bytes at a time, or read so, straight ' +
    'to a worker and through nginx: what it changes for everybody else, by turns without and with them.',
  command: 'jumpstarter bench slow-clients',
  row: slowRow,
  section: (rows) => ({
    charts: [
      {
        kind: 'intervals',
        title: 'What slow clients change for everybody else',
        subtitle: `99th percentile with ${count(rows[0]?.connections)} of them against without`,
        unit: '×',
        rows: rows.map(({ id, ratio, ratio_low: low, ratio_high: high }) => ({
          ...{ name: id, ratio: ratio ?? 0, low: low ?? ratio ?? 0, high: high ?? ratio ?? 0 },
        })),
        ends: ['faster with them', 'slower with them'],
      },
    ],
    tables: [
      {
        title: 'Every kind',
        headers: ['slow clients', 'held', 'p99 ms without', 'with', 'memory MB before', 'most'],
        rows: rows.map((row) => [
          ...[row.id, count(row.held), ms(row.calm_p99_ms ?? undefined)],
          ...[ms(row.slow_p99_ms ?? undefined), count(row.memory_mb_before)],
          count(row.memory_mb_most),
        ]),
      },
    ],
    budgets: rows.map(({ id, ratio, ratio_low: low }) => ({
      what: id,
      measured: `${(ratio ?? Number.NaN).toFixed(2)} ×`,
      limit: `not surely above ${ratioMax} ×`,
      met: (low ?? ratio ?? Number.POSITIVE_INFINITY) <= ratioMax,
    })),
  }),
})
