/** From another page of ours. */
export const fromHere = 'here'
/** From somewhere that is no host, or one of too many. */
export const fromElsewhere = 'other'

const hostCharactersMax = 60
const hostPattern = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/

/**
 * Where a visitor came from, by the Referer they sent: a host without `www.`, `here`, `other`, or
 * nothing where they sent none. `ownHost` is the host of the site.
 */
export function sourceOf(referer: string | null, ownHost: string): string {
  if (referer === null || referer === '') return ''
  const url = /^https?:/i.test(referer) ? URL.parse(referer) : null
  if (url === null) return fromElsewhere
  if (url.hostname === ownHost) return fromHere
  const host = url.hostname.replace(/^www\./, '')
  const isHost = host.length <= hostCharactersMax && hostPattern.test(host)
  return isHost && !/^[\d.]+$/.test(host) ? host : fromElsewhere
}

// Cubot makes telephones.
const programs =
  /(?<!cu)bot|crawl|spider|slurp|preview|headless|lighthouse|externalhit|monitor|scan|archive/i

/** Whether a User-Agent is that of a browser somebody reads with; all of them begin like this. */
export const isBrowser = (userAgent: string): boolean =>
  userAgent.startsWith('Mozilla/') && !programs.test(userAgent)
