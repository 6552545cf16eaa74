import { endOfLog } from '#db/replicas/lsn'
import type { RequestEvent } from '#observability/request-event'
import type { Cache } from './cache'
import type { Mark } from './changes'
import { decodeEntry, type Entry, encodeEntry, makeEntry } from './entry'
import { newRecording, type Recording } from './recording'
import type { SharedCache } from './redis'
import { createReplicaGuard } from './replica-guard'

/** The address of whoever asked, for the log. */
export type Client = () => string | undefined

/** Whoever asked, and what is told of their request when it has been answered. */
export interface Asker {
  client?: Client | undefined
  event?: RequestEvent | undefined
}

/** Where the answer has come from, and its bytes, for whoever is told of the request. */
export function noteAnswer({ event }: Asker, cache: RequestEvent['cache'], bytes: number): void {
  if (event) Object.assign(event, { cache, bytes })
}

export interface Rendering extends Asker {
  /** What the handler says of its answer is written into it. */
  recording?: Recording | undefined
}

/** Makes an answer. */
export type Render = (request: Request, rendering: Rendering) => Response | Promise<Response>

export interface Made {
  /** Undefined when the answer may not be kept: everybody gets one of their own. */
  entry: Entry | undefined
  /** The answer that may not be kept, for whoever asked for it. */
  response?: Response
  /** When it was begun. */
  mark: Mark
  /** By another process. */
  elsewhere?: boolean
}

// Lists change with every pledge to one of theirs, so they are kept by time alone: within this they
// are shown as they are, and up to a second after their making while a new one is made.
const listFreshMs = 500
const listStaleMs = 1_000
/** Changes are heard of; this is for those that nobody announces, such as a hand-typed update. */
const taggedFreshMs = 10 * 60_000
/** How long the text of a page may lag behind the clock, while the next is made. */
const textStaleMs = 1_000
// A page takes less to make, or somebody else's is not worth waiting for.
const leaseMs = 500
const leasePollMs = 10
const leaseWaitMs = 100
/** No page knows it: they know the site's address by BASE_URL. */
const origin = 'http://localhost'

/** Gets a page from the other processes, or makes it, and keeps it for them and for this one. */
export function createMaker(cache: Cache, render: Render) {
  const { store, changes, site, shared } = cache
  const guard = createReplicaGuard(cache)

  return async (key: string, asker?: Asker): Promise<Made> => {
    if (!shared) return await make(key, asker)
    const found = await fromFleet(shared, key)
    if (typeof found === 'object') {
      if (found.entry) store.set(key, found.entry)
      return found
    }
    const made = make(key, asker)
    return found === 'leased' ? await made.finally(() => shared.release(key)) : await made
  }

  async function make(key: string, asker?: Asker): Promise<Made> {
    const mark = changes.mark()
    const { response, recording } = await draw(key, asker)
    const { keep, visitOf } = recording
    if (!keep || !mayKeep(response)) return { entry: undefined, response, mark }
    const body = new Uint8Array(await response.arrayBuffer())
    const headers = Object.fromEntries(response.headers)
    const times = lifetime(recording, mark.at)
    const entry = makeEntry({ headers, tags: keep.tags, visitOf, ...times }, body)
    const timeLeft = entry.staleUntil - changes.now()
    if (timeLeft > 0 && changes.isHearing() && changes.isCurrent(keep.tags, mark)) {
      store.set(key, entry)
      const isDrawing = keep.tagged && keep.tags.length === 0
      // To draw a picture takes less than to fetch it, and there is no end of them.
      if (shared && !isDrawing) {
        const seen = guard.seenBy(recording, mark)
        if (seen)
          shared.set(key, encodeEntry(entry, changes.stamp(keep.tags, seen), site), timeLeft)
      }
    }
    return { entry, mark }
  }

  /** Once more, from the primary, where a replica turns out not to have what is in it. */
  async function draw(key: string, asker?: Asker, atLeast = guard.expected(key)) {
    const recording = newRecording(atLeast)
    // The key alone: neither the reader's headers nor a part of the address that is not in it can
    // get into what the next one gets.
    const response = await render(new Request(origin + key), { recording, ...asker })
    if (guard.admits(key, recording)) return { response, recording }
    await response.body?.cancel()
    return draw(key, asker, endOfLog)
  }

  /** What another process has made, or is making. */
  async function fromFleet(tier: SharedCache, key: string): Promise<Made | 'leased' | 'nothing'> {
    const first = await look(tier, key)
    if (first !== 'old') return first
    // Where there was one before, many may want the next; whoever has the lease makes it.
    if (await tier.lease(key, leaseMs)) return 'leased'
    for (const waitEnd = performance.now() + leaseWaitMs; performance.now() < waitEnd; ) {
      await Bun.sleep(leasePollMs)
      const next = await look(tier, key)
      if (typeof next === 'object') return next
    }
    return 'nothing'
  }

  async function look(tier: SharedCache, key: string): Promise<Made | 'nothing' | 'old'> {
    const mark = changes.mark()
    const bytes = await tier.get(key)
    if (!bytes) return 'nothing'
    const known = decodeEntry(bytes, site)
    const isRight =
      known &&
      changes.now() < known.entry.freshUntil &&
      changes.vouchFor(known.entry.tags, known.stamp)
    return isRight ? { entry: known.entry, mark, elsewhere: true } : 'old'
  }
}

/** Nobody's own, whatever its handler says. */
const mayKeep = ({ status, headers }: Response) =>
  status === 200 &&
  !headers.has('set-cookie') &&
  !/private|no-store/.test(headers.get('cache-control') ?? '')

function lifetime({ keep, until }: Recording, begunAt: number) {
  const madeAt = begunAt
  if (!keep?.tagged) {
    return { madeAt, freshUntil: begunAt + listFreshMs, staleUntil: begunAt + listStaleMs }
  }
  const freshUntil = Math.min(until, begunAt + taggedFreshMs)
  return { madeAt, freshUntil, staleUntil: freshUntil + textStaleMs }
}
