import type { Visits } from '#db/visits'
import { describeError } from '#lib/errors'
import type { Log } from '#observability/log'
import { answerFrom, codingsOf } from './answer'
import type { Cache } from './cache'
import { addBrotli, type Entry } from './entry'
import { keyOf, mayBeKept } from './keys'
import { type Client, createMaker, type Made, type Render } from './make'

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
) {
  const { store, changes } = cache
  const make = createMaker(cache, render)
  const flights = new Map<string, Promise<Made>>()
  const stats: PageCacheStats = { hits: 0, stale: 0, misses: 0, shared: 0, passed: 0 }

  const pass = (request: Request, client?: Client) => {
    stats.passed += 1
    return render(request, { client })
  }

  const handle = (request: Request, client?: Client): Response | Promise<Response> => {
    const key = keyOf(request)
    if (key === undefined || !changes.isHearing()) return pass(request, client)
    const entry = store.get(key)
    if (!entry) return mayBeKept(key) ? miss(key, request, client) : pass(request, client)
    const now = changes.now()
    if (now < entry.freshUntil) stats.hits += 1
    else if (now < entry.staleUntil) {
      stats.stale += 1
      refresh(key)
    } else return miss(key, request, client)
    entry.hits += 1
    if (entry.hits >= brotliFromHits && !entry.triedBrotli && codingsOf(request).br) {
      void compressBetter(key, entry)
    }
    return answer(entry, request)
  }

  const answer = (entry: Entry, request: Request): Response => {
    const response = answerFrom(entry, request)
    // Whoever asks only whether theirs is still right was counted when they got it.
    if (entry.visitOf !== undefined && response.status === 200) {
      visits.count(entry.visitOf, request.headers)
    }
    return response
  }

  const miss = async (key: string, request: Request, client?: Client): Promise<Response> => {
    stats.misses += 1
    const askedAt = changes.now()
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const joined = flights.get(key)
      const { entry, response, mark } = await (joined ?? fly(key, client))
      // To whom a parameter that is not in the key may matter, as in a redirection, is passed on.
      if (!joined && response && request.url.endsWith(key)) return response
      if (!entry) break
      // One that was begun before somebody's change, but joined after it, would not show it.
      const isRight = askedAt < entry.staleUntil && changes.isCurrent(entry.tags, mark)
      if (!joined || isRight) return answer(entry, request)
    }
    return pass(request, client)
  }

  const refresh = (key: string) => {
    if (flights.has(key)) return
    fly(key).catch((error: unknown) => {
      log.error('a page could not be made anew', { error: describeError(error) })
    })
  }

  /** Only one makes a page at a time; the others wait for it. */
  const fly = (key: string, client?: Client): Promise<Made> => {
    const flight = make(key, client)
      .then((made) => {
        if (made.elsewhere) stats.shared += 1
        return made
      })
      .finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }

  const compressBetter = async (key: string, entry: Entry) => {
    entry.triedBrotli = true
    try {
      await addBrotli(entry)
      store.weigh(key)
    } catch (error) {
      log.error('a page could not be compressed', { key, error: describeError(error) })
    }
  }

  return { fetch: handle, stats: (): Readonly<PageCacheStats> => ({ ...stats }) }
}
