import type { Address } from '#server/ask'
import { type Answer, newAnswer, takePart } from '../sockets/answer'
import type { GeneratorOrder, Outcome } from './order'
import type { Kind, Request } from './requests'

/** A request that has come to its end. */
export interface Ended {
  at: number
  kind: Kind
  outcome: Outcome
  ms: number
  /** Of its answer. */
  bytes: number
  /** How a wrong answer begins. */
  words: string
}

export interface Lines {
  /** Asks over a connection that is free, or a new one; when there are too many, over the next. */
  ask(kind: Kind, request: Request, at: number): void
  inFlight(): number
  /** Ends those whose patience is over; to be called often. */
  hangUpLate(): void
  /** The most connections that were open at once. */
  opened(): number
  /** Requests that had to wait for one. */
  waited(): number
  close(): void
}

interface Flight {
  at: number
  kind: Kind
  request: Request
  line: Line | undefined
  /** They have hung up. */
  isOver: boolean
}

interface Line {
  socket: Bun.Socket<Line> | undefined
  flight: Flight | undefined
  answer: Answer
  bytes: number
}

const wordsMax = 80

/** Connections that are kept, as those of a proxy; `clock` is in milliseconds. */
export function openLines(
  { addresses, connectionsMax, patienceMs }: GeneratorOrder,
  clock: () => number,
  take: (ended: Ended) => void,
): Lines {
  const flights = new Set<Flight>()
  const pool = openPool(addresses, (line, part) => arrived(line, part), lost)

  function end(flight: Flight, outcome: Outcome, words = '') {
    if (!flights.delete(flight)) return
    const { at, kind, line } = flight
    take({ at, kind, outcome, ms: clock() - at, bytes: line?.bytes ?? 0, words })
  }

  function lost(line: Line) {
    const { flight } = line
    pool.drop(line)
    if (flight) end(flight, 'wrong', 'the connection was closed')
  }

  function arrived(line: Line, part: Uint8Array) {
    const { flight, answer } = line
    if (!flight) return
    line.bytes += part.length
    const isWhole = takePart(answer, part) === 'whole'
    const { request } = flight
    if (request.holdMs !== undefined && answer.status === 200) {
      // It is right as soon as it begins; then somebody watches for a while.
      end(flight, 'right')
      line.flight = undefined
      setTimeout(() => pool.drop(line), request.holdMs)
      return
    }
    if (!isWhole) return
    const outcome = outcomeOf(request, answer)
    end(flight, outcome, `${answer.status} ${(answer.body ?? answer.head).slice(0, wordsMax)}`)
    if (/^connection: *close/im.test(answer.head)) pool.drop(line)
    else pool.release(line)
  }

  return {
    ask: (kind, request, at) => {
      const flight: Flight = { at, kind, request, line: undefined, isOver: false }
      flights.add(flight)
      pool.send(flight, connectionsMax)
    },
    inFlight: () => flights.size,
    hangUpLate: () => {
      const now = clock()
      for (const flight of flights) {
        // They stand in the order in which they came.
        if (now - flight.at < patienceMs) break
        flight.isOver = true
        end(flight, 'gone')
        if (flight.line) pool.drop(flight.line)
      }
    },
    opened: pool.opened,
    waited: pool.waited,
    close: pool.close,
  }
}

/** Connections, and those who wait for one. */
function openPool(
  addresses: Address[],
  arrived: (line: Line, part: Uint8Array) => void,
  lost: (line: Line) => void,
) {
  const free: Line[] = []
  const open = new Set<Line>()
  const queue = createQueue()
  let [most, waited, turn] = [0, 0, 0]

  function write(line: Line, flight: Flight) {
    flight.line = line
    line.flight = flight
    line.answer = newAnswer()
    if (flight.request.readsBody) line.answer.body = ''
    line.bytes = 0
    // Larger than a socket's buffer is none of them.
    line.socket?.write(flight.request.bytes)
  }

  function drop(line: Line) {
    if (!open.delete(line)) return
    line.flight = undefined
    line.socket?.terminate()
    const at = free.indexOf(line)
    if (at !== -1) free.splice(at, 1)
    const next = queue.next()
    if (next) connect(next)
  }

  const end = ({ data }: Bun.Socket<Line>) => (open.has(data) ? lost(data) : undefined)
  const handlers: Bun.SocketHandler<Line> = {
    open: (socket) => {
      const line = socket.data
      line.socket = socket
      if (!open.has(line)) socket.terminate()
      else if (line.flight) write(line, line.flight)
    },
    data: (socket, part) => arrived(socket.data, part),
    ...{ end, close: end, error: end, connectError: end },
  }

  function connect(flight: Flight) {
    const line: Line = { socket: undefined, flight, answer: newAnswer(), bytes: 0 }
    flight.line = line
    open.add(line)
    most = Math.max(most, open.size)
    const address = addresses[turn++ % addresses.length] as Address
    const around = { socket: handlers, data: line }
    const connecting =
      'socketPath' in address
        ? Bun.connect({ unix: address.socketPath, ...around })
        : Bun.connect({ hostname: address.host, port: address.port, ...around })
    connecting.catch(() => (open.has(line) ? lost(line) : undefined))
  }

  return {
    drop,
    send: (flight: Flight, connectionsMax: number) => {
      const line = free.pop()
      if (line) return write(line, flight)
      if (open.size < connectionsMax) return connect(flight)
      waited += 1
      queue.add(flight)
    },
    release: (line: Line) => {
      line.flight = undefined
      const next = queue.next()
      if (next) write(line, next)
      else free.push(line)
    },
    opened: () => most,
    waited: () => waited,
    close: () => {
      for (const line of [...open]) {
        open.delete(line)
        line.socket?.terminate()
      }
    },
  }
}

/** Who waits for a connection, without those who have hung up meanwhile. */
function createQueue() {
  let flights: Flight[] = []
  let head = 0
  return {
    add: (flight: Flight) => flights.push(flight),
    next: (): Flight | undefined => {
      while (head < flights.length) {
        const flight = flights[head++] as Flight
        if (!flight.isOver) return flight
      }
      flights = []
      head = 0
      return undefined
    },
  }
}

function outcomeOf(request: Request, answer: Answer): Outcome {
  // Programs and people are told when to come back; a limit of theirs would be something else.
  if (answer.status === 503) return /^retry-after: *\d/im.test(answer.head) ? 'refused' : 'wrong'
  return request.isRight(answer) ? 'right' : 'wrong'
}
