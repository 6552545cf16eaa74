import type { Random } from '#web/pictures/random'

/** So many requests a second for so long, whatever becomes of them. */
export interface Phase {
  rate: number
  seconds: number
}

export interface Arrivals {
  /** When the next one comes, in milliseconds since the beginning; infinite when none does. */
  next(): number
}

/**
 * Moments at which independent people come: the time between two of them is exponential. An
 * arrival that falls into the next phase is drawn anew from its beginning, which changes nothing,
 * as such a wait has no memory.
 */
export function drawArrivals(phases: readonly Phase[], random: Random): Arrivals {
  let index = 0
  let from = 0
  let at = 0
  return {
    next: () => {
      for (;;) {
        const phase = phases[index]
        if (!phase) return Number.POSITIVE_INFINITY
        at += phase.rate > 0 ? (-Math.log(1 - random.float(0, 1)) / phase.rate) * 1000 : Infinity
        const end = from + phase.seconds * 1000
        if (at < end) return at
        at = end
        from = end
        index += 1
      }
    },
  }
}

export const totalSeconds = (phases: readonly Phase[]): number =>
  phases.reduce((sum, { seconds }) => sum + seconds, 0)

/** Requests that come in all, about. */
export const expectedArrivals = (phases: readonly Phase[]): number =>
  phases.reduce((sum, { rate, seconds }) => sum + rate * seconds, 0)
