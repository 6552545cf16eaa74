import { chmodSync, constants, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dir, '..', '..')

/** How a checkout is started. */
export const checkoutCommand = [process.execPath, resolve(root, 'src', 'main.ts')]

export interface Run {
  exitCode: number
  stdout: string
  stderr: string
}

interface Options {
  cwd?: string
  env?: Record<string, string>
  uid?: number
}

/** Nothing of ours in the environment but what the test gives. */
function environment(env: Record<string, string> = {}): Record<string, string> {
  return { PATH: '/usr/bin:/bin', HOME: '/nonexistent', LOG_LEVEL: 'error', ...env }
}

const spawn = (command: string[], { cwd, env, uid }: Options) =>
  Bun.spawn(uid === undefined ? command : command.map(runnableByAll), {
    ...(cwd ? { cwd } : {}),
    ...(uid === undefined ? {} : { uid, gid: uid }),
    env: environment(env),
    stdout: 'pipe',
    stderr: 'pipe',
  })

let copiedBun: string | undefined

/** npx keeps bun below root's home, where nobody else may look. */
function runnableByAll(word: string): string {
  if (word !== process.execPath || !word.startsWith(homedir())) return word
  if (copiedBun === undefined) {
    const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-bun-'))
    process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
    chmodSync(directory, 0o755)
    copiedBun = join(directory, 'bun')
    copyFileSync(word, copiedBun, constants.COPYFILE_FICLONE)
  }
  return copiedBun
}

/** Runs a command of the program to its end. */
export async function run(command: string[], options: Options = {}): Promise<Run> {
  const child = spawn(command, options)
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { exitCode, stdout, stderr }
}

export interface Running {
  pid: number
  /** Everything it has printed so far. */
  output(): string
  /** Sends SIGTERM and waits; the exit code. */
  stop(): Promise<number>
  exited: Promise<number>
}

/** Starts a server and waits until it says that it is ready. Throws what it printed if it ends. */
export async function start(command: string[], options: Options = {}): Promise<Running> {
  const child = spawn(command, options)
  let output = ''
  const ready = Promise.withResolvers<void>()
  const follow = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) {
      output += new TextDecoder().decode(chunk)
      if (output.includes(' is ready at ')) ready.resolve()
    }
  }
  const followed = Promise.all([follow(child.stdout), follow(child.stderr)])
  void child.exited.then(async (code) => {
    await followed
    ready.reject(new Error(`it ended with ${code}: ${output}`))
  })
  await ready.promise
  return {
    pid: child.pid,
    output: () => output,
    exited: child.exited,
    stop: () => {
      child.kill('SIGTERM')
      return child.exited
    },
  }
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const { port } = server
  await server.stop(true)
  return port ?? 0
}
