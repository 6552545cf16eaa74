import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readGuide } from '#testing/guides'
import { readOpenMetrics } from '#testing/openmetrics'
import { findProgram, installPackages } from '#testing/packages'
import { checkoutCommand, run } from '#testing/program'
import { alerts, prometheusRules } from './alerts'
import { type FamilyName, families, isHidden, type Report } from './families'
import { toOpenMetrics } from './openmetrics'

setDefaultTimeout(180_000)

const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-alerts-'))
const promtool = (...words: string[]) =>
  run([findProgram('promtool') ?? 'promtool', ...words], { cwd: directory })

beforeAll(async () => {
  await installPackages({ promtool: 'prometheus' })
  await Bun.write(join(directory, 'rules.yml'), prometheusRules())
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('generate prints rules that Prometheus takes', async () => {
  const printed = await run([...checkoutCommand, 'generate', 'prometheus-rules'])
  expect(printed).toEqual({ exitCode: 0, stderr: '', stdout: prometheusRules() })
  const checked = await promtool('check', 'rules', 'rules.yml')
  expect(checked).toMatchObject({ exitCode: 0, stderr: '' })
  expect(checked.stdout).toContain(`SUCCESS: ${alerts.length} rules found`)
  const refused = await run([...checkoutCommand, 'generate', 'prometheus-rules', '--name', 'x'])
  expect(refused.exitCode).toBe(2)
})

test('they ask for nothing that /metrics does not tell, by name and label', () => {
  const names = (Object.keys(families) as FamilyName[]).filter((name) => !isHidden(name))
  const report = names.map((name): Report[number] => {
    const { labels, bounds } = families[name]
    return [
      name,
      labels.map(() => 'x'),
      Array.from({ length: (bounds?.length ?? -1) + 2 }, () => 0),
    ]
  })
  const told = readOpenMetrics(toOpenMetrics(report))
  for (const { name, when } of alerts) {
    const asked = when.replaceAll(/by \([^)]*\)/g, '')
    const series = [...asked.matchAll(/\b([a-z]+(?:_[a-z]+)+)\b(?!\()(?:\{([^}]*)\})?/g)]
    const strangers = series.filter(([, metric = '', labels = '']) => {
      const samples = told.filter((sample) => sample.name === metric)
      const wanted = [...labels.matchAll(/(\w+)(?:=|!)/g)].map(([, label = '']) => label)
      return !samples.some((sample) => wanted.every((label) => label in sample.labels))
    })
    const known = when.startsWith('up{') ? 0 : 1
    expect({ name, strangers, found: series.length >= known }).toEqual({
      ...{ name, strangers: [], found: true },
    })
  }
})

test('each is explained under its name', () => {
  const headings = readGuide('TROUBLESHOOTING.md').match(/^#+ .*$/gm) ?? []
  const explained = headings.map((heading) => heading.replace(/^#+ /, ''))
  for (const { name } of alerts) expect(explained).toContain(name)
})

const of = (metric: string, labels = '') =>
  `${metric}{job="jumpstarter", instance="a"${labels && `, ${labels}`}}`
/** Buckets of which all observations are up to `le`, one a second. */
const upTo = (family: string, le: string, labels = '') =>
  ['0.1', '0.5', '1.0', '2.5', '5.0', '+Inf'].map((bound) => [
    of(`${family}_bucket`, `${labels && `${labels}, `}le="${bound}"`),
    bound === '+Inf' || Number(bound) >= Number(le) ? '0+60x60' : '0x60',
  ])
const answered = (status: string, perMinute: number) => [
  of('http_server_request_duration_seconds_count', `http_response_status_code="${status}"`),
  `0+${perMinute}x60`,
]
const pool = 'db_client_connection_pool_name="pages"'

/** Each alert, with figures that it speaks up at, and others that it is silent at. */
const scenes: Record<string, [fires: string[][], quiet: string[][]]> = {
  JumpstarterDown: [[[of('up'), '0x60']], [[of('up'), '1x60']]],
  JumpstarterNoWorkers: [
    [[of('jumpstarter_workers'), '0x60']],
    [[of('jumpstarter_workers'), '1x60']],
  ],
  JumpstarterWorkersEnd: [
    [[of('jumpstarter_worker_restarts_total'), '0+1x60']],
    [[of('jumpstarter_worker_restarts_total'), '1x60']],
  ],
  JumpstarterErrors: [
    [answered('200', 98), answered('503', 2)],
    [answered('200', 998), answered('500', 2)],
  ],
  JumpstarterRefuses: [
    [[of('jumpstarter_refused_requests_total', 'urgency="browsing"'), '0+600x60']],
    [[of('jumpstarter_refused_requests_total', 'urgency="browsing"'), '0+6x60']],
  ],
  JumpstarterSlow: [
    upTo('http_server_request_duration_seconds', '2.5'),
    upTo('http_server_request_duration_seconds', '0.5'),
  ],
  JumpstarterEventLoopLag: [
    upTo('jumpstarter_event_loop_delay_seconds', '0.5', 'worker="0"'),
    upTo('jumpstarter_event_loop_delay_seconds', '0.1', 'worker="0"'),
  ],
  JumpstarterMemory: [
    [[of('process_memory_usage_bytes', 'worker="0"'), '600000000x60']],
    [[of('process_memory_usage_bytes', 'worker="0"'), '300000000x60']],
  ],
  JumpstarterPoolWaiting: [
    [[of('db_client_connection_pending_requests', pool), '9x60']],
    [[of('db_client_connection_pending_requests', pool), '0 9 0 0 0 0 0 0 0 0 0 0 9 0x47']],
  ],
  JumpstarterDatabaseSlow: [
    upTo('db_client_operation_duration_seconds', '1.0', pool),
    upTo('db_client_operation_duration_seconds', '0.1', pool),
  ],
  JumpstarterReplicaOut: [
    [[of('jumpstarter_replica_in_use', 'replica="b"'), '0x60']],
    [[of('jumpstarter_replica_in_use', 'replica="b"'), '1x60']],
  ],
  JumpstarterReplicaLag: [
    [[of('jumpstarter_replica_lag_seconds', 'replica="b"'), '3x60']],
    [[of('jumpstarter_replica_lag_seconds', 'replica="b"'), '0.2x60']],
  ],
  JumpstarterMailWaits: [
    [[of('jumpstarter_outbox_oldest_seconds'), '1000x60']],
    [[of('jumpstarter_outbox_oldest_seconds'), '20x60']],
  ],
}

test('each speaks up when it should, and not otherwise', async () => {
  expect(Object.keys(scenes)).toEqual(alerts.map(({ name }) => name))
  const tests = Object.entries(scenes).flatMap(([name, [fires, quiet]]) =>
    [fires, quiet].map((figures, isQuiet) => ({
      interval: '1m',
      input_series: figures.map(([series, values]) => ({ series, values })),
      promql_expr_test: [
        {
          expr: `count(ALERTS{alertname="${name}", alertstate="firing"})`,
          eval_time: '55m',
          exp_samples: isQuiet ? [] : [{ labels: '{}', value: 1 }],
        },
      ],
    })),
  )
  // JSON is YAML.
  const file = { rule_files: ['rules.yml'], evaluation_interval: '1m', tests }
  await Bun.write(join(directory, 'scenes.yml'), JSON.stringify(file))
  expect(await promtool('test', 'rules', 'scenes.yml')).toMatchObject({ exitCode: 0, stderr: '' })
})
