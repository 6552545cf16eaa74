import { checkPages } from './check'
import { runH2load } from './h2load'
import type { LoadOptions, Subject, Target } from './measure'
import { startRedis } from './redis'
import { type OurServer, type OurSettings, startOurs } from './servers'
import { sweepPages } from './sweep'
import type { Traffic } from './traffic'
import { runWrk } from './wrk'

export interface OurSubject extends Omit<OurSettings, 'redisUrl'> {
  id: string
  traffic: Traffic
  /** A Redis of its own, empty at each start. */
  redis?: boolean
  /** `h2load` knows Unix sockets, and then asks all workers' at once. */
  driver: 'wrk' | 'h2load'
  /** Before it is measured each worker is asked for every page, by h2load. */
  filled?: boolean
}

/** Our server with these settings, to be measured. */
export function ourSubject(subject: OurSubject): Subject {
  const { id, traffic, redis, filled, workers } = subject
  const start = async (signal: AbortSignal): Promise<Target> => {
    const store = redis ? await startRedis(signal) : undefined
    let server: OurServer | undefined
    const stop = async () => {
      await server?.stop()
      await store?.stop()
    }
    try {
      const started = await startOurs({ ...subject, redisUrl: store?.url }, signal)
      server = started
      await checkPages(started.address, traffic, id)
      return {
        load: (options) => drive(subject, started, options),
        ...(filled
          ? { sweep: (signal: AbortSignal) => sweepPages(started, traffic, workers, signal) }
          : {}),
        pids: () => [...started.pids(), ...(store ? [store.pid] : [])],
        stop,
      }
    } catch (error) {
      await stop()
      throw error
    }
  }
  return { id, start }
}

function drive(
  { driver, traffic, workers }: OurSubject,
  { origin, sockets }: OurServer,
  options: LoadOptions,
) {
  if (driver === 'wrk') return runWrk({ ...options, origin, traffic })
  const unix = sockets.length > 0 ? { sockets } : {}
  return runH2load({ ...options, ...unix, origin, traffic, generators: workers })
}
