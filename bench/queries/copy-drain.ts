import { connectionOptions } from '#db/client'

/** A bare connection that takes what Postgres sends and throws it away unread. */
export interface Drain {
  /** Runs `COPY (select) TO STDOUT`, as fast as a client can take it. */
  copy(select: string): Promise<{ rows: number; ms: number }>
  close(): void
}

const startupVersion = 196_608
const headerBytes = 5
const tailBytes = 64
const authentication = 0x52
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5])

/**
 * Connects without a password: undefined where Postgres asks for one or cannot be reached this way,
 * and where the connection is encrypted.
 */
export async function openDrain(url: string): Promise<Drain | undefined> {
  const { path, host, port, user, database, ssl } = connectionOptions(url)
  if (ssl) return undefined
  // Of everything received only the end is looked at: it says how many rows there were.
  let tail: Buffer<ArrayBufferLike> = Buffer.alloc(0)
  let waiting = Promise.withResolvers<string | undefined>()
  const socket: Bun.SocketHandler = {
    data(_, chunk) {
      if (tail.length === 0 && asksForPassword(chunk)) waiting.resolve(undefined)
      tail = Buffer.concat([tail, chunk.subarray(-tailBytes)]).subarray(-tailBytes)
      // In rows no byte is zero, so that this is none of them.
      const ended = tail.subarray(-headerBytes - 1, -1).equals(readyForQuery)
      if (ended) waiting.resolve(tail.toString('latin1'))
    },
    close: () => waiting.resolve(undefined),
    error: () => waiting.resolve(undefined),
  }
  const connecting = path
    ? Bun.connect({ unix: path, socket })
    : Bun.connect({ hostname: String(host), port: Number([port].flat()[0]), socket })
  const connection = await connecting.catch(() => undefined)
  if (!connection) return undefined
  connection.write(startup(String(user), String(database)))
  if ((await waiting.promise) === undefined) {
    connection.end()
    return undefined
  }
  return {
    copy: async (select) => {
      tail = Buffer.alloc(tailBytes)
      waiting = Promise.withResolvers()
      const startedAt = performance.now()
      connection.write(message('Q', `copy (${select}) to stdout\0`))
      const rows = /COPY (\d+)\0/.exec((await waiting.promise) ?? '')?.[1]
      if (rows === undefined) throw new Error(`COPY failed: ${select}`)
      return { rows: Number(rows), ms: performance.now() - startedAt }
    },
    close: () => connection.end(),
  }
}

/** Any kind of authentication but the one that is over at once. */
const asksForPassword = (chunk: Buffer) =>
  chunk[0] === authentication && chunk.readInt32BE(headerBytes) !== 0

function message(kind: string, body: string): Buffer {
  const content = Buffer.from(body)
  const head = Buffer.alloc(headerBytes)
  head.write(kind)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

function startup(user: string, database: string): Buffer {
  const content = Buffer.from(`user\0${user}\0database\0${database}\0\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(content.length + 8, 0)
  head.writeInt32BE(startupVersion, 4)
  return Buffer.concat([head, content])
}
