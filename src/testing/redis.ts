import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackages } from './packages'
import { eventually, freePort } from './start-tiny-server'

export interface TestRedis {
  /** `redis://…` over TCP. */
  url: string
  /** `unix://…`, the same server. */
  socketUrl: string
  port: number
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** What `redis-cli` prints for a command. Throws when the server refuses it. */
  command(...words: string[]): Promise<string>
  /** Kills it, as a crash would. What it kept is gone. */
  kill(): Promise<void>
  /** After `kill`, on the same addresses. */
  start(): Promise<void>
  /** Ends it and removes its files. */
  close(): Promise<void>
}

const startTimeoutMs = 10_000

/** A real Redis of its own on a TCP port and a Unix socket, which keeps nothing on disk. */
export async function startRedis(password?: string): Promise<TestRedis> {
  // One package has both.
  await installPackages({ 'redis-server': 'redis-server' })
  const port = freePort()
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-redis-'))
  const socket = join(directory, 'redis.sock')
  const settings = { bind: '127.0.0.1', port, unixsocket: socket, dir: directory, save: '' }
  const all = Object.entries(password ? { ...settings, requirepass: password } : settings)
  const words = all.flatMap(([name, value]) => [`--${name}`, String(value)])
  const spawn = () => Bun.spawn(['redis-server', ...words], { stdout: 'ignore', stderr: 'ignore' })
  let child = spawn()

  const command = async (...asked: string[]) => {
    const secret = password ? ['--no-auth-warning', '-a', password] : []
    const client = Bun.spawn(['redis-cli', '-e', '-s', socket, ...secret, ...asked], {
      stderr: 'pipe',
    })
    const [out, error] = [client.stdout, client.stderr].map((from) => new Response(from).text())
    if ((await client.exited) !== 0) throw new Error(`redis-cli: ${await out}${await error}`)
    return ((await out) ?? '').trim()
  }
  const answers = () => eventually(async () => void (await command('ping')), startTimeoutMs)
  const kill = async () => {
    child.kill('SIGKILL')
    await child.exited
  }
  await answers()
  return {
    url: `redis://${password ? `:${password}@` : ''}127.0.0.1:${port}`,
    socketUrl: `unix://${password ? `:${password}@` : ''}${socket}`,
    port,
    command,
    kill,
    signal: (name) => child.kill(name),
    start: async () => {
      child = spawn()
      await answers()
    },
    close: async () => {
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
