import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '#config'
import { CommandError } from '#lib/errors'
import { within } from '#lib/within'
import type { Log } from '#observability/log'
import type { FleetFigures } from './fleet-figures'
import { startWorker, type WorkerProcess } from './worker-process'

const backoffFirstMs = 100
const backoffMaxMs = 5000
const youngMs = 5000
const grownUpMs = 10_000
const replacementReadyDeadlineMs = 30_000

export interface PoolOptions {
  config: Config
  log: Log
  /** Program and arguments that run one worker. */
  command: readonly string[]
  figures: FleetFigures
}

export interface WorkerPool {
  /** All workers are ready for the first time. Rejects with the first failure. */
  ready: Promise<unknown>
  /** Replaces the workers one at a time; false when a new one did not come up and the old stay. */
  restart(): Promise<boolean>
  /** Drains all workers; whether one had to be killed. */
  end(): Promise<boolean>
  /** Kills all workers at once. */
  kill(): void
}

interface Slot {
  worker: WorkerProcess
  /** The wait before its last start. */
  delayMs: number
}

/** How long to wait before a crashed worker is started again, given its last wait and its life. */
export function backoffMs(previousMs: number, livedMs: number): number {
  if (livedMs >= grownUpMs || previousMs === 0) return backoffFirstMs
  return livedMs < youngMs ? Math.min(previousMs * 2, backoffMaxMs) : previousMs
}

/** Starts one worker per `config.workers` and keeps each of them running until `end`. */
export function startWorkers({ config, log, command, figures }: PoolOptions): WorkerPool {
  // Replaced workers that still drain are among the living, but in no slot.
  const living = new Set<WorkerProcess>()
  let ending = false
  let allReady = false

  function start(index: number, replaces: boolean): WorkerProcess {
    const worker = startWorker(command, { index, config, replaces }, figures.performance)
    living.add(worker)
    figures.follow(worker)
    void worker.exited.then((how) => {
      living.delete(worker)
      return revive(worker, how)
    })
    return worker
  }

  async function revive(worker: WorkerProcess, how: string): Promise<void> {
    const slot = slots[worker.index]
    const failedFirstStart = !allReady && !worker.isReady()
    if (ending || failedFirstStart || slot?.worker !== worker) return
    slot.delayMs = backoffMs(slot.delayMs, Date.now() - worker.startedAt)
    figures.countLoss()
    const { index, pid } = worker
    log.error('worker ended unexpectedly', { worker: index, pid, how, again_in_ms: slot.delayMs })
    await sleep(slot.delayMs, undefined, { ref: false })
    if (!ending && slot.worker === worker) slot.worker = start(index, false)
  }

  async function replaceAll(): Promise<boolean> {
    for (const slot of slots) {
      if (ending) return false
      const reason = await replace(slot, start)
      if (reason === undefined) continue
      const worker = slot.worker.index
      if (!ending)
        log.error('the new worker did not come up; the old one stays', { worker, reason })
      return false
    }
    log.info('workers replaced', { workers: slots.length })
    return true
  }

  const slots = Array.from(
    { length: config.workers },
    (_, index): Slot => ({
      worker: start(index, false),
      delayMs: 0,
    }),
  )
  const ready = Promise.all(slots.map((slot) => slot.worker.ready)).then(() => {
    allReady = true
  })
  let restarts: Promise<unknown> = ready.catch(() => {})
  return {
    ready,
    restart: () => {
      const restart = restarts.then(replaceAll)
      restarts = restart
      return restart
    },
    end: async () => {
      ending = true
      const killed = await Promise.all(Array.from(living, (worker) => worker.end()))
      return killed.includes(true)
    },
    kill: () => {
      for (const worker of living) worker.kill()
    },
  }
}

/** The new worker takes the slot before the old one drains; or why it did not come up. */
async function replace(
  slot: Slot,
  start: (index: number, replaces: boolean) => WorkerProcess,
): Promise<string | undefined> {
  const fresh = start(slot.worker.index, true)
  const problem = await whyNotReady(fresh)
  if (problem !== undefined) {
    fresh.kill()
    return problem
  }
  const old = slot.worker
  slot.worker = fresh
  slot.delayMs = 0
  await old.end()
  return undefined
}

async function whyNotReady(worker: WorkerProcess): Promise<string | undefined> {
  try {
    const inTime = await within(worker.ready, replacementReadyDeadlineMs)
    return inTime ? undefined : `it was not ready after ${replacementReadyDeadlineMs / 1000} s`
  } catch (error) {
    return error instanceof CommandError ? error.message : String(error)
  }
}
