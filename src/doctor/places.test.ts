import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diagnoseRest, expectOnly, findingsOf } from '#testing/diagnosis'
import type { Fault } from '#testing/faulty-postgres'
import { freePort } from '#testing/start-tiny-server'

setDefaultTimeout(60_000)

const port = freePort()
const adminPort = freePort()
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'jumpstarter-doctor-'))
  await chmod(scratch, 0o755)
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

const problem = { gravity: 'problem' } as const
const warning = { gravity: 'warning' } as const

const look = (others: Record<string, string> = {}, proxy?: string) =>
  diagnoseRest(port, others, proxy)

/** A program of somebody else’s, which takes what comes and answers nothing. */
async function stranger(where: { port: number; host: string } | { path: string }) {
  const server = createServer((socket) => socket.end('no\r\n'))
  await new Promise<void>((resolve) => server.listen(where, resolve))
  return () => server.close()
}

const sockets = (name: string) => ({ JUMPSTARTER_LISTEN: `unix:${join(scratch, name)}` })
const ofListeners = { check: 'listeners' }

const listenerFaults: Fault[] = [
  {
    name: 'another program has the port',
    break: () => stranger({ port, host: '127.0.0.1' }),
    symptom: { ...ofListeners, ...problem, cause: /Another program listens/, remedy: 'ss -ltnp' },
  },
  {
    name: 'an address this machine does not have',
    settings: () => ({ JUMPSTARTER_LISTEN: `tcp:192.0.2.1:${port}` }),
    symptom: { ...ofListeners, ...problem, cause: 'does not have the address', remedy: '0.0.0.0' },
  },
  {
    name: 'a file where the directory of sockets should be',
    settings: () => sockets('file'),
    break: async () => {
      await writeFile(join(scratch, 'file'), '')
      return () => rm(join(scratch, 'file'))
    },
    symptom: { ...ofListeners, ...problem, cause: 'is a file', remedy: 'Move it away' },
  },
  {
    name: 'a socket of another program',
    settings: () => sockets('taken'),
    break: async () => {
      await mkdir(join(scratch, 'taken'))
      return await stranger({ path: join(scratch, 'taken', '0.sock') })
    },
    symptom: { ...ofListeners, ...problem, cause: /Another .*0\.sock/, remedy: 'Stop it' },
  },
  {
    name: 'a file by the name of a socket',
    settings: () => sockets('foreign'),
    break: async () => {
      await mkdir(join(scratch, 'foreign'))
      await writeFile(join(scratch, 'foreign', '1.sock'), 'mine')
      return () => rm(join(scratch, 'foreign'), { recursive: true })
    },
    symptom: { ...ofListeners, ...problem, cause: '1.sock is in the way', remedy: 'Move it away' },
  },
  {
    name: 'a socket of a dead worker',
    settings: () => sockets('stale'),
    break: async () => {
      await mkdir(join(scratch, 'stale'))
      const path = join(scratch, 'stale', '0.sock')
      // Ended by a signal, nobody removes its socket.
      const script = `require('node:net').createServer().listen('${path}', () => console.log('listens'))`
      const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' })
      for await (const _ of child.stdout) break
      child.kill('SIGKILL')
      await child.exited
      return () => rm(join(scratch, 'stale'), { recursive: true })
    },
    symptom: { ...ofListeners, ...warning, cause: '1 socket of dead workers', remedy: 'serve' },
  },
  {
    name: 'a directory that only its owner may enter',
    settings: () => sockets('private'),
    break: async () => {
      await mkdir(join(scratch, 'private'), { mode: 0o700 })
      return () => rm(join(scratch, 'private'), { recursive: true })
    },
    symptom: { ...ofListeners, ...warning, cause: 'only its owner may enter', remedy: 'chmod o+x' },
  },
]

const adminFaults: Fault[] = [
  {
    name: 'another program has the port of the metrics',
    settings: () => ({ JUMPSTARTER_ADMIN_LISTEN: `tcp:127.0.0.1:${adminPort}` }),
    break: () => stranger({ port: adminPort, host: '127.0.0.1' }),
    symptom: { ...ofListeners, ...problem, cause: `127.0.0.1:${adminPort}`, remedy: 'ss -ltnp' },
  },
  {
    name: 'everybody may ask for the metrics',
    settings: () => ({ JUMPSTARTER_ADMIN_LISTEN: `tcp:0.0.0.0:${adminPort}` }),
    symptom: { ...ofListeners, ...warning, cause: 'open to everybody', remedy: 'tcp:127.0.0.1' },
  },
]

const ofUrl = { check: 'BASE_URL' }

