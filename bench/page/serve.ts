import { z } from 'zod'
import { chartColors, chartFigure } from '../chart-spec'
import {
  compared,
  errorShortfalls,
  figure,
  intervalOf,
  ratioWords,
  served,
  shortfallsOf,
} from './load-rows'
import { type Budget, subject } from './section'

const serveRow = z
  .looseObject({
    id: z.string(),
    ms: figure,
    bytes: figure,
    requests_per_second: figure,
    errors: z.number().optional(),
    ratio: figure,
    ratio_low: figure,
    ratio_high: figure,
  })
  .refine((row) => ['ms', 'bytes', 'requests_per_second', 'ratio'].some((name) => name in row), {
    message: 'has none of ms, bytes, requests_per_second, ratio',
  })
type ServeRow = z.infer<typeof serveRow>

/** By the row they judge. */
const limits: Record<
  string,
  { most: number; unit: string; of(row: ServeRow): number | undefined }
> = {
  'ready on a migrated database': { most: 1000, unit: 'ms', of: ({ ms }) => ms ?? undefined },
  'empty directory to first page': { most: 15_000, unit: 'ms', of: ({ ms }) => ms ?? undefined },
  'home without pictures': {
    most: 60,
    unit: 'KB',
    of: ({ bytes }) => (bytes ? bytes / 1000 : undefined),
  },
}

export const serve = subject({
  bench: 'serve',
  title: 'Starting, and the weight of a page',
  about:
    'The executable from an empty directory to its first page and on a database that is there ' +
    'already, and what the home page weighs.',
  command: 'jumpstarter bench serve',
  row: serveRow,
  section: (rows) => {
    const ratios = compared(rows)
    const ready = rows.find(({ id }) => id === 'ready on a migrated database')?.ms
    const first = rows.find(({ id }) => id === 'empty directory to first page')?.ms
    return {
      headlines:
        ready && first
          ? [
              {
                value: chartFigure(ready),
                unit: 'ms',
                what: 'from start to serving, one file, no Docker',
                beside: `${chartFigure(first / 1000)} s from an empty directory, Postgres and all`,
              },
            ]
          : [],
      charts: [
        {
          kind: 'bars',
          title: 'How soon it serves',
          subtitle: 'Milliseconds from the start of the process',
          unit: 'ms',
          series: [{ name: 'ms', color: chartColors[3] }],
          groups: rows.flatMap(({ id, ms }) => (ms ? [{ name: id, values: [ms] }] : [])),
          log: false,
        },
        {
          kind: 'intervals',
          title: 'An uncached page over Unix sockets',
          subtitle: 'Requests a second against TCP: median of the rounds, least and most',
          unit: 'Unix / TCP',
          ends: ['TCP faster', 'Unix faster'],
          rows: ratios.map((row) => intervalOf(row.id, row)),
        },
      ],
      tables: [
        {
          title: 'Measured',
          headers: ['what', 'figure', 'errors'],
          rows: [
            ...rows.flatMap(({ id, ms, bytes }) => [
              ...(ms ? [[id, `${chartFigure(ms)} ms`, '–']] : []),
              ...(bytes ? [[id, `${chartFigure(bytes)} bytes`, '–']] : []),
            ]),
            ...served(rows).map((row) => [
              row.id,
              `${chartFigure(row.requests_per_second)}/s`,
              `${row.errors ?? '–'}`,
            ]),
            ...ratios.map((row) => [row.id, ratioWords(row), '–']),
          ],
        },
      ],
      budgets: rows.flatMap(budgetOf),
      shortfalls: [...shortfallsOf(ratios), ...errorShortfalls(served(rows))],
    }
  },
})

function budgetOf(row: ServeRow): Budget[] {
  const limit = limits[row.id]
  const value = limit?.of(row)
  if (!limit || value === undefined) return []
  const { most, unit } = limit
  const measured = `${chartFigure(value)} ${unit}`
  return [
    {
      what: row.id,
      measured,
      limit: `≤ ${most.toLocaleString('en-US')} ${unit}`,
      met: value <= most,
    },
  ]
}
