import { endOfLog } from '#db/replicas/lsn'
import type { Cache } from './cache'
import type { Mark } from './changes'
import type { Recording } from './recording'

/** Pages whose tags are remembered: what is made anew is then read from the right place at once. */
const pagesMax = 10_000

/**
 * Keeps pages of a replica out that it has made without a change we have heard of. The primary’s
 * position is asked several times a second: the first that was asked for after the change was heard
 * is behind it in the log, so a replica that has replayed up to there has it.
 */
export function createReplicaGuard({ changes, replicas }: Pick<Cache, 'changes' | 'replicas'>) {
  const tagsOf = new Map<string, readonly string[]>()

  /** Where a replica has to be; none can as long as that is not known. */
  const neededFor = (tags: readonly string[]): bigint => {
    if (!replicas || tags.length === 0) return 0n
    return replicas.positions.after(changes.heardAt(tags)) ?? endOfLog
  }

  return {
    /** By what was in the page the last time. */
    expected: (key: string): bigint => neededFor(tagsOf.get(key) ?? []),
    /** Whether the page has all that was announced of its tags before it was begun. */
    admits(key: string, { keep, replayed }: Recording): boolean {
      if (!replicas || !keep || keep.tags.length === 0) return true
      if (tagsOf.size >= pagesMax) tagsOf.clear()
      tagsOf.set(key, keep.tags)
      return replayed === undefined || replayed >= neededFor(keep.tags)
    },
    /** The mark with a snapshot that the replica had reached; undefined when none is known. */
    seenBy({ replayed }: Recording, mark: Mark): Mark | undefined {
      if (!replicas || replayed === undefined) return mark
      const sample = replicas.positions.upTo(replayed)
      return sample && { ...mark, snapshot: sample.snapshot }
    },
  }
}
