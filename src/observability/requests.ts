import { countHits } from './hit-counts'
import type { Log } from './log'
import type { Histogram, Meter } from './meter'
import { beginEvent, type RequestEvent } from './request-event'
import { type Countable, createRequestLog } from './request-log'
import { readTraceparent } from './trace-context'
import type { Answered, Tracer } from './tracer'

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
  slowMs: number
  isTalkative: boolean
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** One page from memory in so many is timed: the clock would cost more than the counting. */
const timedEvery = 64

export function createRequestObserver(options: Options): RequestObserver {
  const { meter, tracer, isTalkative } = options
  const hits = countHits(meter)
  const durations = createDurations(meter)
  const requestLog = createRequestLog(options)
  let active = 0
  let asked = -1
  meter.gauge('http_server_active_requests', [], () => active)

  const routeOf = (method: string, target: string) =>
    options.routeOf(method, target.replace(/\?.*$/s, '')) ?? 'unmatched'

  function end(event: RequestEvent, request: Request, status: number) {
    const ms = performance.now() - event.timing.startedAt
    const method = methods.has(request.method) ? request.method : '_OTHER'
    const about = { method, route: routeOf(method, targetOf(request)), status }
    durations.add(about, ms / 1000)
    tracer?.tell(event, about, ms)
    requestLog.tell(event, about, ms)
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
      if (begunAt === 0 && tracer === null) return
      const ms = begunAt === 0 ? 0 : performance.now() - begunAt
      if (begunAt > 0) hits.time(ms / 1000)
      if (isTalkative) requestLog.tellHit(page, request, response, routeOf('GET', key), ms)
      // A page from memory begins no trace: it is told of in a trace that somebody has begun.
      if (tracer && readTraceparent(request.headers.get('traceparent'))?.sampled) {
        const about = { method: 'GET', route: routeOf('GET', key), status: response.status }
        tracer.tell({ ...beginEvent(request, true), cache: 'hit' }, about, ms)
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

function createDurations(meter: Meter) {
  const known = new Map<string, Histogram>()
  const fine = meter.histogram('request_fine')
  return {
    add: ({ method, route, status }: Answered, seconds: number) => {
      const key = `${method} ${route} ${status}`
      let histogram = known.get(key)
      if (!histogram) {
        const labels = [method, route, String(status)]
        histogram = meter.histogram('http_server_request_duration_seconds', ...labels)
        known.set(key, histogram)
      }
      histogram.observe(seconds)
      fine.observe(seconds)
    },
  }
}

const targetOf = ({ url }: Request) => url.slice(url.indexOf('/', url.indexOf('://') + 3))
