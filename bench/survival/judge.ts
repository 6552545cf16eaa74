import type { DeedId, Seen } from './deeds'
import type { Kept } from './kept'

/** What the promises are measured by; `room` is for machines that do more than this. */
export interface Bounds {
  /** Whoever cannot be served is told so. */
  refusedMs: number
  /** Whoever can be served is. */
  servedMs: number
  /** After all is back. */
  recoveredMs: number
  settledMs: number
}

export const boundsFor = (room: number): Bounds => ({
  refusedMs: 1_000 * room,
  servedMs: 2_000 * room,
  recoveredMs: 2_000 * room,
  settledMs: 15_000 * room,
})

/** A cell of the matrix. */
export interface Cell {
  state: string
  deed: DeedId
  promised: Kept
  /** Requests while it lasted, and what they were answered with; 0 is nothing. */
  asked: number
  answers: Record<string, number>
  /** Of these, pages shown as they once were. */
  old: number
  longestMs: number
  /** From the return to the first answer that is as ever. */
  recoveredMs: number
  /** A sentence for each; none is the promise. */
  broken: string[]
}

/** Requests that a worker may take with it: one is under way, and one more has met its end. */
const brokenOffMax = 3

/** When a state was brought about, and undone. */
export interface Span {
  from: number
  to: number
}

export function judge(
  about: Pick<Cell, 'state' | 'deed' | 'promised'>,
  seen: readonly Seen[],
  span: Span,
  bounds: Bounds,
): Cell {
  const { promised } = about
  const during = seen.filter(({ at, ms }) => at + ms > span.from && at < span.to)
  const after = seen.filter(({ at }) => at >= span.to)
  const first = after.find(({ isGood }) => isGood)
  const longestOf = (some: readonly Seen[]) => Math.max(0, ...some.map(({ ms }) => ms))
  const recoveredMs = first ? first.at + first.ms - span.to : Number.POSITIVE_INFINITY
  // A picture is made before there can be no room for it.
  const isSlow = promised === 'no room'
  const refusedMs = longestOf(during.filter(({ isGood }) => !isGood))
  const servedMs = longestOf(during.filter(({ isGood }) => isGood))
  const recoverMs = isSlow ? bounds.settledMs : bounds.recoveredMs
  const broken = [
    ...new Set(seen.flatMap(({ wrong }) => wrong ?? [])),
    ...during
      .filter((each) => !isAllowed(each, promised))
      .map(({ status, ms }) => told(status, ms)),
    ...late('a refusal', refusedMs, isSlow ? bounds.settledMs : bounds.refusedMs),
    ...late('an answer', servedMs, isSlow ? bounds.settledMs : bounds.servedMs),
    ...(recoveredMs <= recoverMs ? [] : [`not as ever within ${recoverMs} ms of the return`]),
    ...(during.length > 0 ? [] : ['nobody has asked']),
  ]
  const brokenOff = during.filter(({ status }) => status === 0).length
  if (brokenOff > brokenOffMax) broken.push(`${brokenOff} requests broke off`)
  const answers = Object.groupBy(during, ({ status }) => String(status))
  return {
    ...about,
    asked: during.length,
    answers: Object.fromEntries(
      Object.entries(answers).map(([status, all = []]) => [status, all.length]),
    ),
    old: during.filter(({ isOld }) => isOld).length,
    longestMs: longestOf(during),
    ...{ recoveredMs, broken: [...new Set(broken)] },
  }
}

const late = (what: string, ms: number, most: number) =>
  ms <= most ? [] : [`${what} took ${Math.round(ms)} ms`]

function isAllowed(seen: Seen, promised: Kept): boolean {
  if (seen.isGood) return true
  if (promised === 'works again') return seen.status === 0
  if (promised === 'shown') return seen.wasKept ? seen.isOld : seen.saysWhen
  return promised === 'refused' || promised === 'stays' || promised === 'no room'
    ? seen.saysWhen
    : false
}

const told = (status: number, ms: number) =>
  status === 0 ? `no answer, after ${Math.round(ms)} ms` : `answered ${status}`
