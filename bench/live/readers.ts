import { CommandError } from '#lib/errors'
import type { Message } from './latency'

export interface Readers {
  messages(): Message[]
  /** How many hang up on us, or answered with something else than a stream. */
  lost(): number
  close(): void
}

interface Options {
  port: number
  path: string
  count: number
  signal: AbortSignal
  report(open: number): void
}

/** As many as open at once: a listener's backlog is finite. */
const openingMax = 256
const openDeadlineMs = 30_000
/** Each counts as somebody else's: one address may have 200 streams. */
const readersPerAddress = 100

const addressOf = (reader: number) => {
  const address = Math.floor(reader / readersPerAddress)
  return `198.18.${address >> 8}.${address & 255}`
}

/** Opens streams, each over a connection of its own, and waits until each has its first event. */
export async function openReaders(options: Options): Promise<Readers> {
  const { count, signal, report } = options
  const messages: Message[] = []
  const sockets: Bun.Socket[] = []
  let lost = 0
  const close = () => {
    for (const socket of sockets) socket.terminate()
  }
  const onLost = () => {
    lost += 1
  }
  try {
    for (let open = 0; open < count; open += openingMax) {
      signal.throwIfAborted()
      const batch = Math.min(openingMax, count - open)
      const opening = Array.from({ length: batch }, (_, index) =>
        openReader(options, open + index, messages, onLost),
      )
      sockets.push(...(await Promise.all(opening)))
      report(open + batch)
    }
  } catch (error) {
    close()
    throw error
  }
  return { messages: () => messages, lost: () => lost, close }
}

async function openReader(
  { port, path }: Options,
  reader: number,
  messages: Message[],
  onLost: () => void,
): Promise<Bun.Socket> {
  const first = Promise.withResolvers<void>()
  const refuse = (reason: string) =>
    first.reject(new CommandError(`Stream ${reader + 1} was not opened: ${reason}`))
  let isOpen = false
  let rest = ''
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data(_, bytes) {
        const at = performance.now()
        const text = rest + bytes.toString('latin1')
        if (!isOpen && !text.startsWith('HTTP/1.1 200 ')) return refuse(text.slice(0, 40))
        const end = text.lastIndexOf('\n\n')
        rest = text.slice(end + 1)
        // Of several at once the latest is all that anybody sees.
        const total = /.*"pledged":(\d+)/s.exec(text.slice(0, Math.max(0, end)))?.[1]
        if (total === undefined) return
        if (isOpen) messages.push({ reader, total: Number(total), at })
        isOpen = true
        first.resolve()
      },
      close() {
        if (isOpen) onLost()
        else refuse('the server hung up')
      },
      connectError: (_, error) => refuse(error.message),
    },
  })
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n` +
      `X-Forwarded-For: ${addressOf(reader)}\r\n\r\n`,
  )
  const deadline = setTimeout(() => refuse('no event came'), openDeadlineMs)
  try {
    await first.promise
    return socket
  } catch (error) {
    socket.terminate()
    throw error
  } finally {
    clearTimeout(deadline)
  }
}
