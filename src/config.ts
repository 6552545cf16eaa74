import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { z } from 'zod'
import type { Pooler } from '#db/client'
import { CommandError } from '#lib/errors'
import { suggest } from '#lib/suggest'
import { type Listener, type Setting, settings } from './settings'

export type SettingName = keyof typeof settings
export type SettingSource = 'flag' | 'environment' | 'file' | 'default'

/** The program's configuration, checked as a whole and frozen. */
export interface Config {
  databaseUrl: string | null
  /** Around the pooler that `databaseUrl` leads to; null: that leads to the database itself. */
  databaseDirectUrl: string | null
  /** What `databaseUrl` has been found to lead to; null: the database itself. */
  pooler: Pooler | null
  /** Replicas of it to read from; often none. */
  replicaUrls: readonly string[]
  redisUrl: string | null
  /** Null: mail stays in the outbox. */
  smtpUrl: string | null
  mailFrom: string
  /** Where pictures are kept; null: in Postgres. */
  imageBucket: BucketConfig | null
  payments: PaymentConfig
  baseUrl: string
  /** Started to be tried out: what only its owner should see is shown. */
  demo: boolean
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  listeners: readonly Listener[]
  workers: number
  socketMode: number
  dataDirectory: string
  /** False when the directory is our own default, which may then be moved for root's sake. */
  dataDirectoryGiven: boolean
  cacheDirectory: string
  poolMax: number
  /** 0: nothing is kept. */
  pageCacheBytes: number
  drainMs: number
  fees: FeeRates
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  sources: Readonly<Record<SettingName, SettingSource>>
}

/** What is kept of a charge: hundredths of a percent, and cents of a dollar. */
export interface FeeRates {
  platformPoints: number
  processing: { points: number; cents: number }
  /** Of charges below ten dollars. */
  small: { points: number; cents: number }
}

/** A place in a storage that speaks S3. */
export interface BucketConfig {
  bucket: string
  /** Before the name of each object: empty, or with a slash at its end. */
  prefix: string
  region: string
  /** Null: Amazon's own. */
  endpoint: string | null
  accessKeyId: string
  secretAccessKey: string
}

/** Who charges cards. */
export type PaymentConfig =
  | { provider: 'test' }
  | { provider: 'stripe'; secretKey: string; webhookSecret: string; apiBase: string }

type Environment = Record<string, string | undefined>

/**
 * Reads every setting from flags, the environment and `X_FILE` files, in this order.
 * Throws one CommandError (exit 2) that names everything that is wrong.
 */
export function loadConfig(
  flags: Partial<Record<SettingName, string | undefined>> = {},
  environment: Environment = process.env,
): Config {
  const problems = unknownNames(environment)
  const values: Record<string, unknown> = {}
  const sources: Record<string, SettingSource> = {}
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const { text, source, problem } = rawValue(name, setting, flags, environment)
    sources[name] = source
    if (problem) problems.push(problem)
    const parsed = setting.schema.safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else {
      const given = source === 'flag' ? flagOf(name) : name
      problems.push(...parsed.error.issues.map((issue) => `${given}: ${issue.message}`))
    }
  }
  problems.push(...withoutKey(values), ...withoutStripeKeys(values))
  if (problems.length > 0) {
    throw new CommandError(`The configuration cannot be used:\n  ${problems.join('\n  ')}`, 2)
  }
  return assemble(values as ParsedSettings, sources as Config['sources'], environment)
}

