import { link, readFile, readlink, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporarySibling } from './postgres-disk'

interface ShutdownStep {
  name: NodeJS.Signals
  deadlineMs: number
}

// First a fast shutdown, then an immediate one (Postgres itself kills what lingers after 5 s).
const shutdownSteps: readonly ShutdownStep[] = [
  { name: 'SIGINT', deadlineMs: 10_000 },
  { name: 'SIGQUIT', deadlineMs: 7_000 },
  { name: 'SIGKILL', deadlineMs: 2_000 },
]
const shutdownPollMs = 10

/** Where Postgres listens inside its socket directory. */
export const postgresSocket = (socketDirectory: string) => `${socketDirectory}/.s.PGSQL.5432`

/** What postmaster.pid says. The file outlives a Postgres that was killed. */
export interface Postmaster {
  pid: number
  socketDirectory: string
  ready: boolean
}

export async function readPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!(pid > 0)) return undefined
  return { pid, socketDirectory: lines[4] ?? '', ready: lines[7]?.trim() === 'ready' }
}

/** Whether this process is a live Postgres working in the cluster, not just the same number. */
export async function isPostmaster(pid: number, cluster: string): Promise<boolean> {
  try {
    // A zombie has no working directory any more.
    const directory = await readlink(`/proc/${pid}/cwd`)
    return directory === cluster && (await readFile(`/proc/${pid}/comm`, 'utf8')) === 'postgres\n'
  } catch {
    return false
  }
}

/**
 * Removes lock files of a dead Postgres whose process number another process has now. Postgres
 * deletes them itself when the number is free, but takes any process of its account for a rival.
 */
export async function clearStaleLocks(cluster: string, socketDirectory: string): Promise<void> {
  for (const lock of [join(cluster, 'postmaster.pid'), `${postgresSocket(socketDirectory)}.lock`]) {
    const pid = await readOwner(lock)
    if (pid && signal(pid, 0) && !(await isPostmaster(pid, cluster))) {
      await removeLockOf(pid, lock)
    }
  }
}

async function readOwner(lock: string): Promise<number> {
  return Number.parseInt(await readFile(lock, 'utf8').catch(() => ''), 10) || 0
}

/** False when there is no such process, or it belongs to another account. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** Looks again after moving the lock aside: a process starting beside us may have renewed it. */
async function removeLockOf(pid: number, lock: string): Promise<void> {
  const aside = temporarySibling(lock)
  try {
    await rename(lock, aside)
  } catch {
    return
  }
  if ((await readOwner(aside)) !== pid) await link(aside, lock).catch(() => undefined)
  await rm(aside)
}

/** Ends Postgres, at first politely, and waits until it is gone. Takes at most 20 s. */
export async function shutDown(
  pid: number,
  cluster: string,
  steps: readonly ShutdownStep[] = shutdownSteps,
): Promise<void> {
  for (const step of steps) {
    const stepEnd = Date.now() + step.deadlineMs
    if (await isPostmaster(pid, cluster)) signal(pid, step.name)
    while (await isPostmaster(pid, cluster)) {
      if (Date.now() > stepEnd) break
      await Bun.sleep(shutdownPollMs)
    }
  }
}
