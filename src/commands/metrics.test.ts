import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '#testing/database'
import { readOpenMetrics, type Sample, sumOf } from '#testing/openmetrics'
import { checkoutCommand, type Running, run, start } from '#testing/program'
import { childPids, eventually } from '#testing/start-tiny-server'

// What an operator sees of a running site: real processes, asked from outside.

setDefaultTimeout(120_000)

const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-metrics-'))
chmodSync(directory, 0o755)
const adminSocket = join(directory, 'admin.sock')
let database: TestDatabase
let server: Running
const serving = (env: Record<string, string>) => ({
  cwd: directory,
  env: { DATABASE_URL: database.url, JUMPSTARTER_LISTEN: `unix:${directory}/run`, ...env },
})
const serveCommand = [...checkoutCommand, 'serve', '--workers', '2']

/** Spans that have come, by name, as the collector reads them. */
const collected: { name: string; traceId: string; parentSpanId?: string; spanId: string }[] = []
let collectorKey: string | null = null
const collector = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) => {
    collectorKey = request.headers.get('api-key')
    const body = (await request.json()) as {
      resourceSpans: { scopeSpans: { spans: typeof collected }[] }[]
    }
    collected.push(...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans[0]?.spans ?? []))
    return Response.json({})
  },
})

beforeAll(async () => {
  database = await testDatabase()
  server = await start(
    serveCommand,
    serving({
      ...{ JUMPSTARTER_ADMIN_LISTEN: `unix:${adminSocket}`, JUMPSTARTER_SLOW_QUERY_MS: '1' },
      ...{ LOG_LEVEL: 'debug', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.origin },
      ...{ OTEL_EXPORTER_OTLP_HEADERS: 'api-key=canary-key' },
    }),
  )
})
afterAll(async () => {
  await server?.stop()
  await collector.stop(true)
  await database?.close()
  rmSync(directory, { recursive: true, force: true })
})

async function ask(worker: number, path: string, init: RequestInit = {}): Promise<Response> {
  const unix = join(directory, 'run', `${worker}.sock`)
  const response = await fetch(`http://localhost${path}`, { ...init, redirect: 'manual', unix })
  await response.arrayBuffer()
  return response
}

async function metrics(): Promise<Sample[]> {
  const response = await fetch('http://localhost/metrics', { unix: adminSocket })
  expect(response.headers.get('content-type')).toStartWith('application/openmetrics-text')
  return readOpenMetrics(await response.text())
}
const requests = (samples: Sample[], labels: Record<string, string> = {}) =>
  sumOf(samples, 'http_server_request_duration_seconds_count', labels)

test('what two workers have answered is told of as one, by route and status', async () => {
  const before = await metrics()
  const routes = [
    ...(['/', '/', '/', '/discover?sort=newest', '/people/1', '/people/2'] as const),
    ...(['/projects/nothing', '/no/such/page', '/staff', '/api/v1/projects/1'] as const),
  ]
  for (const worker of [0, 1]) for (const path of routes) await ask(worker, path)
  const head = await ask(0, '/', { headers: { 'if-none-match': 'W/"other"' } })
  const known = { 'if-none-match': head.headers.get('etag') ?? '' }
  expect((await ask(0, '/', { headers: known })).status).toBe(304)
  const after = await metrics()
  const gained = (labels: Record<string, string>) =>
    requests(after, labels) - requests(before, labels)
  expect(gained({})).toBe(2 * routes.length + 2)
  expect(gained({ http_route: '/', http_response_status_code: '200' })).toBe(7)
  expect(gained({ http_route: '/', http_response_status_code: '304' })).toBe(1)
  expect(gained({ http_route: '/people/:id' })).toBe(4)
  expect(gained({ http_route: 'unmatched', http_response_status_code: '404' })).toBe(2)
  expect(gained({ http_route: '/staff', http_response_status_code: '303' })).toBe(2)
  expect(gained({ http_route: '/api/v1/projects/:id' })).toBe(2)
  const results = sumOf(after, 'jumpstarter_page_cache_requests_total')
  expect(results).toBe(requests(after))
  expect(sumOf(after, 'jumpstarter_page_cache_requests_total', { result: 'hit' })).toBeGreaterThan(
    1,
  )
})

test('the rest is told of as well: database, processes, pages in memory, which program', async () => {
  const samples = await metrics()
  const positive = [
    ...['db_client_operation_duration_seconds_count', 'db_client_connection_max'],
    ...['process_cpu_time_seconds_total', 'process_memory_usage_bytes'],
    ...['jumpstarter_event_loop_delay_seconds_count', 'jumpstarter_page_cache_size_bytes'],
    ...['jumpstarter_page_cache_entries', 'jumpstarter_build_info'],
  ]
  expect(positive.filter((name) => !(sumOf(samples, name) > 0))).toEqual([])
  const connections = sumOf(samples, 'db_client_connection_count')
  expect(connections).toBe(sumOf(samples, 'db_client_connection_max'))
  expect(sumOf(samples, 'jumpstarter_workers')).toBe(2)
  expect(samples.some(({ family }) => family === 'request_fine')).toBe(false)
})

test('no label has more values than there are routes, whatever is asked for', async () => {
  const count = (samples: Sample[]) => samples.filter(({ name }) => name.endsWith('_count')).length
  await ask(0, '/nobody/1')
  const before = count(await metrics())
  for (let each = 0; each < 50; each++) await ask(0, `/nobody/${each}?q=${each}`)
  await ask(0, '/', { method: 'BREW' })
  expect(count(await metrics()) - before).toBeLessThanOrEqual(1)
})

