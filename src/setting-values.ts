import { resolve } from 'node:path'
import { z } from 'zod'

export type Listener =
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'unix'; directory: string }

/** Where those who look after the site ask: never the address of its readers. */
export type AdminListener =
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'unix'; path: string }

// sun_path holds 108 bytes on Linux; the temporary name adds up to 20 to the directory.
const socketDirectoryBytesMax = 84

const listenPattern = /^tcp:(\[[0-9a-fA-F:.]+\]|[^:[\]]+):(\d{1,5})$/

export function parseListener(text: string, context: z.RefinementCtx): Listener {
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

// As for the workers' sockets, of which the directory alone is given.
const adminSocketBytesMax = socketDirectoryBytesMax

export function parseAdminListener(text: string, context: z.RefinementCtx): AdminListener | null {
  if (text === '') return null
  const tcp = listenPattern.exec(text)
  if (tcp?.[1] && tcp[2] && Number(tcp[2]) <= 65_535) {
    return { kind: 'tcp', host: tcp[1].replace(/^\[|\]$/g, ''), port: Number(tcp[2]) }
  }
  const path = text.startsWith('unix:') ? text.slice('unix:'.length) : ''
  if (path !== '' && !path.endsWith('/') && Buffer.byteLength(path) <= adminSocketBytesMax) {
    return { kind: 'unix', path: resolve(path) }
  }
  context.addIssue(
    `must be tcp:HOST:PORT or unix:FILE, which may have up to ${adminSocketBytesMax} bytes`,
  )
  return z.NEVER
}

/** `name=value,name=value`, percent-encoded, as OpenTelemetry has headers. */
export function parseHeaders(text: string, context: z.RefinementCtx): Record<string, string> {
  const parts = text.split(',').filter((part) => part.trim() !== '')
  const pairs = parts.map((part) => /^\s*([\w!#$&'*.^`|~+-]+)\s*=\s*([\x20-\x7e]*?)\s*$/.exec(part))
  try {
    return Object.fromEntries(
      pairs.map((pair) => {
        if (!pair) throw new Error('no pair')
        return [pair[1] ?? '', decodeURIComponent(pair[2] ?? '')]
      }),
    )
  } catch {
    // Without the text, which may have a key in it.
    context.addIssue('must be name=value pairs, percent-encoded, separated by commas')
    return z.NEVER
  }
}

export const feePattern = /^ *(\d{1,2}(?:\.\d{1,2})?)(?: *\+ *(\d(?:\.\d{1,2})?))? *$/

export function parseFee(text: string): { points: number; cents: number } {
  const [, percent = '0', fixed = '0'] = feePattern.exec(text) ?? []
  return { points: Math.round(Number(percent) * 100), cents: Math.round(Number(fixed) * 100) }
}

// Stricter than the Redis client, which overlooks some mistakes and throws on others.
export function isRedisUrl(text: string): boolean {
  try {
    decodeURIComponent(text)
  } catch {
    return false
  }
  if (isFleetUrl(text)) return true
  if (/^unix:\/\/(?:[^:@/]*(?::[^:@/]*)?@)?\/[^?#]+(?:\?db=\d+)?$/.test(text)) return true
  const url = URL.parse(text)
  if (url === null || !/^rediss?:$/.test(url.protocol) || /^$|,/.test(url.hostname)) return false
  return /^(?:\/\d*)?$/.test(url.pathname + url.search + url.hash)
}

/** A comma within a URL parts its hosts, of which a replica has one. */
export function parseReplicas(text: string, context: z.RefinementCtx): string[] {
  const parts = text === '' ? [] : text.split(/,\s*(?=postgres(?:ql)?:)/).map((url) => url.trim())
  for (const [index, url] of parts.entries()) {
    // Without the URL, which may have a password in it.
    const which = `URL ${index + 1}`
    if (!/^postgres(?:ql)?:\/\/[^\s,]+$/.test(url)) {
      context.addIssue(`${which} must be postgres://user@host:port/name, with one host`)
    } else if (parts.indexOf(url) < index) context.addIssue(`${which} is given twice`)
  }
  return parts
}

const fleetPattern =
  /^rediss?\+(sentinel|cluster):\/\/(?:[^/@]*@)?([^/@?#]+)(?:\/([^/?#]+)(?:\/\d+)?)?\/?$/

/** `redis[s]+sentinel://…/MASTER[/number]`, or `redis[s]+cluster://…`, which has one database. */
function isFleetUrl(text: string): boolean {
  const [, kind, hosts = '', master] = fleetPattern.exec(text) ?? []
  const isReachable = (host: string) => host !== '' && URL.parse(`redis://${host}`)?.host === host
  return (
    kind !== undefined &&
    (kind === 'sentinel') === Boolean(master) &&
    hosts.split(',').every(isReachable)
  )
}
