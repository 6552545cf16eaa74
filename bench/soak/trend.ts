import { percentile } from '../report'
import { tFactor } from '../sockets/interval'

/** A figure at a moment, in seconds from the beginning. */
export interface Sample {
  at: number
  value: number
}

export type Verdict = 'flat' | 'grows' | 'unsure'

export interface Trend {
  /** The middle value, once it is warm. */
  level: number
  /** By how much it grows in an hour, with the 95 % interval of that. */
  perHour: number
  low: number
  high: number
  verdict: Verdict
}

/** Growth in an hour, as a share of the level, that is none. */
export const flatShareMax = 0.1
export const rule =
  'The first sixth of the time, five minutes at least, is for warming up. Of the rest, the lowest value in each of 20 equal ' +
  'parts counts, as garbage waits for its collection in between. A line through them is flat when ' +
  'the upper end of its 95 % interval is below a tenth of the level an hour; it grows when the lower ' +
  'end is above nothing and the line above that tenth; otherwise, and in less than ten minutes, the ' +
  'run was too short to tell.'

const warmUpShare = 1 / 6
const warmUpSeconds = 300
const tellingSeconds = 600
const parts = 20
const secondsPerHour = 3_600

/** Judges whether a figure stays where it is. Throws when there are too few samples for that. */
export function trendOf(samples: readonly Sample[]): Trend {
  const first = samples[0]?.at ?? 0
  const last = samples.at(-1)?.at ?? 0
  const lasted = last - first
  const isTelling = lasted >= tellingSeconds
  const from = first + (isTelling ? Math.max(warmUpSeconds, lasted * warmUpShare) : 0)
  const warm = samples.filter(({ at }) => at >= from)
  const lows = lowestOf(warm, from, last)
  if (lows.length < 4) throw new Error('there are too few samples for a trend')
  const level = percentile(
    warm.map(({ value }) => value),
    0.5,
  )
  const { slope, reach } = lineThrough(lows)
  const [perHour, reachPerHour] = [slope * secondsPerHour, reach * secondsPerHour]
  const around = { level, perHour, low: perHour - reachPerHour, high: perHour + reachPerHour }
  return { ...around, verdict: isTelling ? judge(around) : 'unsure' }
}

function judge({ level, perHour, low, high }: Omit<Trend, 'verdict'>): Verdict {
  const most = Math.abs(level) * flatShareMax
  if (high <= most) return 'flat'
  return low > 0 && perHour > most ? 'grows' : 'unsure'
}

function lowestOf(samples: readonly Sample[], from: number, to: number): Sample[] {
  const lows = new Map<number, Sample>()
  for (const sample of samples) {
    const part = Math.min(parts - 1, Math.floor(((sample.at - from) / (to - from)) * parts))
    const known = lows.get(part)
    if (!known || sample.value < known.value) lows.set(part, sample)
  }
  return [...lows.values()]
}

/** Least squares; `reach` is half of the slope's 95 % interval. */
function lineThrough(points: readonly Sample[]): { slope: number; reach: number } {
  const mean = (of: (point: Sample) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const [at, value] = [mean((point) => point.at), mean((point) => point.value)]
  const across = points.reduce((sum, point) => sum + (point.at - at) ** 2, 0)
  const along = points.reduce((sum, point) => sum + (point.at - at) * (point.value - value), 0)
  const slope = along / across
  const left = points.reduce(
    (sum, point) => sum + (point.value - value - slope * (point.at - at)) ** 2,
    0,
  )
  const degrees = points.length - 2
  return { slope, reach: tFactor(degrees) * Math.sqrt(left / degrees / across) }
}
