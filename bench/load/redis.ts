import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import { findInstrument } from './instruments'
import { endProcess } from './processes'

const readyDeadlineMs = 10_000
const pollMs = 20

export interface OwnRedis {
  /** `unix:///…`. */
  url: string
  /** `redis://127.0.0.1:PORT`, where it was started with a port. */
  tcpUrl: string | undefined
  pid: number
  /** Ends it; nothing of what it held is kept. */
  stop(): Promise<void>
}

/** A Redis of one's own on a Unix socket and, if given, a port of 127.0.0.1, in memory alone. */
export async function startRedis(signal: AbortSignal, port?: number): Promise<OwnRedis> {
  signal.throwIfAborted()
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-redis-'))
  const socket = join(directory, 'redis.sock')
  const words = [
    ...['--bind', '127.0.0.1', '--port', `${port ?? 0}`, '--unixsocket', socket],
    ...['--save', '', '--appendonly', 'no'],
  ]
  const child = Bun.spawn([findInstrument('redis-server') ?? 'redis-server', ...words], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const stop = async () => {
    await endProcess(child)
    await rm(directory, { recursive: true, force: true })
  }
  const tcpUrl = port === undefined ? undefined : `redis://127.0.0.1:${port}`
  const deadline = performance.now() + readyDeadlineMs
  const runs = () => child.exitCode === null && child.signalCode === null
  while (performance.now() < deadline && runs() && !signal.aborted) {
    if (await answers(socket)) return { url: `unix://${socket}`, tcpUrl, pid: child.pid, stop }
    await Bun.sleep(pollMs)
  }
  await stop()
  signal.throwIfAborted()
  throw new CommandError('redis-server did not start.')
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket)
    connection.on('connect', () => connection.write('PING\r\n'))
    connection.on('data', (data) => {
      connection.destroy()
      resolve(String(data).startsWith('+PONG'))
    })
    connection.on('error', () => resolve(false))
  })
}
