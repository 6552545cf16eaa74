import { newSpanId, newTraceId, readTraceparent, type TraceContext } from './trace-context'

type Part = 'db' | 'render' | 'compress'

/** Where the time of one request goes. */
export interface Timing {
  /** Counts the time since the lap before for this part: `db` is all that comes before rendering. */
  lap(part: Part): void
  /** By `performance.now()`, in milliseconds. */
  startedAt: number
  laps: readonly Lap[]
}

export interface Lap {
  part: Part
  from: number
  to: number
}

export function startTiming(): Timing {
  const startedAt = performance.now()
  const laps: Lap[] = []
  let from = startedAt
  return {
    startedAt,
    laps,
    lap: (part) => {
      const to = performance.now()
      laps.push({ part, from, to })
      from = to
    },
  }
}

/** What is told of a request when it has been answered. */
export interface RequestEvent {
  id: string
  timing: Timing
  /** Where the answer comes from: its own handler, or a page made for others too, now or once. */
  cache: 'passed' | 'made' | 'joined' | 'shared' | 'hit' | 'old'
  /** Of the body as it goes out; undefined where that is not known beforehand. */
  bytes?: number
  /** Undefined where nobody collects traces. */
  trace?: { id: string; spanId: string; parent: TraceContext | undefined }
}

const saneId = /^[\w.-]{1,100}$/

/** The id somebody before us has given the request, where it may stand in a log. */
export function givenId(request: Request): string | undefined {
  const given = request.headers.get('x-request-id')
  return given !== null && saneId.test(given) ? given : undefined
}

export function beginEvent(request: Request, isTraced: boolean): RequestEvent {
  const event: RequestEvent = {
    id: givenId(request) ?? crypto.randomUUID(),
    timing: startTiming(),
    cache: 'passed',
  }
  if (!isTraced) return event
  const parent = readTraceparent(request.headers.get('traceparent'))
  const trace = { id: parent?.traceId ?? newTraceId(), spanId: newSpanId(), parent }
  return { ...event, trace }
}