test('readers cannot ask for metrics, and the admin listener answers nothing else', async () => {
  expect((await ask(0, '/metrics')).status).toBe(404)
  const other = await fetch('http://localhost/', { unix: adminSocket })
  expect(other.status).toBe(404)
  const posted = await fetch('http://localhost/metrics', { unix: adminSocket, method: 'POST' })
  expect(posted.status).toBe(405)
  expect((statSync(adminSocket).mode & 0o777).toString(8)).toBe('660')
  const second = await run(serveCommand, {
    ...serving({
      ...{ JUMPSTARTER_ADMIN_LISTEN: `unix:${adminSocket}` },
      ...{ JUMPSTARTER_LISTEN: `unix:${directory}/other` },
    }),
  })
  expect(second).toMatchObject({ exitCode: 1 })
  expect(second.stderr).toContain(`unix:${adminSocket} is taken`)
})

test('counts never go down, also when a worker is killed', async () => {
  const victim = childPids(server.pid)[1] as number
  for (let each = 0; each < 20; each++) await ask(1, '/people/3')
  const before = await metrics()
  process.kill(victim, 'SIGKILL')
  let latest = before
  await eventually(async () => {
    const next = await metrics()
    const fallen = next.filter((sample) => {
      if (!/_(total|count|bucket)$/.test(sample.name)) return false
      const same = latest.find(
        (one) => one.name === sample.name && Bun.deepEquals(one.labels, sample.labels),
      )
      return same !== undefined && same.value > sample.value
    })
    expect(fallen).toEqual([])
    latest = next
    expect(sumOf(next, 'jumpstarter_worker_restarts_total')).toBe(1)
    expect((await ask(1, '/healthz')).status).toBe(200)
  }, 30_000)
  expect(requests(latest, { http_route: '/people/:id' })).toBeGreaterThanOrEqual(
    requests(before, { http_route: '/people/:id' }),
  )
})

const events = () =>
  server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('each request is one line, with the id it was given', async () => {
  const given = await ask(0, '/people/4', { headers: { 'x-request-id': 'from-the-proxy.1' } })
  expect(given.headers.get('x-request-id')).toBe('from-the-proxy.1')
  const own = await ask(0, '/people/5', { headers: { 'x-request-id': 'not sane; "' } })
  expect(own.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  await ask(0, '/people/4', { headers: { 'x-request-id': 'from-memory' } })
  await eventually(() => {
    const line = (id: string) => events().filter((event) => event['request_id'] === id)
    expect(line('from-the-proxy.1')).toEqual([
      expect.objectContaining({
        ...{ level: 'info', message: 'request', worker: 0, method: 'GET', cache: 'made' },
        ...{ route: '/people/:id', status: 200, bytes: expect.any(Number), ms: expect.any(Number) },
        ...{ db_ms: expect.any(Number), render_ms: expect.any(Number) },
      }),
    ])
    expect(line('from-memory')).toEqual([
      expect.objectContaining({ level: 'debug', cache: 'hit', route: '/people/:id' }),
    ])
    expect(line(own.headers.get('x-request-id') ?? '')).toHaveLength(1)
  })
})

test('a slow statement is told of by room and name', async () => {
  await ask(0, '/search?q=slow')
  await eventually(() => {
    const slow = events().filter(({ message }) => message === 'slow query')
    expect(slow.length).toBeGreaterThan(0)
    const keys = ['level', 'message', 'ms', 'pool', 'room', 'statement', 'time', 'worker']
    for (const event of slow) expect(Object.keys(event).toSorted()).toEqual(keys)
  })
})

test('nothing of what somebody has written or shown is in the log', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const canary = (what: string) => `canary-${what}`
  await ask(0, `/search?q=${canary('query')}`, {
    headers: { cookie: `session=${canary('cookie')}`, referer: `http://x/${canary('referer')}` },
  })
  await ask(0, `/reset-password/confirm?token=${canary('token')}`)
  await ask(0, '/api/v1/saves', { headers: { authorization: `Bearer ${canary('bearer')}` } })
  const body = `email=${canary('mail')}%40example.test&password=${canary('password')}`
  await ask(0, '/sign-in', { method: 'POST', headers: form, body })
  await ask(0, `/people/${canary('path')}`, { headers: { 'x-request-id': 'the-last-one' } })
  await eventually(() => {
    expect(events().some((event) => event['request_id'] === 'the-last-one')).toBe(true)
  })
  expect(server.output()).not.toContain('canary')
})

test('a collector is told of a request as part of the trace it came with', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const sampled = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, cookie: 'session=none' }
  await ask(0, '/people/6', { headers: sampled })
  const other = { traceparent: `00-${'a'.repeat(32)}-00f067aa0ba902b7-00`, cookie: 'session=none' }
  await ask(0, '/people/6', { headers: other })
  await eventually(() => {
    const own = collected.filter((span) => span.traceId === traceId)
    expect(own.map(({ name }) => name)).toEqual([
      'GET /people/:id',
      'database',
      'render',
      'compress',
    ])
    const [request, ...parts] = own
    expect(request?.parentSpanId).toBe('00f067aa0ba902b7')
    for (const part of parts) expect(part.parentSpanId).toBe(request?.spanId)
  }, 20_000)
  expect(collected.some((span) => span.traceId === 'a'.repeat(32))).toBe(false)
  expect(collectorKey).toBe('canary-key')
  await collector.stop(true)
  const wasDropped = sumOf(await metrics(), 'jumpstarter_spans_total', { outcome: 'dropped' })
  await ask(0, '/people/7', { headers: { cookie: 'session=none' } })
  await eventually(async () => {
    const dropped = sumOf(await metrics(), 'jumpstarter_spans_total', { outcome: 'dropped' })
    expect(dropped).toBeGreaterThan(wasDropped)
  }, 20_000)
  expect((await ask(0, '/people/8')).status).toBe(200)
})
