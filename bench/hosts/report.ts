import { plural } from '#lib/text'
import { count, ms, percent, rounded } from '../database/report'
import { markdownTable, textTable } from '../report'
import { writtenMsMax } from './failover'
import type { WaysFailover } from './failovers'
import type { Rung } from './ladder'
import type { Promised } from './promised'

/** What `jumpstarter bench hosts` has found; what was not asked for is empty. */
export interface HostsFindings {
  rungs: Rung[]
  promised: Promised[]
  failovers: WaysFailover[]
}

/** What two hosts serve, against one. */
export const twoHostsMin = 1.9

/** The rows of the JSON file. */
export const hostsRows = ({ rungs, promised, failovers }: HostsFindings): object[] => [
  ...rungs.map((rung) => ({
    id: plural(rung.hosts, 'host'),
    hosts: rung.hosts,
    requests_per_second: rounded(rung.requestsPerSecond, 1),
    errors: rung.errors,
    p50_ms: rounded(rung.p50Ms, 3),
    p99_ms: rounded(rung.p99Ms, 3),
    times: rounded(rung.times.middle, 3),
    times_low: rounded(rung.times.low, 3),
    times_high: rounded(rung.times.high, 3),
    core_share_of_host: rounded(rung.used, 4),
    idle_cpu_share: rounded(rung.idle, 3),
  })),
  ...promised.map(({ id, title, tried, violations, slowestMs, boundMs }) => ({
    ...{ id: `promise: ${id}`, promise: title, tried, violations: violations.length },
    ...(slowestMs === undefined ? {} : { slowest_ms: rounded(slowestMs, 1) }),
    ...(boundMs === undefined ? {} : { bound_ms: boundMs }),
  })),
  ...failovers.map((found, index) => ({
    id: `failover ${index + 1}: primary ${found.fate}, ${found.way}`,
    ...{ fate: found.fate, way: found.way },
    operations: found.operations.length,
    acknowledged: acknowledgedOf(found),
    unheard: found.operations.reduce((sum, { unheard }) => sum + unheard, 0),
    promoted_ms: rounded(found.promotedMs, 0),
    written_ms: rounded(found.writtenMs, 0),
    outage_ms: rounded(found.outageMs, 0),
    checks: found.checks,
    violations: violationsOf(found).length,
  })),
]

const acknowledgedOf = ({ operations }: WaysFailover) =>
  operations.filter(({ outcome }) => outcome === 'ok').length

/** What was lost or doubled, and a write that came too late. */
const violationsOf = ({ violations, writtenMs }: WaysFailover): string[] => [
  ...violations,
  ...(writtenMs <= writtenMsMax
    ? []
    : [
        Number.isNaN(writtenMs)
          ? 'no write after it'
          : `written only ${count(writtenMs)} ms after it`,
      ]),
]

/** A sentence for each promise that was not kept; none is the promise of the whole. */
export const allViolations = ({ promised, failovers }: HostsFindings): string[] => [
  ...promised.flatMap(({ id, violations }) => violations.map((each) => `${id}: ${each}`)),
  ...failovers.flatMap((found) =>
    violationsOf(found).map((each) => `primary ${found.fate}, ${found.way}: ${each}`),
  ),
]

type Table = [headers: string[], rows: string[][]]

const ladderTable = (rungs: Rung[]): Table => [
  [
    ...['hosts', 'requests/s', 'times one', 'lowest', 'highest', 'errors', 'p50 ms', 'p99 ms'],
    ...['each of a core', 'idle'],
  ],
  rungs.map(({ hosts, requestsPerSecond, times, errors, p50Ms, p99Ms, used, idle }) => [
    ...[`${hosts}`, count(requestsPerSecond)],
    ...[times.middle, times.low, times.high].map((value) => value.toFixed(2)),
    ...[`${errors}`, ms(p50Ms), ms(p99Ms), `${(used * 100).toFixed(1)}%`, percent(idle)],
  ]),
]

const promisesTable = (promised: Promised[]): Table => [
  ['promise', 'tried', 'violations', 'slowest ms', 'at most ms'],
  promised.map(({ title, tried, violations, slowestMs, boundMs }) => [
    ...[title, count(tried), `${violations.length}`],
    ...[slowestMs, boundMs].map((value) => (value === undefined ? '' : count(value))),
  ]),
]

const failoversTable = (failovers: WaysFailover[]): Table => [
  [
    ...['primary', 'how it is found', 'operations', 'acknowledged', 'promoted ms'],
    ...['then written ms', 'no pledge ms', 'violations'],
  ],
  failovers.map((found) => [
    ...[found.fate, found.way, count(found.operations.length), count(acknowledgedOf(found))],
    ...[found.promotedMs, found.writtenMs, found.outageMs].map((value) =>
      Number.isFinite(value) ? count(value) : 'never',
    ),
    `${violationsOf(found).length}`,
  ]),
]

const sections = ({ rungs, promised, failovers }: HostsFindings): [string, Table][] => [
  ...(rungs.length > 0 ? [['Hosts', ladderTable(rungs)] satisfies [string, Table]] : []),
  ...(promised.length > 0 ? [['Promises', promisesTable(promised)] satisfies [string, Table]] : []),
  ...(failovers.length > 0
    ? [['Failover', failoversTable(failovers)] satisfies [string, Table]]
    : []),
]

/** The findings for a terminal. */
export const hostsText = (findings: HostsFindings): string =>
  [
    ...sections(findings).map(([title, table]) => `${title}\n\n${textTable(...table)}`),
    verdict(findings),
  ].join('\n\n')

/** The findings as a page; the caller's report adds when, where and the notes. */
export const hostsMarkdown = (findings: HostsFindings): string =>
  [
    '# Several hosts',
    'App hosts behind one HAProxy, a primary and a replica of Postgres and a Redis, each with an ' +
      'address of its own. What more hosts serve, each confined to its share of a core; what they ' +
      'promise together, and how often it was not kept; and what becomes of pledges when Patroni ' +
      'promotes the other Postgres.',
    verdict(findings),
    ...sections(findings).map(([title, table]) => `## ${title}\n\n${markdownTable(...table)}`),
  ].join('\n\n')

function verdict(findings: HostsFindings): string {
  const two = findings.rungs.find(({ hosts }) => hosts === 2)
  const { low, middle, high } = two?.times ?? { low: 0, middle: 0, high: 0 }
  const violations = allViolations(findings).length
  return [
    ...(two
      ? [
          `Two hosts serve ${middle.toFixed(2)} times what one serves (${low.toFixed(2)} to ` +
            `${high.toFixed(2)}), ${middle >= twoHostsMin ? 'at least' : 'less than'} the ` +
            `${twoHostsMin} we ask for.`,
        ]
      : []),
    ...(findings.promised.length + findings.failovers.length > 0
      ? [violations === 0 ? 'Every promise was kept.' : `${plural(violations, 'violation')}.`]
      : []),
  ].join(' ')
}
