import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBucket, type TestBucket } from '#testing/bucket'
import { emptyDatabase, type TestDatabase } from '#testing/database'
import { canary, diagnose, expectOnly, findingsOf, type Symptom } from '#testing/diagnosis'
import { startRedis, type TestRedis } from '#testing/redis'
import { startSmtp } from '#testing/smtp'
import { freePort } from '#testing/start-tiny-server'
import { judgeClock } from './checks/clock'
import { judgeLimits, judgeProcessor } from './checks/machine'
import { usable } from './checks/postgres-settings'
import { judgeIds } from './checks/postgres-upkeep'
import { judgeRedis } from './checks/redis'

setDefaultTimeout(60_000)

let scratch: string
let database: TestDatabase
let redis: TestRedis
let bucket: TestBucket
let port: number

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'jumpstarter-doctor-'))
  await chmod(scratch, 0o755)
  database = await emptyDatabase()
  redis = await startRedis(canary)
  await redis.command('config', 'set', 'maxmemory', '64mb')
  await redis.command('config', 'set', 'maxmemory-policy', 'allkeys-lru')
  bucket = startBucket()
  port = freePort()
})

afterAll(async () => {
  await bucket.stop()
  await redis.close()
  await database.close()
  await rm(scratch, { recursive: true, force: true })
})

const problem = { gravity: 'problem' } as const
const warning = { gravity: 'warning' } as const

/** A whole site whose database nobody asks. */
const settings = (others: Record<string, string> = {}) => ({
  ...{ DATABASE_URL: 'postgres://nobody@/site?host=/nonexistent', JUMPSTARTER_WORKERS: '2' },
  ...{ BASE_URL: `http://localhost:${port}`, PORT: String(port) },
  ...others,
})

/** Without what is found about the database, which these tests leave out. */
async function look(others: Record<string, string> = {}, proxy?: string) {
  const file = 'proxy.conf'
  const given = proxy === undefined ? undefined : { file, text: proxy }
  const report = await diagnose(settings(others), given)
  return { ...report, checks: report.checks.filter(({ name }) => name !== 'Postgres') }
}

interface Fault {
  name: string
  settings?: () => Record<string, string>
  proxy?: () => string
  /** Makes it wrong; returns what makes it right again. */
  break?: () => Promise<() => unknown>
  symptom: Symptom
}

const byRedis = (name: string, wrong: string, right: string) => async () => {
  await redis.command('config', 'set', name, wrong)
  return () => redis.command('config', 'set', name, right)
}
const secret = encodeURIComponent(canary)
const redisUrl = () => ({ REDIS_URL: redis.url.replace(canary, secret) })
const ofRedis = { check: 'Redis' }

const redisFaults: Fault[] = [
  {
    name: 'Redis is stopped',
    settings: () => ({ REDIS_URL: `redis://:${secret}@127.0.0.1:${freePort()}` }),
    symptom: { ...ofRedis, ...problem, cause: 'cannot be reached', remedy: 'Start it' },
  },
  {
    name: 'Redis wants another password',
    settings: () => ({ REDIS_URL: `redis://:another@127.0.0.1:${redis.port}` }),
    symptom: { ...ofRedis, ...problem, cause: 'refuses the password', remedy: 'Correct REDIS_URL' },
  },
  {
    name: 'Redis hangs',
    settings: redisUrl,
    break: async () => {
      redis.signal('SIGSTOP')
      return () => redis.signal('SIGCONT')
    },
    symptom: { ...ofRedis, ...problem, cause: 'does not answer within 2', remedy: 'Restart it' },
  },
  {
    name: 'Redis has no database of the number',
    settings: () => ({ REDIS_URL: `${redisUrl().REDIS_URL}/99` }),
    symptom: { ...ofRedis, ...problem, cause: 'no database of this', remedy: 'end of REDIS_URL' },
  },
  {
    name: 'Redis has no limit',
    settings: redisUrl,
    break: byRedis('maxmemory', '0', '64mb'),
    symptom: { ...ofRedis, ...warning, cause: 'no maxmemory', remedy: 'maxmemory 256mb' },
  },
  {
    name: 'Redis refuses when it is full',
    settings: redisUrl,
    break: byRedis('maxmemory-policy', 'noeviction', 'allkeys-lru'),
    symptom: { ...ofRedis, ...problem, cause: '64 MB and the policy noeviction', remedy: 'lru' },
  },
  {
    name: 'Redis is a replica',
    settings: redisUrl,
    break: async () => {
      await redis.command('replicaof', '127.0.0.1', String(freePort()))
      return () => redis.command('replicaof', 'no', 'one')
    },
    symptom: { ...ofRedis, ...problem, cause: 'names a replica', remedy: 'Name the primary' },
  },
]

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

