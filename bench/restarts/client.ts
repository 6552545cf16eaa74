import type { Upstream } from '#server/proxies/upstreams'

// Sockets of our own: an HTTP client may repeat a request on its own, and wrk and h2load take
// a connection that is closed without an answer for the end of one, or give it up for good.

/** How a request can end without a whole successful answer. */
export const failureKinds = ['refused', 'unanswered', 'cut', 'status', 'late'] as const
export type FailureKind = (typeof failureKinds)[number]

/** What became of the requests: every one is in exactly one of the counts. */
export interface Outcomes {
  /** Answered with success, to the last byte. */
  answered: number
  /** Of those on a connection that had served another before. */
  failedKept: Record<FailureKind, number>
  /** Of those for which a connection was opened. */
  failedAnew: Record<FailureKind, number>
  /** Milliseconds from asking, connecting included, to the last byte of the answered ones. */
  latenciesMs: number[]
  /** The longest time without any answer, from the first request on. */
  longestGapMs: number
}

export interface ClientsOptions {
  /** Clients are dealt to these in turns. */
  targets: readonly Upstream[]
  /** Half of them, at least, keep their connection; the others open one for each request. */
  clients: number
  /** The address of the next request. */
  drawPath(): string
  signal: AbortSignal
  /** Who waits longer has failed; ten seconds, which is usual. */
  lateMs?: number
}

export interface Clients {
  /** So far, since the start or the last `take`. */
  requests(): number
  /** The outcomes since the start or the last `take`, and begins new ones. */
  take(): Outcomes
  /** Resolves when the requests in flight have ended. */
  stop(): Promise<void>
}

// Longer than any drain or failover.
const usualLateMs = 10_000
// So that clients who are refused at once do not take the processor from the server.
const refusedPauseMs = 1

const none = (): Record<FailureKind, number> => ({
  refused: 0,
  unanswered: 0,
  cut: 0,
  status: 0,
  late: 0,
})

const noOutcomes = (): Outcomes => ({
  answered: 0,
  failedKept: none(),
  failedAnew: none(),
  latenciesMs: [],
  longestGapMs: 0,
})

export const failed = ({ failedKept, failedAnew }: Outcomes): number =>
  failureKinds.reduce((sum, kind) => sum + failedKept[kind] + failedAnew[kind], 0)

/** Starts clients who ask one request after the other, and never repeat one. */
export function startClients(options: ClientsOptions): Clients {
  const { targets, clients, drawPath, signal, lateMs = usualLateMs } = options
  let outcomes = noOutcomes()
  let lastAnswerAt = performance.now()
  let running = true

  async function run(index: number): Promise<void> {
    const keeps = Math.floor(index / targets.length) % 2 === 0
    const line = openLine(targets[index % targets.length] as Upstream, keeps, lateMs)
    while (running && !signal.aborted) {
      const kept = line.isOpen()
      const askedAt = performance.now()
      const end = await line.ask(drawPath())
      const now = performance.now()
      if (end === 'answered') {
        outcomes.answered++
        outcomes.latenciesMs.push(now - askedAt)
        outcomes.longestGapMs = Math.max(outcomes.longestGapMs, now - lastAnswerAt)
        lastAnswerAt = now
      } else {
        const counts = kept ? outcomes.failedKept : outcomes.failedAnew
        counts[end]++
        if (end === 'refused') await Bun.sleep(refusedPauseMs)
      }
    }
    line.close()
  }

  const ended = Promise.all(Array.from({ length: clients }, (_, index) => run(index)))
  return {
    requests: () => outcomes.answered + failed(outcomes),
    take: () => {
      const taken = outcomes
      // An outage that lasts to this moment has no answer yet to end it.
      const gapMs = performance.now() - lastAnswerAt
      outcomes = noOutcomes()
      return { ...taken, longestGapMs: Math.max(taken.longestGapMs, gapMs) }
    },
    stop: async () => {
      running = false
      await ended
    },
  }
}

type End = 'answered' | FailureKind

interface Line {
  isOpen(): boolean
  ask(path: string): Promise<End>
  close(): void
}

/** One client's connection, opened when there is none. */
function openLine(target: Upstream, keeps: boolean, lateMs: number): Line {
  const connection = keeps ? '' : 'Connection: close\r\n'
  let socket: Bun.Socket<undefined> | undefined
  let question = ''
  let answer = Buffer.alloc(0)
  let settle: ((end: End) => void) | undefined

  const end = (how: End) => {
    settle?.(how)
    settle = undefined
  }
  const hangUp = () => {
    const closing = socket
    socket = undefined
    closing?.end()
  }
  const lost = (of: Bun.Socket<undefined>) => {
    if (of !== socket) return
    socket = undefined
    end(answer.length === 0 ? 'unanswered' : 'cut')
  }
  const handlers: Bun.SocketHandler<undefined> = {
    open: (opened) => {
      // Whoever has waited too long has given it up.
      if (!settle || socket) return void opened.end()
      socket = opened
      opened.write(question)
    },
    data: (from, bytes) => {
      if (from !== socket) return
      answer = answer.length === 0 ? Buffer.from(bytes) : Buffer.concat([answer, bytes])
      const read = readAnswer(answer)
      if (read === undefined) return
      if (!keeps || read.closes) hangUp()
      end(read.status === 200 ? 'answered' : 'status')
    },
    end: lost,
    close: lost,
    error: lost,
  }
  const connect = () =>
    target.kind === 'unix'
      ? Bun.connect({ unix: target.path, socket: handlers })
      : Bun.connect({ hostname: target.host, port: target.port, socket: handlers })
  return {
    isOpen: () => socket !== undefined,
    close: hangUp,
    ask: async (path) => {
      const { promise, resolve } = Promise.withResolvers<End>()
      settle = resolve
      question = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n${connection}\r\n`
      answer = Buffer.alloc(0)
      const late = setTimeout(() => {
        hangUp()
        end('late')
      }, lateMs)
      if (socket) socket.write(question)
      else connect().catch(() => end('refused'))
      const how = await promise
      clearTimeout(late)
      return how
    },
  }
}

const endOfHead = Buffer.from('\r\n\r\n')
const lastChunk = Buffer.from('\r\n0\r\n\r\n')

/** Undefined until the answer is whole. Nothing follows it: each waits for the one before. */
export function readAnswer(bytes: Buffer): { status: number; closes: boolean } | undefined {
  const headLength = bytes.indexOf(endOfHead)
  if (headLength === -1) return undefined
  const head = bytes.toString('latin1', 0, headLength)
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  const whole =
    length === undefined
      ? bytes.subarray(-lastChunk.length).equals(lastChunk)
      : bytes.length >= headLength + endOfHead.length + Number(length)
  if (!whole) return undefined
  return { status: Number(head.slice(9, 12)), closes: /^connection: *close/im.test(head) }
}
