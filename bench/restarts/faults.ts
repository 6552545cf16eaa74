import { statSync } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '#lib/errors'
import { ask } from '#server/ask'
import type { OurServer } from '../load/servers'

/** A running server that faults are brought upon. */
export interface Subject {
  server: Pick<OurServer, 'pids' | 'address'>
  workers: number
  /** The file that it was started from. */
  executable: string
  /** What takes the place of that file. */
  newer: string
  killEveryMs: number
  signal: AbortSignal
}

export interface Fault {
  id: string
  title: string
  /** Through a proxy at most this share of the requests may fail. */
  failedShareMax: number
  /** Brings it about and resolves when the next may come. Throws when the server stays behind. */
  happen(subject: Subject): Promise<void>
}

export const faults: readonly Fault[] = [
  { id: 'restart', title: 'rolling restart', failedShareMax: 0, happen: replaceWorkers },
  { id: 'upgrade', title: 'executable replaced', failedShareMax: 0, happen: replaceExecutable },
  { id: 'kill', title: 'worker killed', failedShareMax: 0.0001, happen: killWorker },
]

const replacedDeadlineMs = 60_000
const pollMs = 20

/** The workers, in the order in which they were started; the first process is the supervisor. */
const workersOf = ({ server }: Subject) => server.pids().slice(1)

async function replaceWorkers(subject: Subject): Promise<void> {
  const before = new Set(workersOf(subject))
  process.kill(subject.server.pids()[0] as number, 'SIGUSR2')
  await until(subject, 'replace its workers', (pids) => !pids.some((pid) => before.has(pid)))
}

/** As an upgrade does it: in one step, under the feet of those who run it. */
async function replaceExecutable(subject: Subject): Promise<void> {
  const { executable, newer, server } = subject
  await copyFile(newer, `${executable}.new`)
  await rename(`${executable}.new`, executable)
  await replaceWorkers(subject)
  const { ino } = statSync(executable)
  const behind = workersOf(subject).filter((pid) => statSync(`/proc/${pid}/exe`).ino !== ino)
  const { pid } = JSON.parse((await ask(server.address, '/version')).body) as { pid: number }
  if (behind.length === 0 && workersOf(subject).includes(pid)) return
  throw new CommandError('After the upgrade a worker of the old executable still serves.')
}

async function killWorker(subject: Subject): Promise<void> {
  const [oldest] = workersOf(subject)
  process.kill(oldest as number, 'SIGKILL')
  await sleep(subject.killEveryMs, undefined, { signal: subject.signal })
  await until(subject, 'start a worker again', (pids) => !pids.includes(oldest as number))
}

async function until(
  subject: Subject,
  what: string,
  check: (workers: number[]) => boolean,
): Promise<void> {
  const deadline = performance.now() + replacedDeadlineMs
  for (;;) {
    subject.signal.throwIfAborted()
    const workers = workersOf(subject)
    if (workers.length === subject.workers && check(workers)) return
    if (performance.now() > deadline) {
      throw new CommandError(`The server did not ${what} within ${replacedDeadlineMs / 1000} s.`)
    }
    await Bun.sleep(pollMs)
  }
}
