import { lstat, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { moveIntoPlace, syncDirectory } from './postgres-disk'

/** Complete and waiting for its turn. */
const readyPath = (cluster: string) => `${cluster}-upgraded`

const exists = async (path: string) => (await lstat(path).catch(() => undefined)) !== undefined

/**
 * Puts `fresh` in the place of a cluster, which is kept beside it under its version and the date;
 * returns that path. Neither may run. A crash on the way leaves the cluster where it is, or what
 * `finishSwap` completes.
 */
export async function swapClusters(
  cluster: string,
  fresh: string,
  version: string,
): Promise<string> {
  const kept = await freePath(`${cluster}-${version}-${new Date().toISOString().slice(0, 10)}`)
  const ready = readyPath(cluster)
  for (const [from, to] of [
    [fresh, ready],
    [cluster, kept],
    [ready, cluster],
  ] as const) {
    await rename(from, to)
    await syncDirectory(dirname(cluster))
  }
  return kept
}

/** Completes a swap that was cut off when the old cluster was aside, and the new one not there. */
export async function finishSwap(cluster: string): Promise<void> {
  const ready = readyPath(cluster)
  if (!(await exists(cluster)) && (await exists(ready))) await moveIntoPlace(ready, cluster)
}

/** What a swap has left that was cut off before: the old cluster may have changed since. */
export const unfinishedSwap = readyPath

async function freePath(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`
    if (!(await exists(candidate))) return candidate
  }
}
