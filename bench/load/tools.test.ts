import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CommandError } from '#lib/errors'
import { installPackages } from '#testing/packages'
import { parseH2load, parseLog, runH2load } from './h2load'
import { findInstrument, requireInstruments } from './instruments'
import { medianLoad } from './run'
import { sweepPages } from './sweep'
import type { Traffic } from './traffic'
import { parseWrk, runWrk } from './wrk'

// Where they cannot be had, what needs them is left out.
await installPackages({ wrk: 'wrk', h2load: 'nghttp2-client' }).catch(() => {})

const { signal } = new AbortController()

const traffic: Traffic = {
  newest: [{ id: 9, title: 'new', path: '/projects/9-new' }],
  others: [1, 2, 3].map((id) => ({ id, title: `old ${id}`, path: `/projects/${id}-old` })),
  strides: { newest: { first: 9, step: 1, count: 1 }, others: { first: 1, step: 1, count: 3 } },
}

/** A server that notes which paths are asked for. */
function countingServer(listen: { port: number; hostname: string } | { unix: string }) {
  const asked = new Map<string, number>()
  const codings = new Set<string | null>()
  const fetch = (request: Request) => {
    const { pathname } = new URL(request.url)
    asked.set(pathname, (asked.get(pathname) ?? 0) + 1)
    codings.add(request.headers.get('Accept-Encoding'))
    return new Response('here', { status: pathname === '/projects/3-old' ? 500 : 200 })
  }
  const server = Bun.serve({ ...listen, fetch } as Bun.Serve.Options<undefined>)
  return {
    server,
    asked,
    codings,
    total: () => asked.values().reduce((sum, each) => sum + each, 0),
  }
}

describe('wrk', () => {
  test('what it prints is read', () => {
    const printed =
      'Running 2s test @ http://127.0.0.1:4300\n  1 threads and 16 connections\n' +
      'Requests/sec:  48570.41\n\n' +
      'jumpstarter {"requests":101985.000,"duration":2100000.000,"connect":1.000,"read":2.000,' +
      '"write":3.000,"status":5.000,"timeout":4.000,"averageMs":311.437,"p50Ms":272.000,' +
      '"p75Ms":303.000,"p90Ms":346.000,"p99Ms":2040.000}\n'
    const run = parseWrk(printed, 1_019_760)
    expect(run).toMatchObject({
      ...{ operations: 101_976, averageMs: 0.311437, p50Ms: 0.272, p99Ms: 2.04 },
      ...{ errors: 15, errorKinds: { socket: 6, timeout: 4, status: 5 }, clientCpuUs: 10 },
    })
    expect(run.operationsPerSecond).toBeCloseTo(48_560, 0)
    expect(run.firstError).toBe('6 connections broke')
  })

  test('no answer at all is no figure, and other output is refused', () => {
    const run = parseWrk(
      'jumpstarter {"requests":0.000,"duration":1000.000,"connect":8.000,"read":0,"write":0,' +
        '"status":0,"timeout":0,"averageMs":-nan,"p50Ms":0,"p75Ms":0,"p90Ms":0,"p99Ms":0}',
      1,
    )
    expect([run.operations, run.errors, run.p99Ms, run.averageMs]).toEqual([0, 8, NaN, NaN])
    expect(() => parseWrk('Running 2s test', 1)).toThrow('wrk printed no figures')
  })

  test.if(findInstrument('wrk') !== null)(
    'asks four of five times for the newest, as browsers do, and counts refusals',
    async () => {
      const { server, asked, codings, total } = countingServer({ port: 0, hostname: '127.0.0.1' })
      const origin = `http://127.0.0.1:${server.port}`
      const run = await runWrk({ origin, traffic, connections: 4, seconds: 1, signal })
      await server.stop(true)
      expect([...asked.keys()].toSorted()).toEqual([
        ...['/projects/1-old', '/projects/2-old', '/projects/3-old', '/projects/9-new'],
      ])
      const newest = (asked.get('/projects/9-new') ?? 0) / total()
      expect(newest).toBeGreaterThan(0.77)
      expect(newest).toBeLessThan(0.83)
      expect([...codings]).toEqual(['gzip'])
      expect(run.operations).toBeGreaterThan(100)
      // Those under way at its end were answered and not counted.
      const refused = asked.get('/projects/3-old') ?? 0
      expect(refused - run.errors).toBeLessThanOrEqual(4)
      expect(run.errors).toBe(run.errorKinds?.status ?? 0)
      expect(run.p50Ms).toBeGreaterThan(0)
      expect(run.p99Ms).toBeGreaterThanOrEqual(run.p50Ms)
      expect(run.clientCpuUs).toBeGreaterThan(0)
    },
  )

  test.if(findInstrument('wrk') !== null)('nobody there is an error in one sentence', async () => {
    const running = runWrk({
      ...{ origin: 'http://127.0.0.1:9', traffic, connections: 1, seconds: 1, signal },
    })
    await expect(running).rejects.toThrow(/^wrk failed: unable to connect/)
  })
})

