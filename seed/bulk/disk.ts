import { statfs } from 'node:fs/promises'
import type postgres from 'postgres'
import { CommandError } from '#lib/errors'
import { type BulkScale, rowsOf } from './tasks'

// Bytes on disk of a row with its share of the indexes, measured at ten million projects.
const bytesOf: Record<string, number> = {
  people: 127,
  projects: 1300,
  stories: 560,
  rewards: 250,
  pledges: 175,
  updates: 400,
  faqs: 350,
  comments: 330,
}
/** Write-ahead log and what is sorted on disk while the largest index is built. */
const workBytes = 12e9
const workShare = 0.25

/** Bytes the seed needs at its peak. */
export function bytesNeeded(scale: BulkScale): number {
  const rows = Object.entries(rowsOf(scale))
  const bytes = rows.reduce((sum, [table, count]) => sum + count * (bytesOf[table] ?? 0), 0)
  return Math.ceil(bytes + Math.min(workBytes, bytes * workShare))
}

/**
 * Throws a CommandError when there is not room enough for the seed. Says nothing where the data
 * directory is on another host, or not ours to know.
 */
export async function requireSpace(client: postgres.Sql, scale: BulkScale): Promise<void> {
  const [row] = await client`
    select setting from pg_settings where name = 'data_directory'`
  const directory = row?.['setting'] as string | undefined
  const file = directory ? await statfs(directory).catch(() => undefined) : undefined
  if (directory === undefined || file === undefined) return
  const free = file.bavail * file.bsize
  const needed = bytesNeeded(scale)
  if (free >= needed) return
  throw new CommandError(
    `This seed needs ${gigabytes(needed)} in ${directory}, and ${gigabytes(free)} are free. ` +
      'Make room, choose another directory with --data, or give smaller numbers.',
  )
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
