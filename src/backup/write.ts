import { existsSync } from 'node:fs'
import { type FileHandle, open, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import {
  endSnapshot,
  readRows,
  type Session,
  type Snapshot,
  type TableShape,
  takeSnapshot,
} from '#db/backup/snapshot'
import { CommandError, errorCode } from '#lib/errors'
import { syncDirectory } from '#server/postgres-disk'
import { program } from '#version'
import { type Manifest, manifestName, partName, sumsName, type TableRecord } from './manifest'
import { createRowSum } from './row-sum'
import { createTar } from './tar'

export interface BackupOptions {
  /** Where pictures are, if not in the database. */
  pictures: string | null
  signal: AbortSignal
  onProgress(what: string, fraction: number, rows: number): void
}

type Tar = ReturnType<typeof createTar>

export const partialMark = '.partial'
/** Rows of a table come to so much less as compressed text. */
const shrinkMin = 2
/** The fastest levels are as fast as Postgres tells, and this is the last of them. */
const zstdLevel = 3

/**
 * Writes the database as it is at this moment into a new file, which appears only when it is
 * complete. The session is the caller's to end. Throws CommandError, and leaves nothing.
 */
export async function writeBackup(
  session: Session,
  path: string,
  options: BackupOptions,
): Promise<Manifest> {
  if (existsSync(path)) throw new CommandError(`${path} exists already: give another name.`, 2)
  const partial = path + partialMark
  const snapshot = await takeSnapshot(session)
  const at = new Date()
  await requireSpace(path, snapshot)
  let file: FileHandle | undefined
  try {
    file = await open(partial, 'wx', 0o600)
    const tar = createTar(file, at)
    const manifest = await addTables(session, tar, snapshot, at, options)
    await endSnapshot(session)
    await addRecords(tar, manifest)
    await file.sync()
    await file.close()
    options.signal.throwIfAborted()
    await rename(partial, path)
    await syncDirectory(dirname(path))
    return manifest
  } catch (error) {
    await file?.close().catch(() => {})
    if (file) await rm(partial, { force: true })
    throw explained(error, path)
  }
}

async function addTables(
  session: Session,
  tar: Tar,
  snapshot: Snapshot,
  at: Date,
  { pictures, signal, onProgress }: BackupOptions,
): Promise<Manifest> {
  const rows = snapshot.tables.reduce((sum, { rowsGuess }) => sum + rowsGuess, 0)
  const tables: TableRecord[] = []
  let before = 0
  for (const { name, columns, rowsGuess } of snapshot.tables) {
    const onRows = (done: number) =>
      onProgress(name, Math.min((before + Math.min(done, rowsGuess)) / (rows || 1), 1), rows)
    onRows(0)
    tables.push(await addTable(session, tar, { name, columns }, onRows, signal))
    before += rowsGuess
  }
  return {
    format: 1,
    program: program.version,
    postgres: snapshot.version,
    database: { name: snapshot.database, bytes: snapshot.databaseBytes },
    at: at.toISOString(),
    migrations: snapshot.migrations,
    tables,
    sequences: snapshot.sequences,
    pictures: { ...snapshot.pictures, place: pictures },
  }
}

async function addTable(
  session: Session,
  tar: Tar,
  shape: TableShape,
  onRows: (rows: number) => void,
  signal: AbortSignal,
): Promise<TableRecord> {
  const sum = createRowSum()
  const sha256 = new Bun.CryptoHasher('sha256')
  const compress = createZstdCompress({
    params: {
      [constants.ZSTD_c_compressionLevel]: zstdLevel,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  })
  const lines = async function* () {
    for await (const chunk of readRows(session, shape)) {
      sum.add(chunk)
      onRows(sum.rows())
      yield chunk
    }
  }
  const bytes = await tar.add(partName(shape.name), (write) =>
    pipeline(
      lines,
      compress,
      async (parts: AsyncIterable<Uint8Array>) => {
        for await (const part of parts) {
          sha256.update(part)
          await write(part)
        }
      },
      { signal },
    ),
  )
  return {
    ...shape,
    columns: [...shape.columns],
    ...sum.result(),
    part: { bytes, sha256: sha256.digest('hex') },
  }
}

async function addRecords(tar: Tar, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  await tar.add(manifestName, (write) => write(Buffer.from(text)))
  const sha256 = new Bun.CryptoHasher('sha256').update(text).digest('hex')
  const sums = [
    ...manifest.tables.map(({ name, part }) => `${part.sha256}  ${partName(name)}\n`),
    `${sha256}  ${manifestName}\n`,
  ]
  await tar.add(sumsName, (write) => write(Buffer.from(sums.join(''))))
  await tar.end()
}

async function requireSpace(path: string, { tables }: Snapshot): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path))
  // Pictures are compressed already.
  const needed = tables.reduce(
    (sum, { name, bytes }) => sum + (name === 'image_files' ? bytes : bytes / shrinkMin),
    0,
  )
  const free = bavail * bsize
  if (free >= needed) return
  throw new CommandError(
    `This backup may need ${sizeOf(needed)} in ${dirname(path)}, and ${sizeOf(free)} are ` +
      'free: make room, or name another place.',
  )
}

export const sizeOf = (bytes: number) =>
  bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`

function explained(error: unknown, path: string): unknown {
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the quota is used up',
    EIO: 'the disk does not work',
    EEXIST: 'another backup is being written there, or was killed: remove its .partial file',
  }
  const reason = reasons[errorCode(error) ?? '']
  return reason ? new CommandError(`${path} cannot be written: ${reason}.`) : error
}
