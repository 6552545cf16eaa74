import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  childPids,
  eventually,
  isAlive,
  startTinyServer,
  type TinyServer,
} from '#testing/start-tiny-server'
import { ask } from './ask'
import { backoffMs } from './worker-pool'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

const limitMs = 30_000
const servers: TinyServer[] = []

async function start(options: Parameters<typeof startTinyServer>[0] = {}): Promise<TinyServer> {
  const server = await startTinyServer(options)
  servers.push(server)
  return server
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

const socket = (server: TinyServer, index: number) => ({
  socketPath: join(server.directory, 'run', `${index}.sock`),
})

test('the wait grows while a worker dies young, and starts over once it has lived', () => {
  const waits: number[] = []
  for (let crash = 0; crash < 8; crash++) waits.push(backoffMs(waits.at(-1) ?? 0, 0))
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
  expect(backoffMs(1600, 7000)).toBe(1600)
  expect(backoffMs(1600, 10_000)).toBe(100)
})

test(
  'two workers serve TCP and a Unix socket each',
  async () => {
    const server = await start()
    const zero = await ask(socket(server, 0), '/')
    const one = await ask(socket(server, 1), '/')
    expect(zero.body).not.toBe(one.body)
    expect(new Set([zero.body, one.body].map(Number))).toEqual(await server.pids(200))
    expect(statSync(socket(server, 0).socketPath).mode & 0o777).toBe(0o660)
    expect(readdirSync(join(server.directory, 'run')).sort()).toEqual(['0.sock', '1.sock'])
  },
  limitMs,
)

test(
  'a killed worker is replaced while the other serves',
  async () => {
    const server = await start()
    const victim = Number((await ask(socket(server, 0), '/')).body)
    process.kill(victim, 'SIGKILL')
    expect((await ask(socket(server, 1), '/')).status).toBe(200)
    await eventually(async () => {
      expect(Number((await ask(socket(server, 0), '/')).body)).not.toBe(victim)
    })
    expect((await server.pids()).has(victim)).toBe(false)
    expect(server.errors()).toContain('SIGKILL')
  },
  limitMs,
)

test(
  'a worker with a bug says so, ends and is replaced',
  async () => {
    const server = await start({ workers: 1, mode: 'bug' })
    server.setMode('')
    await eventually(() => expect(server.errors()).toContain('"how":"code 1"'))
    expect(server.errors()).toContain('a bug')
    await eventually(async () => expect((await ask(socket(server, 0), '/readyz')).status).toBe(200))
  },
  limitMs,
)

test(
  'a crash loop backs off',
  async () => {
    const server = await start({ workers: 1 })
    server.setMode('crash')
    process.kill(Number((await ask(socket(server, 0), '/')).body), 'SIGKILL')
    await eventually(() => expect(server.errors()).toContain('"again_in_ms":400'))
    expect(server.errors()).toMatch(/"again_in_ms":100.*"again_in_ms":200/s)
  },
  limitMs,
)

test(
  'a worker that cannot start ends the whole with its sentence, without a loop',
  async () => {
    const server = await start({ mode: 'fail', eager: true })
    expect(await server.exited).toBe(1)
    await eventually(() => expect(server.errors()).toBe('The database is not there.\n'))
    expect(readdirSync(join(server.directory, 'run'))).toEqual([])
  },
  limitMs,
)

test(
  'SIGTERM while the workers are starting ends them',
  async () => {
    const server = await start({ mode: 'hang', eager: true })
    await eventually(() => expect(childPids(server.pid)).toHaveLength(2))
    const workers = childPids(server.pid)
    server.signal('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(workers.filter(isAlive)).toEqual([])
  },
  limitMs,
)

test(
  'workers whose supervisor was killed end by themselves',
  async () => {
    const server = await start()
    const workers = [...(await server.pids(200))]
    server.signal('SIGKILL')
    await server.exited
    await eventually(() => expect(workers.filter(isAlive)).toEqual([]))
    expect(readdirSync(join(server.directory, 'run'))).toEqual([])
  },
  limitMs,
)

test(
  'a second SIGINT ends at once with 1, but not the echo of the first',
  async () => {
    const server = await start({ workers: 1, drainSeconds: 60 })
    const cut = ask(socket(server, 0), '/slow').catch(() => 'cut')
    await Bun.sleep(200)
    server.signal('SIGINT')
    await Bun.sleep(50)
    server.signal('SIGINT')
    await Bun.sleep(600)
    expect(isAlive(server.pid)).toBe(true)
    server.signal('SIGINT')
    expect(await server.exited).toBe(1)
    expect(await cut).toBe('cut')
  },
  limitMs,
)

// Clients that open a connection for each request and never repeat one.
async function load(server: TinyServer, address: Parameters<typeof ask>[0]) {
  const count = { answered: 0, failed: 0, running: true }
  const clients = Array.from({ length: 8 }, async () => {
    while (count.running) {
      try {
        await ask(address, '/')
        count.answered++
      } catch {
        count.failed++
      }
    }
  })
  const before = await server.pids(200)
  server.signal('SIGUSR2')
  await eventually(() => expect(server.errors()).toContain('workers replaced'))
  count.running = false
  await Promise.all(clients)
  const after = await server.pids(200)
  expect([...after].filter((pid) => before.has(pid))).toEqual([])
  return count
}

test(
  'SIGUSR2 replaces the workers without a failed request on a Unix socket',
  async () => {
    const server = await start()
    const { answered, failed } = await load(server, socket(server, 0))
    expect(failed).toBe(0)
    expect(answered).toBeGreaterThan(100)
    expect(readdirSync(join(server.directory, 'run')).sort()).toEqual(['0.sock', '1.sock'])
  },
  limitMs,
)

test(
  'SIGUSR2 on TCP loses at most what was waiting to be accepted',
  async () => {
    const server = await start()
    const { answered, failed } = await load(server, { host: '127.0.0.1', port: server.port })
    // Closing one of several reusePort sockets resets its backlog: at most one try of each client
    // for each worker, unless net.ipv4.tcp_migrate_req is on.
    expect(failed).toBeLessThanOrEqual(16)
    expect(answered).toBeGreaterThan(100)
  },
  limitMs,
)

test(
  'the old workers stay when the new ones do not come up',
  async () => {
    const server = await start()
    const before = await server.pids(200)
    server.setMode('fail')
    server.signal('SIGUSR2')
    await eventually(() => expect(server.errors()).toContain('the old one stays'))
    expect(server.errors()).toContain('The database is not there.')
    expect(await server.pids(200)).toEqual(before)
    expect((await ask(socket(server, 0), '/')).status).toBe(200)
  },
  limitMs,
)
