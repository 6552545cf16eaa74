import { chartFigure } from '../chart-spec'
import { markdownTable, textTable } from '../report'
import { asked, type QueryId, streamed } from './asked'
import type { QueriesMeasured, QueryRow } from './queries'
import reference from './reference-2018.json'

export const afterBudgetMs = 0.1
export const streamRatioBudget = 0.8

interface Published {
  title: string
  postgres: { before_ms: number | null; after_ms: number | null }
  mongodb: { before_ms: number | null; after_ms: number | null }
}

export interface Budget {
  what: string
  /** `0.021 ms`, and what it may be: `≤ 0.1 ms`. */
  measured: string
  limit: string
  met: boolean
}

const published = (id: QueryId): Published => {
  const found = reference.queries.find((query) => query.id === id)
  if (!found) throw new Error(`2018 has no query ${id}`)
  return found
}

/** What 2018 ended at: its two lookups by id had their index from the start. */
const publishedEnd = (id: QueryId) => {
  const { before_ms, after_ms } = published(id).postgres
  return after_ms ?? before_ms
}

/** Of the list that is streamed, what its reader waits; of the others, the time in Postgres. */
const compared = (row: QueryRow): number =>
  row.id === streamed
    ? (row.client_unix_ms ?? row.client_tcp_ms ?? row.after_hot_ms)
    : row.after_hot_ms

const timesFaster = (row: QueryRow) => {
  const end = publishedEnd(row.id)
  return end === null ? null : end / compared(row)
}

/** The rows of the JSON: ours, with what was published in 2018 beside. */
export function reportRows(rows: QueryRow[]): object[] {
  return rows.map((row) => {
    const { postgres, mongodb } = published(row.id)
    const times = timesFaster(row)
    return {
      ...row,
      published_2018: {
        postgres_before_ms: postgres.before_ms,
        postgres_after_ms: postgres.after_ms,
        mongodb_before_ms: mongodb.before_ms,
        mongodb_after_ms: mongodb.after_ms,
      },
      published_2018_over_ours: times === null ? null : Number(times.toPrecision(3)),
    }
  })
}

/** The mean of what every query but the streamed one takes in Postgres, in milliseconds. */
export function averageMs(rows: QueryRow[]): number {
  const points = rows.filter(({ id }) => id !== streamed)
  return points.reduce((sum, { after_hot_ms }) => sum + after_hot_ms, 0) / points.length
}

/** Every budget of the nine queries, met or missed. What could not be measured is missed. */
export function judge(rows: QueryRow[]): Budget[] {
  const within = (what: string, ms: number): Budget => ({
    what,
    measured: `${chartFigure(ms)} ms`,
    limit: `≤ ${afterBudgetMs} ms`,
    met: ms <= afterBudgetMs,
  })
  const budgets = rows.map((row) => {
    if (row.id !== streamed) return within(row.id, row.after_hot_ms)
    const ratio = row.whole?.ratio ?? null
    return {
      what: `${row.id}, rows a second`,
      measured: ratio === null ? 'not measured' : `${chartFigure(ratio)} × COPY`,
      limit: `≥ ${streamRatioBudget} × COPY`,
      met: ratio !== null && ratio >= streamRatioBudget,
    }
  })
  return [...budgets, within('average of the eight', averageMs(rows))]
}

const figure = (value: number | null) => (value === null ? '–' : chartFigure(value))

type Table = [headers: string[], rows: string[][]]

function mainTable(rows: QueryRow[]): Table {
  const headers = [
    ...['milliseconds', '2018 before', '2018 after', 'Mongo before', 'Mongo after'],
    ...['our before', 'our after', 'planning', 'sent', 'cold', 'client Unix', 'client TCP'],
    '2018 / ours',
  ]
  const lines = rows.map((row) => {
    const { postgres, mongodb } = published(row.id)
    const then = [postgres.before_ms, postgres.after_ms, mongodb.before_ms, mongodb.after_ms]
    const now = [row.before_ms, row.after_hot_ms, row.plan_ms, row.after_hot_sent_ms]
    const rest = [row.after_cold_ms, row.client_unix_ms, row.client_tcp_ms]
    const times = timesFaster(row)
    const faster = times === null ? '–' : `${chartFigure(times)} ×`
    return [row.id, ...[...then, ...now, ...rest].map(figure), faster]
  })
  return [headers, lines]
}