describe('h2load', () => {
  const printed = `
finished in 3.00s, 33384.50 req/s, 19.64MB/s
requests: 66769 total, 66769 started, 66769 done, 66700 succeeded, 69 failed, 5 errored, 3 timeout
status codes: 66700 2xx, 1 3xx, 20 4xx, 40 5xx
traffic: 39.29MB (41196473) total, 9.24MB (9691684) headers (space savings 0.00%), 53.74MB data
`

  test('what it prints and logs is read', () => {
    expect(parseH2load(printed)).toEqual({
      ...{ requests: 66_769, requestsPerSecond: 33_384.5, succeeded: 66_700 },
      ...{ socket: 5, timeout: 3, status: 61 },
    })
    expect(() => parseH2load('no such option')).toThrow('h2load printed no figures: no such option')
    expect(parseLog('1795400704344508\t200\t4214\n1795400704344500\t200\t57\n')).toEqual([
      4.214, 0.057,
    ])
  })

  test.if(findInstrument('h2load') !== null)(
    'sweeps every page: once for each Unix socket, and over several connections of TCP',
    async () => {
      const unix = join(mkdtempSync(join(tmpdir(), 'h2load-test-')), '0.sock')
      const servers = [countingServer({ unix }), countingServer({ port: 0, hostname: '127.0.0.1' })]
      const origin = `http://127.0.0.1:${servers[1]?.server.port}`
      try {
        expect(await sweepPages({ origin, sockets: [unix] }, traffic, 1, signal)).toBe(4)
        expect(await sweepPages({ origin, sockets: [] }, traffic, 2, signal)).toBe(4 * 8)
        const [once, often] = servers.map(({ asked }) => [...asked.values()])
        expect([once, often]).toEqual([Array(4).fill(1), Array(4).fill(8)])
      } finally {
        for (const { server } of servers) await server.stop(true)
        rmSync(dirname(unix), { recursive: true, force: true })
      }
    },
  )

  test.if(findInstrument('h2load') !== null)(
    'asks every Unix socket at once, and the figures are taken together',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'h2load-test-'))
      const sockets = [0, 1].map((index) => join(directory, `${index}.sock`))
      const servers = sockets.map((unix) => countingServer({ unix }))
      try {
        const run = await runH2load({
          ...{ origin: 'http://127.0.0.1:80', sockets, generators: 2, traffic },
          ...{ connections: 5, seconds: 1, signal },
        })
        const [first = 0, second = 0] = servers.map(({ total }) => total())
        expect(Math.min(first, second)).toBeGreaterThan(100)
        expect(run.operations).toBeLessThanOrEqual(first + second)
        expect(run.operations).toBeGreaterThan(Math.max(first, second) / 2)
        expect(run.operationsPerSecond).toBeCloseTo(run.operations, -2)
        expect(run.operations).toBeLessThanOrEqual(first + second - run.errors)
        expect(run.errors).toBeGreaterThan(0)
        expect(run.errors).toBe(run.errorKinds?.status ?? 0)
        expect(run.p99Ms).toBeGreaterThan(run.p50Ms)
        for (const { codings } of servers) expect([...codings]).toEqual(['gzip'])
        // More generators than connections, and than sockets.
        for (const [connections, own] of [
          [1, sockets],
          [3, sockets.slice(0, 1)],
        ] as const) {
          const few = await runH2load({
            ...{ origin: 'http://127.0.0.1:80', sockets: [...own], generators: 3, traffic },
            ...{ connections, seconds: 0.2, signal },
          })
          expect(few.operations).toBeGreaterThan(20)
        }
      } finally {
        for (const { server } of servers) await server.stop(true)
        rmSync(directory, { recursive: true, force: true })
      }
    },
  )
})

test('several runs are one: medians, and the errors added up', () => {
  const run = (operationsPerSecond: number, status: number) => ({
    ...{ operations: 10, operationsPerSecond, averageMs: operationsPerSecond, serverCpuUs: 5 },
    ...{ p50Ms: 1, p75Ms: 2, p90Ms: 3, p99Ms: 4, errors: status },
    errorKinds: { socket: 0, timeout: 0, status },
  })
  expect(medianLoad([run(100, 0), run(300, 2), run(200, 1)])).toMatchObject({
    ...{ operations: 30, operationsPerSecond: 200, averageMs: 200, serverCpuUs: 5, errors: 3 },
    errorKinds: { socket: 0, timeout: 0, status: 3 },
  })
})

test('what is not installed is named with its package', async () => {
  const options = { command: 'bench ladder', needed: ['wrk', 'h2load'] as const, install: false }
  const asking = requireInstruments({
    ...{ ...options, say: () => {}, find: (name) => (name === 'wrk' ? '/usr/bin/wrk' : undefined) },
  })
  await expect(asking).rejects.toThrow(
    'bench ladder needs h2load: run apt-get install nghttp2-client, or this command again with',
  )
  await expect(asking).rejects.toBeInstanceOf(CommandError)
  await expect(asking).rejects.toHaveProperty('exitCode', 1)
})
