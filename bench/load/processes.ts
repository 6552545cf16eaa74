import { readdirSync, readFileSync } from 'node:fs'
import type { Db } from '#db/client'
import { microsecondsPerTick, parseTicks } from '../database/cpu'

const endDeadlineMs = 15_000
const endPollMs = 10

/** A process and all that descend from it, itself first. */
export function processTree(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(processTree)]
}

function childrenOf(pid: number): number[] {
  try {
    // Each thread lists those that it has started.
    return readdirSync(`/proc/${pid}/task`)
      .flatMap((thread) =>
        readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
      )
      .map(Number)
  } catch {
    // It has ended in between.
    return []
  }
}

/** Processor time, in microseconds, that these processes and their threads have used so far. */
export function processesCpuUs(pids: number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(pid), 0) * microsecondsPerTick
}

function ticksOf(pid: number): number {
  try {
    return parseTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return 0
  }
}

/** The processes of the Postgres behind `db`; none when it does not run on this machine. */
export async function postgresProcesses(db: Db): Promise<number[]> {
  const [row] = await db.$client<{ pid: number }[]>`select pg_backend_pid() as pid`
  try {
    const { pid = 0 } = row ?? {}
    // In a container or on another host the number may be anybody's.
    if (!/^postgres\b/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return []
    const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return processTree(Number(parent))
  } catch {
    return []
  }
}

/** Ends a process and its descendants: with SIGTERM, what is left after a while with SIGKILL. */
export async function endProcess(
  child: Bun.Subprocess,
  deadlineMs: number = endDeadlineMs,
): Promise<void> {
  const tree = processTree(child.pid)
  child.kill('SIGTERM')
  const deadline = performance.now() + deadlineMs
  // Descendants may need a moment longer than the first.
  while (tree.some(isRunning) && performance.now() < deadline) await Bun.sleep(endPollMs)
  for (const pid of tree.filter(isRunning)) killAtOnce(pid)
  await child.exited
}

/** SIGKILL; nothing happens when it has just ended. */
function killAtOnce(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** One that has ended and is not yet waited for does not run. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
