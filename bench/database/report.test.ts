import { expect, test } from 'bun:test'
import { svgOf } from '../page/report'
import type { Measurement } from './database'
import type { Run } from './load'
import {
  type DatabaseFindings,
  errorSentences,
  findingsMarkdown,
  findingsText,
  reportRows,
} from './report'
import type { TrialRow } from './trial'

const run = (operationsPerSecond: number, errors = 0): Run => ({
  ...{ operations: 10, operationsPerSecond, errors, firstError: errors > 0 ? 'broken' : undefined },
  ...{ p50Ms: 1.2346, p75Ms: 2, p90Ms: 3, p99Ms: 4, clientCpuUs: 50, postgresCpuUs: undefined },
})

const workload = {
  ...{ id: 'x', name: 'pledges', writes: { pledges: true, projects: true }, sampling: 1 },
  operation: () => Promise.resolve(),
  scripts: () => Promise.resolve([]),
}

const both: Measurement = {
  ...{ workload, connections: 8, ours: run(1234.56), pgbench: run(2000, 3), hotShare: 0.25 },
  ratio: { ratio: 0.617, low: 0.6, high: 0.65 },
}
const alone: Measurement = {
  ...{ workload, connections: 1, ours: run(500), pgbench: undefined, hotShare: undefined },
  ratio: undefined,
}
const setting: TrialRow = {
  ...{ setting: 'fillfactor', value: '90', load: 'pledges', run: { ...run(900), walBytes: 512.4 } },
  ...{ ratio: { ratio: 1.1, low: 1.08, high: 1.12 }, verdict: 'ship' },
}

test('rows have a throughput for each side, a comparison, and what is unknown as null', () => {
  const rows = reportRows({ measurements: [both], settings: [setting] })
  expect(rows).toMatchObject([
    {
      id: 'pledges, 8 connections, ours',
      ...{ requests_per_second: 1234.6, errors: 0, p50_ms: 1.235, cpu_us_per_request: 50 },
      ...{ postgres_cpu_us_per_request: null, hot_share: 0.25 },
    },
    { id: 'pledges, 8 connections, pgbench', requests_per_second: 2000, errors: 3 },
    {
      id: 'pledges, 8 connections: ours / pgbench',
      ...{ ratio: 0.617, ratio_low: 0.6, ratio_high: 0.65 },
    },
    { id: 'fillfactor 90: pledges', wal_bytes_per_request: 512 },
    { id: 'fillfactor 90: pledges, against what is shipped', ratio: 1.1, verdict: 'ship' },
  ])
})

const chartOf = async (findings: DatabaseFindings) => {
  const scale = { projects: 1, people: 1, pledges: 1 }
  return (await svgOf('database', { rows: reportRows(findings), scale })).svg
}

test('without pgbench our figures stand alone', async () => {
  const findings = { measurements: [alone], settings: [] }
  expect(reportRows(findings)).toHaveLength(1)
  expect(findingsText(findings)).toMatch(/pledges +1 +500 +– +–/)
  expect(await chartOf(findings)).toContain('>500/s</text>')
  expect(await chartOf(findings)).not.toContain('pgbench')
  expect(findingsMarkdown(findings)).not.toContain('Settings')
})

test('the tables, the page and the chart name both sides', async () => {
  const findings = { measurements: [both, alone], settings: [setting] }
  expect(findingsText(findings)).toMatch(/pledges +8 +1,235 +2,000 +0\.62 +0\.60 to 0\.65/)
  expect(findingsMarkdown(findings)).toContain('| fillfactor | 90 | pledges | 900 | 1.10 |')
  expect(await chartOf(findings)).toContain('pledges, 8 connections')
  expect(await chartOf(findings)).toContain('through pgbench')
})

test('errors are told with the first of them', () => {
  expect(errorSentences({ measurements: [both, alone], settings: [setting] })).toEqual([
    'pledges, 8 connections, pgbench: 3 errors, the first: broken',
  ])
})