const proxyFaults: Fault[] = [
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

const ofMail = { check: 'mail server', ...problem }
const hung = async () => {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as { port: number }).port, close: () => server.close() }
}
const ofStorage = { check: 'picture storage', ...problem }
const pictures = (others: Record<string, string> = {}) => ({
  ...{ JUMPSTARTER_IMAGES: 's3://pictures/site', AWS_ENDPOINT_URL: bucket.url },
  ...{ AWS_ACCESS_KEY_ID: bucket.accessKeyId, AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey },
  ...others,
})
const stripe = (others: Record<string, string>) => ({
  ...{ PAYMENT_PROVIDER: 'stripe', STRIPE_WEBHOOK_SECRET: 'whsec_geheim' },
  ...others,
})
const onTheInternet = { BASE_URL: 'https://fund.example.org' }

const serviceFaults: Fault[] = [
  {
    name: 'the mail server is stopped',
    settings: () => ({ SMTP_URL: `smtp://me:${secret}@127.0.0.1:${freePort()}` }),
    symptom: { ...ofMail, cause: 'cannot be used', remedy: 'Start it, or correct SMTP_URL' },
  },
  {
    name: 'the storage does not know the key',
    settings: () => pictures({ AWS_SECRET_ACCESS_KEY: canary }),
    symptom: { ...ofStorage, cause: 'SignatureDoesNotMatch', remedy: 'AWS_SECRET_ACCESS_KEY' },
  },
  {
    name: 'the storage is not there',
    settings: () => pictures({ AWS_ENDPOINT_URL: `http://127.0.0.1:${freePort()}` }),
    symptom: { ...ofStorage, cause: 'cannot be used', remedy: 'AWS_ENDPOINT_URL' },
  },
  {
    name: 'Stripe is not there',
    settings: () =>
      stripe({
        STRIPE_SECRET_KEY: 'sk_live_geheim',
        STRIPE_API_BASE: `http://127.0.0.1:${freePort()}`,
      }),
    symptom: { check: 'payments', ...problem, cause: 'cannot be reached', remedy: 'Allow this' },
  },
  {
    name: 'more workers than memory',
    settings: () => ({ JUMPSTARTER_PAGE_CACHE_MB: '65536' }),
    symptom: { check: 'memory', ...problem, cause: /2 workers that keep 64 GB/, remedy: 'lower' },
  },
]

const all = [...redisFaults, ...listenerFaults, ...urlFaults, ...proxyFaults, ...serviceFaults]

describe.each(all)('$name', (fault) => {
  test('is named, with what to do', async () => {
    const mend = await fault.break?.()
    try {
      expectOnly(await look(fault.settings?.(), fault.proxy?.()), fault.symptom)
    } finally {
      await mend?.()
    }
  })
})

describe('a healthy site', () => {
  test('with everything it can have', async () => {
    const smtp = startSmtp()
    const more = { ...redisUrl(), ...pictures(), SMTP_URL: smtp.url }
    expect(findingsOf(await look(more, generated('nginx')))).toEqual([])
    smtp.close()
  })

  test.each(['nginx', 'haproxy', 'caddy'])('behind the %s that we configure', async (kind) => {
    const listen = sockets('healthy')
    const text = generated(kind, ['--listen', listen.JUMPSTARTER_LISTEN])
    expect(findingsOf(await look(listen, text))).toEqual([])
  })
})

test('a mail server that does not speak is not waited for', async () => {
  const server = await hung()
  const report = await look({ SMTP_URL: `smtp://me:${secret}@127.0.0.1:${server.port}` })
  server.close()
  expectOnly(report, { ...ofMail, cause: 'does not answer within 3', remedy: 'port 25' })
})

