import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '#config'
import { closeDb, type Db, openDb } from '#db/client'
import { migrate } from '#db/migrations'
import { createLog } from '#observability/log'
import { seed } from '#seed/generate'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#server/embedded-postgres'
import { type TestDatabase, testDatabase } from '#testing/database'
import { installPackages } from '#testing/packages'
import { postgresProcesses, processTree } from '../load/processes'
import { sampleTraffic } from '../load/traffic'
import { svgOf } from '../page/report'
import { prepareTcpDoor, type TcpDoor } from '../queries/tcp'
import { type Cell, type Group, groupsOf, hops, kinds } from './cells'
import { requireSessions } from './limits'
import { type MeasuredCell, measureSockets, type SocketsOptions, stepsOf } from './measure'
import { notesOf } from './notes'
import { type PostgresAccess, postgresWays } from './postgres-ways'
import { errorSentences, hopSentences, socketRows, socketsMarkdown } from './report'

setDefaultTimeout(240_000)

const { signal } = new AbortController()
// Everything is put below it, so that what is left can be told from what others have there.
const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-test-'))
const { TMPDIR } = process.env
const data = mkdtempSync(join(tmpdir(), 'jumpstarter-test-data-'))
let site: TestDatabase
let postgres: EmbeddedPostgres
let db: Db
let door: TcpDoor | undefined
let access: PostgresAccess
let options: SocketsOptions

