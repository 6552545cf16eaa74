import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { startBucket, type TestBucket } from '#testing/bucket'
import { canary, diagnoseRest, expectOnly, findingsOf } from '#testing/diagnosis'
import type { Fault } from '#testing/faulty-postgres'
import { startRedis, type TestRedis } from '#testing/redis'
import { startSmtp } from '#testing/smtp'
import { freePort } from '#testing/start-tiny-server'
import { judgeClock } from './checks/clock'
import { judgeLimits, judgeProcessor, judgeSpace } from './checks/machine'
import { usable } from './checks/postgres-settings'
import { judgeIds } from './checks/postgres-upkeep'
import { judgeRedis } from './checks/redis'

setDefaultTimeout(60_000)

const port = freePort()
let redis: TestRedis
let bucket: TestBucket

beforeAll(async () => {
  redis = await startRedis(canary)
  await redis.command('config', 'set', 'maxmemory', '64mb')
  await redis.command('config', 'set', 'maxmemory-policy', 'allkeys-lru')
  bucket = startBucket()
})

afterAll(async () => {
  await bucket.stop()
  await redis.close()
})

const problem = { gravity: 'problem' } as const
const warning = { gravity: 'warning' } as const

const look = (others: Record<string, string> = {}) => diagnoseRest(port, others)

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

describe.each([...redisFaults, ...serviceFaults])('$name', (fault) => {
  test('is named, with what to do', async () => {
    const mend = await fault.break?.()
    try {
      expectOnly(await look(fault.settings?.()), fault.symptom)
    } finally {
      await mend?.()
    }
  })
})

test('a site with everything it can have', async () => {
  const smtp = startSmtp()
  const report = await look({ ...redisUrl(), ...pictures(), SMTP_URL: smtp.url })
  smtp.close()
  expect(findingsOf(report)).toEqual([])
  for (const name of ['Redis', 'mail server', 'picture storage']) {
    expect(report.checks).toContainEqual({ name, status: 'ok', findings: [] })
  }
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

  test('a disk that is nearly full', () => {
    expect(judgeSpace('/data', 2 ** 31)).toEqual([])
    expect(judgeSpace('/data', 500 * 2 ** 20)).toMatchObject([
      { gravity: 'warning', cause: expect.stringContaining('/data has 500 MB left') },
    ])
    expect(judgeSpace('/data', 10 * 2 ** 20)).toMatchObject([
      { gravity: 'problem', remedy: expect.stringContaining('--data') },
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
