import type { Log, LogFields } from './log'
import type { Histogram, Meter } from './meter'
import { beginEvent, givenId, type RequestEvent } from './request-event'
import { readTraceparent } from './trace-context'
import type { Tracer } from './tracer'

/** A page in memory, with what it adds to the figures when it goes out. */
export interface Countable {
  /** Answers of its route from memory that nobody has taken note of yet: whole, and 304. */
  counts?: Float64Array
  bodies: Partial<Record<string, Uint8Array>>
}

/** Takes note of requests: in figures, in the log, and in traces. */
export interface RequestObserver {
  /** To be called before a page is looked for in memory; 0 for most, who are not timed. */
  begin(): number
  /** A page has been answered from memory: two additions, as a rule. */
  hit(key: string, page: Countable, request: Request, response: Response, begunAt: number): void
  /** Everything else. Throws what `answer` throws. */
  watch(
    request: Request,
    answer: (event: RequestEvent) => Response | Promise<Response>,
  ): Promise<Response>
}

interface Options {
  meter: Meter
  log: Log
  /** Null where nobody collects traces. */
  tracer: Tracer | null
  /** The template of a route; undefined where there is none. */
  routeOf(method: string, path: string): string | undefined
  /** From so many milliseconds on a request is always told of; 0 is never. */
  slowMs: number
  /** Everything is told of, pages from memory too. */
  isTalkative: boolean
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** One page from memory in so many is timed: the clock would cost more than the counting. */
const timedEvery = 64
/** Lines a second about ordinary requests; a log of a rush would cost more than it tells. */
const linesPerSecond = 100

export function createRequestObserver(options: Options): RequestObserver {
  const { meter, log, tracer, slowMs, isTalkative } = options
  const hits = countHits(meter)
  const durations = new Map<string, Histogram>()
  const fine = meter.histogram('request_fine')
  const ration = createRation(linesPerSecond)
  let active = 0
  let asked = -1
  meter.gauge('http_server_active_requests', [], () => active)

  const routeOf = (method: string, target: string) =>
    options.routeOf(method, target.replace(/\?.*$/s, '')) ?? 'unmatched'

  function measure(method: string, route: string, status: number, seconds: number) {
    const key = `${method} ${route} ${status}`
    let histogram = durations.get(key)
    if (!histogram) {
      const labels = [method, route, String(status)]
      histogram = meter.histogram('http_server_request_duration_seconds', ...labels)
      durations.set(key, histogram)
    }
    histogram.observe(seconds)
    fine.observe(seconds)
  }

  function end(event: RequestEvent, request: Request, status: number) {
    const { startedAt, laps } = event.timing
    const ms = performance.now() - startedAt
    const method = methods.has(request.method) ? request.method : '_OTHER'
    const route = routeOf(method, targetOf(request))
    measure(method, route, status, ms / 1000)
    tracer?.tell(event, { method, route, status }, ms)
    const isSlow = slowMs > 0 && ms >= slowMs
    const rank = status >= 500 ? 'error' : isSlow ? 'warn' : 'info'
    const leftOut = rank === 'info' && !isTalkative ? ration() : 0
    if (leftOut === undefined) return
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
  }

  function tellHit(page: Countable, request: Request, response: Response, about: LogFields) {
    const { status, headers } = response
    const body = page.bodies[headers.get('content-encoding') ?? 'identity']
    log.debug('request', {
      request_id: givenId(request),
      ...{ method: 'GET', status, bytes: status === 304 ? 0 : body?.length },
      ...{ cache: 'hit', ...about },
    })
  }

  return {
    begin: () => {
      asked += 1
      return isTalkative || asked % timedEvery === 0 ? performance.now() : 0
    },
    hit: (key, page, request, response, begunAt) => {
      page.counts ??= hits.of(routeOf('GET', key))
      const place = response.status === 304 ? 1 : 0
      page.counts[place] = (page.counts[place] as number) + 1
      if (begunAt > 0) hits.time((performance.now() - begunAt) / 1000)
      if (isTalkative) {
        const ms = rounded(performance.now() - begunAt)
        tellHit(page, request, response, { route: routeOf('GET', key), ms })
      }
      // A page from memory begins no trace: it is told of in a trace that somebody has begun.
      if (tracer && readTraceparent(request.headers.get('traceparent'))?.sampled) {
        const about = { method: 'GET', route: routeOf('GET', key), status: response.status }
        tracer.tell(beginEvent(request, true), about, 0)
      }
    },
    watch: async (request, answer) => {
      const event = beginEvent(request, tracer !== null)
      active += 1
      try {
        const response = await answer(event)
        end(event, request, response.status)
        response.headers.set('X-Request-Id', event.id)
        return response
      } catch (error) {
        end(event, request, 500)
        throw error
      } finally {
        active -= 1
      }
    },
  }
}

const rounded = (ms: number) => Math.round(ms * 10) / 10

const targetOf = ({ url }: Request) => url.slice(url.indexOf('/', url.indexOf('://') + 3))

/** Counts by route, from which the histograms are filled whenever figures are told. */
function countHits(meter: Meter) {
  const byRoute = new Map<string, Float64Array>()
  const fine = meter.histogram('request_fine')
  let samples: number[] = []
  let mean = 0

  function fill(route: string, counts: Float64Array): number {
    const [whole = 0, known = 0] = counts
    counts.fill(0)
    for (const [status, times] of [['200', whole] as const, ['304', known] as const]) {
      if (times === 0) continue
      const labels = ['GET', route, status]
      meter.histogram('http_server_request_duration_seconds', ...labels).observe(mean, times)
    }
    return whole + known
  }

  meter.beforeReport(() => {
    if (samples.length > 0) mean = samples.reduce((sum, each) => sum + each, 0) / samples.length
    let times = 0
    for (const [route, counts] of byRoute) times += fill(route, counts)
    // Each that was timed stands for those that were not.
    const stands = samples.length > 0 ? samples : [mean]
    if (times > 0) for (const seconds of stands) fine.observe(seconds, times / stands.length)
    samples = []
  })
  return {
    of: (route: string): Float64Array => {
      const known = byRoute.get(route) ?? new Float64Array(2)
      byRoute.set(route, known)
      return known
    },
    time: (seconds: number) => void samples.push(seconds),
  }
}

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
