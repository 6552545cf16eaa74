import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  type Stats,
} from 'node:fs'
import { join } from 'node:path'
import { CommandError, errorCode } from '#lib/errors'

// A proxy of another user has to reach the sockets; their own mode says who may connect.
const directoryMode = 0o755
const socketName = /^(0|[1-9]\d*)\.sock$/

/** The socket of one worker: `DIRECTORY/N.sock`. */
export function socketPath(directory: string, workerIndex: number): string {
  return join(directory, `${workerIndex}.sock`)
}

/** Every `N.sock` in a directory, whatever it is, by number. Empty without the directory. */
export function socketPaths(directory: string): { index: number; path: string }[] {
  try {
    return readdirSync(directory)
      .flatMap((name) => socketName.exec(name)?.[1] ?? [])
      .map((digits) => ({ index: Number(digits), path: join(directory, `${digits}.sock`) }))
      .sort((a, b) => a.index - b.index)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw unusable(directory, error)
  }
}

/** Makes the directory if it is missing. Throws CommandError when no socket can be put there. */
export function makeSocketDirectory(directory: string): void {
  try {
    const created = mkdirSync(directory, { recursive: true, mode: directoryMode })
    if (created !== undefined) chmodSync(directory, directoryMode)
    accessSync(directory, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw unusable(directory, error)
  }
}

function unusable(directory: string, error: unknown): Error {
  const code = errorCode(error)
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new CommandError(
      `unix:${directory} must name a directory, and a file is in its way. ` +
        'Choose another directory with --listen.',
    )
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new CommandError(
      `This user may not put sockets into ${directory}. Create it and give it to the user who ` +
        'runs jumpstarter, or choose another directory with --listen.',
    )
  }
  return error instanceof Error ? error : new Error(String(error))
}

/** Throws CommandError if the path is taken by anything but a socket; we never delete that. */
export function assertSocketOrNothing(path: string): Stats | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats && !stats.isSocket()) {
    throw new CommandError(
      `${path} is not a socket, so it stays untouched. Move it away, ` +
        'or choose another directory with --listen.',
    )
  }
  return stats
}

/** Removes the file at `path` if it is still the very file that `ours` describes. */
export function removeOurs(path: string, ours: Stats): void {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there?.ino === ours.ino && there.dev === ours.dev) rmSync(path, { force: true })
}
