/**
 * Whoever carries one of these is signed in, has come by a guest's link, has just written, or wants
 * to know how long a page takes to make. Other cookies, of analytics and the like, mean nothing.
 */
export const ownCookies = /(?:^|;\s*)(?:(?:__Host-)?(?:session|written|guest)|server-timing)=/
/** What a program has written or seen, which no answer may be older than. */
export const positionHeader = 'Jumpstarter-Position'

/** All that a page's address may ask for; the rest, of campaigns and trackers, changes no page. */
const pageParameters = ['category', 'state', 'city', 'status', 'sort', 'after', 'q', 'update']
const keyCharactersMax = 1_000

/**
 * What the answer to a request is kept under: its path and those parameters that matter, in one
 * order. Undefined when it may not come from the cache: it is not a plain read, or somebody's own
 * (but for `forAnybody`: what would be shown to somebody else).
 */
export function keyOf(request: Request, { forAnybody = false } = {}): string | undefined {
  if (request.method !== 'GET') return undefined
  const { headers, url } = request
  const start = url.indexOf('/', url.indexOf('://') + '://'.length)
  const target = url.slice(start)
  if (start === -1 || target.length > keyCharactersMax) return undefined
  const cookie = headers.get('cookie')
  const isOwn = !forAnybody && cookie !== null && ownCookies.test(cookie)
  if (isOwn && !isSameForAll(target)) return undefined
  // A password that a proxy has asked for changes no page.
  const isForProgram = headers.has('authorization') || headers.has(positionHeader)
  if (target.startsWith('/api/') && isForProgram) return undefined
  const question = target.indexOf('?')
  if (question === -1) return target
  const path = target.slice(0, question)
  const query = normalizeQuery(target.slice(question + 1), path.startsWith('/api/'))
  return query === '' ? path : `${path}?${query}`
}

/** Whoever is signed in gets no other: the address of a picture says all that is in it. */
export const isSameForAll = (path: string): boolean =>
  /^\/(?:(?:pictures|images)\/|projects\/[^/?]+\/live$)/.test(path)

/** Never kept, and some of them made from more of the address than the key has. */
const ownPaths = new RegExp(
  `^/(?:${[
    ...['assets/', 'favicon\\.svg', 'healthz', 'readyz', 'version', 'metrics', 'sign-', 'reset-'],
    ...['settings', 'outbox', 'unsubscribe', 'guests', 'pledges'],
    'projects/[^/?]+/(?:preview|live|pledge)',
  ].join('|')})`,
)

/** Whether it is of any use to wait for somebody else who has asked for the same. */
export const mayBeKept = (key: string): boolean => !ownPaths.test(key)

/** The API refuses what it does not know, so there every parameter counts. */
function normalizeQuery(query: string, everyName: boolean): string {
  const given = new URLSearchParams(query)
  const kept = new URLSearchParams()
  for (const [name, value] of given) {
    if (everyName) kept.append(name, value)
    // As the pages read it: the first of several, …
    else if (pageParameters.includes(name) && !kept.has(name)) kept.set(name, value)
  }
  // … and nothing is the same as left out.
  if (!everyName) for (const name of pageParameters) if (!kept.get(name)) kept.delete(name)
  kept.sort()
  return kept.toString()
}