test('a mail server that refuses the password', async () => {
  const replies: Record<string, string> = {
    EHLO: '250-test\r\n250 AUTH PLAIN LOGIN\r\n',
    AUTH: '535 wrong\r\n',
  }
  const server = createServer((socket) => {
    socket.write('220 test ESMTP\r\n')
    socket.on('data', (data) => socket.write(replies[data.toString().slice(0, 4)] ?? '250 ok\r\n'))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const report = await look({ SMTP_URL: `smtp://me:${secret}@127.0.0.1:${port}` })
  server.close()
  expectOnly(report, { ...ofMail, cause: 'refuses the user or the password', remedy: 'SMTP_URL' })
})

test('a key that Stripe does not know', async () => {
  const api = Bun.serve({ port: 0, fetch: () => new Response('{}', { status: 401 }) })
  const settings = { STRIPE_SECRET_KEY: 'sk_test_geheim', STRIPE_API_BASE: String(api.url) }
  const report = await look(stripe(settings))
  await api.stop(true)
  const symptom = { check: 'payments', ...problem, cause: 'does not know our key' }
  expectOnly(report, { ...symptom, remedy: 'Correct STRIPE_SECRET_KEY' })
  expect(JSON.stringify(report)).not.toContain('geheim')
})

test('on the Internet more is expected', async () => {
  expect(findingsOf(await look({ BASE_URL: 'http://fund.example.org' }))).toEqual([
    expect.stringMatching(/^BASE_URL: problem: .*for anybody to read.* → Get a certificate/),
    expect.stringMatching(/^mail server: warning: SMTP_URL is not set.* → Set SMTP_URL/),
    expect.stringMatching(/^payments: warning: .*no money moves.* → Set PAYMENT_PROVIDER/),
  ])
  const found = findingsOf(await look(onTheInternet))
  expect(found.filter((text) => text.startsWith('BASE_URL'))).toEqual([])
})

describe('what no test can have this machine be is judged by what it would say', () => {
  test('few open files', () => {
    const text = readFileSync('/proc/self/limits', 'utf8')
    const limited = (most: string) =>
      judgeLimits(text.replace(/^(Max open files\s+)\S+/m, `$1${most}`))
    expect(limited('unlimited')).toEqual([])
    expect(limited('1024')).toMatchObject([{ gravity: 'warning' }])
    expect(limited('256')).toMatchObject([
      { gravity: 'problem', remedy: expect.stringContaining('LimitNOFILE') },
    ])
  })

  test('a processor without AVX2', () => {
    expect(judgeProcessor('x64', 'flags\t\t: fpu avx avx2 sse\n')).toEqual([])
    expect(judgeProcessor('arm64', 'Features : fp\n')).toEqual([])
    expect(judgeProcessor('x64', 'flags\t\t: fpu avx sse\n')).toMatchObject([
      { cause: expect.stringContaining('AVX2'), remedy: expect.stringContaining('baseline') },
    ])
  })

  test('clocks that are apart', () => {
    expect(judgeClock('the database', { aheadMs: 1_500, doubtMs: 2 })).toEqual([])
    expect(judgeClock('the database', { aheadMs: 2_500, doubtMs: 900 })).toEqual([])
    expect(judgeClock('the database', { aheadMs: -5_000, doubtMs: 2 })).toMatchObject([
      { gravity: 'warning', cause: expect.stringContaining('5 seconds behind') },
    ])
    expect(judgeClock('the database', { aheadMs: 300_000, doubtMs: 2 })).toMatchObject([
      { gravity: 'problem', cause: expect.stringContaining('5 minutes ahead of') },
    ])
  })

  test('transaction numbers that run out', () => {
    const freezeAge = 200_000_000
    expect(judgeIds({ age: 300_000_000, freezeAge })).toEqual([])
    expect(judgeIds({ age: 500_000_000, freezeAge })).toMatchObject([{ gravity: 'warning' }])
    expect(judgeIds({ age: 1_500_000_000, freezeAge })).toMatchObject([{ gravity: 'problem' }])
  })

  test('versions that are too old', () => {
    const state = { version: 140_011, encoding: 'UTF8', isReadOnly: false, user: 'site' }
    expect(usable(state as Parameters<typeof usable>[0])).toMatchObject([
      { cause: 'Postgres 14 is too old.', remedy: expect.stringContaining('15') },
    ])
    const info = { redis_version: '5.0.14', maxmemory: '1', maxmemory_policy: 'allkeys-lru' }
    expect(judgeRedis(new Map(Object.entries(info)))).toMatchObject([
      { cause: 'Redis 5.0.14 is too old.', remedy: expect.stringContaining('6') },
    ])
  })
})
