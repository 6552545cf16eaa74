import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask } from '#server/ask'

const program = join(import.meta.dir, 'tiny-server.ts')

export interface TinyServer {
  pid: number
  port: number
  /** Sockets are in `run`; the whole goes with `stop`. */
  directory: string
  exited: Promise<number>
  /** Standard error so far. */
  errors(): string
  /** Makes workers started from now on misbehave; see tiny-server.ts. */
  setMode(mode: string): void
  signal(name: NodeJS.Signals): void
  /** Pids that answer on the TCP port, asked `times` over. */
  pids(times?: number): Promise<Set<number>>
  stop(): Promise<void>
}

export function freePort(): number {
  const taken = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = taken
  taken.stop(true)
  return port
}

interface TinyServerOptions {
  workers?: number
  drainSeconds?: number
  mode?: string
  /** It compiled; otherwise from its source. */
  executable?: string
  /** Resolve without waiting for it to be ready. */
  eager?: boolean
}

/** Starts the tiny server on TCP and Unix sockets at once, as its own processes. */
export async function startTinyServer(options: TinyServerOptions = {}): Promise<TinyServer> {
  const directory = mkdtempSync(join(tmpdir(), 'tiny-'))
  const port = freePort()
  const setMode = (mode: string) => writeFileSync(join(directory, 'mode'), mode)
  setMode(options.mode ?? '')
  const { executable } = options
  const child = Bun.spawn(executable ? [executable] : [process.execPath, program], {
    env: {
      PATH: process.env['PATH'],
      JUMPSTARTER_DATA: directory,
      JUMPSTARTER_LISTEN: `tcp:127.0.0.1:${port},unix:${join(directory, 'run')}`,
      JUMPSTARTER_WORKERS: String(options.workers ?? 2),
      JUMPSTARTER_DRAIN_SECONDS: String(options.drainSeconds ?? 5),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  const reading = readInto(child.stderr, (text) => {
    errors += text
  })
  if (!options.eager) await firstLine(child.stdout, () => errors)
  return {
    pid: child.pid,
    port,
    directory,
    exited: child.exited,
    errors: () => errors,
    setMode,
    signal: (name) => child.kill(name),
    pids: async (times = 40) => {
      const asked = Array.from({ length: times }, () => ask({ host: '127.0.0.1', port }, '/'))
      return new Set((await Promise.all(asked)).map(({ body }) => Number(body)))
    },
    stop: async () => {
      child.kill('SIGTERM')
      await child.exited
      await reading
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function readInto(
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder()
  for await (const chunk of stream) onText(decoder.decode(chunk, { stream: true }))
}

async function firstLine(stream: ReadableStream<Uint8Array>, errors: () => string): Promise<void> {
  for await (const _ of stream) return
  throw new Error(`the tiny server ended: ${errors()}`)
}

/** Tries `check` until it holds. Throws what it threw last when the time is over. */
export async function eventually(check: () => void | Promise<void>, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await Bun.sleep(25)
  }
}

/** Whether the process runs; one that has ended and is not reaped yet does not. */
export function isAlive(pid: number): boolean {
  const stat = join('/proc', String(pid), 'stat')
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'))
}

/** Pids of the workers of a supervisor, ready or not. */
export function childPids(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children.split(' ').filter(Boolean).map(Number)
}
