import { join, resolve } from 'node:path'
import { CommandError } from '#lib/errors'

/** The command that is our own load generator, as `commands` knows it. */
const clientCommand = 'bench-client'

const root = resolve(import.meta.dir, '..', '..')

export interface ClientRun {
  /** As it has reported them. */
  figures: unknown
  /** Processor time from its start to its end, in microseconds. */
  cpuUs: number
}

/**
 * Hands an order to our own load generator, which runs in a process of its own; without `executable`
 * that of the checkout. Throws a CommandError that begins with `failure` and has its last words.
 */
export async function runOwnClient(
  words: string[],
  order: object,
  options: {
    executable: string | undefined
    failure: string
    signal: AbortSignal
    /** Words before the command, such as those that keep it on a core. */
    within?: readonly string[]
  },
): Promise<ClientRun> {
  const { executable, failure, signal, within = [] } = options
  const program = executable ? [executable] : [process.execPath, join(root, 'src', 'main.ts')]
  const child = Bun.spawn([...within, ...program, clientCommand, ...words], {
    env: { NODE_ENV: 'production' },
    stdio: [new Blob([JSON.stringify(order)]), 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  signal.throwIfAborted()
  if (exitCode !== 0) throw new CommandError(`${failure}: ${stderr.trim() || exitCode}`)
  const cpuUs = Number(child.resourceUsage()?.cpuTime.total ?? Number.NaN)
  return { figures: JSON.parse(stdout), cpuUs }
}
