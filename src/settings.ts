import { availableParallelism } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { isNetwork } from '#lib/client-address'

export type Listener =
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'unix'; directory: string }

const workersMax = 256
const drainSecondsMax = 600
const pageCacheMegabytesMax = 65_536
// sun_path holds 108 bytes on Linux; the temporary name adds up to 20 to the directory.
const socketDirectoryBytesMax = 84

const listenPattern = /^tcp:(\[[0-9a-fA-F:.]+\]|[^:[\]]+):(\d{1,5})$/

function parseListener(text: string, context: z.RefinementCtx): Listener {
  const tcp = listenPattern.exec(text)
  if (tcp?.[1] && tcp[2] && Number(tcp[2]) <= 65_535) {
    return { kind: 'tcp', host: tcp[1].replace(/^\[|\]$/g, ''), port: Number(tcp[2]) }
  }
  if (text.startsWith('unix:') && text.length > 'unix:'.length) {
    const directory = resolve(text.slice('unix:'.length))
    if (Buffer.byteLength(directory) <= socketDirectoryBytesMax) return { kind: 'unix', directory }
    context.addIssue(`the directory of ${text} is longer than ${socketDirectoryBytesMax} bytes`)
    return z.NEVER
  }
  context.addIssue(`${text} is neither tcp:HOST:PORT nor unix:DIRECTORY`)
  return z.NEVER
}

const feePattern = /^ *(\d{1,2}(?:\.\d{1,2})?)(?: *\+ *(\d(?:\.\d{1,2})?))? *$/

function parseFee(text: string): { points: number; cents: number } {
  const [, percent = '0', fixed = '0'] = feePattern.exec(text) ?? []
  return { points: Math.round(Number(percent) * 100), cents: Math.round(Number(fixed) * 100) }
}

const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number(`must be a whole number from ${min} to ${max}`)
    .int(`must be a whole number`)
    .min(min)
    .max(max)

