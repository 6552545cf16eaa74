import { isatty } from 'node:tty'
import { serveAdmin } from './admin'
import { createFleetFigures } from './fleet-figures'
import { type PoolOptions, startWorkers, type WorkerPool } from './worker-pool'

// `bun start` passes on the SIGINT that the terminal has sent us already: one key, two signals.
const sameKeyMs = 500

export interface Controls {
  /** Replaces the workers one at a time; false when a new one did not come up and the old stay. */
  restartWorkers(): Promise<boolean>
}

export interface Supervision extends Omit<PoolOptions, 'figures'> {
  /** Called once, when all workers are ready. */
  onReady?(controls: Controls): void | Promise<void>
}

/**
 * Starts the workers and keeps them running until SIGTERM or SIGINT, then drains them. SIGUSR2
 * replaces them. Returns the exit code: 1 if a worker had to be killed. Throws CommandError when
 * a worker cannot be started in the first place, or the admin listener cannot be had.
 */
export async function supervise({ onReady, ...options }: Supervision): Promise<number> {
  const { adminListener, socketMode } = options.config
  const figures = createFleetFigures()
  const admin = adminListener && (await serveAdmin(adminListener, socketMode, figures.openMetrics))
  const pool = startWorkers({ ...options, figures })
  const stop = Promise.withResolvers<void>()
  const release = handleSignals(pool, stop.resolve)
  let killed = false
  try {
    await Promise.race([
      pool.ready.then(() => onReady?.({ restartWorkers: pool.restart })),
      stop.promise,
    ])
    await stop.promise
  } finally {
    killed = await pool.end()
    await admin?.stop()
    figures.close()
    release()
  }
  return killed ? 1 : 0
}

/** Returns the function that takes the handlers away again. */
function handleSignals(pool: WorkerPool, stop: () => void): () => void {
  let stoppingSince: number | undefined
  const terminate = () => {
    stoppingSince ??= Date.now()
    stop()
  }
  const interrupt = () => {
    if (stoppingSince === undefined) terminate()
    else if (Date.now() - stoppingSince >= sameKeyMs) pool.kill()
  }
  const restart = () => void pool.restart()
  const handlers = {
    SIGTERM: terminate,
    SIGINT: interrupt,
    SIGUSR2: restart,
    // On a terminal that closes, end with it; under nohup or a service manager, stay.
    SIGHUP: isatty(0) ? terminate : () => {},
  }
  const entries = Object.entries(handlers)
  for (const [signal, handler] of entries) process.on(signal, handler)
  return () => {
    for (const [signal, handler] of entries) process.off(signal, handler)
  }
}
