import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { within } from '#lib/within'
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
  await installRedis()
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

const installTimeoutMs = 150_000

/** A new machine of the CI has none. */
async function installRedis(): Promise<void> {
  if (Bun.which('redis-server') && Bun.which('redis-cli')) return
  const missing = 'These tests need a Redis: install it with `apt-get install redis-server`.'
  if (process.getuid?.() !== 0 || !Bun.which('apt-get')) throw new Error(missing)
  // The package starts a service of its own, which nobody has asked for.
  const script = `set -e
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=60 redis-server
    if [ -d /run/systemd/system ]; then systemctl disable --now redis-server; fi`
  const child = Bun.spawn(['sh', '-c', script], { stdout: 'pipe', stderr: 'pipe' })
  const errors = new Response(child.stderr).text()
  void new Response(child.stdout).text()
  if (!(await within(child.exited, installTimeoutMs))) child.kill()
  if ((await child.exited) !== 0) throw new Error(`${missing} It failed: ${await errors}`)
}
