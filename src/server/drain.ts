import { within } from '#lib/within'
import type { Log } from '#observability/log'
import type { Bound } from './listeners'

// Long enough for busy keep-alive clients to be told `Connection: close` and for the backlog of a
// hidden or replaced Unix socket to be accepted; without it, requests on their way are reset.
const lingerMs = 250
// A connection that has sent nothing or half a header is no request in flight, but keeps Bun's
// stop() waiting, until the idle timeout if need be.
const silentMs = 1000
const pollMs = 50
/** How long closing the database and the rest may take. */
export const closeDeadlineMs = 5000

/** What a worker's probes answer; the worker changes it in place. */
export interface Readiness {
  /** `/readyz` answers 200. */
  ready: boolean
  /** The end has begun: answers carry `Connection: close`. */
  draining: boolean
}

export interface DrainOptions {
  bounds: readonly Bound[]
  readiness: Readiness
  /** How long requests in flight may take to finish. */
  drainMs: number
  /** Ends answers that would go on by themselves. */
  endStreams?(): void
  /** Closes what the requests needed. */
  close(): Promise<void>
  log: Log
}

/** The ordered end of a worker: unready, stop listening, finish requests, close the rest. */
export async function drain(options: DrainOptions): Promise<void> {
  const { bounds, readiness, close, log } = options
  readiness.ready = false
  readiness.draining = true
  if (bounds.length > 0) await finishRequests(options)
  try {
    const closed = await within(close(), closeDeadlineMs)
    if (!closed) log.warn('closing took too long; left as it was', { deadline_ms: closeDeadlineMs })
  } catch (error) {
    log.error('closing failed', { reason: String(error) })
  }
}

async function finishRequests(options: DrainOptions): Promise<void> {
  const { bounds, drainMs, log } = options
  const deadline = Date.now() + drainMs
  for (const bound of bounds) bound.hide?.()
  await Bun.sleep(Math.min(lingerMs, drainMs))
  options.endStreams?.()
  // What waits to be accepted on a TCP port is reset, unless net.ipv4.tcp_migrate_req has it moved
  // to another worker. Proxies ask again.
  const stopped = Promise.all(bounds.map((bound) => bound.stop()))
  const pending = () => bounds.reduce((sum, bound) => sum + bound.pending(), 0)
  let silentSince = Date.now()
  while (!(await within(stopped, pollMs))) {
    if (pending() > 0) silentSince = Date.now()
    if (Date.now() >= deadline || Date.now() - silentSince >= silentMs) break
  }
  if (pending() > 0) log.warn('requests cut at the drain deadline', { requests: pending() })
  await Promise.all(bounds.map((bound) => bound.stop(true)))
}
