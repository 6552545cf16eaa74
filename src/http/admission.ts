import { ownCookies } from '#cache/keys'
import type { Door } from '#cache/page-cache'
import type { Config } from '#config'
import type { Deps } from '#deps'
import { createLane } from '#lib/lane'
import { sendsFile } from '#lib/negotiation'
import type { Log } from '#observability/log'
import type { Meter } from '#observability/meter'
import { refusals } from './refusal'
import { securityHeadersOf } from './security-headers'

// A worker has one event loop and a few connections to its database: of what comes beyond their
// pace everything would wait, at last longer than anybody does, and be made for who has left. So
// whoever would have to wait too long is told at once to come back, which takes a hundredth of a
// page, and the others get theirs in time: first who pledges, pays or signs in, then who is
// signed in and programs, last who looks around. Pages from memory are answered before anybody
// is asked here, and what keeps the site alive (probes, its own files) is never refused.
//
// The signal is how many are at work against the pace at which they are finished: known when it is
// needed, exact, and two additions. How late a timer is tells of the turn of the event loop before,
// not of who waits inside for the database, and one page that takes long looks like a crowd; so it
// only decides between our being slow and somebody else's, such as a body's that trickles in. When
// a request came is not to be had: Bun gives neither a stamp nor the descriptor, so that what waits
// in the kernel shows only as late timers. And that a client has left is known one turn of the loop
// after their request was taken; `renderPage` looks at that.

/** From the most urgent on. */
export const urgencies = ['pledge', 'sign_in', 'member', 'browse'] as const
export type Urgency = (typeof urgencies)[number]

/** Of what may be at work, so much may be when one of these comes. */
const shares: Record<Urgency, number> = { pledge: 1, sign_in: 1, member: 0.75, browse: 0.5 }
/** What is read: enough to keep a worker and its four connections busy; a crowd is no overload. */
const reads = { fewest: 24, most: 1_024 }
/** Some of the wait is over before a body is there, and some comes after the last statement. */
const writes = { fewest: 8, most: 512, times: 0.5 }
/** Each takes a core for 30 ms, in a thread of its own. */
const passwords = { fewest: 4, most: 24, waitMs: 200 }
/** A timer that was so late in the latest looks tells that this worker has too much to do. */
const lateMs = 8
const lateLooks = 5
const lookEveryMs = 100
/**
 * Of those who look around, so many always are let in: a pledge takes as much as eight pages, and
 * with none of these there would be fewer answers than there could be.
 */
const leastLeft = 0.08
/** For each look with and without refusing who pledges: to the least in a second, back in two. */
const squeezing = { tighter: 0.7, looser: 1.2 }
/** Without a refusal for so long it is over. */
const overMs = 5_000

export interface Admission {
  /** Refuses a request, or lets it in. */
  admit: Door
  close(): void
}

const free = () => {}

type AdmissionDeps = Pick<Deps, 'assets' | 'payments' | 'log' | 'meter'> & {
  config: Pick<Config, 'waitMs' | 'baseUrl'>
}

/** For this worker of the host; everybody is let in where nobody is to wait for less. */
export function createAdmission(deps: AdmissionDeps, worker: number): Admission {
  const { config, assets, payments, log, meter } = deps
  const { waitMs, baseUrl } = config
  if (waitMs === 0) return { admit: () => free, close: free }
  const lanes = {
    reads: createLane({ ...reads, waitMs }),
    writes: createLane({ ...writes, waitMs: waitMs * writes.times }),
    passwords: createLane(passwords),
  }
  const refuse = refusals(assets.stylesheet, securityHeadersOf(baseUrl, payments.origins))
  const counts = refusalCounts(meter)
  for (const [name, lane] of Object.entries(lanes)) {
    const labels = [String(worker), name]
    meter?.gauge('jumpstarter_admission_at_work', labels, lane.atWork)
    meter?.gauge('jumpstarter_admission_limit', labels, lane.limit)
  }
  const tell = tellRefusals(log, counts)
  const squeeze = createSqueeze(() => counts.pledge[0] ?? 0)
  let lookedAt = performance.now()
  let lateFor = 0
  const timer = setInterval(() => {
    const now = performance.now()
    lateFor = now - lookedAt - lookEveryMs > lateMs ? lateLooks : lateFor - 1
    lookedAt = now
    lanes.reads.look(now, lateFor > 0)
    // Hashing is done in another thread, and commits by the database: no timer is late for them.
    for (const lane of [lanes.writes, lanes.passwords]) lane.look(now, true)
    squeeze.look()
    tell(now)
  }, lookEveryMs)
  timer.unref()

  const admit: Door = (request) => {
    const path = pathOf(request.url)
    const name = laneOf(request, path)
    if (name === undefined) return free
    const urgency = urgencyOf(request, path)
    const lane = lanes[name]
    const isSqueezed = urgency === 'browse' && Math.random() >= squeeze.left()
    if (!isSqueezed && lane.atWork() < lane.limit() * shares[urgency]) return lane.enter()
    const count = counts[urgency]
    count[0] = (count[0] as number) + 1
    return refuse(path)
  }
  return { admit, close: () => clearInterval(timer) }
}

