import type { Log, LogFields } from './log'
import { givenId, type RequestEvent } from './request-event'
import type { Answered } from './tracer'

/** A page in memory, with what it adds to the figures when it goes out. */
export interface Countable {
  /** Answers of its route from memory that nobody has taken note of yet: whole, and 304. */
  counts?: Float64Array
  bodies: Partial<Record<string, Uint8Array>>
}

interface Options {
  log: Log
  /** From so many milliseconds on a request is always told of; 0 is never. */
  slowMs: number
  /** Everything is told of, pages from memory too. */
  isTalkative: boolean
}

/** Lines a second about ordinary requests; a log of a rush would cost more than it tells. */
const linesPerSecond = 100

/** One line for each request: those that fail or are slow always, others while they are few. */
export function createRequestLog({ log, slowMs, isTalkative }: Options) {
  const ration = createRation(linesPerSecond)
  return {
    /** Never with an address as it was asked for, nor a cookie: both may have secrets in them. */
    tell: (event: RequestEvent, { method, route, status }: Answered, ms: number) => {
      const isSlow = slowMs > 0 && ms >= slowMs
      const rank = status >= 500 ? 'error' : isSlow ? 'warn' : 'info'
      const leftOut = rank === 'info' && !isTalkative ? ration() : 0
      if (leftOut === undefined) return
      const { laps } = event.timing
      const fields: LogFields = {
        request_id: event.id,
        trace_id: event.trace?.id,
        ...{ method, route, status, bytes: event.bytes, ms: rounded(ms) },
        ...Object.fromEntries(laps.map(({ part, from, to }) => [`${part}_ms`, rounded(to - from)])),
        cache: event.cache,
      }
      if (isSlow) fields['slow'] = true
      if (leftOut > 0) fields['left_out'] = leftOut
      log[rank]('request', fields)
    },
    tellHit: (page: Countable, request: Request, response: Response, route: string, ms: number) => {
      const { status, headers } = response
      const body = page.bodies[headers.get('content-encoding') ?? 'identity']
      const bytes = status === 304 ? 0 : body?.length
      const about = { method: 'GET', route, status, bytes, ms: rounded(ms), cache: 'hit' }
      log.debug('request', { request_id: givenId(request), ...about })
    },
  }
}

const rounded = (ms: number) => Math.round(ms * 10) / 10

/** Says whether there may be one more line: how many were left out before it, or undefined. */
function createRation(perSecond: number): () => number | undefined {
  let second = 0
  let used = 0
  let leftOut = 0
  return () => {
    const now = Math.floor(performance.now() / 1000)
    if (now !== second) used = 0
    second = now
    if (used >= perSecond) {
      leftOut += 1
      return undefined
    }
    used += 1
    const before = leftOut
    leftOut = 0
    return before
  }
}
