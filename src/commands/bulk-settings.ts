import { availableParallelism } from 'node:os'
import { usableMemory } from '#lib/memory'

const mebibyte = 1024 * 1024
const memory = usableMemory() / mebibyte
const loaders = availableParallelism()
const between = (low: number, value: number, high: number) =>
  `${Math.floor(Math.min(Math.max(value, low), high))}MB`

/** One loads for each core, and one is left to ask questions. */
export const sessions = loaders + 1

/**
 * For the embedded Postgres while it is being filled. Nothing is lost when a load is: so no fsync,
 * no full pages in the log, few checkpoints, and much of the memory for pages and sorting.
 */
export function postgresSettings(): Record<string, string> {
  return {
    fsync: 'off',
    full_page_writes: 'off',
    autovacuum: 'off',
    shared_buffers: between(128, memory / 3, 16 * 1024),
    wal_buffers: '64MB',
    max_wal_size: between(1024, memory / 4, 8 * 1024),
    min_wal_size: between(512, memory / 8, 4 * 1024),
    checkpoint_timeout: '1h',
    max_parallel_workers_per_gather: '0',
  }
}

/** For each session that loads, of whichever Postgres. */
export function sessionSettings(): Record<string, string> {
  return {
    work_mem: between(64, memory / 16 / loaders, 512),
    maintenance_work_mem: between(64, memory / 6 / loaders, 2 * 1024),
    // There is a session for each core already.
    max_parallel_maintenance_workers: '0',
    max_parallel_workers_per_gather: '0',
    jit: 'off',
    timezone: 'UTC',
    statement_timeout: '0',
  }
}
