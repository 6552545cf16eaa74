import type { ChangeListeners } from './changes'
import { describeError } from '#lib/errors'
import type { Log } from '#observability/log'

/** Of one process: what they cost is measured by `bench live`. */
export const streamsMax = 20_000
/** Behind one address may be a whole school; a single program that opens more means no good. */
export const streamsPerAddressMax = 200
/** However fast a project changes, its readers hear of it no more often. */
const readEveryMs = 250
const failedReadMs = 1_000
/** Well below the idle timeouts of our own listeners and of the proxies that we configure. */
const heartbeatMs = 15_000
const retryMs = 5_000
/** Those whose stream we end come back over so long, not all at once. */
const comeBackMs = { min: 1_000, max: 11_000 }
/** What a reader may be behind; then they are told of the latest alone, once they read again. */
const behindChunksMax = 8

/** What is told of a subject as it is now. */
export interface Told {
  data: string
  /** Nothing more will come. */
  isOver: boolean
}

interface Asked {
  /** Whose changes are told. */
  tag: string
  /** Reads the subject as it is; undefined when there is none. One reading serves all streams. */
  read(): Promise<Told | undefined>
  /** Where the reader is, as far as that is known. */
  address: string | undefined
  /** The last event the reader had, from the stream before this one. */
  lastId: string | undefined
}

export type Opened = { kind: 'open'; body: ReadableStream<Uint8Array> } | { kind: Refusal }
type Refusal = 'full' | 'none' | 'over'

/** Server-sent events: many readers of few subjects, each told whenever its subject changes. */
export interface EventStreams extends ChangeListeners {
  open(asked: Asked): Promise<Opened>
  /** How many are open. */
  count(): number
  /** Ends all, and opens no more. */
  end(): void
  close(): Promise<void>
}

interface Stream {
  out: ReadableStreamDefaultController<Uint8Array>
  isBehind: boolean
}

interface Subject {
  read: Asked['read']
  streams: Set<Stream>
  /** The latest event, encoded once for all. */
  last: { id: string; chunk: Uint8Array; isOver: boolean } | undefined
  reading: Promise<void> | undefined
  readAt: number
  due: Timer | undefined
  heartbeat: Timer
}

const encoder = new TextEncoder()
const heartbeat = encoder.encode(':\n\n')
const retry = encoder.encode(`retry: ${retryMs}\n\n`)

/**
 * Whoever hears of changes tells `onChange` and `onGap`; where nobody does, `listen` begins to with
 * the first stream.
 */
export function createEventStreams(
  log: Log,
  listen?: (listeners: ChangeListeners) => { close(): Promise<void> },
  limits: { streamsMax: number; streamsPerAddressMax: number } = {
    streamsMax,
    streamsPerAddressMax,
  },
): EventStreams {
  const subjects = new Map<string, Subject>()
  const addresses = new Map<string, number>()
  let count = 0
  let isEnding = false
  let listening: { close(): Promise<void> } | undefined

  /** Reads soon, and tells all who listen if it is not what it was. */
  function touch(subject: Subject, waitMs = subject.readAt + readEveryMs - performance.now()) {
    subject.due ??= setTimeout(() => void look(subject), Math.max(0, waitMs))
  }

  async function look(subject: Subject): Promise<void> {
    // What changes while this reads is read again.
    await subject.reading
    subject.due = undefined
    subject.reading = update(subject)
      .catch((error: unknown) => {
        log.warn('what is told live could not be read', { error: describeError(error) })
        if (subject.streams.size > 0) touch(subject, failedReadMs)
      })
      .finally(() => {
        subject.reading = undefined
      })
    await subject.reading
  }

  async function update(subject: Subject): Promise<void> {
    subject.readAt = performance.now()
    const told = await subject.read()
    const data = told?.data ?? ''
    const id = Bun.hash(data).toString(36)
    if (subject.last?.id !== id) {
      const chunk = encoder.encode(`id: ${id}\ndata: ${data}\n\n`)
      subject.last = { id, chunk, isOver: told?.isOver ?? true }
      if (told) for (const stream of subject.streams) send(stream, chunk)
    }
    if (subject.last.isOver) for (const { out } of subject.streams) out.close()
    if (subject.last.isOver) subject.streams.clear()
  }

  function send(stream: Stream, chunk: Uint8Array) {
    if ((stream.out.desiredSize ?? 0) <= -behindChunksMax) stream.isBehind = true
    else stream.out.enqueue(chunk)
  }

  function subjectOf(tag: string, read: Asked['read']): Subject {
    const known = subjects.get(tag)
    if (known) return known
    const streams = new Set<Stream>()
    const subject: Subject = {
      ...{ read, streams, last: undefined, reading: undefined, readAt: 0, due: undefined },
      heartbeat: setInterval(() => {
        for (const stream of streams) if (!stream.isBehind) send(stream, heartbeat)
      }, heartbeatMs),
    }
    subjects.set(tag, subject)
    return subject
  }

  function forget(tag: string, subject: Subject) {
    if (subject.streams.size > 0 || subjects.get(tag) !== subject) return
    clearInterval(subject.heartbeat)
    clearTimeout(subject.due)
    subjects.delete(tag)
  }

  function streamOf({ tag, address, lastId }: Asked, subject: Subject) {
    let stream: Stream
    const leave = () => {
      count -= 1
      if (address !== undefined) countAddress(address, -1)
      subject.streams.delete(stream)
      forget(tag, subject)
    }
    return new ReadableStream<Uint8Array>({
      start(out) {
        stream = { out: endingWith(out, leave), isBehind: false }
        subject.streams.add(stream)
        out.enqueue(retry)
        if (subject.last && subject.last.id !== lastId) out.enqueue(subject.last.chunk)
      },
      pull(out) {
        if (!stream.isBehind || !subject.last) return
        stream.isBehind = false
        out.enqueue(subject.last.chunk)
      },
      cancel: leave,
    })
  }

  function countAddress(address: string, by: number) {
    const left = (addresses.get(address) ?? 0) + by
    if (left > 0) addresses.set(address, left)
    else addresses.delete(address)
  }

  const isFull = (address: string | undefined) =>
    isEnding ||
    count >= limits.streamsMax ||
    (address !== undefined && (addresses.get(address) ?? 0) >= limits.streamsPerAddressMax)

  return {
    onChange(tags) {
      for (const tag of tags) {
        const subject = subjects.get(tag)
        if (subject) touch(subject)
      }
    },
    onGap() {
      for (const subject of subjects.values()) touch(subject)
    },
    async open(asked) {
      const { tag, read, address } = asked
      if (isFull(address)) return { kind: 'full' }
      listening ??= listen?.(streams)
      const subject = subjectOf(tag, read)
      count += 1
      if (address !== undefined) countAddress(address, 1)
      let opened = false
      try {
        if (!subject.last) await (subject.reading ?? look(subject))
      } finally {
      }
      return { kind: 'open', body: streamOf(asked, subject) }
    },
    count: () => count,
    end() {},
    close: async () => {},
  }
}
