import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { parseEnvFile } from '#lib/env-file'
import { CommandError } from '#lib/errors'
import type { Pooler } from '#lib/pooler'
import { suggest } from '#lib/suggest'
import type { AdminListener, Listener } from './setting-values'
import { type Setting, type samplers, settings } from './settings'

export type SettingName = keyof typeof settings
export type SettingSource = 'flag' | 'environment' | 'file' | 'installation' | 'default'

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
  /** Null: nobody is named. */
  securityContact: string | null
  /** Started to be tried out: what only its owner should see is shown. */
  demo: boolean
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** From so many milliseconds on a request is told of as slow; 0: never. */
  slowRequestMs: number
  /** The same of a statement. */
  slowQueryMs: number
  /** Null: nobody can ask for metrics. */
  adminListener: AdminListener | null
  /** Whether requests, statements and the like are counted. */
  metrics: boolean
  /** Null: nobody collects traces. */
  tracing: TracingConfig | null
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
  /** Who would wait longer is told to come back; 0: everybody waits. */
  waitMs: number
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

/** Who is told of requests, and of which, by the variables of OpenTelemetry. */
export interface TracingConfig {
  /** Such as `http://127.0.0.1:4318`. */
  endpoint: string
  headers: Readonly<Record<string, string>>
  serviceName: string
  sampler: (typeof samplers)[number]
  /** Of those that begin here, where the sampler asks for it: 0 to 1. */
  ratio: number
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

/** Where an installed program has its settings: its service is given them, commands read them. */
const installations: Record<string, string> = {
  '/usr/bin/jumpstarter': '/etc/jumpstarter/jumpstarter.env',
  '/usr/local/bin/jumpstarter': '/etc/jumpstarter.env',
}

export const installedSettings = (): string | undefined => installations[process.execPath]

/** What stands there; nothing for whoever may not read it. */
function readInstalled(): Environment {
  try {
    return parseEnvFile(readFileSync(installedSettings() ?? '', 'utf8'))
  } catch {
    return {}
  }
}

/**
 * Reads every setting from flags, the environment and `X_FILE` files, in this order, and last from
 * the settings of the installation. Throws one CommandError (exit 2) that names everything that is
 * wrong.
 */
export function loadConfig(
  flags: Partial<Record<SettingName, string | undefined>> = {},
  given: Environment = process.env,
  installed: Environment = given === process.env ? readInstalled() : {},
): Config {
  const isGiven = (name: string) => Boolean(given[name] || given[`${name}_FILE`])
  const added = Object.entries(installed).filter(([name]) => !isGiven(name.replace(/_FILE$/, '')))
  const environment = { ...given, ...Object.fromEntries(added) }
  const problems = unknownNames(environment)
  const values: Record<string, unknown> = {}
  const sources: Record<string, SettingSource> = {}
  for (const [name, setting] of Object.entries<Setting>(settings)) {
    const { text, source, problem } = rawValue(name, setting, flags, environment)
    const isInstalled = source !== 'flag' && source !== 'default' && !isGiven(name)
    sources[name] = isInstalled ? 'installation' : source
    if (problem) problems.push(problem)
    const parsed = setting.schema.safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else {
      const given = source === 'flag' ? flagOf(name) : name
      problems.push(...parsed.error.issues.map((issue) => `${given}: ${issue.message}`))
    }
  }
  problems.push(
    ...withoutKey(values),
    ...withoutStripeKeys(values),
    ...withoutFigures(values),
    ...amongReaders(values),
  )
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
    securityContact: values.JUMPSTARTER_SECURITY_CONTACT ?? null,
    demo: false,
    logLevel: values.LOG_LEVEL,
    slowRequestMs: values.JUMPSTARTER_SLOW_REQUEST_MS,
    slowQueryMs: values.JUMPSTARTER_SLOW_QUERY_MS,
    adminListener: values.JUMPSTARTER_ADMIN_LISTEN,
    metrics: values.JUMPSTARTER_METRICS === 'on',
    tracing: tracingOf(values),
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
    waitMs: values.JUMPSTARTER_WAIT_MS,
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

function withoutFigures(values: Record<string, unknown>): string[] {
  if (values['JUMPSTARTER_METRICS'] !== 'off' || !values['JUMPSTARTER_ADMIN_LISTEN']) return []
  return ['JUMPSTARTER_ADMIN_LISTEN is of no use where JUMPSTARTER_METRICS is off']
}

/** Readers must never find what is for those who look after the site. */
function amongReaders(values: Record<string, unknown>): string[] {
  const admin = values['JUMPSTARTER_ADMIN_LISTEN'] as AdminListener | null | undefined
  const listeners = (values['JUMPSTARTER_LISTEN'] ?? []) as Listener[]
  const ports = listeners.flatMap((one) => (one.kind === 'tcp' ? one.port : []))
  const directories = listeners.flatMap((one) => (one.kind === 'unix' ? one.directory : []))
  const isTaken =
    admin?.kind === 'tcp'
      ? (listeners.length === 0 ? [values['PORT']] : ports).includes(admin.port)
      : admin && directories.includes(dirname(admin.path)) && /\/\d+\.sock$/.test(admin.path)
  return isTaken ? ['JUMPSTARTER_ADMIN_LISTEN: choose another address than for readers'] : []
}

function tracingOf(values: ParsedSettings): TracingConfig | null {
  const endpoint = values.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined || values.JUMPSTARTER_METRICS === 'off') return null
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    headers: values.OTEL_EXPORTER_OTLP_HEADERS,
    serviceName: values.OTEL_SERVICE_NAME,
    sampler: values.OTEL_TRACES_SAMPLER,
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
  }
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

/** The flag of the same meaning as a setting. */
export const flagOf = (name: string) =>
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
  'OTEL_EXPORTER_OTLP_HEADERS',
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

/** `tcp:0.0.0.0:3000` or `unix:/run/jumpstarter`: as given on the command line. */
export function listenerName(listener: Listener): string {
  if (listener.kind === 'unix') return `unix:${listener.directory}`
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host
  return `tcp:${host}:${listener.port}`
}

/** A URL with its password replaced, safe to print. */
export function maskPassword(url: string): string {
  return url
    .replace(/^([a-z][a-z+]*:\/\/[^:@/]*):[^?#]*@/, '$1:***@')
    .replace(/([?&]password=)[^&]*/, '$1***')
}
