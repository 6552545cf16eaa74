import { formatMoment } from '#lib/time'
import { answerFrom, bytesSent } from './answer'
import type { Cache } from './cache'
import { bodyFor, decodeEntry, type Entry, expire, makeEntry } from './entry'
import { keyOf } from './keys'
import { type Asker, noteAnswer } from './make'

/** What could not be made is 503; anything else is an answer, however bad. */
const cannotBeMade = 503
const millisecondsPerSecond = 1_000

type Ask = () => Response | Promise<Response>

/**
 * Where a page cannot be made, as while the database is away, it is shown as it last was, to
 * anybody and for a day: its headers say that it is old, and so does a line on the page. Whoever is
 * signed in gets the one for all; they stay signed in, and what they want to change is refused.
 */
export function createStandIns(cache: Cache, onUse: () => void) {
  const { store, changes, shared, site, replicas, presence } = cache

  /** The marked page; it takes the place of the other where that is of no more use. */
  const mark = (key: string, entry: Entry): Entry => {
    if (entry.isMarked) return entry
    const marked = markedCopy(entry)
    if (!changes.isHearing() || changes.now() >= entry.staleUntil) store.set(key, marked)
    return marked
  }

  const answer = (key: string, entry: Entry, request: Request, asker: Asker): Response => {
    onUse()
    const marked = mark(key, entry)
    const response = answerFrom(marked, request)
    const age = Math.max(0, Math.round((changes.now() - entry.madeAt) / millisecondsPerSecond))
    response.headers.set('Age', String(age))
    response.headers.set('Cache-Status', `jumpstarter; hit; ttl=-${age}; detail=stale-if-error`)
    response.headers.set('Warning', '110 - "Response is Stale"')
    noteAnswer(asker, 'old', bytesSent(marked, request, response))
    return response
  }

  const inMemory = (key: string): Entry | undefined => {
    const entry = store.get(key)
    return entry && changes.now() < entry.standInUntil ? entry : undefined
  }

  const fromFleet = async (key: string): Promise<Entry | undefined> => {
    const bytes = await shared?.get(key)
    const found = bytes && decodeEntry(bytes, site)
    if (!found || changes.now() >= found.entry.standInUntil) return undefined
    return changes.vouchedFor(found.entry.tags, found.stamp) ? found.entry : undefined
  }

  /** The answer to `ask`, or the page as it last was. */
  return async (request: Request, asker: Asker, ask: Ask): Promise<Response> => {
    const key = keyOf(request, { forAnybody: true })
    if (key === undefined) return await ask()
    // A replica may still know more.
    const kept = presence?.isAway() && !replicas ? inMemory(key) : undefined
    if (kept) return answer(key, kept, request, asker)
    const made = await Promise.try(ask).catch((error: Error) => error)
    if (made instanceof Response && made.status !== cannotBeMade) return made
    const old = inMemory(key) ?? (await fromFleet(key))
    if (old) {
      if (made instanceof Response) await made.body?.cancel()
      return answer(key, old, request, asker)
    }
    if (made instanceof Error) throw made
    return made
  }
}

function markedCopy(entry: Entry): Entry {
  const { tags, madeAt, standInUntil, visitOf } = entry
  const { etag: _, ...rest } = entry.headers
  const isPage = rest['content-type']?.startsWith('text/html')
  const whole = bodyFor(entry, { br: false, gzip: false }).body
  const body = isPage ? withLine(whole, new Date(madeAt)) : whole
  const never = { freshUntil: 0, staleUntil: 0 }
  const marked = makeEntry({ headers: rest, tags, madeAt, ...never, visitOf }, body)
  expire(marked, standInUntil)
  return Object.assign(marked, { isMarked: true })
}

const pageBegins = '<main id="main">'

/** In the page itself, for people; what it says of the time stays true however long it is shown. */
function withLine(page: Uint8Array, madeAt: Date): Uint8Array<ArrayBuffer> {
  const line =
    `<p class="stand-in" role="status">This is the page as it was on ${formatMoment(madeAt)}. We ` +
    'cannot make it anew at the moment, and what you want to change may have to wait. If you were ' +
    'signed in, you still are.</p>'
  const text = new TextDecoder().decode(page).replace(pageBegins, `${pageBegins}${line}`)
  return new TextEncoder().encode(text)
}
