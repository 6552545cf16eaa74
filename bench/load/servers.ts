import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CommandError } from '#lib/errors'
import { type Address, ask } from '#server/ask'
import { endProcess, processTree } from './processes'

const root = resolve(import.meta.dir, '..', '..')
const readyDeadlineMs = 60_000
const pollMs = 20
const drainSeconds = 2
const lastWordsCharactersMax = 2_000
// Whatever the executable is made from.
const sources = ['src', 'drizzle', 'seed', 'package.json', 'bun.lock']

export type Transport = 'tcp' | 'unix'

/** How our server is started. */
export interface OurSettings {
  /** The executable; without it the checkout. */
  executable?: string | undefined
  databaseUrl: string
  workers: number
  /** React and everything else in development mode; the executable is always in production. */
  development?: boolean
  /** Without it every page is made anew. */
  pageCache: boolean
  /** Memory of each worker for its pages; otherwise as much as it usually takes. */
  pageCacheMb?: number | undefined
  redisUrl?: string | undefined
  /** The site's address in its pages; otherwise its own port, so that no two have the same pages. */
  baseUrl?: string | undefined
  /** A TCP port (which is usual), Unix sockets, one for each worker, or both at once. */
  transports?: readonly Transport[]
  /** Elsewhere than on a free port of 127.0.0.1: the words that lead into the network of `host`. */
  at?: { host: string; port: number; within: readonly string[] } | undefined
  /** Further settings. */
  environment?: Record<string, string>
  /** Hears what it logs. */
  hear?(text: string): void
}

export interface OurServer {
  /** `http://127.0.0.1:PORT`; of a server on Unix sockets only the name of the host. */
  origin: string
  /** Where single questions go. */
  address: Address
  /** One for each worker; none over TCP. */
  sockets: string[]
  /** The supervisor and its workers. */
  pids(): number[]
  stop(): Promise<void>
}

/** A TCP port of this machine that was free a moment ago. */
export async function freePort(): Promise<number> {
  return freePorts(1)[0] as number
}

/** TCP ports that were free a moment ago, all different. */
export function freePorts(count: number): number[] {
  const taken = Array.from({ length: count }, () =>
    Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } }),
  )
  const ports = taken.map(({ port }) => port)
  for (const each of taken) each.stop(true)
  return ports
}

/** Starts `jumpstarter serve` and waits until all its workers serve. */
export async function startOurs(settings: OurSettings, signal: AbortSignal): Promise<OurServer> {
  signal.throwIfAborted()
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-load-'))
  const { transports = ['tcp'], at } = settings
  const { host, port } = at ?? { host: '127.0.0.1', port: await freePort() }
  const listeners = { tcp: `tcp:${host}:${port}`, unix: `unix:${directory}` }
  const listen = transports.flatMap((transport) => ['--listen', listeners[transport]])
  const command = settings.executable
    ? [settings.executable]
    : [process.execPath, join(root, 'src', 'main.ts')]
  const child = Bun.spawn([...(at?.within ?? []), ...command, 'serve', ...listen], {
    cwd: directory,
    env: environmentOf(settings, directory),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const sockets = transports.includes('unix')
    ? Array.from({ length: settings.workers }, (_, index) => join(directory, `${index}.sock`))
    : []
  const address =
    sockets[0] && !transports.includes('tcp') ? { socketPath: sockets[0] } : { host, port }
  const stop = async () => {
    await endProcess(child)
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await untilReady(child, address, { signal, hear: settings.hear })
  } catch (error) {
    await stop()
    throw error
  }
  const origin = `http://${host}:${port}`
  return { origin, address, sockets, pids: () => processTree(child.pid), stop }
}

function environmentOf(settings: OurSettings, home: string): Record<string, string> {
  const { databaseUrl, workers, development, pageCache, pageCacheMb, redisUrl, baseUrl } = settings
  const cacheMb = pageCache ? pageCacheMb : 0
  return {
    HOME: home,
    LOG_LEVEL: 'error',
    NODE_ENV: development ? 'development' : 'production',
    DATABASE_URL: databaseUrl,
    JUMPSTARTER_WORKERS: String(workers),
    JUMPSTARTER_DRAIN_SECONDS: String(drainSeconds),
    ...(cacheMb === undefined ? {} : { JUMPSTARTER_PAGE_CACHE_MB: String(cacheMb) }),
    // What a page costs is asked of everybody in turn; nobody is told to come back.
    ...(pageCache ? {} : { JUMPSTARTER_WAIT_MS: '0' }),
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    ...(baseUrl === undefined ? {} : { BASE_URL: baseUrl }),
    ...settings.environment,
  }
}

type Server = Bun.Subprocess<'ignore', 'pipe', 'pipe'>

/** Its first line says that every worker serves; then it is asked. */
async function untilReady(
  child: Server,
  address: Address,
  { signal, hear }: { signal: AbortSignal; hear: OurSettings['hear'] },
): Promise<void> {
  let said = ''
  let printed = ''
  void follow(child.stdout, (text) => {
    printed += text
  })
  void follow(child.stderr, (text) => {
    hear?.(text)
    said = (said + text).slice(-lastWordsCharactersMax)
  })
  const deadline = performance.now() + readyDeadlineMs
  while (performance.now() < deadline) {
    signal.throwIfAborted()
    if (child.exitCode !== null || child.signalCode !== null) break
    if (printed.includes(' is ready at ')) {
      const answer = await ask(address, '/readyz').catch(() => undefined)
      if (answer?.status === 200) return
    }
    await Bun.sleep(pollMs)
  }
  throw new CommandError(`The server to measure did not start: ${said.trim() || 'no reason given'}`)
}

async function follow(stream: ReadableStream<Uint8Array>, onText: (text: string) => void) {
  const decoder = new TextDecoder()
  for await (const part of stream) onText(decoder.decode(part, { stream: true }))
}

/** The executable of this checkout, built when it is missing or older than what it is made from. */
export async function currentExecutable(
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const executable = join(root, 'dist', 'jumpstarter')
  const builtAt = statSync(executable, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (builtAt > Math.max(...sources.map((name) => newest(join(root, name))))) return executable
  say('Building the executable …')
  const build = [process.execPath, join(root, 'src', 'build.ts')]
  const child = Bun.spawn(build, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], signal })
  const reason = await new Response(child.stderr).text()
  const exitCode = await child.exited
  signal.throwIfAborted()
  if (exitCode === 0) return executable
  throw new CommandError(`The executable could not be built: ${reason.trim()}`)
}

/** When the newest file at or below a path was changed. */
function newest(path: string): number {
  const about = statSync(path)
  if (!about.isDirectory()) return about.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

/** Throws a CommandError inside the executable, which has no checkout to compare itself with. */
export function requireCheckout(command: string): void {
  if (existsSync(join(root, 'src', 'main.ts'))) return
  throw new CommandError(
    `${command} compares the checkout with the executable: run bun ${command} in a checkout.`,
  )
}
