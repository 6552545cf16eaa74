import { isIP } from 'node:net'
import type { Config } from '#config'
import { isPublicAddress } from '#lib/public-address'
import { type Check, type Finding, problem, type Site, warning } from '../check'

/** The address readers use, against itself and against where we listen. */
export const baseUrl: Check<Site> = {
  name: 'BASE_URL',
  run: async ({ config }) => [...form(config), ...reach(config)],
}

/** Whether a host is one that others than this machine and its network can ask. */
export function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host)) return isPublicAddress(host)
  return host.includes('.') && !/(^|\.)(localhost|local|internal|test|home\.arpa)$/.test(host)
}

const isThisMachine = (hostname: string) => /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)

function form({ baseUrl }: Config): Finding[] {
  const url = new URL(baseUrl)
  const remedy = `Set BASE_URL to ${url.protocol}//${url.host}.`
  const extra = [
    url.username || url.password ? 'a user' : '',
    url.pathname === '/' ? '' : `the path ${url.pathname}`,
    url.search || url.hash ? 'more than an address' : '',
  ].find((part) => part !== '')
  return extra === undefined
    ? []
    : [problem(`BASE_URL has ${extra}, and the site is served at its root only.`, remedy)]
}

function reach({ baseUrl, listeners, sources, demo }: Config): Finding[] {
  const { protocol, hostname, port, host } = new URL(baseUrl)
  const own = listeners.filter((listener) => listener.kind === 'tcp').map(({ port }) => port)
  const asked = Number(port || (protocol === 'https:' ? 443 : 80))
  if (sources.BASE_URL === 'default') {
    return demo
      ? []
      : [
          warning(
            `BASE_URL is not set: links in mails, feeds and sitemaps lead to ${baseUrl}, which only this machine can follow.`,
            'Set BASE_URL to the address readers use, such as https://example.org.',
          ),
        ]
  }
  if (protocol === 'https:' && own.includes(asked)) {
    return [
      problem(
        `BASE_URL promises https at port ${asked}, where Jumpstarter itself listens, which speaks http.`,
        'Put a proxy with a certificate in front (`jumpstarter generate caddy`) and listen elsewhere.',
      ),
    ]
  }
  if (protocol === 'http:' && isPublicHost(hostname)) {
    return [
      problem(
        `BASE_URL is http://${host}: passwords and cookies cross the Internet for anybody to read.`,
        'Get a certificate (`jumpstarter generate caddy` does by itself) and set BASE_URL to https://.',
      ),
    ]
  }
  if (isThisMachine(hostname) && own.length > 0 && !own.includes(asked) && port !== '') {
    return [
      warning(
        `BASE_URL says port ${asked}, and Jumpstarter listens on ${own.join(' and ')}.`,
        'Correct BASE_URL or PORT, unless a proxy on this machine listens there.',
      ),
    ]
  }
  return []
}
