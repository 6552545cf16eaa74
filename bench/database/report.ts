import { markdownTable, textTable } from '../report'
import type { Measurement } from './database'
import type { Ratio, Run } from './load'
import type { TrialRow } from './trial'

/** What `jumpstarter bench database` has found. */
export interface DatabaseFindings {
  measurements: Measurement[]
  /** Empty when the settings were not asked for. */
  settings: TrialRow[]
}

export const rounded = (value: number | undefined, digits: number) =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(digits))

const throughput = (id: string, run: Run) => ({
  id,
  requests_per_second: rounded(run.operationsPerSecond, 1),
  errors: run.errors,
  p50_ms: rounded(run.p50Ms, 3),
  p75_ms: rounded(run.p75Ms, 3),
  p90_ms: rounded(run.p90Ms, 3),
  p99_ms: rounded(run.p99Ms, 3),
  cpu_us_per_request: rounded(run.clientCpuUs, 1),
  postgres_cpu_us_per_request: rounded(run.postgresCpuUs, 1),
})

export const comparison = (id: string, { ratio, low, high }: Ratio) => ({
  id,
  ratio: rounded(ratio, 3),
  ratio_low: rounded(low, 3),
  ratio_high: rounded(high, 3),
})

/** The rows of the JSON file. */
export function reportRows({ measurements, settings }: DatabaseFindings): object[] {
  const loads = measurements.flatMap(
    ({ workload, connections, ours, pgbench, ratio, hotShare }) => {
      const id = `${workload.name}, ${plural(connections)}`
      const hot = hotShare === undefined ? {} : { hot_share: rounded(hotShare, 3) }
      return [
        { ...throughput(`${id}, ours`, ours), ...hot },
        ...(pgbench ? [throughput(`${id}, pgbench`, pgbench)] : []),
        ...(ratio ? [comparison(`${id}: ours / pgbench`, ratio)] : []),
      ]
    },
  )
  const values = settings.flatMap(({ setting, value, load, run, ratio, verdict }) => {
    const id = `${setting} ${value}: ${load}`
    const { hotShare, walBytes } = run
    return [
      {
        ...throughput(id, run),
        ...(hotShare === undefined ? {} : { hot_share: rounded(hotShare, 3) }),
        ...(walBytes === undefined ? {} : { wal_bytes_per_request: rounded(walBytes, 0) }),
      },
      ...(ratio ? [{ ...comparison(`${id}, against what is shipped`, ratio), verdict }] : []),
    ]
  })
  return [...loads, ...values]
}

const plural = (connections: number) =>
  `${connections} ${connections === 1 ? 'connection' : 'connections'}`

export const count = (value: number | undefined) =>
  value === undefined ? '–' : Math.round(value).toLocaleString('en-US')
export const ms = (value: number | undefined) =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(value < 10 ? 2 : 1)
export const us = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(0))
export const times = (ratio: Ratio | undefined) => (ratio ? ratio.ratio.toFixed(2) : '–')
export const spread = (ratio: Ratio | undefined) =>
  ratio ? `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}` : '–'
export const percent = (share: number | undefined) =>
  share === undefined ? '–' : `${(share * 100).toFixed(0)}%`

type Table = [headers: string[], rows: string[][]]

function loadTable(measurements: Measurement[]): Table {
  return [
    [
      ...['load', 'connections', 'ours/s', 'pgbench/s', 'ratio', 'from, to'],
      ...['ours p50 ms', 'p99 ms', 'pgbench p50 ms', 'p99 ms', 'errors'],
    ],
    measurements.map(({ workload, connections, ours, pgbench, ratio }) => [
      workload.name,
      `${connections}`,
      count(ours.operationsPerSecond),
      count(pgbench?.operationsPerSecond),
      times(ratio),
      spread(ratio),
      ms(ours.p50Ms),
      ms(ours.p99Ms),
      ms(pgbench?.p50Ms),
      ms(pgbench?.p99Ms),
      `${ours.errors + (pgbench?.errors ?? 0)}`,
    ]),
  ]
}

function costTable(measurements: Measurement[]): Table {
  return [
    [
      'load',
      'connections',
      'our process',
      'its sessions',
      'pgbench',
      'its sessions',
      'HOT updates',
    ],
    measurements.map(({ workload, connections, ours, pgbench, hotShare }) => [
      workload.name,
      `${connections}`,
      us(ours.clientCpuUs),
      us(ours.postgresCpuUs),
      us(pgbench?.clientCpuUs),
      us(pgbench?.postgresCpuUs),
      percent(hotShare),
    ]),
  ]
}

function settingsTable(settings: TrialRow[]): Table {
  return [
    ['setting', 'value', 'load', 'per s', 'ratio', 'from, to', 'HOT', 'log bytes', 'verdict'],
    settings.map(({ setting, value, load, run, ratio, verdict }) => [
      setting,
      value,
      load,
      count(run.operationsPerSecond),
      times(ratio),
      spread(ratio),
      percent(run.hotShare),
      count(run.walBytes),
      verdict,
    ]),
  ]
}

const titles = {
  loads: 'Through our code and through pgbench',
  costs: 'Processor time of one operation, in microseconds',
  settings: 'Settings against what is shipped',
}

/** The findings for a terminal. */
export function findingsText({ measurements, settings }: DatabaseFindings): string {
  const parts = [
    `${titles.loads}\n\n${textTable(...loadTable(measurements))}`,
    `${titles.costs}\n\n${textTable(...costTable(measurements))}`,
  ]
  if (settings.length > 0) {
    parts.push(`${titles.settings}\n\n${textTable(...settingsTable(settings))}`)
  }
  return parts.join('\n\n')
}

/** The findings as a page; the caller's report adds when, where and the notes. */
export function findingsMarkdown({ measurements, settings }: DatabaseFindings): string {
  const parts = [
    '# Read and write speed of the single database',
    'The same SQL over the same connections: through our code (postgres.js and Drizzle in one Bun ' +
      'process, as in a worker) and through `pgbench -M prepared` on one thread. The ratio is ours ' +
      'to pgbench, the median of the rounds, with the lowest and the highest.',
    `## ${titles.loads}`,
    markdownTable(...loadTable(measurements)),
    `## ${titles.costs}`,
    markdownTable(...costTable(measurements)),
  ]
  if (settings.length > 0) {
    parts.push(
      `## ${titles.settings}`,
      'On a Postgres of its own with generated rows; a run of writes begins right after a ' +
        'checkpoint, when pages go into the log whole. A value is worth shipping when it was better ' +
        'in every round, by 3% or more in the middle, and by more than the rounds differ; “price ' +
        'only” is what safety or a feature costs.',
      markdownTable(...settingsTable(settings)),
    )
  }
  return parts.join('\n\n')
}

/** The first error of every load that had any, one sentence each. */
export function errorSentences({ measurements, settings }: DatabaseFindings): string[] {
  const runs = [
    ...measurements.flatMap(({ workload, connections, ours, pgbench }) => [
      { what: `${workload.name}, ${plural(connections)}, ours`, run: ours },
      ...(pgbench
        ? [{ what: `${workload.name}, ${plural(connections)}, pgbench`, run: pgbench }]
        : []),
    ]),
    ...settings.map(({ setting, value, load, run }) => ({
      what: `${setting} ${value}: ${load}`,
      run,
    })),
  ]
  return runs
    .filter(({ run }) => run.errors > 0)
    .map(({ what, run }) => `${what}: ${run.errors} errors, the first: ${run.firstError}`)
}
