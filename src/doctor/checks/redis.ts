import { clientFor, type RedisClient } from '#cache/redis-address'
import { within } from '#lib/within'
import { type Check, type Finding, problem, type Site, warning } from '../check'
import { size } from '../units'

const deadlineMs = 2_000
const oldestVersion = 6

/** Whether Redis answers, and forgets the oldest rather than refuse the newest. */
export const redis: Check<Site> = {
  name: 'Redis',
  run: async ({ config: { redisUrl } }) => {
    if (redisUrl === null) return { skipped: 'REDIS_URL is not set' }
    try {
      return judgeRedis(await readInfo(redisUrl))
    } catch (error) {
      return [refusal(error instanceof Error ? error : new Error(String(error)))]
    }
  },
}

/** What `INFO` says, name → value. */
type Info = Map<string, string>

async function readInfo(url: string): Promise<Info> {
  const client = await clientFor(await import('redis'), url)
  client.on('error', () => {})
  const asking = client.connect().then(() => askInfo(client))
  asking.catch(() => {})
  try {
    if (!(await within(asking, deadlineMs))) throw new Error('no answer')
    const lines = [...String(await asking).matchAll(/^(\w+):(.*?)\r?$/gm)]
    return new Map(lines.map(([, name = '', value = '']) => [name, value]))
  } finally {
    client.destroy()
  }
}

/** A cluster is one of its nodes for us: they are set alike. */
function askInfo(client: RedisClient): Promise<unknown> {
  if (!('slots' in client)) return client.info()
  const cluster = client as unknown as ReturnType<typeof import('redis').createCluster>
  return cluster.sendCommand(undefined, false, ['INFO'])
}

function refusal({ message, name }: Error): Finding {
  if (/WRONGPASS|NOAUTH/.test(message)) {
    const remedy = 'Correct REDIS_URL: redis://user:password@host, percent-encoded.'
    return problem('Redis refuses the password, or wants one.', remedy)
  }
  if (/sentinel/.test(message)) {
    return problem(
      `No sentinel of REDIS_URL helps: ${message}.`,
      'Start them, or correct REDIS_URL: redis+sentinel://host:26379,host:26379/MASTER.',
    )
  }
  if (/certificate/.test(message)) {
    const remedy = 'Name the file of whoever signed it in NODE_EXTRA_CA_CERTS.'
    return problem(`Redis shows a certificate that is not trusted: ${message}.`, remedy)
  }
  if (/NOPERM/.test(message)) {
    return problem('The Redis user of REDIS_URL may not do what we ask.', 'Allow it `+@all ~*`.')
  }
  if (/invalid DB index|out of range/i.test(message)) {
    return problem('Redis has no database of this number.', 'Correct the end of REDIS_URL.')
  }
  if (/no answer|timeout/i.test(message)) {
    return problem(
      'Redis takes the connection and does not answer within 2 seconds, or nothing is there.',
      'Restart it, or check its address and the network; pages are served without it meanwhile.',
    )
  }
  return problem(
    `Redis cannot be reached: ${(message || name).replace(/\.$/, '')}.`,
    'Start it, or correct REDIS_URL; pages are served without it meanwhile.',
  )
}

export function judgeRedis(info: Info): Finding[] {
  const found: Finding[] = []
  const version = info.get('redis_version') ?? '0'
  if (Number.parseInt(version, 10) < oldestVersion) {
    found.push(problem(`Redis ${version} is too old.`, 'Move to Redis 6 or later.'))
  }
  if (info.get('role') === 'slave') {
    found.push(
      problem(
        'REDIS_URL names a replica, which takes nothing in.',
        'Name the primary, or its Sentinels: redis+sentinel://host:26379/NAME.',
      ),
    )
  }
  const most = Number(info.get('maxmemory') ?? 0)
  const policy = info.get('maxmemory_policy') ?? ''
  if (most === 0) {
    found.push(
      warning(
        'Redis has no maxmemory: pages fill it until the machine has none left.',
        'Set `maxmemory 256mb` and `maxmemory-policy allkeys-lru`.',
      ),
    )
  } else if (policy === 'noeviction') {
    found.push(
      problem(
        `Redis has ${size(most)} and the policy noeviction: once that is full it refuses every new page.`,
        'Set `maxmemory-policy allkeys-lru`.',
      ),
    )
  }
  return found
}