// Stricter than the Redis client, which overlooks some mistakes and throws on others.
function isRedisUrl(text: string): boolean {
  try {
    decodeURIComponent(text)
  } catch {
    return false
  }
  if (/^unix:\/\/(?:[^:@/]*(?::[^:@/]*)?@)?\/[^?#]+(?:\?db=\d+)?$/.test(text)) return true
  const url = URL.parse(text)
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '') return false
  return /^(?:\/\d*)?$/.test(url.pathname + url.search + url.hash)
}

/** `3 + 0.20` → hundredths of a percent, and cents of a dollar. */
const feeSchema = z
  .string()
  .regex(feePattern, 'must be PERCENT or PERCENT + AMOUNT, such as 3 + 0.20')
  .transform(parseFee)

export interface Setting {
  schema: z.ZodType
  fallback: string | undefined
  /** Shown in the README's table and by `jumpstarter config`. */
  meaning: string
}

/** Every setting there is. A flag of the same meaning wins over the environment. */
export const settings = {
  DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or be left out')
      .optional(),
    fallback: undefined,
    meaning:
      'An outside Postgres, 15 or later. Without it the program starts its own. ' +
      'For a Unix socket: `postgres://user@/name?host=/run/postgresql`.',
  },
  REDIS_URL: {
    schema: z
      .string()
      .refine(
        isRedisUrl,
        'must be redis://[user:password@]host[:port][/number], the same with rediss://, or unix:///path/to.sock',
      )
      .optional(),
    fallback: undefined,
    meaning:
      'A Redis, 6 or later, that keeps pages for all processes and hosts together: ' +
      '`redis://[user:password@]host[:port][/number]`, `rediss://…` or `unix:///path/to.sock`.',
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
    meaning:
      'The server that takes our mail: `smtp[s]://[user:password@]host[:port]`. Without it mail waits ' +
      'in the outbox, which a demo shows.',
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
    meaning:
      'Who mail comes from. Default: `Jumpstarter <no-reply@HOST>`, with the host of BASE_URL.',
  },
  AWS_ACCESS_KEY_ID: {
    schema: z.string().optional(),
    fallback: undefined,
    meaning: 'The key to the storage of pictures, when that is S3.',
  },
  AWS_SECRET_ACCESS_KEY: {
    schema: z.string().optional(),
    fallback: undefined,
    meaning: 'Its secret.',
  },
  AWS_REGION: {
    schema: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a region such as eu-central-1'),
    fallback: 'us-east-1',
    meaning: 'The region of the storage.',
  },
  AWS_ENDPOINT_URL: {
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    fallback: undefined,
    meaning: 'Where the storage answers, when it is not Amazon’s.',
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
    meaning: 'The key to Stripe, when that charges cards.',
  },
  STRIPE_WEBHOOK_SECRET: {
    schema: z
      .string()
      .regex(/^whsec_[\w+/=]+$/, 'must be the secret of a webhook, which begins with whsec_')
      .optional(),
    fallback: undefined,
    meaning: 'What Stripe signs with what it sends to `BASE_URL/webhooks/stripe`.',
  },
  STRIPE_API_BASE: {
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
    fallback: 'https://api.stripe.com',
    meaning: 'Where Stripe answers; another address only to test against a stand-in.',
  },
  BASE_URL: {
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    fallback: undefined,
    meaning:
      'The address readers use, for canonical links, feeds and sitemaps. Default: `http://localhost:PORT`.',
  },
  PORT: {
    schema: wholeNumber(1, 65_535),
    fallback: '3000',
    meaning: 'The TCP port when no listener is given.',
  },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']),
    fallback: 'info',
    meaning: '`debug`, `info`, `warn`, `error` or `silent`.',
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
    meaning:
      'Listeners, separated by commas: `tcp:HOST:PORT` or `unix:DIRECTORY` (`--listen`). Default: `tcp:0.0.0.0:PORT`.',
  },
  JUMPSTARTER_WORKERS: {
    schema: wholeNumber(1, workersMax),
    fallback: String(availableParallelism()),
    meaning: 'Worker processes (`--workers`). Default: one per core.',
  },
  JUMPSTARTER_SOCKET_MODE: {
    schema: z
      .string()
      .regex(/^0?[0-7]{3}$/, 'must be an octal mode such as 0660')
      .transform((text) => Number.parseInt(text, 8)),
    fallback: '0660',
    meaning: 'Mode of the Unix sockets (`--socket-mode`).',
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
    meaning: 'Where the executable unpacks Postgres. Default: the user’s cache directory.',
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
      'Where uploaded pictures are kept: `postgres`, or `s3://BUCKET[/PREFIX]` in any storage that ' +
      'speaks S3, with the settings AWS_….',
  },
  JUMPSTARTER_POOL: {
    schema: wholeNumber(1, 100),
    fallback: '4',
    meaning: 'Database connections per worker.',
  },
  JUMPSTARTER_PAGE_CACHE_MB: {
    schema: wholeNumber(0, pageCacheMegabytesMax),
    fallback: '32',
    meaning: 'Memory in which each worker keeps finished pages; 0 keeps none, in Redis neither.',
  },
  JUMPSTARTER_DRAIN_SECONDS: {
    schema: wholeNumber(0, drainSecondsMax),
    fallback: '10',
    meaning: 'How long requests in flight may take to finish after SIGTERM.',
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
    meaning:
      'What the payment provider keeps of a charge: percent, and an amount that is worth this many dollars.',
  },
  JUMPSTARTER_SMALL_PROCESSING_FEE: {
    schema: feeSchema,
    fallback: '5 + 0.05',
    meaning: 'The same of a charge below ten dollars.',
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
      'Proxies on TCP whose X-Forwarded-For is believed: addresses and networks, separated by ' +
      'commas, or `none`. Whoever may connect to a Unix socket always is.',
  },
} as const satisfies Record<string, Setting>
