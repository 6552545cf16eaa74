import type { Report } from '#observability/families'
import { createHistory, type Performance } from '#observability/history'
import { toOpenMetrics } from '#observability/openmetrics'
import { createTally } from '#observability/tally'
import { program } from '#version'
import type { WorkerProcess } from './worker-process'

const lookEveryMs = 1_000
/** A worker that is busy for longer is told of as it was a second ago. */
const freshDeadlineMs = 500

/** The figures of all workers of this host, which one of them alone does not know. */
export interface FleetFigures {
  follow(worker: WorkerProcess): void
  /** Counts a worker that has ended without having been asked to. */
  countLoss(): void
  performance(): Performance
  /** Asks all workers first, and does not wait for one that hangs. */
  openMetrics(): Promise<string>
  close(): void
}

export function createFleetFigures(): FleetFigures {
  const tally = createTally()
  const history = createHistory(Date.now())
  const living = new Set<WorkerProcess>()
  let losses = 0
  const timer = setInterval(() => history.take(tally.total(), Date.now()), lookEveryMs)
  timer.unref()

  const own = (): Report => [
    ['jumpstarter_workers', [], [living.size]],
    ['jumpstarter_worker_restarts', [], [losses]],
    ['jumpstarter_build', [program.version, program.commit ?? '', Bun.version], [1]],
  ]
  const askAll = () => Promise.all(Array.from(living, (worker) => worker.tellFigures()))

  return {
    follow: (worker) => {
      living.add(worker)
      worker.onFigures((report) => tally.take(worker, report))
      void worker.exited.then(() => {
        living.delete(worker)
        tally.end(worker)
      })
    },
    countLoss: () => {
      losses += 1
    },
    performance: () => history.performance(tally.total(), Date.now()),
    openMetrics: async () => {
      await Promise.race([askAll(), Bun.sleep(freshDeadlineMs)])
      return toOpenMetrics([...tally.total(), ...own()])
    },
    close: () => clearInterval(timer),
  }
}
