import { availableParallelism } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { isNetwork } from '#lib/client-address'
import {
  feePattern,
  isRedisUrl,
  parseAdminListener,
  parseFee,
  parseHeaders,
  parseListener,
  parseReplicas,
} from './setting-values'

/** As OpenTelemetry names them: which requests a collector is told of. */
export const samplers = [
  ...(['always_on', 'always_off', 'traceidratio'] as const),
  ...(['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const),
] as const

const workersMax = 256
const drainSecondsMax = 600
const pageCacheMegabytesMax = 65_536
const slowMsMax = 3_600_000
const waitMsMax = 60_000

const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number(`must be a whole number from ${min} to ${max}`)
    .int(`must be a whole number`)
    .min(min)
    .max(max)

/** `3 + 0.20` → hundredths of a percent, and cents of a dollar. */
const feeSchema = z
  .string()
  .regex(feePattern, 'must be PERCENT or PERCENT + AMOUNT, such as 3 + 0.20')
  .transform(parseFee)

export interface Setting {
  schema: z.ZodType
  fallback: string | undefined
  /** The default in words, where there is none or it is another on each machine. */
  usual?: string
  /** Shown in the README's table and by `jumpstarter config`. */
  meaning: string
  /** Stands in the row of the setting before it. */
  joined?: true
}

/** Every setting there is. A flag of the same meaning wins over the environment. */
export const settings = {
  DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or be left out')
      .optional(),
    fallback: undefined,
    usual: 'embedded',
    meaning:
      'An outside Postgres, 15 or later; `postgres://user@/name?host=/run/postgresql` for a Unix socket; of several hosts, `postgres://user@h1:5432,h2:5432/name`, the primary is found; may lead to a pooler.',
  },
  DATABASE_DIRECT_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or be left out')
      .optional(),
    fallback: undefined,
    usual: '`DATABASE_URL`',
    meaning: 'The same database without a pooler, for commands, migrations and hearing of changes.',
  },
  DATABASE_REPLICA_URLS: {
    schema: z.string().transform(parseReplicas),
    fallback: '',
    usual: 'none',
    meaning: 'Its replicas to read from, each one server, separated by commas.',
    joined: true,
  },
  REDIS_URL: {
    schema: z
      .string()
      .refine(
        isRedisUrl,
        'must be redis://[user:password@]host[:port][/number], the same with rediss://, ' +
          'redis+sentinel://[user:password@]host:port,…/MASTER[/number], ' +
          'redis+cluster://[user:password@]host:port,… (or rediss+…), or unix:///path/to.sock',
      )
      .optional(),
    fallback: undefined,
    usual: 'none',
    meaning:
      'A Redis, 6 or later, shared by all: `redis[s]://[user:password@]host[:port][/number]`, `unix:///path`, `redis[s]+sentinel://[user:password@]host:port,…/MASTER[/number]`, `redis[s]+cluster://…host:port,…`.',
  },
  SMTP_URL: {
    schema: z
      .string()
      .refine((text) => {
        const url = URL.parse(text)
        return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== ''
      }, 'must be smtp://[user:password@]host[:port], or the same with smtps://')
      .optional(),
    fallback: undefined,
    usual: 'none',
    meaning:
      'Who takes our mail: `smtp[s]://[user:password@]host[:port]`; without it mail waits in the outbox.',
  },
  MAIL_FROM: {
    schema: z
      .string()
      .regex(
        /^[^\r\n]{0,100}<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/,
        'must be name@host or Name <name@host>',
      )
      .optional(),
    fallback: undefined,
    usual: '`no-reply@HOST`',
    meaning: 'Who it comes from.',
    joined: true,
  },
  AWS_ACCESS_KEY_ID: {
    schema: z.string().optional(),
    fallback: undefined,
    usual: 'none',
    meaning: 'The key to the storage of pictures, where that is S3.',
  },
  AWS_SECRET_ACCESS_KEY: {
    schema: z.string().optional(),
    fallback: undefined,
    usual: 'none',
    meaning: 'Its secret.',
    joined: true,
  },
  AWS_REGION: {
    schema: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a region such as eu-central-1'),
    fallback: 'us-east-1',
    meaning: 'The storage’s region.',
    joined: true,
  },
  AWS_ENDPOINT_URL: {
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    fallback: undefined,
    usual: 'none',
    meaning: 'Where it answers, if not at Amazon.',
    joined: true,
  },
  PAYMENT_PROVIDER: {
    schema: z.enum(['test', 'stripe'], 'must be test or stripe'),
    fallback: 'test',
    meaning: 'Who charges cards: `test`, a gateway that moves no money, or `stripe`.',
  },
  STRIPE_SECRET_KEY: {
    schema: z
      .string()
      .regex(/^[sr]k_[\w]+$/, 'must be a secret key, which begins with sk_ or rk_')
      .optional(),
    fallback: undefined,
    usual: 'none',
    meaning: 'The key to Stripe.',
    joined: true,
  },
  STRIPE_WEBHOOK_SECRET: {
    schema: z
      .string()
      .regex(/^whsec_[\w+/=]+$/, 'must be the secret of a webhook, which begins with whsec_')
      .optional(),
    fallback: undefined,
    usual: 'none',
    meaning: 'What it signs with what it sends to `BASE_URL/webhooks/stripe`.',
    joined: true,
  },
  STRIPE_API_BASE: {
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
    fallback: 'https://api.stripe.com',
    meaning: 'Where it answers; another address only to test.',
    joined: true,
  },
  BASE_URL: {
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    fallback: undefined,
    usual: '`http://localhost:PORT`',
    meaning: 'The address readers use, for canonical links, feeds and sitemaps.',
  },
  PORT: {
    schema: wholeNumber(1, 65_535),
    fallback: '3000',
    meaning: 'The TCP port when no listener is given.',
    joined: true,
  },
  JUMPSTARTER_SECURITY_CONTACT: {
    schema: z
      .string()
      .regex(
        /^(?:mailto:[^\s<>@]+@[^\s<>@]+|https:\/\/[^\s<>]+)$/,
        'must be mailto:name@host or an https URL',
      )
      .optional(),
    fallback: undefined,
    usual: 'none',
    meaning:
      'Who is told of a hole, `mailto:name@host` or an https URL: stands in `/.well-known/security.txt`.',
    joined: true,
  },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    fallback: 'info',
    meaning: '`debug`, which tells of pages from memory too, `info`, `warn`, `error` or `silent`.',
  },
  JUMPSTARTER_SLOW_REQUEST_MS: {
    schema: wholeNumber(0, slowMsMax),
    fallback: '1000',
    meaning: 'From so many milliseconds on a request is told of as slow; 0 is never.',
    joined: true,
  },
  JUMPSTARTER_SLOW_QUERY_MS: {
    schema: wholeNumber(0, slowMsMax),
    fallback: '200',
    meaning: 'The same of a statement.',
    joined: true,
  },
  JUMPSTARTER_ADMIN_LISTEN: {
    schema: z.string().transform(parseAdminListener),
    fallback: '',
    usual: 'none',
    meaning: 'Where `/metrics` is answered, for all workers: `tcp:HOST:PORT` or `unix:FILE`.',
  },
  JUMPSTARTER_METRICS: {
    schema: z.enum(['on', 'off'], 'must be on or off'),
    fallback: 'on',
    meaning: '`off` counts nothing, and tells of no request.',
    joined: true,
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    fallback: undefined,
    usual: 'none',
    meaning: 'A collector of traces that takes OTLP over HTTP, such as `http://127.0.0.1:4318`.',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: z.string().transform(parseHeaders),
    fallback: '',
    usual: 'none',
    meaning: 'What it wants to be sent along: `name=value,…`.',
    joined: true,
  },
  OTEL_SERVICE_NAME: {
    schema: z.string().regex(/^[\x20-\x7e]{1,100}$/, 'must be a name of up to 100 characters'),
    fallback: 'jumpstarter',
    meaning: 'What we are called there.',
    joined: true,
  },
  OTEL_TRACES_SAMPLER: {
    schema: z.enum(samplers, `must be one of ${samplers.join(', ')}`),
    fallback: 'parentbased_always_on',
    meaning: 'Which requests are told of.',
    joined: true,
  },
  OTEL_TRACES_SAMPLER_ARG: {
    schema: z.coerce.number('must be a number from 0 to 1').min(0).max(1),
    fallback: '1',
    meaning: 'The share of them, for `traceidratio`.',
    joined: true,
  },
  JUMPSTARTER_LISTEN: {
    schema: z.string().transform((text, context) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map((part, index, parts) => {
          if (parts.indexOf(part) < index) context.addIssue(`${part} is given twice`)
          return parseListener(part, context)
        }),
    ),
    fallback: '',
    usual: '`tcp:0.0.0.0:PORT`',
    meaning: '`tcp:HOST:PORT`, `unix:DIRECTORY`, separated by commas (`--listen`, repeatable).',
  },
  JUMPSTARTER_SOCKET_MODE: {
    schema: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'must be an octal mode such as 0660')
      .transform((text) => Number.parseInt(text, 8)),
    fallback: '0660',
    meaning: 'Mode of the sockets (`--socket-mode`).',
    joined: true,
  },
  JUMPSTARTER_WORKERS: {
    schema: wholeNumber(1, workersMax),
    fallback: String(availableParallelism()),
    usual: 'one per core',
    meaning: 'Worker processes (`--workers`).',
  },
  JUMPSTARTER_POOL: {
    schema: wholeNumber(1, 100),
    fallback: '4',
    meaning: 'Database connections of each worker.',
    joined: true,
  },
  JUMPSTARTER_DRAIN_SECONDS: {
    schema: wholeNumber(0, drainSecondsMax),
    fallback: '10',
    meaning: 'How long requests in flight may take to finish after SIGTERM.',
    joined: true,
  },
  JUMPSTARTER_WAIT_MS: {
    schema: wholeNumber(0, waitMsMax),
    fallback: '250',
    meaning: 'Who would wait longer for a worker is told to come back, readers first; 0: nobody.',
    joined: true,
  },
  JUMPSTARTER_DATA: {
    schema: z
      .string()
      .min(1)
      .transform((path) => resolve(path)),
    fallback: '.jumpstarter',
    meaning: 'Where the embedded Postgres keeps its data (`--data`).',
  },
  JUMPSTARTER_CACHE: {
    schema: z.string().refine(isAbsolute, 'must be an absolute path').optional(),
    fallback: undefined,
    usual: '`~/.cache/jumpstarter`',
    meaning: 'Where the executable unpacks it, once.',
    joined: true,
  },
  JUMPSTARTER_IMAGES: {
    schema: z
      .string()
      .regex(
        /^(?:postgres|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/(?!\.)[\w.-]+)*\/?)$/,
        'must be postgres or s3://BUCKET[/PREFIX]',
      ),
    fallback: 'postgres',
    meaning:
      'Where uploaded pictures are kept: `postgres`, or `s3://BUCKET[/PREFIX]` in any storage like it.',
  },
  JUMPSTARTER_PAGE_CACHE_MB: {
    schema: wholeNumber(0, pageCacheMegabytesMax),
    fallback: '32',
    meaning: 'Memory in which each worker keeps finished pages; 0 keeps none, in Redis neither.',
  },
  JUMPSTARTER_PLATFORM_FEE: {
    schema: z
      .string()
      .regex(/^\d{1,2}(\.\d{1,2})?$/, 'must be a percentage such as 5 or 2.5')
      .transform((text) => parseFee(text).points),
    fallback: '5',
    meaning: 'Percent of what is collected that the site keeps.',
  },
  JUMPSTARTER_PROCESSING_FEE: {
    schema: feeSchema,
    fallback: '3 + 0.20',
    meaning: 'A charge’s percent + dollars that its provider keeps.',
    joined: true,
  },
  JUMPSTARTER_SMALL_PROCESSING_FEE: {
    schema: feeSchema,
    fallback: '5 + 0.05',
    meaning: 'The same below ten dollars.',
    joined: true,
  },
  JUMPSTARTER_TRUSTED_PROXIES: {
    schema: z.string().transform((text, context) => {
      const parts = text.split(',').map((part) => part.trim())
      if (parts.length === 1 && parts[0] === 'none') return []
      for (const part of parts.filter((part) => !isNetwork(part))) {
        context.addIssue(`${part || 'an empty part'} is neither an address nor ADDRESS/BITS`)
      }
      return parts
    }),
    fallback: '127.0.0.0/8, ::1',
    meaning:
      'Proxies on TCP whose `X-Forwarded-For` is believed: addresses, networks, or `none`. Whoever may connect to a Unix socket always is.',
  },
} as const satisfies Record<string, Setting>