const urlFaults: Fault[] = [
  {
    name: 'BASE_URL has a path',
    settings: () => ({ BASE_URL: `http://localhost:${port}/fund` }),
    symptom: { ...ofUrl, ...problem, cause: 'the path /fund', remedy: 'Set BASE_URL to http' },
  },
  {
    name: 'BASE_URL is left out',
    settings: () => ({ BASE_URL: '' }),
    symptom: { ...ofUrl, ...warning, cause: 'BASE_URL is not set', remedy: 'https://example.org' },
  },
  {
    name: 'BASE_URL has another port',
    settings: () => ({ BASE_URL: 'http://localhost:1234' }),
    symptom: { ...ofUrl, ...warning, cause: 'says port 1234', remedy: 'Correct BASE_URL or PORT' },
  },
  {
    name: 'BASE_URL promises https where there is none',
    settings: () => ({ BASE_URL: `https://localhost:${port}` }),
    symptom: { ...ofUrl, ...problem, cause: 'which speaks http', remedy: 'Put a proxy' },
  },
]

const ofProxy = { check: 'proxy' }
const generated = (kind: string, others: string[] = []) => {
  const words = ['src/main.ts', 'generate', kind, '--workers', '2', ...others]
  const env = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent' }
  const child = Bun.spawnSync([process.execPath, ...words], {
    cwd: `${import.meta.dir}/../..`,
    env,
  })
  return child.stdout.toString()
}
const edited =
  (kind: string, from: string | RegExp, to: string, others: string[] = []) =>
  () => {
    const text = generated(kind, others)
    expect(text.replace(from, to)).not.toBe(text)
    return text.replace(from, to)
  }

const proxyFaults: (Fault & { proxy(): string })[] = [
  {
    name: 'nginx keeps connections for longer than we do',
    proxy: edited('nginx', 'keepalive_timeout 60s', 'keepalive_timeout 5m'),
    symptom: { ...ofProxy, ...problem, cause: 'for 300 s and Jumpstarter for 120', remedy: '60 s' },
  },
  {
    name: 'nginx takes small bodies only, as it does by itself',
    proxy: edited('nginx', /client_max_body_size \w+;/, ''),
    symptom: { ...ofProxy, ...problem, cause: 'no more than 1 MB', remedy: 'generate nginx' },
  },
  {
    name: 'nginx sends what was posted twice',
    proxy: edited('nginx', 'error timeout;', 'error timeout non_idempotent;'),
    symptom: { ...ofProxy, ...problem, cause: 'sends a POST again', remedy: 'GET and HEAD alone' },
  },
  {
    name: 'nginx gives up early',
    proxy: edited('nginx', 'proxy_read_timeout 30s', 'proxy_read_timeout 5s'),
    symptom: { ...ofProxy, ...warning, cause: 'waits 5 s', remedy: 'wait 30 s' },
  },
  {
    name: 'nginx does not say who asks',
    proxy: edited('nginx', /proxy_set_header X-Forwarded-For.*/, ''),
    symptom: { ...ofProxy, ...warning, cause: 'does not say who asks', remedy: 'X-Forwarded-For' },
  },
  {
    name: 'nginx does not know every worker',
    settings: () => ({ ...sockets('all'), JUMPSTARTER_WORKERS: '3' }),
    proxy: () => generated('nginx', ['--listen', sockets('all').JUMPSTARTER_LISTEN]),
    symptom: { ...ofProxy, ...warning, cause: /to 1 worker: .*2\.sock/, remedy: 'anew' },
  },
  {
    name: 'HAProxy takes small bodies only',
    proxy: edited('haproxy', /req.body_size gt \d+/, 'req.body_size gt 1048576'),
    symptom: { ...ofProxy, ...problem, cause: 'HAProxy takes no more', remedy: 'generate haproxy' },
  },
  {
    name: 'HAProxy sends what was posted twice',
    proxy: edited('haproxy', /retry-on conn-failure$/m, 'retry-on all-retryable-errors'),
    symptom: { ...ofProxy, ...problem, cause: 'sends a POST again', remedy: 'generate haproxy' },
  },
  {
    name: 'Caddy keeps connections as long as we do, as it does by itself',
    proxy: edited('caddy', 'keepalive 60s', ''),
    symptom: { ...ofProxy, ...problem, cause: 'Caddy keeps idle', remedy: 'generate caddy' },
  },
  {
    name: 'a file that is no configuration',
    proxy: () => 'hello\n',
    symptom: { ...ofProxy, ...problem, cause: 'proxy.conf passes nothing on', remedy: 'generate' },
  },
]

const placeFaults = [...listenerFaults, ...adminFaults, ...urlFaults]

describe.each(placeFaults)('$name', (fault) => {
  test('is named, with what to do', async () => {
    const mend = await fault.break?.()
    try {
      expectOnly(await look(fault.settings?.()), fault.symptom)
    } finally {
      await mend?.()
    }
  })
})

describe.each(proxyFaults)('$name', (fault) => {
  test('is named, with what to do', async () => {
    const mend = await fault.break?.()
    try {
      expectOnly(await look(fault.settings?.(), fault.proxy()), fault.symptom)
    } finally {
      await mend?.()
    }
  })
})

test.each(['nginx', 'haproxy', 'caddy'])('the %s that we configure is right', async (kind) => {
  const listen = sockets('healthy')
  const text = generated(kind, ['--listen', listen.JUMPSTARTER_LISTEN])
  expect(findingsOf(await look(listen, text))).toEqual([])
})
