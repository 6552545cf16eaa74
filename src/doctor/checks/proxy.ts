import { bodyBytesMax, idleTimeoutSeconds } from '#server/listeners'
import { answerSeconds, upstreamsOf } from '#server/proxies/upstreams'
import { type Check, type Finding, problem, type Site, warning } from '../check'
import { plural, size } from '../units'

/** What we look for in the configuration of a proxy; undefined: it says nothing. */
interface ProxyFacts {
  name: 'nginx' | 'HAProxy' | 'Caddy'
  /** How long it keeps idle connections to us, in seconds; 0: none. */
  keepAliveSeconds: number
  /** How long it waits for our answer. */
  answerSeconds: number | undefined
  bodyBytes: number | undefined
  /** It repeats what must not be sent twice. */
  repeatsPosts: boolean
  tellsAddress: boolean
  /** Paths of Unix sockets it passes to. */
  sockets: string[]
}

/** The proxy in front, by its configuration, against our own timeouts and limits. */
export const proxyTimeouts: Check<Site> = {
  name: 'proxy',
  run: async ({ proxy, config }) => {
    if (proxy === undefined) return { skipped: 'no --proxy-config is given' }
    const text = proxy.text.replace(/(^|\s)#.*$/gm, '$1')
    const facts = [nginx, haproxy, caddy].map((read) => read(text)).find((found) => found)
    if (!facts) {
      const remedy = 'Give the file that `jumpstarter generate nginx`, `haproxy` or `caddy` made.'
      return [
        problem(`${proxy.file} passes nothing on that nginx, HAProxy or Caddy would.`, remedy),
      ]
    }
    const upstreams = upstreamsOf(config.listeners, config.workers)
    const paths = upstreams.flatMap((each) => (each.kind === 'unix' ? each.path : []))
    return [...judgeProxy(facts), ...judgeSockets(facts, paths)]
  },
}

function judgeProxy(facts: ProxyFacts): Finding[] {
  const { name, bodyBytes } = facts
  const anew = `or make the file anew: \`jumpstarter generate ${name.toLowerCase()}\`.`
  const found: Finding[] = []
  if (facts.keepAliveSeconds >= idleTimeoutSeconds) {
    found.push(
      problem(
        `${name} keeps idle connections for ${facts.keepAliveSeconds} s and Jumpstarter for ${idleTimeoutSeconds} s: ` +
          'what is sent on one that is just being closed ends in a 502.',
        `Have it keep them for ${idleTimeoutSeconds / 2} s, ${anew}`,
      ),
    )
  }
  if (facts.answerSeconds !== undefined && facts.answerSeconds < answerSeconds) {
    found.push(
      warning(
        `${name} waits ${facts.answerSeconds} s for an answer: what takes longer ends in a 504.`,
        `Have it wait ${answerSeconds} s, ${anew}`,
      ),
    )
  }
  if (bodyBytes !== undefined && bodyBytes < bodyBytesMax) {
    found.push(
      problem(
        `${name} takes no more than ${size(bodyBytes)} at once: larger pictures are refused with a 413.`,
        `Have it take ${size(bodyBytesMax)}, ${anew}`,
      ),
    )
  }
  if (facts.repeatsPosts) {
    found.push(
      problem(
        `${name} sends a POST again when a worker is lost: things may be done twice.`,
        `Have it repeat GET and HEAD alone, ${anew}`,
      ),
    )
  }
  if (!facts.tellsAddress) {
    found.push(
      warning(
        `${name} does not say who asks: every reader counts as one, also for rate limits.`,
        `Have it send X-Forwarded-For, ${anew}`,
      ),
    )
  }
  return found
}

/** Of the workers' sockets those it does not know. */
function judgeSockets({ name, sockets }: ProxyFacts, paths: string[]): Finding[] {
  const missing = paths.filter((path) => !sockets.includes(path))
  if (sockets.length === 0 || missing.length === 0) return []
  return [
    warning(
      `${name} does not pass anything to ${plural(missing.length, 'worker')}: ${missing.join(', ')}.`,
      `Make the file anew, with the same listeners and workers: \`jumpstarter generate ${name.toLowerCase()}\`.`,
    ),
  ]
}

const unitSeconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }

/** `75`, `75s`, `2m`, `500ms`; a number alone is in `bare`. */
function seconds(text: string | undefined, bare: string): number | undefined {
  const [, digits, unit = bare] = /^(\d+)(ms|s|m|h|d)?$/.exec(text ?? '') ?? []
  return digits === undefined ? undefined : Number(digits) * (unitSeconds[unit] ?? 1)
}

