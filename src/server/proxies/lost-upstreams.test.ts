import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '#testing/program'
import { askRaw, installProxies, proxyKinds, startProxy, type TestProxy } from '#testing/proxies'
import { bodyBytesMax } from '../listeners'

// What the proxies do with servers that keep count and die when they are told to.

setDefaultTimeout(60_000)

const requests = 40
// Some make a connection per thread before they keep any.
const keptConnectionsMax = 8
const host = 'jumpstarter.test'
const env = { BASE_URL: `http://${host}` }
const headers = { host, connection: 'close' }

beforeAll(installProxies)

/** Answers with what it was sent; `/die` cuts the connection, the first time or always. */
function countingServer() {
  const counts = { connections: 0, requests: 0 }
  const answer = async (request: IncomingMessage) => {
    let bytes = 0
    for await (const part of request) bytes += part.length
    counts.requests += 1
    return JSON.stringify({ bytes, headers: request.headers })
  }
  const make = () =>
    createServer(async (request, response) => {
      // One that was cut is none.
      const body = await answer(request).catch(() => undefined)
      if (body === undefined) return
      const dies = request.url === '/die' || (request.url === '/die-once' && counts.requests === 1)
      if (dies) request.socket.destroy()
      else response.end(body)
    }).on('connection', () => {
      counts.connections += 1
    })
  const reset = () => Object.assign(counts, { connections: 0, requests: 0 })
  return { counts, reset, make }
}

const listening = (server: Server, at: string | number) =>
  new Promise<void>((resolve) => {
    if (typeof at === 'string') server.listen(at, () => resolve(chmodSync(at, 0o666)))
    else server.listen(at, '127.0.0.1', resolve)
  })

const closed = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

describe.each(proxyKinds)('%s before two sockets', (kind) => {
  const { counts, reset, make } = countingServer()
  const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-counting-'))
  const sockets = [join(directory, '0.sock'), join(directory, '1.sock')]
  let servers: Server[]
  let proxy: TestProxy

  beforeAll(async () => {
    chmodSync(directory, 0o755)
    servers = sockets.map(make)
    await Promise.all(servers.map((server, index) => listening(server, sockets[index] ?? '')))
    const words = ['--listen', `unix:${directory}`, '--workers', '2', '--socket-mode', '0666']
    proxy = await startProxy(kind, words, { env })
  })

  afterEach(reset)

  afterAll(async () => {
    await proxy?.stop()
    await Promise.all(servers.map(closed))
    rmSync(directory, { recursive: true, force: true })
  })

  const ask = (path: string, method = 'GET', body?: string) =>
    askRaw(proxy.address, path, { method, headers, ...(body === undefined ? {} : { body }) })

  test('keeps connections for GET, and has none that is shared for POST', async () => {
    for (let index = 0; index < requests; index += 1) {
      expect((await ask('/')).status).toBe(200)
    }
    expect(counts.connections).toBeLessThanOrEqual(keptConnectionsMax)
    reset()
    for (let index = 0; index < requests; index += 1) {
      expect((await ask('/', 'POST', 'a=1')).status).toBe(200)
    }
    expect(counts).toEqual({ connections: requests, requests })
  })

  test('says who asked, for which host, by which scheme', async () => {
    const answer = await ask('/', 'POST', 'a=1')
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      bytes: 3,
      headers: {
        host,
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': host,
      },
    })
  })

  test('asks again what may be asked twice', async () => {
    expect((await ask('/die-once')).status).toBe(200)
    expect(counts.requests).toBe(2)
    reset()
    expect((await ask('/die-once', 'HEAD')).status).toBe(200)
    expect(counts.requests).toBe(2)
  })

  test('never sends a POST or PATCH twice', async () => {
    for (const method of ['POST', 'PATCH']) {
      reset()
      expect((await ask('/die', method, 'a=1')).status).toBeGreaterThanOrEqual(500)
      expect(counts.requests).toBe(1)
    }
  })

  test('refuses a body that is too large', async () => {
    const large = ask('/', 'POST', 'x'.repeat(bodyBytesMax + 1)).then(({ status }) => status)
    // Caddy begins to send it, and cuts its reader's connection as well.
    expect(await (kind === 'caddy' ? large.catch(() => 413) : large)).toBe(413)
    expect(counts.requests).toBe(0)
    expect((await ask('/', 'POST', 'x'.repeat(bodyBytesMax))).status).toBe(200)
  })

  test('goes on with the other when one is gone', async () => {
    await Promise.all(servers.slice(0, 1).map(closed))
    for (const method of ['GET', 'POST']) {
      const all = Array.from({ length: requests }, () => ask('/', method))
      const statuses = (await Promise.all(all)).map(({ status }) => status)
      expect(statuses).toEqual(Array(requests).fill(200))
    }
    expect(counts.requests).toBe(2 * requests)
  })
})

describe.each(proxyKinds)('%s before one port', (kind) => {
  const { counts, reset, make } = countingServer()
  let port: number
  let server: Server
  let proxy: TestProxy

  const serve = async () => {
    server = make()
    await listening(server, port)
  }

  beforeAll(async () => {
    port = await freePort()
    await serve()
    proxy = await startProxy(kind, ['--listen', `tcp:127.0.0.1:${port}`], { env })
  })

  afterEach(reset)

  afterAll(async () => {
    await proxy?.stop()
    await closed(server)
  })

  const ask = async (path: string, method = 'GET') =>
    (await askRaw(proxy.address, path, { method, headers })).status

  test('asks again what may be asked twice, and nothing else', async () => {
    expect(await ask('/die-once')).toBe(200)
    expect(counts.requests).toBe(2)
    reset()
    expect(await ask('/die', 'POST')).toBeGreaterThanOrEqual(500)
    expect(counts.requests).toBe(1)
  })

  test('is there again as soon as the server is', async () => {
    await closed(server)
    expect(await ask('/')).toBeGreaterThan(500)
    await serve()
    for (const method of ['GET', 'POST']) expect(await ask('/', method)).toBe(200)
  })
})
