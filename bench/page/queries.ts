import { z } from 'zod'
import { type BarChart, chartColors, chartFigure, sideOfOne } from '../chart-spec'
import { streamed } from '../queries/asked'
import reference from '../queries/reference-2018.json'
import { afterBudgetMs, streamRatioBudget } from '../queries/report'
import { figure } from './load-rows'
import type { Result } from './results'
import {
  atFullScale,
  type Budget,
  type Headline,
  type Shortfall,
  subject,
  type Table,
} from './section'

const queryRow = z.looseObject({
  id: z.string(),
  before_ms: figure,
  after_hot_ms: z.number(),
  after_cold_ms: figure,
  client_tcp_ms: figure,
  client_unix_ms: figure,
  published_2018: z.looseObject({
    postgres_before_ms: figure,
    postgres_after_ms: figure,
    mongodb_before_ms: figure,
    mongodb_after_ms: figure,
  }),
  published_2018_over_ours: figure,
  whole: z
    .looseObject({
      of: z.string(),
      rows: z.number(),
      ms: figure,
      rows_per_second: figure,
      copy_rows_per_second: figure,
      ratio: figure,
      ratio_low: figure,
      ratio_high: figure,
    })
    .optional(),
})
type QueryRow = z.infer<typeof queryRow>

export const queries = subject({
  bench: 'queries',
  title: 'The nine queries of 2018',
  about:
    'Each query as 2018 asked it, without indexes, and as our site asks it, in Postgres and at the ' +
    'client; the figures of 2018 stand beside as they were published, from other hardware.',
  command: 'jumpstarter bench queries',
  row: queryRow,
  section: (rows, { scale }) => ({
    headlines: headlines(rows),
    charts: [{ kind: 'bars', ...queriesBars(rows, scale) }],
    tables: [queriesTable(rows), streamedTable(rows)],
    ...atFullScale(scale, rows.map(budgetOf)),
    shortfalls: [...rows.flatMap(slowerThanThen), ...rows.flatMap(slowerThanCopy)],
  }),
})

/** What 2018 ended at: its two lookups by id had their index from the start. */
const endOf = ({ published_2018: then }: QueryRow) =>
  then.postgres_after_ms ?? then.postgres_before_ms

/** Of the list that is streamed, what its reader waits; of the others, the time in Postgres. */
const comparedMs = (row: QueryRow) =>
  row.id === streamed
    ? (row.client_unix_ms ?? row.client_tcp_ms ?? row.after_hot_ms)
    : row.after_hot_ms

function queriesBars(rows: QueryRow[], { projects, people }: Result['scale']): BarChart {
  const count = (number: number) => number.toLocaleString('en-US')
  const [light, dark, orange, ours] = chartColors
  return {
    title: 'The nine queries of 2018, then and now',
    subtitle:
      `Now: ${count(projects)} projects, ${count(people)} people, hot cache. ` +
      '2018: published, 10 M projects, 100 M users, other hardware.',
    unit: 'ms',
    series: [
      { name: '2018 Postgres before', color: light },
      { name: '2018 Postgres after', color: dark },
      { name: 'ours without indexes', color: orange },
      { name: 'ours', color: ours },
    ],
    groups: rows.map((row) => {
      const { postgres_before_ms: before, postgres_after_ms: after } = row.published_2018
      return {
        name: row.id,
        values: [before ?? null, after ?? null, row.before_ms ?? null, comparedMs(row)],
      }
    }),
    log: true,
  }
}

function budgetOf(row: QueryRow): Budget {
  if (row.id !== streamed) {
    return {
      what: row.id,
      measured: `${chartFigure(row.after_hot_ms)} ms`,
      limit: `≤ ${afterBudgetMs} ms`,
      met: row.after_hot_ms <= afterBudgetMs,
    }
  }
  const ratio = row.whole?.ratio
  return {
    what: `${row.id}, streamed`,
    measured: ratio ? `${chartFigure(ratio)} × COPY` : 'not measured',
    limit: `≥ ${streamRatioBudget} × COPY`,
    met: (ratio ?? 0) >= streamRatioBudget,
  }
}

function slowerThanThen(row: QueryRow): Shortfall[] {
  const then = endOf(row)
  if (!then || then >= comparedMs(row)) return []
  const measured = `${chartFigure(comparedMs(row))} ms, in 2018 ${chartFigure(then)} ms`
  return [{ what: row.id, measured, sure: true }]
}

function slowerThanCopy({ id, whole }: QueryRow): Shortfall[] {
  const { ratio, ratio_low: low, ratio_high: high } = whole ?? {}
  if (!ratio || ratio >= 1) return []
  const what = `${id}, the whole list streamed`
  const measured = `${chartFigure(ratio)} × COPY`
  return [{ what, measured, sure: !!low && !!high && sideOfOne({ low, high }) < 0 }]
}

function headlines(rows: QueryRow[]): Headline[] {
  const points = rows.filter(({ id }) => id !== streamed)
  const mean = points.reduce((sum, row) => sum + row.after_hot_ms, 0) / points.length
  const count = rows.find(({ id }) => id === 'category-count')
  const then = count && endOf(count)
  return [
    {
      value: chartFigure(mean),
      unit: 'ms',
      what: `a query takes in Postgres, the mean of ${points.length} of the nine`,
      beside: `2018: ${reference.average_query_ms} ms, as published`,
    },
    ...(then
      ? [
          {
            value: chartFigure(count.after_hot_ms),
            unit: 'ms',
            what: 'to count the projects of a category',
            beside: `2018: ${chartFigure(then)} ms`,
          },
        ]
      : []),
  ]
}

const cell = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : chartFigure(value)

const queriesTable = (rows: QueryRow[]): Table => ({
  title: 'Milliseconds',
  headers: [
    ...['query', '2018 before', '2018 after', 'Mongo after', 'ours, no index', 'ours'],
    ...['cold', 'client, Unix', 'client, TCP', '2018 / ours'],
  ],
  rows: rows.map((row) => {
    const { postgres_before_ms, postgres_after_ms, mongodb_after_ms } = row.published_2018
    const then = [postgres_before_ms, postgres_after_ms, mongodb_after_ms]
    const now = [row.before_ms, row.after_hot_ms, row.after_cold_ms]
    const client = [row.client_unix_ms, row.client_tcp_ms]
    const times = row.published_2018_over_ours
    return [row.id, ...[...then, ...now, ...client].map(cell), times ? `${cell(times)} ×` : '–']
  }),
})

const streamedTable = (rows: QueryRow[]): Table => ({
  title: 'Whole lists, streamed',
  headers: ['list', 'of', 'rows', 'ms', 'rows/s', 'COPY rows/s', '× COPY'],
  rows: rows.flatMap(({ id, whole }) =>
    whole
      ? [
          [
            ...[id, whole.of],
            ...[whole.rows, whole.ms, whole.rows_per_second, whole.copy_rows_per_second].map(cell),
            cell(whole.ratio),
          ],
        ]
      : [],
  ),
})