/** `32768k`, `1m`, `33554432`, `32MB`. */
function bytes(text: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([kmg]?)(?:i?b)?$/i.exec(text ?? '') ?? []
  if (digits === undefined) return undefined
  return Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase())
}

const only = (text: string, pattern: RegExp) => pattern.exec(text)?.[1]
/** The least of all that a file sets, since we cannot know which place holds. */
const least = (all: (number | undefined)[]) => {
  const known = all.filter((each) => each !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, one]) => one)

function nginx(text: string): ProxyFacts | undefined {
  if (!/^\s*proxy_pass\s/m.test(text)) return undefined
  const upstreams = all(text, /^\s*upstream\s+\S+\s*\{([^}]*)\}/gm).map(String)
  const kept = upstreams.filter((body) => /^\s*keepalive\s+\d/m.test(body))
  const times = kept.map((body) => seconds(only(body, /keepalive_timeout\s+(\w+)/), 's') ?? 60)
  const body = all(text, /client_max_body_size\s+(\w+)/g).map(bytes)
  return {
    name: 'nginx',
    keepAliveSeconds: Math.max(0, ...times),
    answerSeconds: least(
      all(text, /proxy_read_timeout\s+(\w+)/g).map((each) => seconds(each, 's')),
    ),
    // Its own default; 0 is without limit.
    bodyBytes: body.length === 0 ? 2 ** 20 : least(body.filter((each) => each !== 0)),
    repeatsPosts: /proxy_next_upstream\s[^;]*non_idempotent/.test(text),
    tellsAddress: /proxy_set_header\s+X-Forwarded-For\s/i.test(text),
    sockets: all(text, /\bunix:([^\s;:]+)/g).map(String),
  }
}

function haproxy(text: string): ProxyFacts | undefined {
  if (!/^\s*(backend|listen)\s+\S/m.test(text)) return undefined
  const backends = text.split(/^(?=(?:backend|listen|frontend|defaults|global)\b)/m)
  const posts = backends.filter((part) => /^(backend|listen)/.test(part) && !isForReads(part, text))
  const purge = seconds(only(text, /pool-purge-delay\s+(\w+)/), 'ms')
  return {
    name: 'HAProxy',
    keepAliveSeconds: purge ?? 5,
    answerSeconds: least(all(text, /timeout server\s+(\w+)/g).map((each) => seconds(each, 'ms'))),
    bodyBytes: least(all(text, /req\.body_size\s+gt\s+(\w+)/g).map(bytes)),
    repeatsPosts: posts.some((part) =>
      /retry-on\s.*(empty-response|response-timeout|all-retryable-errors)/.test(part),
    ),
    tellsAddress: /option\s+forwardfor/.test(text) || /set-header\s+X-Forwarded-For/i.test(text),
    sockets: all(text, /\bunix@(\S+)/g).map(String),
  }
}

/** A backend that only GET and HEAD are sent to. */
function isForReads(part: string, text: string): boolean {
  const name = only(part, /^(?:backend|listen)\s+(\S+)/) ?? ''
  const uses = all(
    text,
    new RegExp(`^\\s*(use_backend ${name}\\b.*|default_backend ${name})\\s*$`, 'gm'),
  )
  const isGuarded = /disable-l7-retry\s+if\s+(METH_POST|!METH_GET)/.test(part)
  return isGuarded || (uses.length > 0 && uses.every((use) => / if METH_GET\s*$/.test(use ?? '')))
}

function caddy(text: string): ProxyFacts | undefined {
  if (!/^\s*reverse_proxy\s/m.test(text)) return undefined
  const blocks = text.split(/^\s*reverse_proxy\s/m).slice(1)
  const times = blocks.map((block) => {
    if (/^\s*keepalive\s+off/m.test(block)) return 0
    return seconds(only(block, /^\s*keepalive\s+(\w+)/m), 's') ?? 120
  })
  return {
    name: 'Caddy',
    keepAliveSeconds: Math.max(0, ...times),
    answerSeconds: least(
      all(text, /response_header_timeout\s+(\w+)/g).map((each) => seconds(each, 's')),
    ),
    bodyBytes: least(all(text, /max_size\s+(\w+)/g).map(bytes)),
    repeatsPosts: /lb_retry_match[^}]*method[^\n]*POST/.test(text),
    tellsAddress: !/header_up\s+-X-Forwarded-For/i.test(text),
    sockets: all(text, /\bunix\/+(\/[^\s{]+|[^\s{]+)/g).map(
      (path) => `/${path?.replace(/^\//, '')}`,
    ),
  }
}
