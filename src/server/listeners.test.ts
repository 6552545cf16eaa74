import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Listener } from '#setting-values'
import { freePort } from '#testing/start-tiny-server'
import { ask } from './ask'
import { type Bound, listen, probeListener } from './listeners'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

let directory: string
let unix: Listener
const bounds: Bound[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'listen-'))
  unix = { kind: 'unix', directory: join(directory, 'run') }
})

afterEach(async () => {
  for (const bound of bounds.splice(0)) await bound.stop(true)
  rmSync(directory, { recursive: true, force: true })
})

const path = (index: number) => join(directory, 'run', `${index}.sock`)
const version = () => Response.json({ name: 'jumpstarter', version: '0.1.0', pid: 123 })

async function bind(listener: Listener, fetch = version, replaces = false): Promise<Bound> {
  const error = () => new Response('', { status: 500 })
  const options = { workerIndex: 0, socketMode: 0o640, replaces, fetch, error }
  const bound = await listen(listener, options)
  bounds.push(bound)
  return bound
}

// Leaves the file of a socket behind, as a killed process does.
async function leaveStale(at: string): Promise<void> {
  const script = `Bun.listen({ unix: ${JSON.stringify(at)}, socket: { data() {} } });
    process.kill(process.pid, 'SIGKILL')`
  await Bun.spawn([process.execPath, '-e', script], { stdio: ['ignore', 'ignore', 'ignore'] })
    .exited
  expect(statSync(at).isSocket()).toBe(true)
}

test('a Unix listener makes its directory and has its mode from the first moment', async () => {
  const bound = await bind(unix)
  expect(bound.name).toBe(`unix:${path(0)}`)
  expect(statSync(join(directory, 'run')).mode & 0o777).toBe(0o755)
  expect(statSync(path(0)).mode & 0o777).toBe(0o640)
  expect(readdirSync(join(directory, 'run'))).toEqual(['0.sock'])
  await bound.stop()
  expect(existsSync(path(0))).toBe(false)
})

test('a stale socket is taken over, one without a worker is cleared', async () => {
  await (await bind(unix)).stop()
  await leaveStale(path(0))
  await leaveStale(path(7))
  await probeListener(unix, 1)
  expect(readdirSync(join(directory, 'run'))).toEqual([])
  await leaveStale(path(0))
  await bind(unix)
  expect((await ask({ socketPath: path(0) }, '/')).status).toBe(200)
})

test('a live socket is refused, by name', async () => {
  await bind(unix)
  const name = `unix:${path(0)}`
  const sentence = `${name} is taken. Jumpstarter 0.1.0, process 123, already listens there.`
  await expect(probeListener(unix, 2)).rejects.toThrow(sentence)
  await expect(bind(unix)).rejects.toThrow(sentence)
  expect((await ask({ socketPath: path(0) }, '/')).status).toBe(200)
})

test('a replaced worker does not remove the socket of its successor', async () => {
  const old = await bind(unix)
  await bind(unix, () => new Response('new'), true)
  await old.stop()
  expect((await ask({ socketPath: path(0) }, '/')).body).toBe('new')
})

test('a file that is no socket is refused and stays', async () => {
  await (await bind(unix)).stop()
  writeFileSync(path(0), 'precious')
  await expect(probeListener(unix, 1)).rejects.toThrow(`${path(0)} is not a socket`)
  await expect(bind(unix, version, true)).rejects.toThrow('is not a socket')
  expect(readFileSync(path(0), 'utf8')).toBe('precious')
})

test('a file in the place of the directory is refused', async () => {
  writeFileSync(join(directory, 'run'), '')
  await expect(probeListener(unix, 1)).rejects.toThrow('a file is in its way')
})

test('a taken TCP port is refused by name, though SO_REUSEPORT would share it', async () => {
  const tcp: Listener = { kind: 'tcp', host: '127.0.0.1', port: freePort() }
  await probeListener(tcp, 2)
  await bind(tcp)
  const everywhere: Listener = { ...tcp, host: '0.0.0.0' }
  for (const listener of [tcp, everywhere]) {
    await expect(probeListener(listener, 2)).rejects.toThrow(
      `:${tcp.port} is taken. Jumpstarter 0.1.0, process 123, already listens there.`,
    )
  }
})

test('another program on a TCP port is called that', async () => {
  const tcp: Listener = { kind: 'tcp', host: '127.0.0.1', port: freePort() }
  await bind(tcp, () => new Response('hello'))
  await expect(probeListener(tcp, 1)).rejects.toThrow('Another program already listens there.')
})

test('an address that is not ours is refused', async () => {
  const tcp: Listener = { kind: 'tcp', host: '192.0.2.1', port: 3000 }
  await expect(probeListener(tcp, 1)).rejects.toThrow('does not have the address')
})
