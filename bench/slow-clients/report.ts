import { count, ms, rounded } from '../database/report'
import { markdownTable, median, textTable } from '../report'
import type { SlowCell } from './slow'

const megabyte = 1024 * 1024
const inMegabytes = (bytes: number) => Math.round(bytes / megabyte)

/** The rows of the JSON file. */
export const slowRows = (cells: SlowCell[], connections: number): object[] =>
  cells.map(({ manner, front, calmP99Ms, slowP99Ms, ratio, held, memory, failed }) => ({
    ...{ id: `${manner.title}, ${front}`, manner: manner.id, front, connections, held, failed },
    ...{ calm_p99_ms: rounded(median(calmP99Ms), 2), slow_p99_ms: rounded(median(slowP99Ms), 2) },
    ratio: rounded(ratio?.ratio, 3),
    ratio_low: rounded(ratio?.low, 3),
    ratio_high: rounded(ratio?.high, 3),
    ...{ memory_mb_before: inMegabytes(memory.before), memory_mb_most: inMegabytes(memory.most) },
  }))

const headers = [
  ...['slow clients', 'held by the worker', 'p99 ms without', 'with', 'ratio', '95 % interval'],
  ...['memory MB before', 'most', 'others failed'],
]

const cellsOf = (cells: SlowCell[]) =>
  cells.map(({ manner, front, calmP99Ms, slowP99Ms, ratio, held, memory, failed }) => [
    ...[`${manner.title}, ${front}`, count(held), ms(median(calmP99Ms)), ms(median(slowP99Ms))],
    ratio?.ratio.toFixed(2) ?? '–',
    ratio && !Number.isNaN(ratio.low)
      ? `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}`
      : 'one round',
    ...[count(inMegabytes(memory.before)), count(inMegabytes(memory.most)), count(failed)],
  ])

export const slowText = (cells: SlowCell[]): string => textTable(headers, cellsOf(cells))

export const slowMarkdown = (cells: SlowCell[], connections: number): string =>
  [
    '# Slow clients',
    `${count(connections)} clients of slowhttptest send headers or bodies a few bytes at a time, or ` +
      'read so, while others ask for pages, from memory and made anew, by chance. Their 99th ' +
      'percentile without and with the slow ones, by turns.',
    markdownTable(headers, cellsOf(cells)),
  ].join('\n\n')
