import { z } from 'zod'
import { chartColors } from '../chart-spec'
import { count, ms } from '../database/report'
import { writtenMsMax } from '../hosts/failover'
import { twoHostsMin } from '../hosts/report'
import { type Budget, subject, type Table } from './section'

const number = z.number().nonnegative()
const figure = number.nullable().optional()
const hostsRow = z.looseObject({
  id: z.string(),
  hosts: number.optional(),
  requests_per_second: figure,
  errors: number.optional(),
  p50_ms: figure,
  p99_ms: figure,
  times: figure,
  times_low: figure,
  times_high: figure,
  promise: z.string().optional(),
  tried: number.optional(),
  violations: number.optional(),
  slowest_ms: figure,
  bound_ms: figure,
  fate: z.string().optional(),
  way: z.string().optional(),
  operations: number.optional(),
  acknowledged: number.optional(),
  promoted_ms: figure,
  written_ms: figure,
  outage_ms: figure,
})
type Row = z.infer<typeof hostsRow>

export const hosts = subject({
  bench: 'hosts',
  title: 'Several hosts',
  about:
    'App hosts behind HAProxy with a primary, a replica and a Redis, each in a network of its own ' +
    'whose cable can be pulled. What each further host is worth, each confined to a share of a ' +
    'core; whether hosts show one site; and pledges while Patroni promotes the other Postgres.',
  command: 'jumpstarter bench hosts',
  row: hostsRow,
  section: (rows) => {
    const rungs = rows.filter((row) => row.hosts !== undefined)
    const promises = rows.filter((row) => row.promise !== undefined)
    const failovers = rows.filter((row) => row.fate !== undefined)
    const judged = [...promises, ...failovers]
    const violations = judged.reduce((sum, row) => sum + (row.violations ?? 0), 0)
    const acknowledged = failovers.reduce((sum, row) => sum + (row.acknowledged ?? 0), 0)
    const two = rungs.find((row) => row.hosts === 2)
    return {
      headlines: [
        ...(two?.times
          ? [
              {
                ...{ value: two.times.toFixed(2), unit: '×', what: 'what one host serves, by two' },
                beside: `from ${two.times_low?.toFixed(2)} to ${two.times_high?.toFixed(2)}`,
              },
            ]
          : []),
        ...(failovers.length > 0
          ? [
              {
                ...{ value: count(violations), unit: '' },
                what: `promises broken, in ${failovers.length} failovers and before`,
                beside: `${count(acknowledged)} operations acknowledged in failovers`,
              },
            ]
          : []),
      ],
      charts: [rates(rungs)],
      tables: [ladderTable(rungs), promisesTable(promises), failoversTable(failovers)].filter(
        (table) => table.rows.length > 0,
      ),
      budgets: [...rungs.flatMap(rungBudgets), ...judged.flatMap(budgetsOf)],
    }
  },
})

const rates = (rungs: Row[]) => ({
  kind: 'bars' as const,
  title: 'What each further host is worth',
  subtitle: 'Requests a second, each host confined to the same share of a core; medians',
  unit: '/s',
  series: [{ name: 'requests', color: chartColors[3] }],
  groups: rungs.map((row) => ({ name: row.id, values: [row.requests_per_second ?? null] })),
  log: false,
})

function rungBudgets(row: Row): Budget[] {
  const errors = {
    ...{ what: `errors, ${row.id}`, measured: count(row.errors ?? 0), limit: '0' },
    met: row.errors === 0,
  }
  if (row.hosts !== 2) return [errors]
  const times = {
    ...{ what: 'two hosts against one', measured: `${row.times?.toFixed(2)} ×` },
    ...{ limit: `≥ ${twoHostsMin} ×`, met: (row.times ?? 0) >= twoHostsMin },
  }
  return [times, errors]
}

function budgetsOf(row: Row): Budget[] {
  const { id, violations = 0, written_ms: written } = row
  const kept = { what: id, measured: count(violations), limit: '0', met: violations === 0 }
  if (typeof written !== 'number') return [kept]
  const soon = {
    ...{ what: `${id}: first write after the promotion`, measured: `${count(written)} ms` },
    ...{ limit: `≤ ${count(writtenMsMax)} ms`, met: written <= writtenMsMax },
  }
  return [kept, soon]
}

const ladderTable = (rungs: Row[]): Table => ({
  title: 'Hosts',
  headers: ['what', 'requests/s', 'times one', 'errors', 'p50 ms', 'p99 ms'],
  rows: rungs.map((row) => [
    ...[row.id, count(row.requests_per_second ?? undefined), row.times?.toFixed(2) ?? '–'],
    ...[count(row.errors ?? 0), ms(row.p50_ms ?? undefined), ms(row.p99_ms ?? undefined)],
  ]),
})

const promisesTable = (promises: Row[]): Table => ({
  title: 'What hosts promise together',
  headers: ['promise', 'tried', 'violations', 'slowest ms', 'at most ms'],
  rows: promises.map((row) => [
    ...[row.promise ?? '', count(row.tried ?? 0), count(row.violations ?? 0)],
    ...[row.slowest_ms, row.bound_ms].map((value) => (value ? count(value) : '')),
  ]),
})

const failoversTable = (failovers: Row[]): Table => ({
  title: 'Failover under pledges',
  headers: [
    'primary',
    'how hosts find it',
    'acknowledged',
    'promoted ms',
    'then written ms',
    'lost',
  ],
  rows: failovers.map((row) => [
    ...[row.fate ?? '', row.way ?? '', count(row.acknowledged ?? 0)],
    ...[row.promoted_ms, row.written_ms].map((value) => count(value ?? undefined)),
    count(row.violations ?? 0),
  ]),
})
