import type { Report } from '#observability/families'
import type { Performance } from '#observability/history'

/** What a worker tells its supervisor. A failure without a message is in the log. */
export type WorkerMessage =
  | { type: 'ready' }
  | { type: 'failed'; message?: string }
  | { type: 'figures'; report: Report; asked?: number }
  | { type: 'performance'; asked: number }

/** What a supervisor asks of a worker, or answers it. */
export type SupervisorMessage =
  | { type: 'tell figures'; asked: number }
  | { type: 'performance'; asked: number; performance: Performance }

export function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message)
}

const figuresEveryMs = 1_000
const answerDeadlineMs = 2_000
/** The last figures are on their way; they are lost if that takes longer. */
const lastDeadlineMs = 200

/** Asks the supervisor for the figures of all workers; null when it does not answer. */
export type AskPerformance = () => Promise<Performance | null>

export interface SupervisorLink {
  askPerformance: AskPerformance
  /** Tells these figures every second and when asked, from now on. */
  tellFigures(report: () => Report): void
  /** Tells them once more, for the last time. */
  end(): Promise<void>
}

export function linkToSupervisor(): SupervisorLink {
  const waiting = new Map<number, (performance: Performance) => void>()
  let asked = 0
  let report: (() => Report) | undefined
  let timer: Timer | undefined

  process.on('message', (message: SupervisorMessage) => {
    if (message.type === 'performance') waiting.get(message.asked)?.(message.performance)
    if (message.type === 'tell figures' && report) {
      tell({ type: 'figures', report: report(), asked: message.asked })
    }
  })
  return {
    askPerformance: async () => {
      if (!process.connected) return null
      const own = ++asked
      const answer = Promise.withResolvers<Performance | null>()
      waiting.set(own, answer.resolve)
      const timeout = setTimeout(() => answer.resolve(null), answerDeadlineMs)
      tell({ type: 'performance', asked: own })
      const performance = await answer.promise
      clearTimeout(timeout)
      waiting.delete(own)
      return performance
    },
    tellFigures: (told) => {
      report = told
      tell({ type: 'figures', report: told() })
      timer = setInterval(() => tell({ type: 'figures', report: told() }), figuresEveryMs)
      timer.unref()
    },
    end: async () => {
      clearInterval(timer)
      if (!report || !process.connected) return
      const message: WorkerMessage = { type: 'figures', report: report() }
      const sent = new Promise<void>((resolve) => {
        process.send?.(message, undefined, undefined, () => resolve())
      })
      await Promise.race([sent, Bun.sleep(lastDeadlineMs)])
    },
  }
}
