import type { createApp } from '#app'
import type { PageCacheStats } from '#cache/page-cache'
import type { Config } from '#config'
import { oldestDueSeconds } from '#db/outbox'
import type { Deps } from '#deps'
import { routeTemplate } from '#http/guards'
import type { Meter } from '#observability/meter'
import { meterProcess } from '#observability/process-meter'
import { createRequestObserver } from '#observability/requests'
import type { Tracer } from '#observability/tracer'

const outboxEveryMs = 15_000

/** What a worker counts, and how it takes note of requests. */
export async function observeWorker(
  meter: Meter,
  { deps, app, index }: { deps: Deps; app: ReturnType<typeof createApp>; index: number },
) {
  const { config, log } = deps
  const tracer = await openTracing(config, meter, deps)
  const observer = createRequestObserver({
    ...{ meter, log, tracer },
    routeOf: (method, path) => routeTemplate(app, method, path),
    slowMs: config.slowRequestMs,
    isTalkative: config.logLevel === 'debug',
  })
  const endProcess = meterProcess(meter, index)
  const endOutbox = index === 0 ? meterOutbox(meter, deps) : undefined
  // What one worker sees of them all of them see; told by each they would be added up.
  if (index === 0) meterReplicas(meter, deps)
  meter.gauge('jumpstarter_event_streams', [], deps.streams.count)
  return {
    observer,
    close: async () => {
      endProcess()
      endOutbox?.()
      await tracer?.close()
    },
  }
}

/** Nothing of it is loaded where nobody collects traces. */
async function openTracing(
  { tracing }: Config,
  meter: Meter,
  { log }: Pick<Deps, 'log'>,
): Promise<Tracer | null> {
  if (tracing === null) return null
  const { openTracer } = await import('#observability/otlp')
  return openTracer(tracing, meter, log)
}

export function meterPages(meter: Meter, { cache }: Deps, stats: () => PageCacheStats): void {
  if (!cache) return
  const results = {
    hit: 'hits',
    stale: 'stale',
    miss: 'misses',
    passed: 'passed',
    old: 'old',
  } as const
  const counters = Object.entries(results).map(([result, name]) => ({
    ...{ counter: meter.counter('jumpstarter_page_cache_requests', result), name },
  }))
  const shared = meter.counter('jumpstarter_page_cache_shared')
  meter.beforeReport(() => {
    const counted = stats()
    for (const { counter, name } of counters) counter[0] = counted[name]
    shared[0] = counted.shared
  })
  meter.gauge('jumpstarter_page_cache_size_bytes', [], cache.store.bytes)
  meter.gauge('jumpstarter_page_cache_entries', [], cache.store.size)
}

function meterReplicas(meter: Meter, { replicas }: Deps): void {
  for (const [place, { name }] of replicas?.states().entries() ?? []) {
    const now = () => replicas?.states()[place]
    meter.gauge('jumpstarter_replica_in_use', [name], () => Number(now()?.isInUse))
    meter.gauge('jumpstarter_replica_lag_seconds', [name], () => {
      const lagMs = now()?.lagMs
      return lagMs === undefined ? undefined : lagMs / 1000
    })
  }
}

/** Only where mail is sent is its waiting news. */
function meterOutbox(meter: Meter, { db, mailer }: Deps): (() => void) | undefined {
  if (!mailer) return undefined
  let seconds: number | undefined
  const look = async () => {
    seconds = await oldestDueSeconds(db).catch(() => undefined)
  }
  void look()
  const timer = setInterval(look, outboxEveryMs)
  timer.unref()
  meter.gauge('jumpstarter_outbox_oldest_seconds', [], () => seconds)
  return () => clearInterval(timer)
}
