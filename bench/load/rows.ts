import type { Ratio } from '../database/load'
import { comparison, count, ms, percent, rounded, us } from '../database/report'
import { median as medianOf } from '../report'
import type { Measured } from './measure'

export const cellName = (id: string, connections: number) => `${id}, ${connections} connections`

/** A row of the JSON file. */
export function throughputRow({ id, connections, median }: Measured): object {
  return {
    id: cellName(id, connections),
    requests_per_second: rounded(median.operationsPerSecond, 1),
    errors: median.errors,
    ...(median.errors > 0 ? { errors_by_kind: median.errorKinds } : {}),
    average_ms: rounded(median.averageMs, 3),
    p50_ms: rounded(median.p50Ms, 3),
    p75_ms: rounded(median.p75Ms, 3),
    p90_ms: rounded(median.p90Ms, 3),
    p99_ms: rounded(median.p99Ms, 3),
    cpu_us_per_request: rounded(median.serverCpuUs, 1),
    postgres_cpu_us_per_request: rounded(median.postgresCpuUs, 1),
    load_cpu_share: rounded(median.generatorShare, 3),
  }
}

/** A row of the JSON file, of two measured over as many connections. */
export const comparisonRow = (id: string, ratio: Ratio, row: Measured, against: Measured) => ({
  ...comparison(cellName(id, row.connections), ratio),
  cpu_ratio: rounded(cpuRatio(row, against), 3),
})

/**
 * The server's processor time a request against that of another, the median of the rounds: unlike
 * throughput it does not have the load generator in it. Undefined where one has no server.
 */
export function cpuRatio({ runs }: Measured, against: Measured): number | undefined {
  const ratios = runs.flatMap(({ serverCpuUs }, round) => {
    const other = against.runs[round]?.serverCpuUs
    return serverCpuUs !== undefined && other ? [serverCpuUs / other] : []
  })
  return ratios.length > 0 ? medianOf(ratios) : undefined
}

export const cpuTimes = (ratio: number | undefined): string =>
  ratio === undefined ? '–' : `× ${ratio.toFixed(2)}`

export const throughputHeaders = [
  ...['what', 'connections', 'requests/s', 'errors', 'average ms', '50% ms', '75% ms', '90% ms'],
  ...['99% ms', 'server µs', 'Postgres µs', 'generator'],
]

/** A row of the table for people; processor time is for one request. */
export function throughputCells({ id, connections, median }: Measured): string[] {
  return [
    id,
    `${connections}`,
    count(median.operationsPerSecond),
    `${median.errors}`,
    ...[median.averageMs, median.p50Ms, median.p75Ms, median.p90Ms, median.p99Ms].map(ms),
    us(median.serverCpuUs),
    us(median.postgresCpuUs),
    percent(median.generatorShare),
  ]
}

/** What went wrong, a sentence for each row that had errors. */
export const errorSentences = (measured: Measured[]): string[] =>
  measured
    .filter(({ median }) => median.errors > 0)
    .map(
      ({ id, connections, median }) =>
        `${cellName(id, connections)}: ${median.errors} errors, such as: ${median.firstError}.`,
    )
