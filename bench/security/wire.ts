import { connect, type Socket } from 'node:net'
import type { Address } from '#server/ask'

// Bytes as they are written: an HTTP client mends what it is given, and here that is the point.

export interface Answer {
  status: number
  /** By name in lower case. */
  headers: Map<string, string>
  body: Buffer
  /** As they came: status line and headers. */
  head: string
}

export interface Wire {
  /** Sends one request; undefined when the connection ends without a whole answer to it. */
  ask(bytes: Uint8Array, method: string): Promise<Answer | undefined>
  close(): void
}

const patienceMs = 20_000
const headEnd = Buffer.from('\r\n\r\n')

/** A kept connection, opened anew when the other side has closed it. */
export function openWire(address: Address): Wire {
  let socket: Socket | undefined
  let bytes = Buffer.alloc(0)
  let hear: (() => void) | undefined
  let isClosed = true

  const open = () => {
    bytes = Buffer.alloc(0)
    isClosed = false
    const opened = connectTo(address)
    socket = opened
    opened.on('data', (part: Buffer) => {
      bytes = Buffer.concat([bytes, part])
      hear?.()
    })
    const closed = () => {
      if (socket !== opened) return
      isClosed = true
      hear?.()
    }
    opened.on('error', closed)
    opened.on('close', closed)
  }
  const close = () => {
    isClosed = true
    socket?.destroy()
    socket = undefined
  }
  return {
    close,
    ask: async (request, method) => {
      if (isClosed) open()
      socket?.write(request)
      const late = setTimeout(() => {
        isClosed = true
        hear?.()
      }, patienceMs)
      const answer = await new Promise<Answer | undefined>((resolve) => {
        hear = () => {
          const read = takeAnswer(bytes, method === 'HEAD', isClosed)
          if (read) bytes = bytes.subarray(read.length)
          if (read || isClosed) resolve(read?.answer)
        }
        hear()
      })
      clearTimeout(late)
      hear = undefined
      if (answer === undefined || /^close$/i.test(answer.headers.get('connection') ?? '')) close()
      return answer
    },
  }
}

export interface Exchange {
  answers: Answer[]
  /** The other side has ended the connection. */
  isClosed: boolean
}

/** Sends all at once and listens until the connection ends or nothing has come for `quietMs`. */
export function exchange(address: Address, request: Uint8Array, quietMs: number) {
  return new Promise<Exchange>((resolve) => {
    const socket = connectTo(address)
    let bytes = Buffer.alloc(0)
    const end = (isClosed: boolean) => {
      clearTimeout(quiet)
      socket.destroy()
      resolve({ answers: takeAnswers(bytes), isClosed })
    }
    let quiet = setTimeout(() => end(false), patienceMs)
    const listen = () => {
      clearTimeout(quiet)
      quiet = setTimeout(() => end(false), quietMs)
    }
    socket.on('connect', () => {
      socket.write(request)
      listen()
    })
    socket.on('data', (part: Buffer) => {
      bytes = Buffer.concat([bytes, part])
      listen()
    })
    socket.on('error', () => end(true))
    socket.on('close', () => end(true))
  })
}

const connectTo = (address: Address): Socket =>
  'socketPath' in address
    ? connect({ path: address.socketPath })
    : connect({ host: address.host, port: address.port })

function takeAnswers(bytes: Buffer): Answer[] {
  const answers: Answer[] = []
  let rest = bytes
  for (;;) {
    const read = takeAnswer(rest, false, true)
    if (!read) return answers
    answers.push(read.answer)
    rest = rest.subarray(read.length)
  }
}

/** The first answer and its length with everything; undefined until it is whole. */
export function takeAnswer(
  bytes: Buffer,
  isHead: boolean,
  isClosed: boolean,
): { answer: Answer; length: number } | undefined {
  const end = bytes.indexOf(headEnd)
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0)
  const from = end + headEnd.length
  // An interim answer, which the other one follows.
  if (status >= 100 && status < 200) {
    const read = takeAnswer(bytes.subarray(from), isHead, isClosed)
    return read && { ...read, length: read.length + from }
  }
  const headers = headersOf(head)
  const made = (body: Buffer, length: number) => ({
    answer: { status, headers, body, head },
    length: from + length,
  })
  if (isHead || status === 204 || status === 304) return made(Buffer.alloc(0), 0)
  if (/chunked/i.test(headers.get('transfer-encoding') ?? '')) {
    const read = takeChunks(bytes.subarray(from))
    return read && made(read.body, read.length)
  }
  const told = headers.get('content-length')
  const there = bytes.length - from
  if (told === undefined) return isClosed ? made(bytes.subarray(from), there) : undefined
  const length = Number(told)
  return there >= length ? made(bytes.subarray(from, from + length), length) : undefined
}

function takeChunks(bytes: Buffer): { body: Buffer; length: number } | undefined {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const next = lineEnd + 2 + size + 2
    if (Number.isNaN(size) || bytes.length < next) return undefined
    if (size === 0) return { body: Buffer.concat(parts), length: next }
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = next
  }
}

function headersOf(head: string): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of head.split('\r\n').slice(1)) {
    const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/.exec(line) ?? []
    headers.set(name.toLowerCase(), value)
  }
  return headers
}
