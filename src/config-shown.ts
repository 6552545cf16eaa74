import {
  type Config,
  type FeeRates,
  flagOf,
  installedSettings,
  listenerName,
  maskPassword,
  type SettingName,
  type SettingSource,
} from './config'
import type { AdminListener } from './setting-values'
import { settings } from './settings'

const feeText = ({ points, cents }: FeeRates['small']) =>
  `${points / 100} + ${(cents / 100).toFixed(2)}`

/** A setting for people to read. */
export interface SettingShown {
  name: SettingName
  /** Secrets are masked; in parentheses what holds where nothing is set. */
  value: string
  source: SettingSource
  /** Such as `--workers`, `DATABASE_URL_FILE` or a file of settings; null: nothing. */
  setBy: string | null
  meaning: string
}

/** The configuration for people to read, secrets masked. */
export function describeConfig(config: Config): SettingShown[] {
  const { imageBucket: images, tracing } = config
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
    JUMPSTARTER_SECURITY_CONTACT: config.securityContact ?? '(none)',
    LOG_LEVEL: config.logLevel,
    JUMPSTARTER_SLOW_REQUEST_MS: String(config.slowRequestMs),
    JUMPSTARTER_SLOW_QUERY_MS: String(config.slowQueryMs),
    JUMPSTARTER_ADMIN_LISTEN: config.adminListener ? adminName(config.adminListener) : '(none)',
    JUMPSTARTER_METRICS: config.metrics ? 'on' : 'off',
    OTEL_EXPORTER_OTLP_ENDPOINT: maskPassword(
      tracing?.endpoint ?? unused('OTEL_EXPORTER_OTLP_ENDPOINT'),
    ),
    OTEL_EXPORTER_OTLP_HEADERS:
      Object.keys(tracing?.headers ?? {}).length > 0 ? '***' : unused('OTEL_EXPORTER_OTLP_HEADERS'),
    OTEL_SERVICE_NAME: tracing?.serviceName ?? unused('OTEL_SERVICE_NAME'),
    OTEL_TRACES_SAMPLER: tracing?.sampler ?? unused('OTEL_TRACES_SAMPLER'),
    OTEL_TRACES_SAMPLER_ARG: String(tracing?.ratio ?? unused('OTEL_TRACES_SAMPLER_ARG')),
    JUMPSTARTER_LISTEN: config.listeners.map(listenerName).join(','),
    JUMPSTARTER_WORKERS: String(config.workers),
    JUMPSTARTER_SOCKET_MODE: `0${config.socketMode.toString(8)}`,
    JUMPSTARTER_DATA: config.dataDirectory,
    JUMPSTARTER_CACHE: config.cacheDirectory,
    JUMPSTARTER_IMAGES: images ? `s3://${images.bucket}/${images.prefix}` : 'postgres',
    JUMPSTARTER_POOL: String(config.poolMax),
    JUMPSTARTER_PAGE_CACHE_MB: String(config.pageCacheBytes / 1024 / 1024),
    JUMPSTARTER_DRAIN_SECONDS: String(config.drainMs / 1000),
    JUMPSTARTER_WAIT_MS: String(config.waitMs),
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
  const setters = {
    ...{ flag: flagOf(name), environment: name, file: `${name}_FILE`, default: null },
    installation: installedSettings() ?? null,
  }
  return setters[source]
}

/** `tcp:127.0.0.1:9464` or `unix:/run/jumpstarter/admin.sock`. */
const adminName = (listener: AdminListener): string =>
  listener.kind === 'unix' ? `unix:${listener.path}` : listenerName(listener)

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
    ...Object.values(config.tracing?.headers ?? {}),
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
