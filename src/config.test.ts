import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createClient } from 'redis'
import {
  type Config,
  listenerName,
  loadConfig,
  maskPassword,
  readWorkerOrder,
  type SettingName,
  workerEnvironment,
} from './config'
import { CommandError } from './lib/errors'
import { settings } from './settings'

let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'jumpstarter-config-'))
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

const usualProcessing = {
  ...{ processing: { points: 300, cents: 20 }, small: { points: 500, cents: 5 } },
}
const usualFees = { platformPoints: 500, ...usualProcessing }

/** For each setting a value, where it ends up, and what nobody should be able to set. */
const examples: Record<SettingName, { text: string; of: Partial<Config>; wrong: string[] }> = {
  DATABASE_URL: {
    text: 'postgres://ana@db.test/site',
    of: { databaseUrl: 'postgres://ana@db.test/site' },
    wrong: ['mysql://ana@db.test/site', 'db.test'],
  },
  DATABASE_REPLICA_URLS: {
    text: 'postgres://ana@r1.test/site, postgresql://ana@/site?host=/run/r2&port=5433',
    of: {
      replicaUrls: ['postgres://ana@r1.test/site', 'postgresql://ana@/site?host=/run/r2&port=5433'],
    },
    wrong: [
      ...['mysql://ana@r1.test/site', 'r1.test', 'postgres://', ','],
      ...['postgres://ana@r1.test,r2.test/site', 'postgres://r1.test/site,r2.test'],
      'postgres://r1.test/site,postgres://r1.test/site',
    ],
  },
  DATABASE_DIRECT_URL: {
    text: 'postgres://ana@db1.test,db2.test:6432/site?target_session_attrs=primary',
    of: {
      databaseUrl: null,
      databaseDirectUrl: 'postgres://ana@db1.test,db2.test:6432/site?target_session_attrs=primary',
    },
    wrong: ['mysql://ana@db.test/site', 'db.test'],
  },
  REDIS_URL: {
    text: 'rediss://:geheim@redis.test:6380/2',
    of: { redisUrl: 'rediss://:geheim@redis.test:6380/2' },
    wrong: [
      ...['redis.test', 'redis.test:6379', 'http://redis.test', 'redis://', 'redis://:6379'],
      ...['redis://redis.test:99999', 'redis://redis.test/site', 'redis://redis.test?db=1'],
      ...['redis://:%zz@redis.test', 'redis://:%ff@redis.test', 'redis://redis.test#1'],
      ...['unix:/run/redis.sock', 'unix://', 'unix:///', 'unix://run/redis.sock'],
      ...['redis+sentinel://s1:26379', 'redis+sentinel:///main', 'redis+sentinel://s1,/main'],
      ...['redis+sentinel://s1:99999/main', 'redis+sentinel://s1/main/x', 'redis+cluster://'],
      ...['redis+cluster://r1:7000,r2:7000/1', 'redis+ring://r1', 'redis://s1,s2'],
      ...['unix:///run/redis.sock?db=x', 'unix:///run/redis.sock?number=1'],
    ],
  },
  SMTP_URL: {
    text: 'smtps://mail:geheim@smtp.test:465',
    of: { smtpUrl: 'smtps://mail:geheim@smtp.test:465' },
    wrong: ['smtp.test', 'http://smtp.test', 'smtp://'],
  },
  MAIL_FROM: {
    text: 'The Crew <crew@jumpstarter.test>',
    of: { mailFrom: 'The Crew <crew@jumpstarter.test>' },
    wrong: ['crew', 'a@b, c@d', 'crew@jumpstarter.test\r\nBcc: all@jumpstarter.test'],
  },
  AWS_ACCESS_KEY_ID: { text: 'AKIA', of: { imageBucket: null }, wrong: [] },
  AWS_SECRET_ACCESS_KEY: { text: 'geheim', of: { imageBucket: null }, wrong: [] },
  AWS_REGION: { text: 'eu-central-1', of: { imageBucket: null }, wrong: ['EU central'] },
  AWS_ENDPOINT_URL: {
    text: 'https://s3.site.test',
    of: { imageBucket: null },
    wrong: ['s3.site.test', 'ftp://s3.site.test'],
  },
  PAYMENT_PROVIDER: {
    text: 'test',
    of: { payments: { provider: 'test' } },
    wrong: ['none', 'Stripe', 'stripe,test'],
  },
  STRIPE_SECRET_KEY: {
    text: 'sk_test_geheim',
    of: { payments: { provider: 'test' } },
    wrong: ['pk_test_geheim', 'geheim', 'sk_', 'sk_test geheim'],
  },
  STRIPE_WEBHOOK_SECRET: {
    text: 'whsec_geheim+/=',
    of: { payments: { provider: 'test' } },
    wrong: ['geheim', 'whsec_', 'whsec_ge heim'],
  },
  STRIPE_API_BASE: {
    text: 'http://localhost:12111',
    of: { payments: { provider: 'test' } },
    wrong: ['localhost:12111', 'ftp://stripe.test'],
  },
  BASE_URL: {
    text: 'https://jumpstarter.test/',
    of: { baseUrl: 'https://jumpstarter.test' },
    wrong: ['jumpstarter.test', 'ftp://jumpstarter.test'],
  },
  PORT: {
    text: '8080',
    of: { listeners: [{ kind: 'tcp', host: '0.0.0.0', port: 8080 }] },
    wrong: ['0', '65536', '80.5', 'http', '-1'],
  },
  JUMPSTARTER_SECURITY_CONTACT: {
    text: 'mailto:security@jumpstarter.test',
    of: { securityContact: 'mailto:security@jumpstarter.test' },
    wrong: ['security@jumpstarter.test', 'http://jumpstarter.test', 'mailto:a@b\nContact: c'],
  },
  LOG_LEVEL: { text: 'debug', of: { logLevel: 'debug' }, wrong: ['loud'] },
  JUMPSTARTER_SLOW_REQUEST_MS: { text: '250', of: { slowRequestMs: 250 }, wrong: ['-1', 'slow'] },
  JUMPSTARTER_SLOW_QUERY_MS: { text: '0', of: { slowQueryMs: 0 }, wrong: ['0.5', '99999999'] },
  JUMPSTARTER_ADMIN_LISTEN: {
    text: 'tcp:127.0.0.1:9464',
    of: { adminListener: { kind: 'tcp', host: '127.0.0.1', port: 9464 } },
    wrong: ['9464', 'tcp:127.0.0.1', 'tcp:127.0.0.1:99999', 'unix:', 'unix:/run/', 'udp:h:1'],
  },
  JUMPSTARTER_METRICS: { text: 'off', of: { metrics: false }, wrong: ['no', 'ON'] },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    text: 'http://127.0.0.1:4318/',
    of: {
      tracing: {
        ...{ endpoint: 'http://127.0.0.1:4318', headers: {}, serviceName: 'jumpstarter' },
        ...{ sampler: 'parentbased_always_on', ratio: 1 },
      },
    },
    wrong: ['127.0.0.1:4318', 'grpc://collector'],
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    text: 'api-key=a%20b',
    of: { tracing: null },
    wrong: ['geheim', '=x', 'a=%zz'],
  },
  OTEL_SERVICE_NAME: { text: 'site', of: { tracing: null }, wrong: ['a\nb'] },
  OTEL_TRACES_SAMPLER: {
    text: 'traceidratio',
    of: { tracing: null },
    wrong: ['sometimes', 'jaeger_remote'],
  },
  OTEL_TRACES_SAMPLER_ARG: { text: '0.25', of: { tracing: null }, wrong: ['2', '-1', 'half'] },
  JUMPSTARTER_LISTEN: {
    text: 'tcp:[::1]:80, unix:/run/jumpstarter',
    of: {
      listeners: [
        { kind: 'tcp', host: '::1', port: 80 },
        { kind: 'unix', directory: '/run/jumpstarter' },
      ],
    },
    wrong: ['3000', 'tcp:3000', 'tcp:localhost:99999', 'unix:', `unix:/${'x'.repeat(84)}`],
  },
  JUMPSTARTER_WORKERS: { text: '3', of: { workers: 3 }, wrong: ['0', '257', 'many'] },
  JUMPSTARTER_SOCKET_MODE: { text: '0600', of: { socketMode: 0o600 }, wrong: ['999', '7', 'rw'] },
  JUMPSTARTER_DATA: {
    text: 'data',
    of: { dataDirectory: resolve('data'), dataDirectoryGiven: true },
    wrong: [],
  },
  JUMPSTARTER_CACHE: {
    text: '/var/cache/jumpstarter',
    of: { cacheDirectory: '/var/cache/jumpstarter' },
    wrong: ['cache'],
  },
  JUMPSTARTER_IMAGES: {
    text: 'postgres',
    of: { imageBucket: null },
    wrong: ['files', 's3://', 's3:bucket', 's3://Bucket', 's3://b', 's3://bucket/../x', 'S3'],
  },
  JUMPSTARTER_POOL: { text: '7', of: { poolMax: 7 }, wrong: ['0', '101'] },
  JUMPSTARTER_PAGE_CACHE_MB: {
    text: '16',
    of: { pageCacheBytes: 16 * 1024 * 1024 },
    wrong: ['-1', '1.5', 'much'],
  },
  JUMPSTARTER_DRAIN_SECONDS: { text: '30', of: { drainMs: 30_000 }, wrong: ['-1', '601'] },
  JUMPSTARTER_WAIT_MS: { text: '400', of: { waitMs: 400 }, wrong: ['-1', '60001', 'long'] },
  JUMPSTARTER_PLATFORM_FEE: {
    text: '2.5',
    of: { fees: { platformPoints: 250, ...usualProcessing } },
    wrong: ['-1', '100', '1.234', 'five'],
  },
  JUMPSTARTER_PROCESSING_FEE: {
    text: '1.5 + 0.30',
    of: { fees: { ...usualFees, processing: { points: 150, cents: 30 } } },
    wrong: ['+ 0.30', '3 + 12', '3 % + 1', '3 - 1'],
  },
  JUMPSTARTER_SMALL_PROCESSING_FEE: {
    text: '4',
    of: { fees: { ...usualFees, small: { points: 400, cents: 0 } } },
    wrong: ['4 +', '101'],
  },
  JUMPSTARTER_TRUSTED_PROXIES: {
    text: '10.0.0.0/8, 2001:db8::/32,192.0.2.1',
    of: { trustedProxies: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'] },
    wrong: [
      '10.0.0.0/33',
      '10.0.0',
      'proxy.test',
      '::1/129',
      '10.0.0.0/8,',
      '1.2.3.4/8/8',
      '::1/x',
    ],
  },
}