type ParsedSettings = { [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> }

function assemble(
  values: ParsedSettings,
  sources: Config['sources'],
  environment: Environment,
): Config {
  const listeners: Listener[] =
    values.JUMPSTARTER_LISTEN.length > 0
      ? values.JUMPSTARTER_LISTEN
      : [{ kind: 'tcp', host: '0.0.0.0', port: values.PORT }]
  const port = listeners.find((listener) => listener.kind === 'tcp')?.port ?? values.PORT
  const baseUrl = (values.BASE_URL ?? `http://localhost:${port}`).replace(/\/+$/, '')
  const config: Config = {
    databaseUrl: values.DATABASE_URL ?? null,
    databaseDirectUrl: values.DATABASE_DIRECT_URL ?? null,
    pooler: null,
    replicaUrls: values.DATABASE_REPLICA_URLS,
    redisUrl: values.REDIS_URL ?? null,
    smtpUrl: values.SMTP_URL ?? null,
    mailFrom: values.MAIL_FROM ?? `Jumpstarter <no-reply@${new URL(baseUrl).hostname}>`,
    imageBucket: bucketOf(values),
    payments: paymentsOf(values),
    baseUrl,
    demo: false,
    logLevel: values.LOG_LEVEL,
    listeners: Object.freeze(listeners),
    workers: values.JUMPSTARTER_WORKERS,
    socketMode: values.JUMPSTARTER_SOCKET_MODE,
    dataDirectory: values.JUMPSTARTER_DATA,
    dataDirectoryGiven: sources.JUMPSTARTER_DATA !== 'default',
    cacheDirectory: values.JUMPSTARTER_CACHE ?? userCacheDirectory(environment),
    poolMax: values.JUMPSTARTER_POOL,
    pageCacheBytes: values.JUMPSTARTER_PAGE_CACHE_MB * 1024 * 1024,
    fees: Object.freeze({
      platformPoints: values.JUMPSTARTER_PLATFORM_FEE,
      processing: values.JUMPSTARTER_PROCESSING_FEE,
      small: values.JUMPSTARTER_SMALL_PROCESSING_FEE,
    }),
    drainMs: values.JUMPSTARTER_DRAIN_SECONDS * 1000,
    trustedProxies: values.JUMPSTARTER_TRUSTED_PROXIES,
    sources,
  }
  return Object.freeze(config)
}

function withoutKey(values: Record<string, unknown>): string[] {
  if (!String(values['JUMPSTARTER_IMAGES']).startsWith('s3:')) return []
  return ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    .filter((name) => !values[name])
    .map((name) => `${name} is needed where JUMPSTARTER_IMAGES is in S3`)
}

function withoutStripeKeys(values: Record<string, unknown>): string[] {
  if (values['PAYMENT_PROVIDER'] !== 'stripe') return []
  return ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']
    .filter((name) => !values[name])
    .map((name) => `${name} is needed where PAYMENT_PROVIDER is stripe`)
}

function paymentsOf(values: ParsedSettings): PaymentConfig {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = values
  if (values.PAYMENT_PROVIDER === 'test' || !secretKey || !webhookSecret) {
    return { provider: 'test' }
  }
  return { provider: 'stripe', secretKey, webhookSecret, apiBase: values.STRIPE_API_BASE }
}

function bucketOf(values: ParsedSettings): BucketConfig | null {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = values
  const [, bucket, path = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(values.JUMPSTARTER_IMAGES) ?? []
  if (!bucket || !accessKeyId || !secretAccessKey) return null
  const prefix = path === '' ? '' : `${path}/`
  const endpoint = values.AWS_ENDPOINT_URL ?? null
  return { bucket, prefix, region: values.AWS_REGION, endpoint, accessKeyId, secretAccessKey }
}

const flagOf = (name: string) =>
  `--${name.replace('JUMPSTARTER_', '').toLowerCase().replaceAll('_', '-')}`

function rawValue(
  name: string,
  setting: Setting,
  flags: Record<string, string | undefined>,
  environment: Environment,
): { text: string | undefined; source: SettingSource; problem?: string } {
  const flag = flags[name]
  if (flag !== undefined) return { text: flag, source: 'flag' }
  const file = environment[`${name}_FILE`]
  const text = environment[name]
  if (file && text) {
    return {
      text,
      source: 'environment',
      problem: `${name} and ${name}_FILE are both set: keep one`,
    }
  }
  if (file) {
    try {
      return { text: readFileSync(file, 'utf8').trim(), source: 'file' }
    } catch {
      return {
        text: setting.fallback,
        source: 'file',
        problem: `${name}_FILE: cannot read ${file}`,
      }
    }
  }
  if (text !== undefined && text !== '') return { text, source: 'environment' }
  return { text: setting.fallback, source: 'default' }
}

// How a worker is told what to do; no JUMPSTARTER_ name, so that a slip is not taken for it.
const orderName = '_JUMPSTARTER_WORKER_ORDER'

function unknownNames(environment: Environment): string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('JUMPSTARTER_'))
    .filter((name) => !(name.replace(/_FILE$/, '') in settings))
    .map((name) => {
      const near = suggest(name, Object.keys(settings))
      return `${name} is not a setting${near ? `; did you mean ${near}?` : ''}`
    })
}

