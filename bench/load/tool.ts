import { CommandError } from '#lib/errors'
import { findInstrument, type Instrument } from './instruments'

export interface ToolRun {
  stdout: string
  /** Processor time it has used, in microseconds. */
  cpuUs: number
}

/** Runs a load generator to its end. Throws a CommandError with its last words when it fails. */
export async function runTool(
  tool: Instrument,
  words: string[],
  signal: AbortSignal,
): Promise<ToolRun> {
  signal.throwIfAborted()
  const child = Bun.spawn([findInstrument(tool) ?? tool, ...words], {
    env: { LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  signal.throwIfAborted()
  if (exitCode !== 0) {
    const lastWords = (stderr.trim() || stdout.trim()).split('\n').at(-1)
    throw new CommandError(`${tool} failed: ${lastWords || exitCode}`)
  }
  return { stdout, cpuUs: Number(child.resourceUsage()?.cpuTime.total ?? Number.NaN) }
}