/** While those who pledge are refused, ever fewer who look around are let in; then more again. */
function createSqueeze(refused: () => number) {
  let known = 0
  let left = 1
  return {
    left: () => left,
    look: () => {
      const now = refused()
      left =
        now > known
          ? Math.max(leastLeft, left * squeezing.tighter)
          : Math.min(1, left * squeezing.looser)
      known = now
    },
  }
}

function refusalCounts(meter: Meter | null): Record<Urgency, Float64Array> {
  const count = (urgency: Urgency) =>
    meter?.counter('jumpstarter_refused_requests', urgency) ?? new Float64Array(1)
  return {
    ...{ pledge: count('pledge'), sign_in: count('sign_in') },
    ...{ member: count('member'), browse: count('browse') },
  }
}

/** One line when it begins and one when it is over, however many they are. */
function tellRefusals(log: Log, counts: Record<Urgency, Float64Array>) {
  let known = 0
  let before = 0
  let latestAt = 0
  let refusing = false
  return (now: number) => {
    const all = urgencies.reduce((sum, urgency) => sum + (counts[urgency][0] ?? 0), 0)
    if (all > known) {
      latestAt = now
      if (!refusing) log.warn('more is asked than can be answered: some are told to come back')
      refusing = true
    } else if (refusing && now - latestAt > overMs) {
      log.info('everybody is answered again', { refused: all - before })
      refusing = false
      before = all
    }
    known = all
  }
}

function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const end = url.indexOf('?', start)
  return end === -1 ? url.slice(start) : url.slice(start, end)
}

/** In which queue a request stands; undefined where it is never refused. */
function laneOf(request: Request, path: string) {
  const { method } = request
  if (/^\/(?:assets\/|favicon\.svg$|healthz$|readyz$|version$)/.test(path)) return undefined
  if (method === 'GET' || method === 'HEAD') return 'reads'
  // Pictures take long and have bounds of their own.
  if (sendsFile(request)) return undefined
  const takesPassword = /^\/(?:sign-in|sign-up|reset-password\/confirm)\/?$/.test(path)
  return takesPassword ? 'passwords' : 'writes'
}

const pledging = new RegExp(
  `^(?:/api/v1)?/(?:${[
    ...['projects/[^/]+/pledges?(?:/|$)', 'pledges', 'guests', 'cards', 'settings/cards'],
    ...['webhooks/', 'test-cards', 'test-gateway/'],
  ].join('|')})`,
)
const signingIn = /^\/(?:sign-|reset-password)/

/**
 * Who would be hurt most by a refusal comes first. A cookie is not looked up for this: who lies
 * about having one gains a place among members, not more than that.
 */
export function urgencyOf({ method, headers }: Request, path: string): Urgency {
  if (pledging.test(path)) return 'pledge'
  if (signingIn.test(path)) return 'sign_in'
  if (method !== 'GET' && method !== 'HEAD') return 'member'
  if (path.startsWith('/api/') || headers.has('authorization')) return 'member'
  const cookie = headers.get('cookie')
  return cookie !== null && ownCookies.test(cookie) ? 'member' : 'browse'
}