function userCacheDirectory(environment: Environment): string {
  return resolve(environment['XDG_CACHE_HOME'] || resolve(homedir(), '.cache'), 'jumpstarter')
}

/** What the supervisor hands to a worker through its environment. */
export interface WorkerOrder {
  index: number
  config: Config
  /** A living worker with this index hands over to this one. */
  replaces?: boolean
}

/** The order this worker process was started with. Throws when started by hand. */
export function readWorkerOrder(environment: Environment = process.env): WorkerOrder {
  const text = environment[orderName]
  if (!text) throw new CommandError('`worker` is started by `jumpstarter serve`, not by hand.', 2)
  const order = JSON.parse(text) as WorkerOrder
  // After an upgrade the supervisor is older than its workers, and knows fewer settings.
  return { ...order, config: Object.freeze({ ...loadConfig({}, {}), ...order.config }) }
}

// The engine lets its heap grow with the memory of the machine, of which it thinks it has all. With
// this a worker under load stays at 165 MB instead of 270, for a tenth of its uncached pages.
const workerHeapBytes = 192 * 1024 * 1024

// A worker is told of these in its order; what is in an environment is read by many.
const ownAlone = [
  ...['BUN_BE_BUN', 'DATABASE_URL', 'DATABASE_DIRECT_URL', 'DATABASE_REPLICA_URLS', 'REDIS_URL'],
  ...['SMTP_URL', 'AWS_SECRET_ACCESS_KEY', 'STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
]

/** The environment for a worker: ours, without what would turn it into something else. */
export function workerEnvironment(order: WorkerOrder): Environment {
  const rest = Object.entries(process.env).filter(([name]) => !ownAlone.includes(name))
  return {
    // React in development renders many times slower; `bun dev` asks for it.
    NODE_ENV: 'production',
    BUN_JSC_forceRAMSize: String(workerHeapBytes),
    ...Object.fromEntries(rest),
    [orderName]: JSON.stringify(order),
  }
}

const feeText = ({ points, cents }: FeeRates['small']) =>
  `${points / 100} + ${(cents / 100).toFixed(2)}`

/** A setting for people to read. */
export interface SettingShown {
  name: SettingName
  /** Secrets are masked; in parentheses what holds where nothing is set. */
  value: string
  source: SettingSource
  /** Such as `--workers` or `DATABASE_URL_FILE`; null: nothing. */
  setBy: string | null
  meaning: string
}

/** The configuration for people to read, secrets masked. */
export function describeConfig(config: Config): SettingShown[] {
  const images = config.imageBucket
  const stripe = config.payments.provider === 'stripe' ? config.payments : null
  const unused = (name: SettingName) =>
    config.sources[name] === 'default' ? '(none)' : '(not used)'
  const shown: Record<SettingName, string> = {
    DATABASE_URL: config.databaseUrl === null ? '(embedded)' : maskPassword(config.databaseUrl),
    DATABASE_DIRECT_URL:
      config.databaseDirectUrl === null ? '(DATABASE_URL)' : maskPassword(config.databaseDirectUrl),
    DATABASE_REPLICA_URLS: config.replicaUrls.map(maskPassword).join(',') || '(none)',
    REDIS_URL: config.redisUrl === null ? '(none)' : maskPassword(config.redisUrl),
    SMTP_URL: config.smtpUrl === null ? '(none)' : maskPassword(config.smtpUrl),
    MAIL_FROM: config.mailFrom,
    AWS_ACCESS_KEY_ID: images?.accessKeyId ?? unused('AWS_ACCESS_KEY_ID'),
    AWS_SECRET_ACCESS_KEY: images ? '***' : unused('AWS_SECRET_ACCESS_KEY'),
    AWS_REGION: images?.region ?? unused('AWS_REGION'),
    AWS_ENDPOINT_URL: maskPassword(images?.endpoint ?? unused('AWS_ENDPOINT_URL')),
    PAYMENT_PROVIDER: config.payments.provider,
    STRIPE_SECRET_KEY: stripe ? '***' : unused('STRIPE_SECRET_KEY'),
    STRIPE_WEBHOOK_SECRET: stripe ? '***' : unused('STRIPE_WEBHOOK_SECRET'),
    STRIPE_API_BASE: maskPassword(stripe?.apiBase ?? unused('STRIPE_API_BASE')),
    BASE_URL: maskPassword(config.baseUrl),
    PORT: String(config.listeners.find((listener) => listener.kind === 'tcp')?.port ?? ''),
    LOG_LEVEL: config.logLevel,
    JUMPSTARTER_LISTEN: config.listeners.map(listenerName).join(','),
    JUMPSTARTER_WORKERS: String(config.workers),
    JUMPSTARTER_SOCKET_MODE: `0${config.socketMode.toString(8)}`,
    JUMPSTARTER_DATA: config.dataDirectory,
    JUMPSTARTER_CACHE: config.cacheDirectory,
    JUMPSTARTER_IMAGES: images ? `s3://${images.bucket}/${images.prefix}` : 'postgres',
    JUMPSTARTER_POOL: String(config.poolMax),
    JUMPSTARTER_PAGE_CACHE_MB: String(config.pageCacheBytes / 1024 / 1024),
    JUMPSTARTER_DRAIN_SECONDS: String(config.drainMs / 1000),
    JUMPSTARTER_PLATFORM_FEE: String(config.fees.platformPoints / 100),
    JUMPSTARTER_PROCESSING_FEE: feeText(config.fees.processing),
    JUMPSTARTER_SMALL_PROCESSING_FEE: feeText(config.fees.small),
    JUMPSTARTER_TRUSTED_PROXIES: config.trustedProxies.join(', ') || 'none',
  }
  return (Object.keys(settings) as SettingName[]).map((name) => ({
    name,
    value: shown[name],
    source: config.sources[name],
    setBy: setterOf(name, config.sources[name]),
    meaning: settings[name].meaning,
  }))
}

function setterOf(name: string, source: SettingSource): string | null {
  return { flag: flagOf(name), environment: name, file: `${name}_FILE`, default: null }[source]
}

/** `tcp:0.0.0.0:3000` or `unix:/run/jumpstarter`: as given on the command line. */
export function listenerName(listener: Listener): string {
  if (listener.kind === 'unix') return `unix:${listener.directory}`
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host
  return `tcp:${host}:${listener.port}`
}

/** Everything in a configuration that nobody may be shown: passwords, as written and as meant. */
export function secretsOf(config: Config): string[] {
  const { imageBucket, payments } = config
  const { databaseUrl, databaseDirectUrl, redisUrl, smtpUrl } = config
  const single = [databaseUrl, databaseDirectUrl, redisUrl, smtpUrl].filter((url) => url !== null)
  const urls = [...single, ...config.replicaUrls]
  const passwords = urls.flatMap((url) => [
    ...[...url.matchAll(/:\/\/[^:@/]*:([^@]+)@/g)].map(([, password = '']) => password),
    ...[...url.matchAll(/[?&]password=([^&]+)/g)].map(([, password = '']) => password),
  ])
  const keys = [
    imageBucket?.secretAccessKey ?? '',
    ...(payments.provider === 'stripe' ? [payments.secretKey, payments.webhookSecret] : []),
  ]
  return [...passwords, ...passwords.map(decoded), ...keys].filter((secret) => secret !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A URL with its password replaced, safe to print. */
export function maskPassword(url: string): string {
  return url
    .replace(/^([a-z][a-z+]*:\/\/[^:@/]*):[^?#]*@/, '$1:***@')
    .replace(/([?&]password=)[^&]*/, '$1***')
}
