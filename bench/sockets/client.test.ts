import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address } from '#server/ask'
import { type ClientOrder, requestBytes, runClient } from './client'

setDefaultTimeout(20_000)

const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-client-'))
const socketPath = join(directory, 'server.sock')
/** Remote ports of the connections that have asked over TCP, by the address they asked for. */
const ports = new Map<string, Set<number>>()

function answer(request: Request, server: Bun.Server<unknown>): Response | Promise<Response> {
  const port = server.requestIP(request)?.port
  const asked = ports.get(request.url) ?? new Set()
  ports.set(request.url, port ? asked.add(port) : asked)
  const { pathname } = new URL(request.url)
  if (pathname === '/refused') return new Response('no', { status: 503 })
  if (pathname === '/never') return new Promise(() => {})
  if (pathname !== '/streamed') return new Response('x'.repeat(20_000))
  const parts = ['a', 'b', 'c'].map((letter) => new TextEncoder().encode(letter.repeat(9_000)))
  const body = new ReadableStream({
    pull(controller) {
      const part = parts.shift()
      if (part) controller.enqueue(part)
      else controller.close()
    },
  })
  return new Response(body)
}

let servers: { tcp: Bun.Server<unknown>; unix: Bun.Server<unknown> }
let addresses: Record<'tcp' | 'unix', Address>
beforeAll(() => {
  const tcp = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer })
  const unix = Bun.serve({ unix: socketPath, fetch: answer })
  servers = { tcp, unix }
  addresses = { tcp: { host: '127.0.0.1', port: tcp.port ?? 0 }, unix: { socketPath } }
})
afterAll(async () => {
  await servers.tcp.stop(true)
  await servers.unix.stop(true)
  rmSync(directory, { recursive: true, force: true })
})

const order = (address: Address, path: string, keepAlive: boolean): ClientOrder => ({
  addresses: [address],
  requests: [
    requestBytes(path, { Host: 'localhost', ...(keepAlive ? {} : { Connection: 'close' }) }),
  ],
  ...{ keepAlive, connections: 8, seconds: 0.3 },
})

describe.each(['tcp', 'unix'] as const)('over %s', (transport) => {
  test.each([
    ['/whole', false],
    ['/streamed', false],
    ['/whole', true],
    ['/streamed', true],
  ])('%s is asked for again and again, kept alive: %p', async (path, keepAlive) => {
    const own = `${path}?${transport}-${keepAlive}`
    const asked = await runClient(order(addresses[transport], own, keepAlive))
    expect(asked.errorKinds).toEqual({ socket: 0, timeout: 0, status: 0 })
    expect(asked.operations).toBeGreaterThan(20)
    expect(asked.p99Ms).toBeGreaterThanOrEqual(asked.p50Ms)
    expect(asked.averageMs).toBeGreaterThan(0)
    expect(asked.cpuUs).toBeGreaterThan(0)
    if (transport === 'unix') return
    const connections = ports.get(`http://localhost${own}`)?.size
    if (keepAlive) expect(connections).toBe(8)
    // The kernel may give a port a second time.
    else expect(connections).toBeGreaterThan(asked.operations * 0.9)
  })

  test('refusals are errors', async () => {
    const asked = await runClient(order(addresses[transport], '/refused', false))
    expect(asked.operations).toBe(0)
    expect(asked.errorKinds.status).toBeGreaterThan(20)
    expect(asked.p50Ms).toBeNaN()
  })

  test('an answer that does not come is late', async () => {
    const never = { ...order(addresses[transport], '/never', false), seconds: 2.6 }
    const asked = await runClient(never)
    expect([asked.operations, asked.errorKinds.timeout]).toEqual([0, 8])
  })

  test('nobody there is an error, tried again and said', async () => {
    const nowhere: Address =
      transport === 'tcp' ? { host: '127.0.0.1', port: 9 } : { socketPath: join(directory, 'none') }
    const asked = await runClient(order(nowhere, '/whole', false))
    expect(asked.operations).toBe(0)
    expect(asked.errorKinds.socket).toBeGreaterThan(8)
    expect(asked.firstError).toBeTruthy()
  })
})

test('a connection that is cut before its answer is an error', async () => {
  const cutting = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it')
        socket.end()
      },
    },
  })
  try {
    const address = { host: '127.0.0.1', port: cutting.port }
    const asked = await runClient(order(address, '/', false))
    expect([asked.operations, asked.errorKinds.status]).toEqual([0, 0])
    expect(asked.errorKinds.socket).toBeGreaterThan(8)
  } finally {
    cutting.stop(true)
  }
})