beforeAll(async () => {
  await installPackages({
    ...{ h2load: 'nghttp2-client', nginx: 'nginx-light', haproxy: 'haproxy' },
    'redis-server': 'redis-server',
  })
  site = await testDatabase()
  // Of its own, as that of the other tests has no TCP.
  const config = loadConfig({ JUMPSTARTER_DATA: join(data, 'data') }, {})
  chmodSync(data, 0o711)
  door = await prepareTcpDoor(config)
  const settings = { ...door?.settings, synchronous_commit: 'off' }
  const log = createLog('silent')
  postgres = await startEmbeddedPostgres({ ...config, settings, embedded: undefined, log })
  db = openDb(postgres.databaseUrl, { max: 2, applicationName: 'jumpstarter test' })
  await migrate(db)
  await seed(db.$client, { projects: 300, people: 600, pledges: 1_000, at: new Date() })
  process.env['TMPDIR'] = directory
  access = await postgresWays({
    ...{ db, url: postgres.databaseUrl, embedded: true, adopted: false, door },
  })
  const [postmaster] = await postgresProcesses(db)
  options = {
    ...{ databaseUrl: postgres.databaseUrl, postmaster, executable: undefined, workers: 1 },
    ways: typeof access.ways === 'string' ? undefined : access.ways,
    traffic: await sampleTraffic(db, 300),
    ...{ groups: [], rounds: 1, seconds: 0.4, warmUpSeconds: 0.2, signal, report: () => {} },
  }
})
afterAll(async () => {
  await site.close()
  await access?.close()
  await closeDb(db, 1)
  await postgres.stop()
  await door?.remove()
  if (TMPDIR === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = TMPDIR
  for (const each of [directory, data]) rmSync(each, { recursive: true, force: true })
})

/** One cell of each hop. */
const oneEach: [Group['hop'], Group['kind'], boolean][] = [
  ['app', 'cached-page', false],
  ['nginx', 'cached-page', true],
  ['haproxy', 'api', false],
  ['postgres', 'api', true],
  ['redis', 'cached-page', true],
  ['end-to-end', 'page', false],
]
const groups: Group[] = oneEach.map(([hop, kind, keepAlive]) => ({
  ...{ hop, kind, cells: [{ hop, kind, keepAlive, connections: 4 }] },
}))

const leftovers = () => readdirSync(directory)

describe('a run over every hop', () => {
  let measured: MeasuredCell[]
  const steps: string[] = []
  const of = (hop: Cell['hop']) => {
    const found = measured.find(({ cell }) => cell.hop === hop)
    if (!found) throw new Error(`${hop} was not measured`)
    return found
  }

  beforeAll(async () => {
    expect(access.ways).toBeObject()
    const children = processTree(process.pid)
    measured = await measureSockets({ ...options, groups, report: (step) => steps.push(step) })
    expect(processTree(process.pid)).toEqual(children)
    expect(leftovers()).toEqual([])
  })

  test('answers over both transports without an error, and tells how far it is', () => {
    expect(errorSentences(measured)).toEqual([])
    for (const { runs, ratio } of measured) {
      for (const run of [...runs.tcp, ...runs.unix]) {
        expect(run.operations).toBeGreaterThan(0)
        expect(run.p99Ms).toBeGreaterThanOrEqual(run.p50Ms)
      }
      expect(ratio?.pairs).toBe(1)
    }
    expect(steps).toHaveLength(stepsOf(groups, 1))
  })

  test('bills each process for its part', () => {
    const everybody = (hop: Cell['hop']) => Object.keys(of(hop).runs.unix[0]?.costs ?? {})
    expect(everybody('app')).toEqual(['app', 'postgres'])
    expect(everybody('end-to-end')).toEqual(['app', 'proxy', 'postgres'])
    expect(everybody('redis')).toEqual(['app', 'postgres', 'redis'])
    for (const { runs } of measured) {
      for (const { costs, totalUs, clientCpuUs = 0 } of [...runs.tcp, ...runs.unix]) {
        expect(costs.app?.cpuUs).toBeGreaterThan(0)
        expect(costs.app?.voluntary).toBeGreaterThan(0)
        const billedUs = Object.values(costs).reduce((sum, { cpuUs }) => sum + cpuUs, clientCpuUs)
        expect(totalUs).toBeCloseTo(billedUs, 6)
      }
    }
    expect(of('postgres').runs.tcp[0]?.costs.postgres?.cpuUs).toBeGreaterThan(0)
    expect(of('nginx').runs.tcp[0]?.costs.proxy?.voluntary).toBeGreaterThan(0)
  })

  test('asks Redis where Redis is what is measured', () => {
    for (const { redisShare } of [...of('redis').runs.tcp, ...of('redis').runs.unix]) {
      expect(redisShare).toBeGreaterThan(0.2)
    }
    expect(of('app').runs.tcp[0]?.redisShare).toBeUndefined()
  })

  test('is reported as rows, page and chart', async () => {
    // One round has no interval.
    const judged = measured.map(({ cell, runs, ...ratios }) => ({
      ...{ cell, ...ratios, runs },
      ratio: { ratio: 1.2, low: 1.1, high: 1.3, lowest: 1.15, highest: 1.25, pairs: 2, rounds: 2 },
    }))
    const rows = socketRows(judged) as Record<string, unknown>[]
    expect(rows).toHaveLength(groups.length * 3)
    expect(rows[0]).toMatchObject({
      id: 'client → app, cached page, 4 connections, no keep-alive, TCP',
      ...{ hop: 'app', kind: 'cached-page', connections: 4, keep_alive: false, errors: 0 },
      transport: 'tcp',
    })
    for (const name of ['requests_per_second', 'p50_ms', 'p99_ms', 'cpu_us_per_request']) {
      expect(rows[0]?.[name]).toBeGreaterThan(0)
    }
    expect(rows[2]).toMatchObject({
      id: 'client → app, cached page, 4 connections, no keep-alive: Unix / TCP',
      ...{ ratio: 1.2, ratio_low: 1.1, ratio_high: 1.3, pairs: 2, difference: true },
    })
    expect(rows[0]).toMatchObject({ driver: 'our client' })
    expect(hopSentences(judged)[0]).toBe('client → app, 1 cell: Unix faster in 1 (× 1.20).')
    expect(hopSentences(measured)[0]).toBe('client → app, 1 cell: no interval in 1.')
    expect(socketsMarkdown(judged)).toMatch(/\| 1\.20 \| 1\.10 to 1\.30 \| .* \| Unix \+ 20% \|/)
    const { svg } = await svgOf('sockets', { rows, scale: { projects: 1, people: 1, pledges: 1 } })
    expect(svg).toContain('client → nginx → app')
    const notes = notesOf({
      ...options,
      measured: judged,
      database: 'Postgres',
      missing: ['Gone.'],
    })
    expect(notes.at(-1)).toBe('Gone.')
    expect(notes.join('\n')).toMatch(/Others took [\d.]+% of the machine/)
  })
})

test('an interrupted run leaves nothing', async () => {
  const children = processTree(process.pid)
  const controller = new AbortController()
  const steps: string[] = []
  const all = groupsOf({ hops: ['end-to-end'], kinds: [...kinds], connections: [2] })
  const running = measureSockets({
    ...{ ...options, groups: all, seconds: 20, signal: controller.signal },
    report: (step) => {
      steps.push(step)
      if (steps.length === 2) setTimeout(() => controller.abort(new Error('enough')), 500)
    },
  })
  await expect(running).rejects.toThrow('enough')
  expect(processTree(process.pid)).toEqual(children)
  expect(leftovers()).toEqual([])
})

test('when the second of two servers does not start, the first does not stay', async () => {
  const children = processTree(process.pid)
  if (!options.ways) throw new Error('there is one way to Postgres')
  const ways = { ...options.ways, unix: 'postgres://127.0.0.1:9/none' }
  const running = measureSockets({
    ...{ ...options, ways, groups: groups.filter(({ hop }) => hop === 'postgres') },
  })
  await expect(running).rejects.toThrow(/did not start: .*Postgres does not answer/)
  expect(processTree(process.pid)).toEqual(children)
  expect(leftovers()).toEqual([])
})

test('too few sessions in Postgres are named', async () => {
  await requireSessions(db, 2, 1)
  await expect(requireSessions(db, 2, 64)).rejects.toThrow(
    /^2 servers with 64 workers each need \d+ sessions in Postgres, and of its \d+ \(max_conn/,
  )
})

test('several workers and one connection, end to end', async () => {
  const cell: Cell = { hop: 'end-to-end', kind: 'api', keepAlive: true, connections: 1 }
  const [measured] = await measureSockets({
    ...{ ...options, workers: 2, groups: [{ hop: cell.hop, kind: cell.kind, cells: [cell] }] },
  })
  expect(measured && errorSentences([measured])).toEqual([])
  expect(measured?.ratio?.pairs).toBe(1)
})

describe('the two ways to Postgres', () => {
  test('of our own are one role by TCP and by Unix socket', async () => {
    if (typeof access.ways === 'string') throw new Error(access.ways)
    for (const [transport, url] of Object.entries(access.ways)) {
      const other = openDb(url, { max: 1, applicationName: 'jumpstarter test' })
      const [row] = await other.$client<{ role: string; isTcp: boolean }[]>`
        select current_user as role, inet_client_addr() is not null as "isTcp"`
      await closeDb(other, 1)
      expect(row).toEqual({ role: 'jumpstarter_bench', isTcp: transport === 'tcp' })
    }
  })

  test('of an outside one are found from either, or it is said why not', async () => {
    if (typeof access.ways === 'string') throw new Error(access.ways)
    const outside = { db, embedded: false, adopted: false, door: undefined }
    const fromTcp = await postgresWays({ ...outside, url: access.ways.tcp })
    expect(fromTcp.ways).toMatchObject({
      ...{ tcp: access.ways.tcp, unix: expect.stringContaining('host=%2F') },
    })
    const encrypted = `${access.ways.tcp}?sslmode=require`
    expect((await postgresWays({ ...outside, url: encrypted })).ways).toMatch(/asks for TLS/)
    const without = await postgresWays({ ...outside, db: site.db, url: site.url })
    expect(without.ways).toBe('the Postgres of DATABASE_URL does not listen on TCP')
  })

  test('are one while our own was running already', async () => {
    const adopted = { db, url: postgres.databaseUrl, embedded: true, adopted: true, door }
    expect((await postgresWays(adopted)).ways).toMatch(/already running, without TCP/)
  })
})

test('the hops that there are', () => {
  expect(hops).toEqual(oneEach.map(([hop]) => hop))
})
