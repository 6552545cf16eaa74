import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import type { Account } from '#server/postgres-account'
import { endProcess, isRunning, processTree } from '../load/processes'
import type { Machine } from './network'

/** A program on a machine of the rig. */
export interface Service {
  pids(): number[]
  /** SIGKILL for it and all it has started, as when the power fails. */
  kill(): Promise<void>
  /** In order; nothing happens when it has ended. */
  stop(): Promise<void>
  /** Whether it runs. */
  runs(): boolean
  /** The end of what it has said. */
  lastWords(): string
}

export interface Start {
  machine: Machine
  /** Names its log. */
  name: string
  directory: string
  command: readonly string[]
  /** Instead of ourselves. */
  account?: Account | undefined
  environment?: Record<string, string>
  /** Ends it in order; SIGTERM if nothing is said. */
  stopSignal?: NodeJS.Signals
}

const lastWordsCharactersMax = 2_000
const pollMs = 20
const stopDeadlineMs = 10_000

/** Starts a program in the network of a machine, in a session of its own. */
export function startService(start: Start): Service {
  const { machine, name, directory, command, account, environment = {}, stopSignal } = start
  const logFile = join(directory, `${name}.log`)
  const log = openSync(logFile, 'a')
  const as = account
    ? ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--']
    : []
  const child = Bun.spawn([...machine.within, ...as, ...command], {
    cwd: directory,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', ...environment },
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const runs = () => child.exitCode === null && child.signalCode === null
  return {
    runs,
    pids: () => (runs() ? processTree(child.pid) : []),
    kill: async () => {
      const tree = runs() ? processTree(child.pid) : []
      for (const pid of tree) killNow(pid)
      while (tree.some(isRunning)) await Bun.sleep(pollMs)
      await child.exited
    },
    stop: async () => {
      if (!runs()) return
      if (stopSignal) child.kill(stopSignal)
      await endProcess(child, stopDeadlineMs)
    },
    lastWords: () => readFileSync(logFile, 'utf8').slice(-lastWordsCharactersMax).trim(),
  }
}

/** SIGKILL; nothing happens when it has just ended. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended in between.
  }
}

/** Asks until it is true. Throws a CommandError with the service's last words if that is late. */
export async function until(
  what: string,
  { service, seconds, signal }: { service?: Service; seconds: number; signal: AbortSignal },
  check: () => Promise<boolean> | boolean,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await check())) {
    signal.throwIfAborted()
    const isOver = service !== undefined && !service.runs()
    if (isOver || performance.now() > deadline) {
      const words = service ? `: ${service.lastWords() || 'it gave no reason'}` : '.'
      throw new CommandError(`${what} ${isOver ? 'ended' : `not within ${seconds} s`}${words}`)
    }
    await Bun.sleep(pollMs)
  }
}
