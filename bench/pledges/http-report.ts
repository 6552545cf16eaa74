import { count, ms, rounded, us } from '../database/report'
import { markdownTable, textTable } from '../report'
import { limitOf, type MeasuredHttp, nameOf } from './http'

/** The rows of the JSON file. */
export const httpRows = (cells: readonly MeasuredHttp[]): object[] =>
  cells.map(({ run, ...cell }) => ({
    id: nameOf(cell),
    ...cell,
    requests_per_second: rounded(run.operationsPerSecond, 1),
    errors: run.errors,
    p50_ms: rounded(run.p50Ms, 3),
    p99_ms: rounded(run.p99Ms, 3),
    cpu_us_per_request: rounded(run.serverCpuUs, 1),
    postgres_cpu_us_per_request: rounded(run.postgresCpuUs, 1),
    client_cpu_us_per_request: rounded(run.clientCpuUs, 1),
    machine_busy: rounded(run.busy.machine, 3),
    worker_busy: rounded(run.busy.worker, 3),
    session_busy: rounded(run.busy.session, 3),
    limit: limitOf(run),
  }))

const headers = [
  ...['what', 'pledges/s', 'p50 ms', 'p99 ms', 'worker CPU µs', 'Postgres CPU µs'],
  ...['client CPU µs', 'limited by'],
]

const tableOf = (cells: readonly MeasuredHttp[]): string[][] =>
  cells.map(({ run, ...cell }) => [
    nameOf(cell),
    ...[count(run.operationsPerSecond), ms(run.p50Ms), ms(run.p99Ms)],
    ...[us(run.serverCpuUs), us(run.postgresCpuUs), us(run.clientCpuUs)],
    limitOf(run),
  ])

export const httpText = (cells: readonly MeasuredHttp[]): string =>
  `\nPledges over HTTP\n\n${textTable(headers, tableOf(cells))}`

export const httpMarkdown = (cells: readonly MeasuredHttp[]): string =>
  `# Pledges over HTTP\n\n${markdownTable(headers, tableOf(cells))}`
