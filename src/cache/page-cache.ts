import type { Visits } from '#db/visits'
import { describeError } from '#lib/errors'
import type { Log } from '#observability/log'
import type { RequestObserver } from '#observability/requests'
import { answerFrom, bytesSent, codingsOf } from './answer'
import type { Cache } from './cache'
import { addBrotli, type Entry } from './entry'
import { keyOf, mayBeKept } from './keys'
import { type Asker, type Client, createMaker, type Made, noteAnswer, type Render } from './make'
import { createStandIns } from './stand-in'

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
  /** Of all that could not come from memory, those that could not be made either, but were once. */
  old: number
}

/** Lets a request in, and is told when it is answered; or has an answer that refuses it. */
export type Door = (request: Request) => Response | (() => void)

/** For so long after its time a page is better than none, while more is asked than can be made. */
const lateMs = 30_000
/** Then it is made anew now and then, for all who get it. */
const lateRefreshMs = 2_000

/** Rounds for somebody whose page became old while it was being made. */
const attemptsMax = 3
/** From this many answers on brotli is made, a fifth smaller. */
const brotliFromHits = 3

const free = () => {}

interface LetIn {
  request: Request
  client?: Client | undefined
  observer: RequestObserver | null
}

/** The answer for somebody let in: it is told of, and the door hears of its end. */
export function letIn(
  leave: () => void,
  { request, client, observer }: LetIn,
  answer: (asker: Asker) => Response | Promise<Response>,
): Response | Promise<Response> {
  const answered = observer
    ? observer.watch(request, (event) => answer({ client, event }))
    : answer({ client })
  if (answered instanceof Response) leave()
  else answered.then(leave, leave)
  return answered
}

/** Stands before the app: what anybody gets is made once, and goes out as finished bytes. */
export function createPageCache(
  cache: Cache,
  render: Render,
  log: Log,
  visits: Pick<Visits, 'count'>,
  observer: RequestObserver | null = null,
  admit: Door = () => free,
) {
  const { store, changes } = cache
  const stats: PageCacheStats = { hits: 0, stale: 0, misses: 0, shared: 0, passed: 0, old: 0 }
  const flights = createFlights(createMaker(cache, render), stats)
  const standIn = createStandIns(cache, () => stats.old++)

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
      // To wait for a page that is being made takes nothing.
      const door = key !== undefined && flights.of(key) ? free : admit(request)
      if (!(door instanceof Response)) {
        const isWorthIt = key !== undefined && (entry !== undefined || mayBeKept(key))
        return letIn(door, { request, client, observer }, (asker) =>
          standIn(request, asker, () =>
            isWorthIt ? miss(key, request, asker) : pass(request, asker),
          ),
        )
      }
      if (key === undefined || !entry || now >= entry.staleUntil + lateMs) return door
    }
    if (now < entry.freshUntil) stats.hits += 1
    else {
      stats.stale += 1
      // Where there is no time to make it, one that is a little older does.
      if (now < entry.staleUntil || now >= entry.staleUntil + lateRefreshMs) refresh(key)
    }
    entry.hits += 1
    if (wantsBrotli(entry, request)) void addBrotliOnce(entry, log).then(() => store.weigh(key))
    const response = answer(entry, request)
    observer?.hit(key, entry, request, response, begunAt)
    return response
  }

  const answer = (entry: Entry, request: Request) => answerCounted(entry, request, visits)

  const miss = async (key: string, request: Request, asker: Asker): Promise<Response> => {
    stats.misses += 1
    const askedAt = changes.now()
    const waits = flights.of(key) !== undefined
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const joined = flights.of(key)
      const { entry, response, mark, elsewhere } = await (joined ?? flights.begin(key, asker))
      // To whom a parameter that is not in the key may matter, as in a redirection, is passed on.
      if (!joined && response && request.url.endsWith(key)) return response
      if (!entry) break
      // One that was begun before somebody's change, but joined after it, would not show it.
      const isRight = askedAt < entry.staleUntil && changes.isCurrent(entry.tags, mark)
      if (!joined || isRight) {
        const response = answer(entry, request)
        const whence = elsewhere ? 'shared' : joined ? 'joined' : 'made'
        noteAnswer(asker, whence, bytesSent(entry, request, response))
        return response
      }
    }
    const door = waits ? admit(request) : free
    if (door instanceof Response) return door
    return await Promise.resolve(pass(request, asker)).finally(door)
  }

  const refresh = (key: string) => {
    if (!flights.of(key)) flights.begin(key).catch((error: unknown) => tellFailure(log, error))
  }

  return { fetch: handle, stats: (): Readonly<PageCacheStats> => ({ ...stats }) }
}

/** Only one makes a page at a time; the others wait for it. */
function createFlights(make: ReturnType<typeof createMaker>, stats: PageCacheStats) {
  const flights = new Map<string, Promise<Made>>()
  return {
    of: (key: string) => flights.get(key),
    begin(key: string, asker?: Asker): Promise<Made> {
      const flight = make(key, asker)
        .then((made) => {
          if (made.elsewhere) stats.shared += 1
          return made
        })
        .finally(() => flights.delete(key))
      flights.set(key, flight)
      return flight
    },
  }
}

function answerCounted(entry: Entry, request: Request, visits: Pick<Visits, 'count'>): Response {
  const response = answerFrom(entry, request)
  // Whoever asks only whether theirs is still right was counted when they got it.
  if (entry.visitOf !== undefined && response.status === 200) {
    visits.count(entry.visitOf, request.headers)
  }
  return response
}

const tellFailure = (log: Log, error: unknown) =>
  log.error('a page could not be made anew', { error: describeError(error) })

const wantsBrotli = ({ hits, triedBrotli }: Entry, request: Request) =>
  hits >= brotliFromHits && !triedBrotli && codingsOf(request).br

async function addBrotliOnce(entry: Entry, log: Log): Promise<void> {
  entry.triedBrotli = true
  try {
    await addBrotli(entry)
  } catch (error) {
    log.error('a page could not be compressed', { error: describeError(error) })
  }
}
