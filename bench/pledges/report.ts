import { comparison, count, ms, rounded, spread, times, us } from '../database/report'
import { markdownTable, textTable } from '../report'
import type { Cell } from './pledges'

const places = { one: 'into one project', spread: 'over 200 projects, 80/20' } as const

const nameOf = ({ load, arena, clients }: Cell) =>
  `${load.id} ${places[arena]}, ${clients} ${clients === 1 ? 'client' : 'clients'}`

/** The rows of the JSON file. */
export function pledgesRows(cells: readonly Cell[]): object[] {
  return cells.flatMap((cell) => {
    const { run, ratio, load, arena, clients } = cell
    const id = nameOf(cell)
    return [
      {
        id,
        ...{ load: load.id, arena, clients },
        requests_per_second: rounded(run.operationsPerSecond, 1),
        errors: run.errors,
        p50_ms: rounded(run.p50Ms, 3),
        p99_ms: rounded(run.p99Ms, 3),
        cpu_us_per_request: rounded(run.clientCpuUs, 1),
      },
      ...(ratio
        ? [
            {
              ...comparison(`ours / ${load.id} ${places[arena]}, ${clients} clients`, ratio),
              ...{ against: load.id, arena, clients },
            },
          ]
        : []),
    ]
  })
}

const headers = [
  'load',
  'clients',
  'pledges/s',
  'p50 ms',
  'p99 ms',
  'client CPU µs',
  'ours / it',
  '',
]

const tableOf = (cells: readonly Cell[], arena: Cell['arena']): string[][] =>
  cells
    .filter((cell) => cell.arena === arena)
    .map(({ load, clients, run, ratio }) => [
      load.name,
      `${clients}`,
      count(run.operationsPerSecond),
      ms(run.p50Ms),
      ms(run.p99Ms),
      us(run.clientCpuUs),
      times(ratio),
      spread(ratio),
    ])

const sections = Object.entries(places) as [Cell['arena'], string][]

export const pledgesText = (cells: readonly Cell[]): string =>
  sections
    .map(([arena, words]) => `\nPledges ${words}\n\n${textTable(headers, tableOf(cells, arena))}`)
    .join('\n')

export const pledgesMarkdown = (cells: readonly Cell[]): string =>
  `# Pledges\n\n${sections
    .map(
      ([arena, words]) => `## Pledges ${words}\n\n${markdownTable(headers, tableOf(cells, arena))}`,
    )
    .join('\n\n')}`