function wholeTable(rows: QueryRow[]): Table {
  const headers = ['whole list', 'of', 'rows', 'ms', 'rows/s', 'COPY rows/s', '× COPY', 'by cursor']
  const lines = rows.flatMap(({ id, whole }) => {
    if (!whole) return []
    const { of, ms, ratio, ratio_low: low, ratio_high: high, cursor_ratio: cursor } = whole
    const range = ratio === null ? '–' : `${figure(ratio)} (${figure(low)} to ${figure(high)})`
    const speeds = [whole.rows, ms, whole.rows_per_second, whole.copy_rows_per_second]
    return [[id, of, ...speeds.map(figure), range, figure(cursor)]]
  })
  return [headers, lines]
}

const askedTable = (rows: QueryRow[]): Table => [
  ['query', 'in 2018, and our before', 'our after'],
  rows.map(({ id }) => {
    const then = reference.queries.find((query) => query.id === id)?.postgres.sql ?? ''
    return [id, `\`${then}\``, asked[id]]
  }),
]

const budgetTable = (budgets: Budget[]): Table => [
  ['budget', 'measured', 'limit', ''],
  budgets.map(({ what, measured, limit, met }) => [what, measured, limit, met ? 'met' : 'MISSED']),
]

export interface QueriesContext {
  measured: QueriesMeasured
  /** Why something is missing, such as the cold figures. */
  missing: string[]
}

/** What has to be known to read the figures. */
export function notes({ measured, missing }: QueriesContext): string[] {
  const keys = Math.max(...measured.rows.map((row) => row.keys))
  return [
    '2018 and Mongo: published in 2018, on other hardware, not measured here.',
    'Our before: the statement of 2018, the planner forbidden every index, also the primary key ' +
      'that 2018 had in its own before; parallel workers as Postgres comes.',
    `Our after: the statement our site sends, prepared, median of ${keys} random keys that were ` +
      'read once before; planning and execution in Postgres, by explain (analyze, timing off). ' +
      'Planning is its part that a plan kept for all keys would save; sent has the rows made ' +
      'ready to send besides.',
    'Cold: Postgres started anew, the page cache of the system dropped, each of ' +
      `${measured.cold[0]?.statements.length ?? 0} other keys touched once; the streamed list once.`,
    'Client: a round trip of our own code and driver, decoding included, the two ways by turns.',
    'category-all sends every listed project of the largest category. Our after is its time in ' +
      'Postgres, client the time until the last row is there; 2018 / ours takes the latter.',
    'place-all asks a page anywhere in the list of a place, where 2018 asked for all rows of a ' +
      'place that had few. The whole of our largest place is in the second table.',
    'Streamed: a plain query through the driver, each row as the bytes of its columns; beside it COPY of the same ' +
      'select over the same way, its bytes thrown away unread, by turns; ratios are medians.',
    `The menu with the counters of all categories, which pages with a menu read instead of one ` +
      `counter, takes ${chartFigure(measured.menuMs)} ms.`,
    ...missing,
  ]
}

/** For the terminal. */
export function textReport(context: QueriesContext, budgets: Budget[]): string {
  const { rows } = context.measured
  return [
    textTable(...mainTable(rows)),
    textTable(...wholeTable(rows)),
    textTable(...budgetTable(budgets)),
    notes(context)
      .map((note) => `- ${note}`)
      .join('\n'),
  ].join('\n\n')
}

/** The page beside the JSON; its notes and the machine are added when it is written. */
export function markdownReport({ measured: { rows } }: QueriesContext, budgets: Budget[]): string {
  const title = '# The nine queries of 2018'
  const chart = '![Bars of the nine queries, then and now, on a logarithmic scale](queries.svg)'
  const parts = [title, chart, markdownTable(...mainTable(rows))]
  parts.push('## Whole lists, streamed', markdownTable(...wholeTable(rows)))
  parts.push('## Budgets', markdownTable(...budgetTable(budgets)))
  parts.push('## What is asked', markdownTable(...askedTable(rows)), '## How to read it')
  return parts.join('\n\n')
}
