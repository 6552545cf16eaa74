import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openBackup } from './read'
import { partialMark } from './write'

// Those without thousandths are of earlier programs.
const ours = /^jumpstarter-\d{8}T\d{6}(?:\d{3})?Z\.tar$/
/** A file that grows no more has been left by a backup that was killed. */
const abandonedMs = 60 * 60_000

/** `jumpstarter-20261123T155500123Z.tar`: two may be made within a second. */
export const nameAt = (at: Date): string =>
  `jumpstarter-${at.toISOString().replace(/[-:.]/g, '')}.tar`

/** The path of the latest backup in a directory, by the names we give them. */
export async function newestIn(directory: string): Promise<string | undefined> {
  const names = (await readdir(directory)).filter((name) => ours.test(name)).toSorted()
  const name = names.at(-1)
  return name === undefined ? undefined : join(directory, name)
}

/**
 * Deletes all but the newest `keep` of the backups in a directory that have names as we give them,
 * and can be opened as such. Returns the names of the deleted.
 */
export async function deleteOld(directory: string, keep: number): Promise<string[]> {
  const names = (await readdir(directory)).toSorted().toReversed()
  for (const name of names.filter((each) => each.endsWith(partialMark))) {
    if (!ours.test(name.slice(0, -partialMark.length))) continue
    const { mtimeMs } = await stat(join(directory, name))
    if (Date.now() - mtimeMs > abandonedMs) await rm(join(directory, name), { force: true })
  }
  const backups: string[] = []
  for (const name of names.filter((each) => ours.test(each))) {
    const backup = await openBackup(join(directory, name)).catch(() => undefined)
    if (backup) backups.push(name)
    await backup?.close()
  }
  const old = backups.slice(keep)
  for (const name of old) await rm(join(directory, name))
  return old
}
