import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '#observability/log'
import { eventually, startTinyServer, type TinyServer } from '#testing/start-tiny-server'
import { ask } from './ask'
import { drain } from './drain'
import { listen } from './listeners'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

const limitMs = 30_000
let server: TinyServer | undefined

afterEach(async () => {
  await server?.stop()
  server = undefined
})

interface Connection {
  received(): string
  closed: Promise<void>
  send(text: string): void
}

// A client of bytes: it can stay silent and sees when it is hung up on.
async function connect(socketPath: string): Promise<Connection> {
  let received = ''
  const closed = Promise.withResolvers<void>()
  const socket = await Bun.connect({
    unix: socketPath,
    socket: {
      data: (_, bytes) => {
        received += bytes.toString()
      },
      close: () => closed.resolve(),
    },
  })
  return {
    received: () => received,
    closed: closed.promise,
    send: (text) => {
      socket.write(text)
    },
  }
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: tiny\r\n\r\n`

test(
  'SIGTERM: what is in flight is answered in full, idle connections close, sockets go, exit 0',
  async () => {
    server = await startTinyServer()
    const run = join(server.directory, 'run')
    const slow = await connect(join(run, '0.sock'))
    slow.send(get('/slow'))
    const streaming = await connect(join(run, '1.sock'))
    streaming.send(get('/stream'))
    const idle = await connect(join(run, '0.sock'))
    idle.send(get('/'))
    await eventually(() => {
      expect(idle.received()).toContain('200 OK')
      expect(streaming.received()).toContain('0\n')
    })
    server.signal('SIGTERM')
    await idle.closed
    expect(slow.received()).toBe('')
    expect(await server.exited).toBe(0)
    expect(slow.received()).toMatch(/^HTTP\/1.1 200 OK.*connection: close.*slow$/is)
    expect(streaming.received()).toMatch(/4\n\r\n0\r\n\r\n$/)
    expect(readdirSync(run)).toEqual([])
    await expect(ask({ host: '127.0.0.1', port: server.port }, '/')).rejects.toThrow()
  },
  limitMs,
)

test(
  'who asks by HTTP/1.0 need not say for which host, as health checks do not',
  async () => {
    server = await startTinyServer({ workers: 1 })
    const check = await connect(join(server.directory, 'run', '0.sock'))
    check.send('GET /readyz HTTP/1.0\r\n\r\n')
    await check.closed
    expect(check.received()).toMatch(/^HTTP\/1.1 200 OK/)
  },
  limitMs,
)

test(
  'the deadline cuts what is still in flight, and the exit is orderly',
  async () => {
    server = await startTinyServer({ workers: 1, drainSeconds: 0 })
    const slow = await connect(join(server.directory, 'run', '0.sock'))
    slow.send(get('/slow'))
    await Bun.sleep(200)
    server.signal('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(slow.received()).toBe('')
    expect(server.errors()).toContain('requests cut at the drain deadline')
  },
  limitMs,
)

test(
  'a connection that has sent nothing or half a header does not hold the end up',
  async () => {
    server = await startTinyServer({ workers: 1, drainSeconds: 120 })
    const path = join(server.directory, 'run', '0.sock')
    const silent = await connect(path)
    const half = await connect(path)
    half.send('GET / HT')
    server.signal('SIGTERM')
    expect(await server.exited).toBe(0)
    await Promise.all([silent.closed, half.closed])
  },
  limitMs,
)

test('a draining worker is unready, is not found any more, and answers who has connected', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'drain-'))
  const readiness = { ready: true, draining: false }
  const bound = await listen(
    { kind: 'unix', directory },
    {
      workerIndex: 0,
      socketMode: 0o600,
      replaces: false,
      fetch: () => new Response('', { status: readiness.ready ? 200 : 503 }),
      error: () => new Response('', { status: 500 }),
    },
  )
  let closed = false
  const log = createLog('silent')
  const close = async () => {
    closed = true
  }
  const socketPath = join(directory, '0.sock')
  // Connected, and not yet accepted.
  const asked = ask({ socketPath }, '/readyz')
  const drained = drain({ bounds: [bound], readiness, drainMs: 5000, close, log })
  expect(readiness).toEqual({ ready: false, draining: true })
  await expect(ask({ socketPath }, '/readyz')).rejects.toThrow('ENOENT')
  expect((await asked).status).toBe(503)
  await drained
  expect(closed).toBe(true)
  rmSync(directory, { recursive: true })
})
