import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CommandError, errorCode } from '#lib/errors'

// Far longer than any unpacking or initdb takes, so nobody's work in progress is removed.
const leftoverAgeMs = 10 * 60 * 1000
const leftoverMark = '.new-'

/** A name beside `path` for work in progress, renamed to `path` when it is complete. */
export function temporarySibling(path: string): string {
  return `${path}${leftoverMark}${randomBytes(6).toString('hex')}`
}

/** Removes what killed processes left beside `path`. */
export async function removeLeftovers(path: string): Promise<void> {
  const prefix = `${basename(path)}${leftoverMark}`
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix)) continue
    const leftover = join(dirname(path), name)
    const age = Date.now() - ((await stat(leftover).catch(() => undefined))?.mtimeMs ?? Date.now())
    if (age > leftoverAgeMs) await rm(leftover, { recursive: true, force: true })
  }
}

/** Moves a complete directory to its place and makes that durable. False: somebody was faster. */
export async function moveIntoPlace(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error
    return false
  }
  await syncDirectory(dirname(to))
  return true
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Throws ENOSPC, as writing would, when fewer than `bytes` are free under `path`. */
export async function requireSpace(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(path)
  if (bavail * bsize < bytes) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' })
}

/**
 * The sentence for a disk error, or the error itself when it is another kind.
 * `directory` is where we were writing, `remedy` what the user can set instead.
 */
export function explainDiskError(
  error: unknown,
  { directory, remedy, bytesNeeded }: { directory: string; remedy: string; bytesNeeded: number },
): unknown {
  const megabytes = Math.ceil(bytesNeeded / 1e6)
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new CommandError(
        `The disk of ${directory} is full: Postgres needs ${megabytes} MB there. ` +
          `Free some space or ${remedy}.`,
      )
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CommandError(
        `${directory} cannot be written by this user (uid ${process.getuid?.()}): ` +
          `give it the right to, or ${remedy}.`,
      )
    case 'ENOTDIR':
    case 'EEXIST':
      return new CommandError(`${directory} is not a directory: remove the file, or ${remedy}.`)
    default:
      return error
  }
}
