import { type FamilyName, families } from './families'

/** What an operator is woken for, or told of: a rule for Prometheus. */
export interface Alert {
  /** Also the heading in TROUBLESHOOTING.md that says more. */
  name: string
  /** PromQL. */
  when: string
  /** For how long, before anybody is told: `5m`. */
  lasting: string
  /** Critical: readers notice. */
  severity: 'critical' | 'warning'
  /** With the templates of Prometheus. */
  summary: string
  /** What to do first. */
  action: string
}

const suffixes = { counter: '_total', gauge: '', info: '_info', histogram: '_bucket' } as const

/** A family as `/metrics` calls it; of a histogram its buckets. */
const of = (name: FamilyName) => `${name}${suffixes[families[name].type]}`
const countOf = (name: FamilyName) => `${name}_count`

const requests = countOf('http_server_request_duration_seconds')
const perSecond = (samples: string) => `sum by (job, instance) (rate(${samples}[5m]))`
const slowestOf = (name: FamilyName, ...labels: string[]) => {
  const by = ['job', 'instance', ...labels, 'le'].join(', ')
  return `histogram_quantile(0.99, sum by (${by}) (rate(${of(name)}[5m])))`
}

const up: Alert[] = [
  {
    name: 'JumpstarterDown',
    when: 'up{job="jumpstarter"} == 0',
    lasting: '1m',
    severity: 'critical',
    summary: '{{ $labels.instance }} does not answer for its figures.',
    action: 'See systemctl status jumpstarter and journalctl --unit jumpstarter; start it.',
  },
  {
    name: 'JumpstarterNoWorkers',
    when: `${of('jumpstarter_workers')} == 0`,
    lasting: '1m',
    severity: 'critical',
    summary: 'No worker runs on {{ $labels.instance }}: nobody is served.',
    action: 'journalctl --unit jumpstarter says why they end.',
  },
  {
    name: 'JumpstarterWorkersEnd',
    when: `increase(${of('jumpstarter_worker_restarts')}[15m]) > 2`,
    lasting: '0m',
    severity: 'warning',
    summary:
      '{{ $value | humanize }} workers of {{ $labels.instance }} have ended within 15 minutes.',
    action: 'journalctl --unit jumpstarter says how; if they were killed, see the memory.',
  },
]

const served: Alert[] = [
  {
    name: 'JumpstarterErrors',
    when:
      `${perSecond(`${requests}{http_response_status_code=~"5.."}`)}\n` +
      `  / ${perSecond(requests)} > 0.01`,
    lasting: '5m',
    severity: 'critical',
    summary: '{{ $value | humanizePercentage }} of the requests to {{ $labels.instance }} fail.',
    action: 'Run jumpstarter doctor, then look in the log for requests with a status from 500 on.',
  },
  {
    name: 'JumpstarterRefuses',
    when: `${perSecond(of('jumpstarter_refused_requests'))} > 1`,
    lasting: '5m',
    severity: 'warning',
    summary: '{{ $value | humanize }} requests a second to {{ $labels.instance }} are sent away.',
    action: 'More is asked than can be answered: see who asks, then add cores, a host or a CDN.',
  },
  {
    name: 'JumpstarterSlow',
    when: `${slowestOf('http_server_request_duration_seconds')} > 1`,
    lasting: '10m',
    severity: 'warning',
    summary: 'One request of a hundred takes {{ $value | humanizeDuration }} or longer.',
    action: 'See the performance page for whether it is the database, the worker or the load.',
  },
  {
    name: 'JumpstarterEventLoopLag',
    when: `${slowestOf('jumpstarter_event_loop_delay_seconds', 'worker')} > 0.25`,
    lasting: '5m',
    severity: 'warning',
    summary:
      'Worker {{ $labels.worker }} of {{ $labels.instance }} is busy for too long at a time.',
    action: 'Its core is full: see what else runs there, then add cores or a host.',
  },
  {
    name: 'JumpstarterMemory',
    when: `${of('process_memory_usage_bytes')} > 512 * 1024 * 1024`,
    lasting: '15m',
    severity: 'warning',
    summary: 'Worker {{ $labels.worker }} takes {{ $value | humanize1024 }}B of memory.',
    action: 'systemctl reload jumpstarter replaces the workers; if it comes back, report it.',
  },
]

const stoodOn: Alert[] = [
  {
    name: 'JumpstarterPoolWaiting',
    when: `avg_over_time(${of('db_client_connection_pending_requests')}[5m]) > 4`,
    lasting: '5m',
    severity: 'warning',
    summary:
      'Statements wait for a connection of the pool {{ $labels.db_client_connection_pool_name }}.',
    action: 'If Postgres is idle, raise JUMPSTARTER_POOL; if it is busy, see what it does.',
  },
  {
    name: 'JumpstarterDatabaseSlow',
    when: `${slowestOf('db_client_operation_duration_seconds')} > 0.5`,
    lasting: '10m',
    severity: 'warning',
    summary: 'One statement of a hundred takes {{ $value | humanizeDuration }} or longer.',
    action: 'Run jumpstarter doctor; the log tells of slow statements by room and name.',
  },
  {
    name: 'JumpstarterReplicaOut',
    when: `${of('jumpstarter_replica_in_use')} == 0`,
    lasting: '5m',
    severity: 'warning',
    summary: 'The replica {{ $labels.replica }} is not read from.',
    action: 'jumpstarter doctor says why; the primary answers in its place meanwhile.',
  },
  {
    name: 'JumpstarterReplicaLag',
    when: `${of('jumpstarter_replica_lag_seconds')} > 2`,
    lasting: '5m',
    severity: 'warning',
    summary: 'The replica {{ $labels.replica }} is {{ $value | humanizeDuration }} behind.',
    action: 'From 5 s on it is left out: see its disk, its load and long queries on it.',
  },
  {
    name: 'JumpstarterMailWaits',
    when: `${of('jumpstarter_outbox_oldest_seconds')} > 900`,
    lasting: '5m',
    severity: 'warning',
    summary: 'The oldest mail has waited for {{ $value | humanizeDuration }}.',
    action: 'jumpstarter doctor asks the mail server; what waits is sent when it answers again.',
  },
]

export const alerts: readonly Alert[] = [...up, ...served, ...stoodOn]

/** Where the Debian package puts what is said about each alert. */
const troubleshooting = '/usr/share/doc/jumpstarter/TROUBLESHOOTING.md'

/** All alerts as a file of rules for Prometheus 2.31 or later. */
export function prometheusRules(): string {
  const rules = alerts.map((alert) =>
    [
      `      - alert: ${alert.name}`,
      '        expr: |',
      ...alert.when.split('\n').map((line) => `          ${line}`),
      `        for: ${alert.lasting}`,
      '        labels:',
      `          severity: ${alert.severity}`,
      '        annotations:',
      `          summary: ${JSON.stringify(alert.summary)}`,
      `          action: ${JSON.stringify(alert.action)}`,
      `          runbook: ${troubleshooting}#${alert.name.toLowerCase()}`,
    ].join('\n'),
  )
  return `\
# Made by jumpstarter generate prometheus-rules:
#   jumpstarter generate prometheus-rules > /etc/prometheus/jumpstarter.rules.yml
# Name the file below rule_files: in prometheus.yml, and the scraped job jumpstarter.
groups:
  - name: jumpstarter
    rules:
${rules.join('\n')}
`
}
