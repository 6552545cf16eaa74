import { type FileHandle, open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { CommandError } from '#lib/errors'
import {
  type Manifest,
  manifestName,
  parseManifest,
  partName,
  sumsName,
  type TableRecord,
} from './manifest'
import { createRowSum } from './row-sum'
import { type Entry, readEntries } from './tar'

export interface OpenBackup {
  path: string
  manifest: Manifest
  /** Compressed, of all tables. */
  bytes: number
  /**
   * Hands the lines of a table to `take`. Throws CommandError at the latest at the end when they are
   * not those that were written; `onBytes` hears how many compressed ones have been read.
   */
  readTable(table: TableRecord, take: Take, onBytes?: (bytes: number) => void): Promise<void>
  close(): Promise<void>
}

type Take = (lines: AsyncIterable<Uint8Array>) => Promise<void>

const chunkBytes = 1024 * 1024
const recordBytesMax = 16 * 1024 * 1024

/** Opens a backup and checks its records, not its tables. Throws CommandError. */
export async function openBackup(path: string): Promise<OpenBackup> {
  const file = await open(path, 'r')
  try {
    const entries = await readEntries(file).catch((error) => {
      if (error instanceof Error && 'syscall' in error) throw error
      throw damaged(path, error)
    })
    const manifest = await readManifest(file, path, entries)
    const entryOf = (table: TableRecord) => {
      const entry = entries.find(({ name }) => name === partName(table.name))
      if (entry?.bytes === table.part.bytes) return entry
      throw damaged(path, `${partName(table.name)} is not there, or not whole`)
    }
    const bytes = manifest.tables.reduce((sum, table) => sum + entryOf(table).bytes, 0)
    return {
      path,
      manifest,
      bytes,
      readTable: (table, take, onBytes) =>
        readPart({ file, path, entry: entryOf(table), table, take, onBytes }),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function readManifest(file: FileHandle, path: string, entries: Entry[]): Promise<Manifest> {
  const read = async (wanted: string) => {
    const entry = entries.find(({ name }) => name === wanted)
    if (!entry || entry.bytes > recordBytesMax) throw damaged(path, `it has no ${wanted}`)
    const { buffer } = await file.read(new Uint8Array(entry.bytes), 0, entry.bytes, entry.offset)
    return Buffer.from(buffer).toString()
  }
  const text = await read(manifestName)
  const sha256 = new Bun.CryptoHasher('sha256').update(text).digest('hex')
  const sums = await read(sumsName)
  if (!sums.endsWith(`${sha256}  ${manifestName}\n`)) {
    throw damaged(path, `${manifestName} or ${sumsName} has been changed`)
  }
  const manifest = parseManifest(path, text)
  const expected = manifest.tables.map(({ name, part }) => `${part.sha256}  ${partName(name)}\n`)
  if (sums === `${expected.join('')}${sha256}  ${manifestName}\n`) return manifest
  throw damaged(path, `${sumsName} has been changed`)
}

interface Reading {
  file: FileHandle
  path: string
  entry: Entry
  table: TableRecord
  take: Take
  onBytes: ((bytes: number) => void) | undefined
}

async function readPart({ file, path, entry, table, take, onBytes }: Reading): Promise<void> {
  const sha256 = new Bun.CryptoHasher('sha256')
  const sum = createRowSum()
  let isDecoding = true
  const stored = async function* () {
    for (let done = 0; done < entry.bytes; ) {
      const chunk = new Uint8Array(Math.min(chunkBytes, entry.bytes - done))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, entry.offset + done)
      if (bytesRead === 0) throw damaged(path, `it is cut off in ${entry.name}`)
      const part = chunk.subarray(0, bytesRead)
      sha256.update(part)
      done += bytesRead
      onBytes?.(done)
      yield part
    }
  }
  const taking = async (lines: AsyncIterable<Uint8Array>) => {
    const counted = async function* () {
      for await (const chunk of lines) {
        sum.add(chunk)
        yield chunk
      }
    }
    try {
      await take(counted())
    } catch (error) {
      isDecoding = String((error as { code?: unknown })?.code).startsWith('ZSTD_')
      throw error
    }
  }
  try {
    await pipeline(stored, createZstdDecompress(), taking)
  } catch (error) {
    if (error instanceof CommandError || !isDecoding) throw error
    throw damaged(path, `${entry.name} cannot be read`)
  }
  const { rows, bytes, checksum } = sum.result()
  const isSame = rows === table.rows && bytes === table.bytes && checksum === table.checksum
  if (sha256.digest('hex') === table.part.sha256 && isSame) return
  throw damaged(path, `${entry.name} has been changed`)
}

function damaged(path: string, error: unknown): CommandError {
  const reason = error instanceof Error ? error.message : String(error)
  return new CommandError(`${path} cannot be used: ${reason}. Take another backup.`)
}
