import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import { type TestDatabase, testDatabase } from '#testing/database'
import { installPackages } from '#testing/packages'
import { findInstrument } from '../load/instruments'
import { measureSubjects } from '../load/measure'
import { processTree } from '../load/processes'
import { descriptorsMax } from '../load/room'
import { sampleTraffic } from '../load/traffic'
import { svgOf } from '../page/report'
import { type Confinement, openConfinement } from './cgroup'
import { errorRate, headlineSubjects, timesTen } from './headline'
import {
  availableBytes,
  requireCores,
  requireDescriptors,
  requireMemory,
  requireRoom,
} from './preconditions'
import { scaleMarkdown, scaleRows, scaleText, verdict } from './report'
import {
  cellName,
  efficiencies,
  efficiencyOf,
  inTurn,
  limitsOf,
  measureScale,
  published,
  requireConfined,
  type ScaleCell,
  type ScaleRun,
} from './scale'
import { watchRun } from './usage'

// Where they cannot be had, what needs them is left out.
await installPackages({ wrk: 'wrk', h2load: 'nghttp2-client', nginx: 'nginx' }).catch(() => {})

setDefaultTimeout(120_000)

let site: TestDatabase
let scratch: string
const usualScratch = process.env['TMPDIR']

beforeAll(async () => {
  site = await testDatabase()
  // Of our own, so that nobody else's directories are among what is left.
  scratch = mkdtempSync(join(tmpdir(), 'scale-test-'))
  process.env['TMPDIR'] = scratch
})
afterAll(async () => {
  if (usualScratch === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = usualScratch
  rmSync(scratch, { recursive: true, force: true })
  await site.close()
})

const runOf = (
  operationsPerSecond: number,
  shares: Partial<ScaleRun['shares']> = {},
): ScaleRun => ({
  ...{ operations: 100, operationsPerSecond, errors: 0, averageMs: 1 },
  ...{ p50Ms: 1, p75Ms: 2, p90Ms: 3, p99Ms: 4 },
  shares: {
    ...{ instances: 0.1, nginx: 0.1, generator: 0.1, postgres: 0.1, idle: 0.5 },
    ...{ throttled: 1, mean: 0.1, most: 0.1, ...shares },
  },
})

const cellOf = (instances: number, runs: ScaleRun[]): ScaleCell => ({
  ...{ instances, transport: 'unix', runs, median: runs[0] ?? runOf(0) },
})

describe('efficiency', () => {
  test('is paired within the round, with its lowest and highest', () => {
    const [ten, one] = [
      [900, 2_000, 1_000].map((rate) => runOf(rate)),
      [100, 200, 100].map((rate) => runOf(rate)),
    ]
    expect(efficiencyOf(10, ten, one)).toEqual({ ratio: 1, low: 0.9, high: 1 })
    expect(efficiencyOf(1, one, one)).toEqual({ ratio: 1, low: 1, high: 1 })
  })

  test('of 2018 was 0.53 at ten', () => {
    expect(published.map(({ instances }) => instances)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(published[0]?.efficiency).toBe(1)
    expect(published[9]?.efficiency).toBeCloseTo(0.534, 3)
    expect(published[9]?.figures).toMatchObject({ errors: 100, p99_ms: 197.7 })
  })

  test('is told what else was the limit', () => {
    expect(limitsOf(cellOf(1, [runOf(1)]), 0.1)).toEqual([])
    expect(limitsOf(cellOf(1, [runOf(1, { idle: 0.04 })]), 0.1)).toEqual(['the machine was full'])
    expect(limitsOf(cellOf(1, [runOf(1, { mean: 0.08 })]), 0.1)).toEqual([
      'the instances were not at their limit',
    ])
  })

  test('is not told of instances that were not confined', () => {
    expect(() => requireConfined(runOf(1, { most: 0.105 }), 0.1)).not.toThrow()
    expect(() => requireConfined(runOf(1, { most: 0.2 }), 0.1)).toThrow(
      'An instance took 20.0% of a core where 10.0% are its share',
    )
    expect(() => requireConfined(runOf(1, { most: Number.NaN }), 0.1)).toThrow(CommandError)
  })
})

describe('room', () => {
  const room = { instances: 10, share: 0.1, connections: 6, sites: 20 }

  test('of cores, memory and file descriptors', () => {
    expect(() => requireCores(room, 2)).not.toThrow()
    expect(() => requireCores({ ...room, share: 0.2 }, 2)).toThrow(
      '10 instances with 20% of a core each take more than half of the 2 cores here',
    )
    const meminfo = 'MemTotal: 9000000 kB\nMemAvailable:    2560000 kB\n'
    expect(() => requireMemory(10, availableBytes(meminfo))).not.toThrow()
    expect(() => requireMemory(11, availableBytes(meminfo))).toThrow(
      '11 instances need 2750 MB of memory, and 2500 MB are free: lower --instances.',
    )
    const limits = (soft: string) => descriptorsMax(`Max open files   ${soft}   524288   files\n`)
    expect(() => requireDescriptors(room, limits('1516'))).not.toThrow()
    expect(() => requireDescriptors(room, limits('unlimited'))).not.toThrow()
    expect(() => requireDescriptors(room, limits('1024'))).toThrow(
      'nginx may need 1516 file descriptors, and a process here may have 1024',
    )
  })

  test('in Postgres', async () => {
    await requireRoom(site.db, { ...room, instances: 1 })
    await expect(requireRoom(site.db, { ...room, share: 0.001, instances: 500 })).rejects.toThrow(
      /500 instances need (125000 MB of memory|2504 sessions in Postgres)/,
    )
  })
})

describe('watching', () => {
  const nobody = { groups: [], nginx: [], postgres: [] }

  test('lasts as long as the run, whose beginning does not count', async () => {
    const child = Bun.spawn(['sh', '-c', 'while :; do :; done'])
    try {
      await Bun.sleep(500)
      const beganAt = performance.now()
      const watched = { ...nobody, nginx: [child.pid] }
      const { idle, nginx } = await watchRun(watched, 1, new AbortController().signal)
      expect(performance.now() - beganAt).toBeGreaterThan(990)
      // A whole core at most, of a machine that is busy otherwise less.
      expect(nginx).toBeGreaterThan(0)
      expect(nginx).toBeLessThanOrEqual(1.1 / cpus().length)
      expect(idle).toBeGreaterThanOrEqual(0)
      expect(idle + nginx).toBeLessThanOrEqual(1.1)
    } finally {
      child.kill('SIGKILL')
      await child.exited
    }
  })

  test('ends when it is interrupted', async () => {
    const controller = new AbortController()
    const watching = watchRun(nobody, 60, controller.signal)
    controller.abort()
    await expect(watching).rejects.toThrow('abort')
  })
})

test('rounds are balanced: either transport is first as often, up as down', () => {
  const cells = [1, 2, 3].flatMap((instances) =>
    (['unix', 'tcp'] as const).map((transport) => ({ site: { instances, transport } })),
  )
  const turn = (round: number) =>
    inTurn(cells, round).map(({ site }) => `${site.transport[0]}${site.instances}`)
  expect([0, 1, 2, 3].map(turn)).toEqual([
    ['u1', 't1', 'u2', 't2', 'u3', 't3'],
    ['t3', 'u3', 't2', 'u2', 't1', 'u1'],
    ['t1', 'u1', 't2', 'u2', 't3', 'u3'],
    ['u3', 't3', 'u2', 't2', 'u1', 't1'],
  ])
  expect(turn(4)).toEqual(turn(0))
})

/** Undefined where cgroups are not permitted; cgroup.test.ts says so. */
function permitted(): Confinement | undefined {
  try {
    return openConfinement()
  } catch {
    return undefined
  }
}

const confinement = permitted()
const tools = ['wrk', 'h2load', 'nginx'].every((name) => findInstrument(name) !== null)

/** What a run could leave behind: groups, directories with sockets, processes. */
function traces(): string[] {
  const hierarchy = confinement?.description.replace(/^.* in /, '')
  const groups = hierarchy === undefined ? [] : readdirSync(hierarchy)
  const ours = groups.filter((name) => name.startsWith(`jumpstarter-bench-${process.pid}-`))
  return [...ours, ...readdirSync(scratch), ...processTree(process.pid).map(String)]
}

const optionsFor = async (signal = new AbortController().signal) => ({
  ...{ db: site.db, databaseUrl: site.url, executable: undefined, pageCacheMb: undefined },
  ...{ traffic: await sampleTraffic(site.db, 20), counts: [1, 2], share: 0.1, connections: 8 },
  ...{ rounds: 1, seconds: 1, warmUpSeconds: 1, workers: 1, signal, report: () => {} },
})

describe.if(tools)('a run', () => {
  test.if(confinement !== undefined)(
    'measures confined instances, and leaves nothing',
    async () => {
      if (!confinement) return
      const before = traces()
      const cells = await measureScale({ ...(await optionsFor()), confinement })
      expect(traces()).toEqual(before)
      expect(cells.map(cellName)).toEqual([
        ...['1 instance, Unix sockets', '1 instance, TCP'],
        ...['2 instances, Unix sockets', '2 instances, TCP'],
      ])
      for (const { median } of cells) {
        expect([median.errors, median.operationsPerSecond > 10]).toEqual([0, true])
        expect(median.shares.most).toBeLessThan(0.12)
        expect(median.shares.throttled).toBeGreaterThan(0.5)
        // What the others take in a second may be less than the kernel's clock shows.
        const { instances, nginx, generator, postgres, idle } = median.shares
        expect(instances).toBeGreaterThan(0)
        for (const share of [nginx, generator, postgres, idle]) {
          expect(share).toBeGreaterThanOrEqual(0)
          expect(share).toBeLessThanOrEqual(1)
        }
      }
      const [, , two] = efficiencies(cells)
      expect(two?.efficiency.ratio).toBeGreaterThan(0.5)
      await reported(cells)
    },
  )

  test('measures one host without a limit, each way, and leaves nothing', async () => {
    const before = traces()
    const options = await optionsFor()
    const headline = await measureSubjects(headlineSubjects(options), {
      ...{ ...options, connections: [8] },
    })
    expect(traces()).toEqual(before)
    expect(headline.map(({ id }) => id)).toEqual([
      'behind nginx, over Unix sockets (wrk)',
      'direct, over TCP (h2load)',
      'direct, over Unix sockets (h2load)',
    ])
    for (const row of headline) expect([row.id, errorRate(row)]).toEqual([row.id, 0])
    const [first] = timesTen(headline)
    expect((first?.ratio.ratio ?? 0) * 7382.94).toBeCloseTo(
      headline[0]?.median.operationsPerSecond ?? 0,
    )
  })

  test.if(confinement !== undefined).each([600, 6_000])(
    'that is interrupted after %d ms leaves nothing',
    async (afterMs) => {
      if (!confinement) return
      const before = traces()
      const controller = new AbortController()
      const options = await optionsFor(controller.signal)
      setTimeout(() => controller.abort(new Error('enough')), afterMs)
      await expect(measureScale({ ...options, seconds: 60, confinement })).rejects.toThrow('enough')
      expect(traces()).toEqual(before)
    },
  )

  async function reported(cells: ScaleCell[]) {
    const findings = { cells, share: 0.1, headline: [] }
    const rows = scaleRows(findings) as Record<string, unknown>[]
    const row = rows.find(({ id }) => id === '2 instances, Unix sockets')
    expect(row).toMatchObject({ instances: 2, transport: 'unix', errors: 0 })
    expect(row?.['efficiency']).toBeGreaterThan(0.5)
    expect(rows.at(-1)).toMatchObject({ instances: 10, efficiency: 0.534, errors: 100 })
    for (const text of [scaleText(findings), scaleMarkdown(findings)]) {
      expect(text).toContain('2 instances, TCP')
      expect(text).toContain('7,383')
    }
    expect(verdict(findings)).toMatch(/^2 instances, Unix sockets: efficiency .*2018: 0.90/)
    const { svg } = await svgOf('scale', { rows, scale: { projects: 1, people: 1, pledges: 1 } })
    expect(svg).toContain('published in 2018')
  }
})
