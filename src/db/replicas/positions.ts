/** Where the primary was, once. */
export interface Sample {
  /** `performance.now()` before it was asked. */
  askedAt: number
  /** All that was committed before it was asked stands before this in its log. */
  position: bigint
  /** Whoever has replayed the log up to the position sees all that this snapshot sees. */
  snapshot: string
}

/** Marks are good for so long; what is older, every replica in use has. */
export const markMs = 30_000
const keptMs = markMs + 10_000

/** The way of the primary’s position over the last half minute. Moments are `performance.now()`. */
export type Positions = ReturnType<typeof createPositions>

export function createPositions() {
  let samples: Sample[] = []
  return {
    add(sample: Sample) {
      const last = samples.at(-1)
      // Another server has taken over, and not quite everything of this one has reached it.
      if (last && sample.position < last.position) samples = []
      samples.push(sample)
      if ((samples[0] as Sample).askedAt < sample.askedAt - 2 * keptMs) {
        samples = samples.filter(({ askedAt }) => askedAt >= sample.askedAt - keptMs)
      }
    },
    latest: (): Sample | undefined => samples.at(-1),
    /** A position behind all that was committed before that moment; undefined if none is known. */
    after: (moment: number): bigint | undefined =>
      samples.find(({ askedAt }) => askedAt > moment)?.position,
    /** The latest that whoever has replayed the log so far has seen. */
    upTo: (position: bigint): Sample | undefined =>
      samples.findLast((sample) => sample.position <= position),
    /** Where it was at that moment or before; undefined when nobody remembers. */
    before: (moment: number): bigint | undefined =>
      samples.findLast(({ askedAt }) => askedAt <= moment)?.position,
  }
}
