import { z } from 'zod'
import { chartFigure, sideOfOne } from '../chart-spec'
import { count, ms, us } from '../database/report'
import type { Shortfall, Table } from './section'

// Rows that most benches write: what was served, and how that compares.

export const figure = z.number().nullable().optional()

const servedFields = {
  requests_per_second: figure,
  errors: z.number().nonnegative().optional(),
  average_ms: figure,
  p50_ms: figure,
  p75_ms: figure,
  p90_ms: figure,
  p99_ms: figure,
  cpu_us_per_request: figure,
  postgres_cpu_us_per_request: figure,
  load_cpu_share: figure,
}
const ratioFields = { ratio: figure, ratio_low: figure, ratio_high: figure, cpu_ratio: figure }

export const loadRow = z
  .looseObject({ id: z.string(), ...servedFields, ...ratioFields })
  .refine((row) => 'requests_per_second' in row || 'ratio' in row, {
    message: 'has neither requests_per_second nor ratio',
  })

export type LoadRow = z.infer<typeof loadRow>
export type Served<Row> = Row & { requests_per_second: number }
export type Compared<Row> = Row & { ratio: number; ratio_low: number; ratio_high: number }

const known = (value: unknown) => typeof value === 'number'

export const served = <Row extends object>(rows: Row[]) =>
  rows.filter((row) => known(Reflect.get(row, 'requests_per_second'))) as Served<Row>[]

/** With both ends of the interval: one pair of runs has none. */
export const compared = <Row extends object>(rows: Row[]) =>
  rows.filter((row) =>
    ['ratio', 'ratio_low', 'ratio_high'].every((name) => known(Reflect.get(row, name))),
  ) as Compared<Row>[]

/** `production`, of `production, 32 connections`. */
export const withoutConnections = (id: string) => id.replace(/,? \d+ connections?/, '')

export const connectionsOf = (id: string) =>
  Number(/(\d+) connections?/.exec(id)?.[1] ?? Number.NaN)

export const ratioWords = ({ ratio, ratio_low: low, ratio_high: high }: Compared<object>) =>
  low === high
    ? `${chartFigure(ratio)} ×`
    : `${chartFigure(ratio)} × (${chartFigure(low)} to ${chartFigure(high)})`

/** A row of an interval chart. */
export const intervalOf = (name: string, row: Compared<object>) => ({
  name,
  ratio: row.ratio,
  low: row.ratio_low,
  high: row.ratio_high,
})

/** On which side of 1 it surely is, as a sign. */
export const sideOf = ({ ratio_low: low, ratio_high: high }: Compared<object>) =>
  sideOfOne({ low, high })

/** Those whose ratio is below 1. */
export const shortfallsOf = (rows: Compared<LoadRow>[]): Shortfall[] =>
  rows
    .filter(({ ratio }) => ratio < 1)
    .map((row) => ({ what: row.id, measured: ratioWords(row), sure: sideOf(row) < 0 }))

/** Those with errors, whoever made them. */
export const errorShortfalls = (rows: Served<LoadRow>[]): Shortfall[] =>
  rows
    .filter(({ errors = 0 }) => errors > 0)
    .map(({ id, errors = 0 }) => ({ what: id, measured: `${errors} errors`, sure: true }))

const given = (value: number | null | undefined) => value ?? undefined

/** Every figure of what was served. */
export function servedTable(title: string, rows: Served<LoadRow>[]): Table {
  return {
    title,
    headers: [
      ...['what', 'requests/s', 'errors', 'p50 ms', 'p90 ms', 'p99 ms'],
      ...['server CPU µs', 'Postgres CPU µs', 'generator’s CPU'],
    ],
    rows: rows.map((row) => [
      row.id,
      count(row.requests_per_second),
      `${row.errors ?? '–'}`,
      ...[row.p50_ms, row.p90_ms, row.p99_ms].map((value) => ms(given(value))),
      us(given(row.cpu_us_per_request)),
      us(given(row.postgres_cpu_us_per_request)),
      row.load_cpu_share ? `${Math.round(row.load_cpu_share * 100)}%` : '–',
    ]),
  }
}