const names = Object.keys(settings) as SettingName[]

describe.each(names)('%s', (name) => {
  const { text, of, wrong } = examples[name]

  test('from the environment', () => {
    const config = loadConfig({}, { [name]: text })
    expect(config).toMatchObject(of)
    expect(config.sources[name]).toBe('environment')
  })

  test('from a file, whose last line ends', async () => {
    const file = join(scratch, name)
    await writeFile(file, `${text}\n`)
    const config = loadConfig({}, { [`${name}_FILE`]: file })
    expect(config).toMatchObject(of)
    expect(config.sources[name]).toBe('file')
  })

  test('from a flag, which wins', () => {
    const config = loadConfig({ [name]: text }, { [name]: 'nonsense' })
    expect(config).toMatchObject(of)
    expect(config.sources[name]).toBe('flag')
  })

  test('empty is as if it were not set', () => {
    expect(loadConfig({}, { [name]: '' })).toEqual(loadConfig({}, {}))
  })

  test('set twice is an error that names both', () => {
    expect(() => loadConfig({}, { [name]: text, [`${name}_FILE`]: '/dev/null' })).toThrow(
      `${name} and ${name}_FILE are both set: keep one`,
    )
  })

  test('a file that cannot be read is named', () => {
    const file = join(scratch, 'missing')
    expect(() => loadConfig({}, { [`${name}_FILE`]: file })).toThrow(
      `${name}_FILE: cannot read ${file}`,
    )
  })

  test.each(wrong)('is not %s', (value) => {
    expect(() => loadConfig({}, { [name]: value })).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(`${name}: `) }),
    )
  })
})

