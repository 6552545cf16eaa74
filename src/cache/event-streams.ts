import type { Log } from '#observability/log'
import type { ChangeListeners } from './changes'
import { createSubject, type LiveSubject, type ReadSubject } from './live-subject'

/** Of one process: what they cost is measured by `bench live`. */
const streamsMax = 20_000
/** Behind one address may be a whole school; a single program that opens more means no good. */
const streamsPerAddressMax = 200

interface Asked {
  /** Whose changes are told. */
  tag: string
  /** One reading serves all streams. */
  read: ReadSubject
  /** Where the reader is, as far as that is known. */
  address: string | undefined
  /** The last event the reader has had, of an earlier stream. */
  lastId: string | undefined
  /** Aborted when the reader has gone. */
  signal: AbortSignal
}

/** Why there is no stream: too many, no such subject, or nothing more to be told of it. */
type Refusal = 'full' | 'none' | 'over'
export type Opened = { kind: 'open'; body: ReadableStream<Uint8Array> } | { kind: Refusal }

/** Server-sent events: many readers of few subjects, each told whenever its subject changes. */
export interface EventStreams extends ChangeListeners {
  /** Throws what reading the subject throws. */
  open(asked: Asked): Promise<Opened>
  /** How many are open. */
  count(): number
  /** Ends all, and opens no more. */
  end(): void
  close(): Promise<void>
}

type Listen = (listeners: ChangeListeners) => { close(): Promise<void> }

/**
 * Whoever hears of changes tells `onChange` and `onGap`; where nobody does, `listen` does from the
 * first stream on.
 */
export function createEventStreams(
  log: Log,
  listen?: Listen,
  limits = { streamsMax, streamsPerAddressMax },
): EventStreams {
  const subjects = new Map<string, LiveSubject>()
  const addresses = new Map<string, number>()
  let count = 0
  let isEnding = false
  let listening: { close(): Promise<void> } | undefined

  const isFull = (address: string | undefined) =>
    isEnding ||
    count >= limits.streamsMax ||
    (address !== undefined && (addresses.get(address) ?? 0) >= limits.streamsPerAddressMax)

  function countOne(address: string | undefined, by: 1 | -1) {
    count += by
    if (address === undefined) return
    const left = (addresses.get(address) ?? 0) + by
    if (left > 0) addresses.set(address, left)
    else addresses.delete(address)
  }

  /** Those who are about to listen, by subject. */
  const waiting = new Map<string, number>()

  function forget(tag: string) {
    const subject = subjects.get(tag)
    if (!subject || subject.size() > 0 || waiting.has(tag)) return
    subject.stop()
    subjects.delete(tag)
  }

  async function findState({ tag, read }: Asked): Promise<'open' | 'none' | 'over'> {
    const subject = subjects.get(tag) ?? createSubject(read, log)
    subjects.set(tag, subject)
    waiting.set(tag, (waiting.get(tag) ?? 0) + 1)
    try {
      return await subject.state()
    } finally {
      const left = (waiting.get(tag) ?? 1) - 1
      if (left > 0) waiting.set(tag, left)
      else waiting.delete(tag)
    }
  }

  const streams: EventStreams = {
    onChange(tags) {
      for (const tag of tags) subjects.get(tag)?.touch()
    },
    onGap() {
      for (const subject of subjects.values()) subject.touch()
    },
    async open(asked) {
      const { tag, address, lastId, signal } = asked
      if (isFull(address)) return { kind: 'full' }
      listening ??= listen?.(streams)
      countOne(address, 1)
      const onEnd = () => {
        countOne(address, -1)
        forget(tag)
      }
      try {
        const state = await findState(asked)
        const subject = subjects.get(tag)
        if (state === 'open' && subject && !isEnding && !signal.aborted) {
          return { kind: 'open', body: subject.join(lastId, onEnd) }
        }
        onEnd()
        return { kind: state === 'open' ? 'full' : state }
      } catch (error) {
        onEnd()
        throw error
      }
    },
    count: () => count,
    end() {
      isEnding = true
      for (const subject of [...subjects.values()]) subject.end()
    },
    async close() {
      streams.end()
      for (const subject of subjects.values()) subject.stop()
      await listening?.close()
    },
  }
  return streams
}
