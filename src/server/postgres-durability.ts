import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import type { Account } from './postgres-account'
import { spawnPostgres } from './postgres-cluster'
import { syncDirectory } from './postgres-disk'

// A bulk load runs with fsync off: what it wrote is safe only after everything was synced. A mark
// in the cluster says that this has not happened yet, and in which run of the kernel.

const markName = 'jumpstarter-unsynced'

export const isUnsynced = async (cluster: string): Promise<boolean> =>
  (await readMark(cluster)) !== undefined

/** Whether these settings leave it to the kernel when data reaches the disk. */
export const isUnsafe = (settings: Record<string, string>): boolean => settings['fsync'] === 'off'

/** Before Postgres starts with fsync off. */
export async function markUnsynced(cluster: string): Promise<void> {
  const mark = await open(join(cluster, markName), 'w', 0o600)
  try {
    await mark.writeFile(await kernelRun())
    await mark.sync()
  } finally {
    await mark.close()
  }
  await syncDirectory(cluster)
}

/**
 * Syncs what was written with fsync off, while Postgres is not running. Throws a CommandError when
 * the machine went down in between: nobody knows then what reached the disk.
 */
export async function syncCluster(
  native: string,
  cluster: string,
  account: Account | undefined,
): Promise<void> {
  const mark = await readMark(cluster)
  if (mark === undefined) return
  if (mark !== (await kernelRun())) {
    throw new CommandError(
      `The machine went down while ${cluster} was being filled without fsync, so its files cannot ` +
        'be trusted. Delete that directory and seed again.',
    )
  }
  const command = [join(native, 'bin', 'initdb'), '--sync-only', '-D', cluster]
  const exitCode = await spawnPostgres(command, account, 'pipe').exited
  if (exitCode !== 0) {
    throw new CommandError(`initdb --sync-only ended with ${exitCode} on ${cluster}.`)
  }
  await rm(join(cluster, markName))
}

async function readMark(cluster: string): Promise<string | undefined> {
  return await readFile(join(cluster, markName), 'utf8').catch(() => undefined)
}

/** Another one each time the machine starts; empty where the system does not tell. */
const kernelRun = (): Promise<string> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