test('nothing set gives a configuration that works, and cannot be changed', () => {
  const config = loadConfig({}, {})
  expect(config).toMatchObject({
    databaseUrl: null,
    baseUrl: 'http://localhost:3000',
    listeners: [{ kind: 'tcp', host: '0.0.0.0', port: 3000 }],
    dataDirectory: resolve('.jumpstarter'),
    dataDirectoryGiven: false,
  })
  expect(new Set(Object.values(config.sources))).toEqual(new Set(['default']))
  expect(() => Object.assign(config, { workers: 9 })).toThrow(TypeError)
  expect(() => Object.assign(config.listeners, { 0: null })).toThrow(TypeError)
})

test('the address of the site follows the port it listens on', () => {
  expect(loadConfig({}, { PORT: '8080' }).baseUrl).toBe('http://localhost:8080')
  const listen = { JUMPSTARTER_LISTEN: 'unix:/run/x,tcp:127.0.0.1:9000' }
  expect(loadConfig({}, listen).baseUrl).toBe('http://localhost:9000')
})

test('an unknown setting of ours is an error that knows what was meant', () => {
  expect(() => loadConfig({}, { JUMPSTARTER_WORKER_COUNT: '2' })).toThrow(CommandError)
  expect(() => loadConfig({}, { JUMPSTARTER_WORKRES: '2' })).toThrow(
    'JUMPSTARTER_WORKRES is not a setting; did you mean JUMPSTARTER_WORKERS?',
  )
  expect(() => loadConfig({}, { JUMPSTARTER_WORKRES_FILE: '/x' })).toThrow(
    'JUMPSTARTER_WORKRES_FILE is not a setting',
  )
  expect(() => loadConfig({}, { JUMPSTARTER_WORKER: '4' })).toThrow('mean JUMPSTARTER_WORKERS?')
  expect(() => loadConfig({}, { OTHERS_WORKERS: '2' })).not.toThrow()
})

