import { availableParallelism } from 'node:os'
import { CommandError } from '#lib/errors'

/** Who runs where, as `taskset` has it: the generator must not take from whom it measures. */
export interface Cores {
  server: string
  generator: string
}

const needed = 2

/** The first core for the server and its database, the last for the generator. */
export function shareCores(cores = availableParallelism()): Cores {
  if (cores < needed) {
    throw new CommandError('This needs two cores: one for the server, one to ask it from.')
  }
  return { server: '0', generator: String(cores - 1) }
}

/** The words before a command that keep it and all that it starts on these cores. */
export const onCores = (list: string): string[] => ['taskset', '-c', list]

/** Moves a process, all its threads and whatever it starts from now on. */
export function moveToCores(pids: number[], list: string): void {
  for (const pid of pids) {
    const moved = Bun.spawnSync(['taskset', '-a', '-p', '-c', list, String(pid)], {
      stdout: 'ignore',
      stderr: 'ignore',
    })
    // It may have ended meanwhile; of the first that cannot be.
    if (!moved.success && pid === pids[0]) {
      throw new CommandError('taskset could not move Postgres to a core of its own.')
    }
  }
}
