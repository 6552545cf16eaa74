import { expect, test } from 'bun:test'
import { loadConfig } from './config'
import { describeConfig, secretsOf } from './config-shown'
import { settings } from './settings'

test('the description names every setting and gives no password away', () => {
  const config = loadConfig(
    {},
    { DATABASE_URL: 'postgres://ana:geheim@db/site', REDIS_URL: 'redis://:geheim@redis' },
  )
  const rows = describeConfig(config)
  expect(rows.map(({ name }) => name)).toEqual(
    Object.keys(settings) as (typeof rows)[number]['name'][],
  )
  expect(JSON.stringify(rows)).not.toContain('geheim')
  expect(rows[0]).toMatchObject({ value: 'postgres://ana:***@db/site', source: 'environment' })
})

test('pictures are kept in a bucket by one setting, with the usual ones for its key', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'geheim' }
  const config = loadConfig({}, { ...keys, JUMPSTARTER_IMAGES: 's3://pictures.test/site/one/' })
  expect(config.imageBucket).toEqual({
    bucket: 'pictures.test',
    prefix: 'site/one/',
    region: 'us-east-1',
    endpoint: null,
    accessKeyId: 'AKIA',
    secretAccessKey: 'geheim',
  })
  expect(JSON.stringify(describeConfig(config))).not.toContain('geheim')
  const elsewhere = { AWS_ENDPOINT_URL: 'http://localhost:9000', AWS_REGION: 'eu-west-1' }
  expect(
    loadConfig({}, { ...keys, ...elsewhere, JUMPSTARTER_IMAGES: 's3://pictures' }).imageBucket,
  ).toMatchObject({ endpoint: 'http://localhost:9000', region: 'eu-west-1', prefix: '' })
  expect(() => loadConfig({}, { JUMPSTARTER_IMAGES: 's3://pictures' })).toThrow(
    'AWS_SECRET_ACCESS_KEY is needed where JUMPSTARTER_IMAGES is in S3',
  )
})

test('Stripe charges cards when it is asked to and has its keys, which nobody is shown', () => {
  const keys = { STRIPE_SECRET_KEY: 'rk_live_geheim', STRIPE_WEBHOOK_SECRET: 'whsec_geheim' }
  const config = loadConfig({}, { ...keys, PAYMENT_PROVIDER: 'stripe' })
  expect(config.payments).toEqual({
    ...{ provider: 'stripe', secretKey: 'rk_live_geheim', webhookSecret: 'whsec_geheim' },
    apiBase: 'https://api.stripe.com',
  })
  expect(JSON.stringify(describeConfig(config))).not.toContain('geheim')
  for (const missing of ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']) {
    expect(() => loadConfig({}, { ...keys, [missing]: '', PAYMENT_PROVIDER: 'stripe' })).toThrow(
      `${missing} is needed where PAYMENT_PROVIDER is stripe`,
    )
  }
})

test('a collector of traces is told of by the usual variables, whose key nobody is shown', () => {
  const variables = {
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://me:geheim@collector.test/otlp' },
    ...{
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=geheim%2C1, x-scope = two',
      OTEL_SERVICE_NAME: 'site',
    },
    ...{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
  }
  const config = loadConfig({}, variables)
  expect(config.tracing).toEqual({
    endpoint: 'https://me:geheim@collector.test/otlp',
    headers: { 'api-key': 'geheim,1', 'x-scope': 'two' },
    ...{ serviceName: 'site', sampler: 'traceidratio', ratio: 0.1 },
  })
  expect(JSON.stringify(describeConfig(config))).not.toContain('geheim')
  expect(secretsOf(config)).toContain('geheim,1')
  expect(loadConfig({}, { ...variables, JUMPSTARTER_METRICS: 'off' }).tracing).toBeNull()
})

test('metrics are for a listener of their own, and for none where nothing is counted', () => {
  const { adminListener } = loadConfig({}, { JUMPSTARTER_ADMIN_LISTEN: 'unix:/run/j/admin.sock' })
  expect(adminListener).toEqual({ kind: 'unix', path: '/run/j/admin.sock' })
  const both = { JUMPSTARTER_ADMIN_LISTEN: 'tcp:[::1]:9464', JUMPSTARTER_METRICS: 'off' }
  expect(() => loadConfig({}, both)).toThrow('JUMPSTARTER_ADMIN_LISTEN is of no use')
  for (const [listen, admin] of [
    ['', 'tcp:127.0.0.1:3000'],
    ['tcp:0.0.0.0:80,unix:/run/j', 'tcp:[::1]:80'],
    ['unix:/run/j', 'unix:/run/j/0.sock'],
  ]) {
    const environment = { JUMPSTARTER_LISTEN: listen, JUMPSTARTER_ADMIN_LISTEN: admin }
    expect(() => loadConfig({}, environment)).toThrow('another address than for readers')
  }
})
