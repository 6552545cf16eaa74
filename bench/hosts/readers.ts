import type { Address } from '#server/ask'
import { send } from '../faults/send'

export interface Readers {
  /** Ends them; what they have asked for, and a sentence for each answer that was not 200. */
  stop(): Promise<{ asked: number; failed: string[]; slowestMs: number }>
}

const thinkMs = 10

/** So many who read these pages one after the other, until they are stopped. */
export function startReaders(
  address: Address,
  { paths, count, signal }: { paths: readonly string[]; count: number; signal: AbortSignal },
): Readers {
  const failed: string[] = []
  let [asked, slowestMs, running] = [0, 0, true]
  const read = async (reader: number) => {
    for (let turn = reader; running && !signal.aborted; turn++) {
      const path = paths[turn % paths.length] as string
      const begun = performance.now()
      const answer = await send(address, { method: 'GET', path })
      const ms = performance.now() - begun
      asked++
      slowestMs = Math.max(slowestMs, ms)
      if (answer?.status !== 200) {
        failed.push(`${path}: ${answer?.status ?? 'no answer'} after ${Math.round(ms)} ms`)
      }
      await Bun.sleep(thinkMs)
    }
  }
  const reading = Promise.all(Array.from({ length: count }, (_, reader) => read(reader)))
  return {
    stop: async () => {
      running = false
      await reading
      return { asked, failed, slowestMs }
    },
  }
}
