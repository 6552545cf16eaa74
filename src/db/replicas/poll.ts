import { createPauses } from '#lib/pauses'
import { within } from '#lib/within'
import { closeDb, type Db } from '../client'
import { readStanding, type Standing } from './standing'

/** Between two questions. */
export const pollMs = 150
/** A server that has not answered by then is as good as gone. */
const answerMs = 1_000
const retryMs = 500

/** Asks a server again and again how far it is, on a connection of its own, until it is closed. */
export function poll(
  open: () => Db,
  told: (standing: Standing, askedAt: number) => void,
  failed: (error: unknown) => void,
): { close(): Promise<void> } {
  const pauses = createPauses()
  let closed = false
  let db = open()
  const run = async () => {
    while (!closed) {
      let pauseMs = pollMs
      try {
        const askedAt = performance.now()
        told(await inTime(readStanding(db)), askedAt)
      } catch (error) {
        if (!closed) failed(error)
        pauseMs = retryMs
        // One that hangs would hang for good.
        void closeDb(db, 0).catch(() => {})
        db = open()
      }
      await pauses.wait(pauseMs)
    }
  }
  const running = run()
  return {
    close: async () => {
      closed = true
      pauses.end()
      await running
      await closeDb(db, 0)
    },
  }
}

async function inTime<Answer>(asked: Promise<Answer>): Promise<Answer> {
  asked.catch(() => {})
  if (!(await within(asked, answerMs))) throw new Error(`no answer within ${answerMs} ms`)
  return await asked
}
