import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '#testing/database'
import { installPackages } from '#testing/packages'
import { findInstrument } from '../load/instruments'
import type { Measured } from '../load/measure'
import { processTree } from '../load/processes'
import { sampleTraffic } from '../load/traffic'
import { svgOf } from '../page/report'
import { climbs, measureLadder, type Step, steps, unfilledSentences } from './ladder'
import { ladderMarkdown, ladderRows, ladderText } from './report'

// Where they cannot be had, what needs them is left out.
await installPackages({ wrk: 'wrk', h2load: 'nghttp2-client' }).catch(() => {})

setDefaultTimeout(120_000)

let site: TestDatabase

beforeAll(async () => {
  site = await testDatabase()
})
afterAll(() => site.close())

const quick = { rounds: 1, seconds: 1, warmUpSeconds: 1, report: () => {} }
const stepOf = (id: string): Step => {
  const step = steps.find((each) => each.id === id)
  if (!step) throw new Error(id)
  // The executable would first have to be built.
  return { ...step, program: 'checkout', redis: false }
}

const measure = async (ids: string[], signal = new AbortController().signal) =>
  await measureLadder(
    {
      ...{ ...quick, db: site.db, databaseUrl: site.url, executable: '', workers: 2, signal },
      ...{ connections: [4], traffic: await sampleTraffic(site.db, 20) },
    },
    ids.map(stepOf),
  )

test('each step is compared with one above it, and four repeat the rows of 2018', () => {
  for (const [index, { against }] of steps.entries()) {
    if (against === undefined) continue
    const place = steps.findIndex(({ id }) => id === against)
    expect([against, place >= 0 && place < index]).toEqual([against, true])
  }
  expect(steps.flatMap(({ published }) => published ?? [])).toEqual([
    ...['before optimizations', 'node clustering', 'redis caching', 'production mode'],
  ])
})

const tools = findInstrument('wrk') !== null && findInstrument('h2load') !== null

describe.if(tools)('a step', () => {
  test('is measured against a real server, and nothing is left running', async () => {
    const children = processTree(process.pid)
    const [before, after] = ['one process, development', 'one process per core']
    const sockets = 'Unix sockets (h2load)'
    const measured = await measure([before ?? '', after ?? '', sockets])
    expect(processTree(process.pid)).toEqual(children)
    expect(measured.map(({ id }) => id)).toEqual([before, after, sockets])
    for (const { id, median } of measured) {
      expect([id, median.errors, median.operationsPerSecond > 10]).toEqual([id, 0, true])
      expect(median.p99Ms).toBeGreaterThanOrEqual(median.p50Ms)
      expect(median.serverCpuUs).toBeGreaterThan(0)
      expect(median.generatorShare).toBeGreaterThan(0)
      expect(median.generatorShare).toBeLessThan(1)
    }
    const lazy = measured.map((row) => ({
      ...row,
      runs: row.runs.map((run) => ({ ...run, postgresCpuUs: 9 })),
    }))
    expect(unfilledSentences(lazy)).toEqual([
      `${sockets}, 4 connections: Postgres took 9.0 µs a request in one of its runs, so not every ` +
        'page came from the cache.',
    ])
    await reported(measured)
  })

  async function reported(measured: Measured[]) {
    const rows = ladderRows(measured) as Record<string, unknown>[]
    const names = rows.map(({ id }) => id)
    expect(names).toContain('one process per core, 4 connections')
    expect(names).toContain('one process per core / one process, development, 4 connections')
    const published = rows.find(({ id }) => `${id}`.endsWith('hardware: production mode'))
    expect(published).toMatchObject({ requests_per_second: 3664.98, errors: 0, p99_ms: 97.34 })
    const [climb] = climbs(measured)
    const [first, second] = measured
    expect(climb?.ratio.ratio).toBeCloseTo(
      (second?.median.operationsPerSecond ?? 0) / (first?.median.operationsPerSecond ?? 1),
    )
    const { svg } = await svgOf('ladder', { rows, scale: { projects: 1, people: 1, pledges: 1 } })
    for (const text of [ladderText(measured), ladderMarkdown(measured), svg]) {
      expect(text).toContain('one process, development')
      expect(text).toContain('1,107')
    }
  }

  test('that is interrupted leaves nothing running', async () => {
    const children = processTree(process.pid)
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('enough')), 2_500)
    await expect(
      measure(
        steps.map(({ id }) => id),
        controller.signal,
      ),
    ).rejects.toThrow('enough')
    expect(processTree(process.pid)).toEqual(children)
  })
})
