import { percentile } from '../report'

/** A total that was committed, and when: by `performance.now()`. */
export interface Commit {
  total: number
  at: number
}

/** A total that a reader was told, and when. */
export interface Message {
  reader: number
  total: number
  at: number
}

/**
 * From each commit until each reader knew of it, in milliseconds: a message tells of all that was
 * committed up to its total. Of what a reader was never told, there are `missed`. Commits in order,
 * messages of each reader in order.
 */
export function latenciesOf(
  commits: readonly Commit[],
  messages: readonly Message[],
  readers: number,
): { latenciesMs: number[]; missed: number } {
  const known = new Uint32Array(readers)
  const latenciesMs: number[] = []
  for (const { reader, total, at } of messages) {
    let next = known[reader] ?? 0
    for (; next < commits.length; next++) {
      const commit = commits[next] as Commit
      if (commit.total > total) break
      // The message may be here before the answer to the pledge is.
      latenciesMs.push(Math.max(0, at - commit.at))
    }
    known[reader] = next
  }
  return { latenciesMs, missed: readers * commits.length - latenciesMs.length }
}

/** Of sorted values, as milliseconds; sorting millions again for each would take a while. */
export function figuresOf(latenciesMs: readonly number[]): { p50: number; p99: number } {
  const sorted = Float64Array.from(latenciesMs).sort()
  const at = (share: number) => {
    const place = (sorted.length - 1) * share
    return percentile([...sorted.slice(Math.floor(place), Math.ceil(place) + 1)], place % 1)
  }
  return { p50: at(0.5), p99: at(0.99) }
}
