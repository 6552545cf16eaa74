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

/** By process, in microseconds, what it and its threads have used since it began. */
export type CpuTimes = ReadonlyMap<number, number>

/** The processor time of these processes so far; one that has ended has none. */
export function readCpuTimes(pids: number[]): CpuTimes {
  const times = new Map<number, number>()
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      times.set(pid, parseTicks(stat) * microsecondsPerTick)
    } catch {
      // It has ended in between.
    }
  }
  return times
}

/** Microseconds between two readings, of the processes that are in both. */
export function cpuUsBetween(before: CpuTimes, after: CpuTimes): number {
  return [...after].reduce((sum, [pid, us]) => sum + us - (before.get(pid) ?? us), 0)
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

/** What a process has in memory; 0 when it has ended. */
export function residentBytes(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

/** How many files and sockets a process has open; 0 when it has ended. */
export function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}
