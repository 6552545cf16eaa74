import type { Address } from '#server/ask'
import type { Phase } from './arrivals'
import type { Kind, Site } from './requests'

/** What a process that asks on a schedule is to do. */
export interface GeneratorOrder {
  /** Connections go to them in turns. */
  addresses: Address[]
  site: Site
  /** Their shares, of one. */
  mix: { kind: Kind; share: number }[]
  seed: number
  /** One after the other. The loop is open: they come whether or not others have been answered. */
  phases: Phase[]
  /** A closed loop instead, which finds the peak: so many at once, each waits for its answer. */
  atOnce?: number
  connectionsMax: number
  /** Who has waited so long hangs up. */
  patienceMs: number
}

/** What became of a request: right, told to come back, something else, or they have hung up. */
export const outcomes = ['right', 'refused', 'wrong', 'gone'] as const
export type Outcome = (typeof outcomes)[number]
