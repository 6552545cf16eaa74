import { byteOrderMark, type Cell, csvLine } from '#lib/csv'
import { describeError } from '#lib/errors'
import type { Log } from '#observability/log'

export type Chunks = AsyncGenerator<Cell[][], void>

/**
 * A file for a spreadsheet. A chunk of rows is read when the one before it has been sent: however
 * long the file, little is held. `what` names it in the log, should it break off.
 */
export function csvFile(log: Log, what: string, columns: readonly string[], chunks: Chunks) {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      start: (out) => out.enqueue(encoder.encode(byteOrderMark + csvLine(columns))),
      async pull(out) {
        try {
          const { value, done } = await chunks.next()
          if (done) return out.close()
          out.enqueue(encoder.encode(value.map(csvLine).join('')))
        } catch (error) {
          log.error('a file broke off', { what, error: describeError(error) })
          out.error(error)
        }
      },
      async cancel() {
        await chunks.return()
      },
    },
    { highWaterMark: 0 },
  )
}
