import { statfs } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { beginLoad, endLoad, placeOf, setSequences, writeRows } from '#db/backup/load'
import { readRows, type Session, type Snapshot } from '#db/backup/snapshot'
import { findUsed } from '#db/backup/structure'
import { CommandError } from '#lib/errors'
import { type Manifest, requireKnownSchema, type TableRecord } from './manifest'
import type { OpenBackup } from './read'
import { createRowSum } from './row-sum'
import { sizeOf } from './write'

export interface RestoreOptions {
  /** Delete what is in the database. */
  force: boolean
  onProgress(what: string, fraction: number): void
}

/** Of the whole, about. */
const shares = { load: 0.5, rebuild: 0.3, compare: 0.2 }

/**
 * Puts a backup in place of what is in the database, in one transaction: all of it, equal to what
 * was backed up, or nothing. The session is the caller's to end. Throws CommandError.
 */
export async function restoreBackup(
  session: Session,
  backup: OpenBackup,
  { force, onProgress }: RestoreOptions,
): Promise<void> {
  const { manifest, path } = backup
  requireKnownSchema(path, manifest)
  const used = force ? undefined : await findUsed(session)
  if (used !== undefined) {
    throw new CommandError(
      `The database is not empty, ${used} has rows: nothing was restored. Use an empty one, or ` +
        '--force, which deletes everything in it first.',
    )
  }
  await requireSpace(session, manifest)
  const { tables, rebuild } = await beginLoad(
    session,
    manifest.migrations.map(({ tag }) => tag),
  )
  requireSameTables(path, manifest, tables)
  let before = 0
  for (const table of manifest.tables) {
    const load = async (lines: AsyncIterable<Uint8Array>) =>
      await pipeline(lines, await writeRows(session, table))
    await backup.readTable(table, load, (bytes) =>
      onProgress(table.name, ((before + bytes) / (backup.bytes || 1)) * shares.load),
    )
    before += table.part.bytes
  }
  await setSequences(session, manifest.sequences)
  for (const [index, statement] of rebuild.entries()) {
    onProgress('indexes and keys', shares.load + (index / rebuild.length) * shares.rebuild)
    await session.unsafe(statement)
  }
  await compare(session, manifest, (what, fraction) =>
    onProgress(what, shares.load + shares.rebuild + fraction * shares.compare),
  )
  await endLoad(session)
}

/** Reads every table back. */
async function compare(
  session: Session,
  { tables }: Manifest,
  onProgress: (what: string, fraction: number) => void,
): Promise<void> {
  const all = tables.reduce((sum, { bytes }) => sum + bytes, 0)
  let before = 0
  for (const table of tables) {
    onProgress(`comparing ${table.name}`, before / (all || 1))
    const { rows, checksum } = await sumTable(session, table)
    if (rows !== table.rows || checksum !== table.checksum) {
      throw new CommandError(
        `${table.name} came out otherwise than it was backed up, with ${rows} rows of ` +
          `${table.rows}: nothing was restored.`,
      )
    }
    before += table.bytes
  }
}

/** Count and checksum of a table's rows, as the session sees them. */
export async function sumTable(session: Session, table: Pick<TableRecord, 'name' | 'columns'>) {
  const sum = createRowSum()
  for await (const lines of readRows(session, table)) sum.add(lines)
  return sum.result()
}

function requireSameTables(path: string, manifest: Manifest, tables: Snapshot['tables']): void {
  const shapes = (list: readonly { name: string; columns: readonly string[] }[]) =>
    list.map(({ name, columns }) => `${name} (${columns.join(', ')})`)
  const [ours, theirs] = [shapes(tables), shapes(manifest.tables)]
  const other =
    theirs.find((shape) => !ours.includes(shape)) ?? ours.find((shape) => !theirs.includes(shape))
  if (other === undefined) return
  throw new CommandError(
    `${path} and its schema do not go together, at ${other}: nothing was restored.`,
  )
}

/** Says nothing where the data directory is on another host, or not ours to know. */
async function requireSpace(session: Session, { database }: Manifest): Promise<void> {
  const directory = await placeOf(session)
  const disk = directory ? await statfs(directory).catch(() => undefined) : undefined
  if (!directory || !disk || disk.bavail * disk.bsize >= database.bytes) return
  throw new CommandError(
    `This database needs ${sizeOf(database.bytes)} in ${directory}, and ` +
      `${sizeOf(disk.bavail * disk.bsize)} are free: make room, or name another place.`,
  )
}
