import { type WorkerOrder, workerEnvironment } from '#config'
import { CommandError } from '#lib/errors'
import { within } from '#lib/within'
import type { Report } from '#observability/families'
import type { Performance } from '#observability/history'
import { closeDeadlineMs } from './drain'
import type { SupervisorMessage, WorkerMessage } from './supervisor-link'

// A worker keeps its own deadlines; beyond them it hangs.
const stopGraceMs = closeDeadlineMs + 2000

/** A worker seen from its supervisor. */
export interface WorkerProcess {
  index: number
  pid: number | undefined
  startedAt: number
  isReady(): boolean
  /** Rejects with CommandError when the worker ends before. */
  ready: Promise<void>
  /** How it ended: `code 1`, `SIGKILL`. */
  exited: Promise<string>
  /** Drains it, and kills it if it outlives its deadline; whether it had to be killed. */
  end(): Promise<boolean>
  kill(): void
  /** Calls `take` with each report of its figures. */
  onFigures(take: (report: Report) => void): void
  /** Asks for its figures; resolves when they are here, or never. */
  tellFigures(): Promise<void>
}

/** What a worker may ask of its supervisor. */
export type AnswerPerformance = () => Performance

/** Starts a worker by `command` (program and arguments). Never throws: see `ready` and `exited`. */
export function startWorker(
  command: readonly string[],
  order: WorkerOrder,
  performance: AnswerPerformance,
): WorkerProcess {
  const { index, config } = order
  const startedAt = Date.now()
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  let isReady = false
  let killed = false
  const figures = createFigures()
  const child = spawn(command, order, (message) => {
    switch (message.type) {
      case 'ready':
        isReady = true
        return ready.resolve()
      case 'failed':
        return ready.reject(new CommandError(message.message ?? `Worker ${index} could not start.`))
      case 'figures':
        return figures.take(message.report, message.asked)
      case 'performance':
        return say({ type: 'performance', asked: message.asked, performance: performance() })
    }
  })
  const say = (message: SupervisorMessage) => {
    // It may have ended meanwhile.
    if (!(child instanceof Error) && child.exitCode === null) child.send(message)
  }
  const exited = child instanceof Error ? Promise.resolve(child.message) : howItEnded(child)
  void exited.then((how) => {
    ready.reject(new CommandError(`Worker ${index} ended before it was ready: ${how}.`))
  })
  const send = (signal: NodeJS.Signals) => {
    if (!(child instanceof Error)) child.kill(signal)
  }
  const kill = () => {
    killed = true
    send('SIGKILL')
  }
  const end = async () => {
    send('SIGTERM')
    if (!(await within(exited, config.drainMs + stopGraceMs))) kill()
    await exited
    return killed
  }
  const pid = child instanceof Error ? undefined : child.pid
  const tellFigures = () => figures.ask((asked) => say({ type: 'tell figures', asked }))
  const whatItDoes = { exited, end, kill, onFigures: figures.onFigures, tellFigures }
  return { index, pid, startedAt, isReady: () => isReady, ready: ready.promise, ...whatItDoes }
}

function createFigures() {
  const waiting = new Map<number, () => void>()
  let asked = 0
  let take: ((report: Report) => void) | undefined
  return {
    take: (report: Report, answerTo = 0) => {
      take?.(report)
      waiting.get(answerTo)?.()
      waiting.delete(answerTo)
    },
    onFigures: (next: (report: Report) => void) => {
      take = next
    },
    ask: (send: (asked: number) => void) => {
      const own = ++asked
      return new Promise<void>((resolve) => {
        waiting.set(own, resolve)
        send(own)
      })
    },
  }
}

// A spawn can fail, while an upgrade replaces the executable for one; that must not end the rest.
function spawn(
  command: readonly string[],
  order: WorkerOrder,
  onMessage: (message: WorkerMessage) => void,
): Bun.Subprocess | Error {
  try {
    return Bun.spawn([...command], {
      env: workerEnvironment(order),
      stdio: ['ignore', 'inherit', 'inherit'],
      ipc: (message: WorkerMessage) => onMessage(message),
    })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

async function howItEnded(child: Bun.Subprocess): Promise<string> {
  await child.exited
  return child.signalCode === null ? `code ${child.exitCode}` : String(child.signalCode)
}
