import { describeError } from '#lib/errors'
import type { Log } from '#observability/log'

/** However fast a subject changes, its readers hear of it no more often. */
const readEveryMs = 250
const failedReadMs = 1_000
/** Well below the idle timeouts of our own listeners and of the proxies that we configure. */
const heartbeatMs = 15_000
const retryMs = 5_000
/** Those whose stream we end come back over so long, not all at once. */
const comeBackMs = { min: 1_000, max: 11_000 }
/** What a reader may be behind; then they are told of the latest alone, once they read again. */
const behindChunksMax = 8
/** Whoever has read nothing for so long is gone. */
const behindMsMax = 60_000

/** What is told of a subject as it is now. */
export interface Told {
  data: string
  /** Nothing more will come. */
  isOver: boolean
}

/** Reads the subject as it is; undefined when there is none. */
export type ReadSubject = () => Promise<Told | undefined>

interface Stream {
  out: ReadableStreamDefaultController<Uint8Array>
  behindSince: number | undefined
  onEnd(): void
}

const encoder = new TextEncoder()
const heartbeat = encoder.encode(':\n\n')
const retry = encoder.encode(`retry: ${retryMs}\n\n`)

function send(stream: Stream, chunk: Uint8Array) {
  if ((stream.out.desiredSize ?? 0) > -behindChunksMax) stream.out.enqueue(chunk)
  else stream.behindSince ??= performance.now()
}

/** Differs for each, so that they do not come back all at once. */
function comeBackLater(): Uint8Array {
  const wait = comeBackMs.min + Math.random() * (comeBackMs.max - comeBackMs.min)
  return encoder.encode(`retry: ${Math.round(wait)}\n\n`)
}

interface Event {
  id: string
  chunk: Uint8Array
}

/** The streams of one subject; each event is encoded once for all of them. */
function createAudience() {
  const streams = new Set<Stream>()
  let last: Event | undefined

  function finish(stream: Stream) {
    stream.out.close()
    leave(stream)
  }

  function leave(stream: Stream) {
    if (streams.delete(stream)) stream.onEnd()
  }

  const beat = setInterval(() => {
    const tooLong = performance.now() - behindMsMax
    for (const stream of streams) {
      if (stream.behindSince === undefined) send(stream, heartbeat)
      else if (stream.behindSince < tooLong) finish(stream)
    }
  }, heartbeatMs)

  return {
    size: () => streams.size,
    /** Tells all who listen, if it is not what they know. */
    tell(data: string) {
      const id = Bun.hash(data).toString(36)
      if (last?.id === id) return
      last = { id, chunk: encoder.encode(`id: ${id}\ndata: ${data}\n\n`) }
      for (const stream of streams) send(stream, last.chunk)
    },
    join(lastId: string | undefined, onEnd: () => void): ReadableStream<Uint8Array> {
      let stream: Stream
      return new ReadableStream<Uint8Array>({
        start(out) {
          stream = { out, behindSince: undefined, onEnd }
          streams.add(stream)
          out.enqueue(retry)
          if (last && last.id !== lastId) out.enqueue(last.chunk)
        },
        pull(out) {
          if (stream.behindSince === undefined || !last) return
          stream.behindSince = undefined
          out.enqueue(last.chunk)
        },
        cancel: () => leave(stream),
      })
    },
    end({ comeBack }: { comeBack: boolean }) {
      for (const stream of streams) {
        if (comeBack) stream.out.enqueue(comeBackLater())
        finish(stream)
      }
    },
    stop: () => clearInterval(beat),
  }
}

export type LiveSubject = ReturnType<typeof createSubject>

/** One subject and all who listen to it: each change is read once, however many they are. */
export function createSubject(read: ReadSubject, log: Log) {
  const audience = createAudience()
  let state: 'open' | 'none' | 'over' | undefined
  let reading: Promise<void> | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let due: Timer | undefined

  function readOnce(): Promise<void> {
    readAt = performance.now()
    reading ??= update().finally(() => {
      reading = undefined
    })
    return reading
  }

  async function update(): Promise<void> {
    const told = await read()
    state = told ? (told.isOver ? 'over' : 'open') : 'none'
    if (told) audience.tell(told.data)
    if (state !== 'open') audience.end({ comeBack: false })
  }

  function touch(waitMs = readAt + readEveryMs - performance.now()) {
    due ??= setTimeout(async () => {
      // One that was under way may have begun before the change.
      await reading?.catch(() => {})
      due = undefined
      await readOnce().catch((error: unknown) => {
        log.warn('what is told live could not be read', { error: describeError(error) })
        if (audience.size() > 0) touch(failedReadMs)
      })
    }, waitMs)
  }

  return {
    size: audience.size,
    /** For a reader who has had the event `lastId` before; `onEnd` hears that they have left. */
    join: audience.join,
    /** Reads soon, and tells all who listen if it is not what it was. */
    touch: () => touch(),
    /** Whether there is anything to be told. Throws what reading it throws. */
    async state(): Promise<'open' | 'none' | 'over'> {
      if (!state) await readOnce()
      return state ?? 'none'
    },
    /** Ends all streams, and says to each when to come back. */
    end: () => audience.end({ comeBack: true }),
    stop() {
      audience.stop()
      clearTimeout(due)
    },
  }
}
