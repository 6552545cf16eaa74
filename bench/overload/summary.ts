import { totalSeconds } from './arrivals'
import {
  figuresByKind,
  goodputOf,
  type KindFigures,
  quantileOf,
  type Span,
  secondsUntilNormal,
  stepMs,
} from './figures'
import type { Overload, Surge, Way } from './overload'
import type { Kind } from './requests'

/** What is said of one way. */
export interface Summary {
  way: Way
  /** Of the surge, without its first second: those before have found nobody at work. */
  kinds: KindFigures[]
  /** Good answers a second in the surge, of all and of what has to be made. */
  goodput: number
  madeGoodput: number
  /** Of these, against the peak. */
  madeRatio: number
  /** Of right answers, and of refusals, in the surge. */
  p99Ms: number | undefined
  refusalP99Ms: number | undefined
  refusalBytes: number
  /** From the end of the surge; undefined when it was not normal again. */
  normalAfterSeconds: number | undefined
  /** Beside each other: when, in seconds, and good answers a second by then. */
  seconds: number[]
  all: number[]
  byKind: { kind: Kind; goodput: number[] }[]
}

/** What answers from memory need not be told of for the work to be compared. */
const isMade = ({ kind }: KindFigures) => kind !== 'kept'

const perSecond = (kinds: KindFigures[], seconds: number) =>
  kinds.reduce((sum, { good }) => sum + good, 0) / seconds

/** The figures of a run, of both ways. */
export function summarize({ peakByKind, peakSeconds, surges }: Overload): Summary[] {
  const madeAtPeak = perSecond(peakByKind.filter(isMade), peakSeconds)
  return surges.map((surge) => summaryOf(surge, madeAtPeak))
}

function summaryOf({ way, figures, phases }: Surge, madeAtPeak: number): Summary {
  const { asked, refusalBytes } = figures
  const [before, during] = phases
  const begins = (before?.seconds ?? 0) * 1000
  const ends = begins + (during?.seconds ?? 0) * 1000
  const span: Span = { fromMs: begins + 1000, toMs: ends }
  const spanSeconds = (span.toMs - span.fromMs) / 1000
  const kinds = figuresByKind(asked, span)
  const total = totalSeconds(phases)
  const madeGoodput = perSecond(kinds.filter(isMade), spanSeconds)
  const all = goodputOf(asked, total)
  return {
    ...{ way, kinds, refusalBytes, madeGoodput, all },
    goodput: perSecond(kinds, spanSeconds),
    madeRatio: madeGoodput / madeAtPeak,
    p99Ms: quantileOf(asked, span, 'right', 0.99),
    refusalP99Ms: quantileOf(asked, span, 'refused', 0.99),
    normalAfterSeconds: secondsUntilNormal(asked, { fromMs: ends, toMs: total * 1000 }),
    seconds: all.map((_, step) => (step * stepMs) / 1000),
    byKind: kinds.map(({ kind }) => ({ kind, goodput: goodputOf(asked, total, kind) })),
  }
}
