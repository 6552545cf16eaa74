import type { Embedded } from '#embedded'

export interface Runnable {
  /** What `--help` prints. */
  usage: string
  /** Returns the exit code; throws CommandError for what its user can mend. */
  run(args: string[], context: { embedded: Embedded | undefined }): Promise<number>
}

export interface Command extends Runnable {
  /** One line for the list of commands. */
  summary: string
}
