import type { TracingConfig } from '#config'
import { program } from '#version'
import type { Log } from './log'
import type { Meter } from './meter'
import type { Lap, RequestEvent } from './request-event'
import { newSpanId, type TraceContext } from './trace-context'
import type { Answered, Tracer } from './tracer'

// OpenTelemetry's own defaults for a batch of spans.
const batchSpansMax = 512
const waitingSpansMax = 2_048
const everyMs = 5_000
const answerMs = 10_000

const serverKind = 2
const internalKind = 1
const failedCode = 2

/** Sends spans by OTLP over HTTP, as JSON. If the collector is away they are lost, nothing else. */
export function openTracer(config: TracingConfig, meter: Meter, log: Log): Tracer {
  const sent = meter.counter('jumpstarter_spans', 'sent')
  const dropped = meter.counter('jumpstarter_spans', 'dropped')
  const add = (counter: Float64Array, by: number) => {
    counter[0] = (counter[0] as number) + by
  }
  let waiting: object[] = []
  let sending: Promise<void> | undefined
  let isAway = false

  async function post(spans: object[]): Promise<string | undefined> {
    try {
      const response = await fetch(`${config.endpoint}/v1/traces`, {
        method: 'POST',
        headers: { ...config.headers, 'Content-Type': 'application/json' },
        body: JSON.stringify(request(config, spans)),
        signal: AbortSignal.timeout(answerMs),
      })
      await response.body?.cancel()
      return response.ok ? undefined : `it answered ${response.status}`
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSpansMax)
      waiting = waiting.slice(batchSpansMax)
      const problem = await post(batch)
      add(problem === undefined ? sent : dropped, batch.length)
      // Said once, until it is back.
      if (problem !== undefined && !isAway) log.warn('the collector takes no traces', { problem })
      isAway = problem !== undefined
      if (isAway) break
    }
  }
  const send = () => {
    sending ??= sendAll().finally(() => {
      sending = undefined
    })
    return sending
  }
  const timer = setInterval(() => void send(), everyMs)
  timer.unref()

  return {
    tell: (event, about, ms) => {
      if (!event.trace || !isSampled(config, event.trace.id, event.trace.parent)) return
      const spans = spansOf(event, about, ms)
      if (waiting.length + spans.length > waitingSpansMax) return add(dropped, spans.length)
      waiting.push(...spans)
      if (waiting.length >= batchSpansMax) void send()
    },
    close: async () => {
      clearInterval(timer)
      await sending
      await send()
    },
  }
}

function isSampled(
  { sampler, ratio }: TracingConfig,
  traceId: string,
  parent: TraceContext | undefined,
): boolean {
  if (parent && sampler.startsWith('parentbased_')) return parent.sampled
  if (sampler.endsWith('always_on')) return true
  if (sampler.endsWith('always_off')) return false
  // The last 56 bits of an id are random.
  return Number.parseInt(traceId.slice(-14), 16) / 2 ** 56 < ratio
}

function spansOf(event: RequestEvent, about: Answered, ms: number): object[] {
  const { id: traceId = '', spanId = '', parent } = event.trace ?? {}
  const { startedAt, laps } = event.timing
  const { method, route, status } = about
  const attributes = {
    'http.request.method': method,
    'http.response.status_code': status,
    'http.route': route,
    'jumpstarter.cache': event.cache,
    'jumpstarter.request.id': event.id,
  }
  const server = {
    ...{ traceId, spanId, name: `${method} ${route}`, kind: serverKind },
    ...(parent ? { parentSpanId: parent.parentId } : {}),
    ...period(startedAt, startedAt + ms),
    attributes: Object.entries(attributes).map(attribute),
    ...(status >= 500 ? { status: { code: failedCode } } : {}),
  }
  return [server, ...laps.map((lap) => partOf(lap, traceId, spanId))]
}

const partNames = { db: 'database', render: 'render', compress: 'compress' }

const partOf = ({ part, from, to }: Lap, traceId: string, parentSpanId: string) => ({
  ...{ traceId, spanId: newSpanId(), parentSpanId, name: partNames[part], kind: internalKind },
  ...period(from, to),
})

const period = (from: number, to: number) => ({
  startTimeUnixNano: unixNano(from),
  endTimeUnixNano: unixNano(to),
})

/** More digits than a number of JavaScript has. */
function unixNano(at: number): string {
  const ms = performance.timeOrigin + at
  const whole = Math.floor(ms)
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.floor((ms - whole) * 1e6)))
}

const attribute = ([key, value]: [string, string | number]) => ({
  key,
  value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
})

function request({ serviceName }: TracingConfig, spans: object[]): object {
  const resource = { 'service.name': serviceName, 'service.version': program.version }
  const scope = { name: program.name, version: program.version }
  return {
    resourceSpans: [
      {
        resource: { attributes: Object.entries(resource).map(attribute) },
        scopeSpans: [{ scope, spans }],
      },
    ],
  }
}
