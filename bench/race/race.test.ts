import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '#testing/database'
import { installPackages } from '#testing/packages'
import { findPgbench } from '../database/pgbench'
import { findInstrument } from '../load/instruments'
import { processTree } from '../load/processes'
import { sampleTraffic } from '../load/traffic'
import { svgOf } from '../page/report'
import { peers } from '../peers/peers'
import { measureRaces, projectScript, type Race, racesOf } from './race'
import { raceRows, racesMarkdown, racesText, verdict } from './report'

// Where they cannot be had, what needs them is left out.
await installPackages({ wrk: 'wrk' }).catch(() => {})

setDefaultTimeout(120_000)

const { signal } = new AbortController()
let site: TestDatabase

beforeAll(async () => {
  site = await testDatabase()
})
afterAll(() => site.close())

test('each peer is raced in what it serves, and pgbench in the API', () => {
  expect(racesOf(peers).map(({ kind, peer }) => `${kind} ${peer?.id ?? 'pgbench'}`)).toEqual([
    ...['cached-page express-2018', 'cached-page next', 'cached-page bare-bun'],
    ...['cached-page nginx', 'page express-2018', 'page next', 'page bare-react'],
    ...['api express-2018', 'api next', 'api bare-react', 'api pgbench'],
  ])
})

test('pgbench is given the one query of our API, for one project', async () => {
  const traffic = await sampleTraffic(site.db, 20)
  const { text, defines } = await projectScript(site.url, traffic)
  expect(text).toMatch(/^\\set percent .*\n\\set id .*\nselect [^;]* = :id;\n$/)
  expect(text).toContain('"stories"."story"')
  const { first, step, count } = traffic.strides.newest
  expect(text).toContain(`then ${first} + ${step} * random(0, ${count - 1}) else `)
  expect(defines).toEqual([])
})

const tools = findInstrument('wrk') !== null
const pgbench = await findPgbench()

describe.if(tools && pgbench !== undefined)('a race', () => {
  test('is run with real servers in turns, judged and reported; nothing is left', async () => {
    const children = processTree(process.pid)
    const turns: string[] = []
    const races = await measureRaces(
      peers.filter(({ id }) => id === 'bare-bun'),
      {
        ...{ db: site.db, databaseUrl: site.url, executable: undefined, workers: 2, signal },
        ...{ connections: [4], rounds: 2, seconds: 1, warmUpSeconds: 1, poolConnections: 2 },
        traffic: await sampleTraffic(site.db, 20),
        report: (what) => turns.push(what),
      },
    )
    expect(processTree(process.pid)).toEqual(children)
    expect(turns.slice(0, 4)).toEqual([
      ...['cached page: ours', 'cached page: bare Bun.serve, one constant answer'],
      ...['cached page: ours', 'cached page: bare Bun.serve, one constant answer'],
    ])
    expect(races.map(({ peer, budget }) => [peer, budget])).toEqual([
      ...[
        ['bare-bun', 0.95],
        ['pgbench', 0.8],
      ],
    ])
    for (const { ours, theirs, ratio } of races) {
      expect([ours.median.errors, theirs.median.errors]).toEqual([0, 0])
      expect(ratio.low).toBeGreaterThan(0)
      expect(ratio.high).toBeGreaterThanOrEqual(ratio.low)
    }
    expect(races[1]?.ours.connections).toBe(256)
    await reported(races)
  })

  async function reported(races: Race[]) {
    const judged = races.map((race, index) => ({
      ...race,
      ratio: { ratio: index === 0 ? 0.96 : 0.79, low: 0.5, high: 1 },
    }))
    expect(verdict(judged)).toBe('1 of 2 budgets met.')
    const rows = raceRows(judged) as Record<string, unknown>[]
    expect(rows.filter(({ ratio }) => ratio !== undefined)).toMatchObject([
      { ratio: 0.96, ratio_low: 0.5, ratio_high: 1, budget: 0.95, met: true },
      { ratio: 0.79, cpu_ratio: null, budget: 0.8, met: false },
    ])
    expect(rows.find(({ cpu_ratio }) => cpu_ratio)?.['cpu_ratio']).toBeGreaterThan(0)
    const refusing = judged.map((race) => ({
      ...race,
      ours: { ...race.ours, median: { ...race.ours.median, errors: 1 } },
    }))
    expect(verdict(refusing)).toBe('0 of 2 budgets met.')
    expect(racesText(judged)).toMatch(/≥ 0\.95 +met\n/)
    expect(racesMarkdown(judged)).toMatch(/≥ 0\.8 \| missed \|/)
    const { svg } = await svgOf('peers', { rows, scale: { projects: 1, people: 1, pledges: 1 } })
    expect(svg).toContain('cached page · bare Bun.serve')
  }
})