test('everything that is wrong is said at once', () => {
  const load = () =>
    loadConfig(
      { JUMPSTARTER_WORKERS: 'all' },
      { PORT: 'http', LOG_LEVEL: 'loud', JUMPSTARTER_PORT: '1', DATABASE_URL_FILE: '/missing' },
    )
  for (const part of ['--workers: ', 'PORT: ', 'LOG_LEVEL: ', 'JUMPSTARTER_PORT is']) {
    expect(load).toThrow(part)
  }
  expect(load).toThrow('DATABASE_URL_FILE: cannot read /missing')
})

test.each([
  ...['redis://localhost', 'redis://[::1]:6379', 'redis://ana@redis.test/', 'unix:///r/1.sock'],
  ...['redis://:p%40ss%C3%BC@redis.test/15', 'unix://ana:p%40ss@/run/redis.sock?db=3'],
])('%s is a Redis', (url) => {
  expect(loadConfig({}, { REDIS_URL: url }).redisUrl).toBe(url)
  expect(() => createClient({ url })).not.toThrow()
})

test.each([
  ['postgres://ana:geheim@db/site', 'postgres://ana:***@db/site'],
  ['postgresql://ana:ge:he/im@db/site', 'postgresql://ana:***@db/site'],
  [
    'postgres://ana@/site?host=/run&password=geheim&port=1',
    'postgres://ana@/site?host=/run&password=***&port=1',
  ],
  ['postgres://:geheim@db/site', 'postgres://:***@db/site'],
  ['postgres://ana@db/site', 'postgres://ana@db/site'],
  ['redis://:geheim@redis:6379/1', 'redis://:***@redis:6379/1'],
  ['rediss://ana:ge:heim@redis', 'rediss://ana:***@redis'],
  ['unix://ana:geheim@/run/redis.sock?db=1', 'unix://ana:***@/run/redis.sock?db=1'],
  ['unix:///run/redis.sock', 'unix:///run/redis.sock'],
])('%s is shown as %s', (url, shown) => {
  expect(maskPassword(url)).toBe(shown)
})

test('what was listened on can be given again', () => {
  const text = 'tcp:[::1]:80,unix:/run/jumpstarter,tcp:localhost:3000'
  const { listeners } = loadConfig({ JUMPSTARTER_LISTEN: text }, {})
  expect(listeners.map(listenerName).join(',')).toBe(text)
})

test('a worker whose supervisor is older than it takes what that does not know as it usually is', () => {
  const config = loadConfig({ JUMPSTARTER_DRAIN_SECONDS: '7' }, {})
  const { pageCacheBytes, ...older } = config
  const order = { index: 1, config: older as Config, replaces: true }
  expect(readWorkerOrder(workerEnvironment(order))).toEqual({ ...order, config })
  expect(pageCacheBytes).toBeGreaterThan(0)
})

test('the settings of an installation hold where nothing else is given', () => {
  const installed = {
    ...{ LOG_LEVEL: 'debug', PORT: '8080', DATABASE_URL: 'postgres://ana@db.test/site' },
    ...{ BASE_URL: 'https://crowd.example' },
  }
  const given = { LOG_LEVEL: 'warn', DATABASE_URL: '' }
  const config = loadConfig({ PORT: '9090' }, given, installed)
  expect(config).toMatchObject({
    ...{ logLevel: 'warn', databaseUrl: installed.DATABASE_URL, baseUrl: installed.BASE_URL },
    listeners: [{ port: 9090 }],
    sources: {
      ...{ LOG_LEVEL: 'environment', PORT: 'flag', BASE_URL: 'installation' },
      ...{ DATABASE_URL: 'installation', REDIS_URL: 'default' },
    },
  })
  expect(() => loadConfig({}, {}, { JUMPSTARTER_WORKERZ: '1' })).toThrow('JUMPSTARTER_WORKERS')
})
