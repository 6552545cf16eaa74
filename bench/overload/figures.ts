import { percentile } from '../report'
import type { Asked, GeneratorFigures } from './generator'
import { type Outcome, outcomes } from './order'
import { type Kind, kinds } from './requests'

/** A right answer is good while somebody is still glad of it. */
export const goodMs = 1_000
/** A generator that was later than this, or busier, has measured itself. */
const lateMsMax = 20
const cpuShareMax = 0.85
/** A part of a second is normal again when so many of its requests have a good answer. */
const normalShare = 0.98
export const stepMs = 500

export interface Span {
  fromMs: number
  toMs: number
}

export interface KindFigures {
  kind: Kind
  asked: number
  good: number
  /** Of all that were right, good or late, in milliseconds; undefined of none. */
  p50Ms: number | undefined
  p99Ms: number | undefined
  refused: number
  wrong: number
  gone: number
}

interface Row {
  at: number
  kind: Kind
  outcome: Outcome
  ms: number
}

function* rowsOf({ at, kind, outcome, ms }: Asked): Generator<Row> {
  for (let row = 0; row < at.length; row++) {
    yield {
      at: at[row] as number,
      kind: kinds[kind[row] as number] as Kind,
      outcome: outcomes[outcome[row] as number] as Outcome,
      ms: ms[row] as number,
    }
  }
}

const isGood = ({ outcome, ms }: Row) => outcome === 'right' && ms <= goodMs

const shareOr = (values: number[], share: number) =>
  values.length === 0 ? undefined : percentile(values, share)

/** What became of those who came within the span, by kind; only of kinds that came. */
export function figuresByKind(asked: Asked, { fromMs, toMs }: Span): KindFigures[] {
  const found = new Map<Kind, KindFigures & { rightMs: number[] }>()
  for (const row of rowsOf(asked)) {
    if (row.at < fromMs || row.at >= toMs) continue
    const own = found.get(row.kind) ?? {
      ...{ kind: row.kind, asked: 0, good: 0, refused: 0, wrong: 0, gone: 0 },
      ...{ p50Ms: undefined, p99Ms: undefined, rightMs: [] },
    }
    found.set(row.kind, own)
    own.asked += 1
    if (isGood(row)) own.good += 1
    if (row.outcome === 'right') own.rightMs.push(row.ms)
    else own[row.outcome] += 1
  }
  return kinds.flatMap((kind) => {
    const own = found.get(kind)
    if (!own) return []
    const { rightMs, ...figures } = own
    return { ...figures, p50Ms: shareOr(rightMs, 0.5), p99Ms: shareOr(rightMs, 0.99) }
  })
}

/** Of several runs together; of latencies the worst. */
export function sumByKind(runs: readonly KindFigures[][]): KindFigures[] {
  const worst = (a: number | undefined, b: number | undefined) => Math.max(a ?? 0, b ?? 0)
  return kinds.flatMap((kind) => {
    const own = runs.flat().filter((figures) => figures.kind === kind)
    if (own.length === 0) return []
    return own.reduce((sum, each) => ({
      kind,
      asked: sum.asked + each.asked,
      good: sum.good + each.good,
      refused: sum.refused + each.refused,
      wrong: sum.wrong + each.wrong,
      gone: sum.gone + each.gone,
      p50Ms: worst(sum.p50Ms, each.p50Ms),
      p99Ms: worst(sum.p99Ms, each.p99Ms),
    }))
  })
}

/** Of all kinds together: milliseconds below which a share of such answers came. */
export function quantileOf(asked: Asked, span: Span, wanted: Outcome, share: number) {
  const all: number[] = []
  for (const { at, outcome, ms } of rowsOf(asked)) {
    if (outcome === wanted && at >= span.fromMs && at < span.toMs) all.push(ms)
  }
  return shareOr(all, share)
}

/** Good answers a second, by when they were asked for; a figure for each step. */
export function goodputOf(asked: Asked, seconds: number, kind?: Kind): number[] {
  const steps = new Array<number>(Math.ceil((seconds * 1000) / stepMs)).fill(0)
  for (const row of rowsOf(asked)) {
    const step = Math.floor(row.at / stepMs)
    if (!isGood(row) || step >= steps.length || (kind && row.kind !== kind)) continue
    steps[step] = (steps[step] as number) + 1000 / stepMs
  }
  return steps
}

/**
 * Seconds from `fromMs` until nearly everybody has a good answer again, and has it from then on;
 * undefined when that did not come before the end.
 */
export function secondsUntilNormal(asked: Asked, { fromMs, toMs }: Span): number | undefined {
  const steps = Math.floor((toMs - fromMs) / stepMs)
  const all = new Array<number>(steps).fill(0)
  const good = new Array<number>(steps).fill(0)
  for (const row of rowsOf(asked)) {
    const step = Math.floor((row.at - fromMs) / stepMs)
    if (step < 0 || step >= steps) continue
    all[step] = (all[step] as number) + 1
    if (isGood(row)) good[step] = (good[step] as number) + 1
  }
  const last = all.findLastIndex((number, step) => (good[step] as number) < number * normalShare)
  return last === steps - 1 ? undefined : ((last + 1) * stepMs) / 1000
}

/** Why the run says nothing about the server; undefined when it does. */
export function whyInvalid(figures: GeneratorFigures): string | undefined {
  const { lateP99Ms, cpuShare } = figures
  if (lateP99Ms > lateMsMax) {
    return `the generator sent a hundredth of its requests more than ${lateP99Ms.toFixed(0)} ms late`
  }
  if (cpuShare > cpuShareMax) {
    return `the generator was busy for ${Math.round(cpuShare * 100)}% of the time`
  }
  return undefined
}
