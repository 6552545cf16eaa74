import type { Visits } from '#db/visits'
import { describeError } from '#lib/errors'
import type { Log } from '#observability/log'
import type { RequestObserver } from '#observability/requests'
import { answerFrom, codingsOf } from './answer'
import type { Cache } from './cache'
import { addBrotli, bodyFor, type Entry } from './entry'
import { keyOf, mayBeKept } from './keys'
import { type Asker, type Client, createMaker, type Made, type Render } from './make'

/** Requests since the process began, by where their answer came from. */
export interface PageCacheStats {
  /** Memory. */
  hits: number
  /** Memory, while a new one was being made. */
  stale: number
  /** Made, or waited for. */
  misses: number
  /** Pages that came from another process. */
  shared: number
  /** The app: never kept, or not to be trusted at that moment. */
  passed: number
}

/** Rounds for somebody whose page became old while it was being made. */
const attemptsMax = 3
/** From this many answers on brotli is made, a fifth smaller. */
const brotliFromHits = 3

/** Stands before the app: what anybody gets is made once, and goes out as finished bytes. */
export function createPageCache(
  cache: Cache,
  render: Render,
  log: Log,
  visits: Pick<Visits, 'count'>,
  observer: RequestObserver | null = null,
) {
  const { store, changes } = cache
  const make = createMaker(cache, render)
  const flights = new Map<string, Promise<Made>>()
  const stats: PageCacheStats = { hits: 0, stale: 0, misses: 0, shared: 0, passed: 0 }

  const pass = (request: Request, asker: Asker) => {
    stats.passed += 1
    return render(request, asker)
  }

  const handle = (request: Request, client?: Client): Response | Promise<Response> => {
    const begunAt = observer ? observer.begin() : 0
    const key = changes.isHearing() ? keyOf(request) : undefined
    const entry = key === undefined ? undefined : store.get(key)
    const now = changes.now()
    if (key === undefined || !entry || now >= entry.staleUntil) {
      const isWorthIt = key !== undefined && (entry !== undefined || mayBeKept(key))
      const anew = (asker: Asker) => (isWorthIt ? miss(key, request, asker) : pass(request, asker))
      return observer
        ? observer.watch(request, (event) => anew({ client, event }))
        : anew({ client })
    }
    if (now < entry.freshUntil) stats.hits += 1
    else {
      stats.stale += 1
      refresh(key)
    }
    entry.hits += 1
    if (entry.hits >= brotliFromHits && !entry.triedBrotli && codingsOf(request).br) {
      void addBrotliOnce(entry, log).then(() => store.weigh(key))
    }
    const response = answer(entry, request)
    observer?.hit(key, entry, request, response, begunAt)
    return response
  }

  const answer = (entry: Entry, request: Request) => answerCounted(entry, request, visits)

  const miss = async (key: string, request: Request, asker: Asker): Promise<Response> => {
    stats.misses += 1
    const askedAt = changes.now()
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const joined = flights.get(key)
      const { entry, response, mark, elsewhere } = await (joined ?? fly(key, asker))
      // To whom a parameter that is not in the key may matter, as in a redirection, is passed on.
      if (!joined && response && request.url.endsWith(key)) return response
      if (!entry) break
      // One that was begun before somebody's change, but joined after it, would not show it.
      const isRight = askedAt < entry.staleUntil && changes.isCurrent(entry.tags, mark)
      if (!joined || isRight) {
        const response = answer(entry, request)
        if (asker.event) {
          asker.event.cache = elsewhere ? 'shared' : joined ? 'joined' : 'made'
          asker.event.bytes = bytesSent(entry, request, response)
        }
        return response
      }
    }
    return pass(request, asker)
  }

  const refresh = (key: string) => {
    if (flights.has(key)) return
    fly(key).catch((error: unknown) => {
      log.error('a page could not be made anew', { error: describeError(error) })
    })
  }

  /** Only one makes a page at a time; the others wait for it. */
  const fly = (key: string, asker?: Asker): Promise<Made> => {
    const flight = make(key, asker)
      .then((made) => {
        if (made.elsewhere) stats.shared += 1
        return made
      })
      .finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }

  return { fetch: handle, stats: (): Readonly<PageCacheStats> => ({ ...stats }) }
}

function answerCounted(entry: Entry, request: Request, visits: Pick<Visits, 'count'>): Response {
  const response = answerFrom(entry, request)
  // Whoever asks only whether theirs is still right was counted when they got it.
  if (entry.visitOf !== undefined && response.status === 200) {
    visits.count(entry.visitOf, request.headers)
  }
  return response
}

const bytesSent = (entry: Entry, request: Request, { status }: Response) =>
  status === 304 ? 0 : bodyFor(entry, codingsOf(request)).body.length

async function addBrotliOnce(entry: Entry, log: Log): Promise<void> {
  entry.triedBrotli = true
  try {
    await addBrotli(entry)
  } catch (error) {
    log.error('a page could not be compressed', { error: describeError(error) })
  }
}
