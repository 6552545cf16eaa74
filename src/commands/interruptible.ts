import { constants } from 'node:os'
import { CommandError } from '#lib/errors'

/** Runs `work`; a signal ends it in order, so that what it has made or started is removed. */
export async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController()
  const interrupt = (name: NodeJS.Signals) => {
    console.error('Interrupted: removing what was made …')
    controller.abort(new CommandError('Interrupted.', 128 + constants.signals[name]))
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.once(name, interrupt)
  try {
    return await work(controller.signal)
  } catch (error) {
    // What a canceled statement says is not news then.
    throw controller.signal.aborted ? controller.signal.reason : error
  } finally {
    for (const name of signals) process.off(name, interrupt)
  }
}
