import { z } from 'zod'
import { chartColors, chartFigure } from '../chart-spec'
import { count, ms } from '../database/report'
import { subject } from './section'

const liveRow = z.looseObject({
  id: z.string(),
  streams: z.number().int().positive(),
  bytes_per_stream: z.number().nonnegative().optional(),
  messages: z.number().int().nonnegative().optional(),
  missed: z.number().int().nonnegative().optional(),
  p50_ms: z.number().nullable().optional(),
  p99_ms: z.number().nullable().optional(),
  worker_cpu_share: z.number().optional(),
})

export const live = subject({
  bench: 'live',
  title: 'Readers who watch',
  about:
    'Thousands of streams of one project on one worker while pledges come in: what a stream costs in ' +
    'memory, and how long after the commit of a pledge the new total reaches its readers.',
  command: 'jumpstarter bench live',
  row: liveRow,
  section: (rows) => {
    const memory = rows.find(({ bytes_per_stream: bytes }) => bytes !== undefined)
    const runs = rows.filter(({ messages }) => messages !== undefined)
    return {
      headlines: memory
        ? [
            {
              value: chartFigure((memory.bytes_per_stream ?? 0) / 1024),
              unit: 'kB',
              what: 'of memory for each stream',
              beside: `${count(memory.streams)} streams on one worker`,
            },
          ]
        : [],
      charts: [
        {
          kind: 'bars',
          title: 'From the commit of a pledge to its readers',
          subtitle: 'Milliseconds until a stream has the new total',
          unit: 'ms',
          series: [
            { name: 'median', color: chartColors[3] },
            { name: '99th percentile', color: chartColors[0] },
          ],
          groups: runs.map((row) => ({
            name: row.id,
            values: [row.p50_ms ?? null, row.p99_ms ?? null],
          })),
          log: false,
        },
      ],
      tables: [
        {
          title: 'Every run',
          headers: ['pledges', 'streams', 'messages', 'missed', 'p50 ms', 'p99 ms', 'worker CPU'],
          rows: runs.map((row) => [
            ...[row.id, count(row.streams), count(row.messages ?? 0), `${row.missed ?? 0}`],
            ...[ms(row.p50_ms ?? undefined), ms(row.p99_ms ?? undefined)],
            `${Math.round((row.worker_cpu_share ?? 0) * 100)}%`,
          ]),
        },
      ],
      shortfalls: runs
        .filter(({ missed = 0 }) => missed > 0)
        .map((row) => ({
          what: `streams, ${row.id}`,
          measured: `${row.missed} did not hear of the last pledge`,
          sure: true,
        })),
    }
  },
})
