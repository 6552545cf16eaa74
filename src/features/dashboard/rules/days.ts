/** Days are those of UTC, written `2026-05-04`. */
export type Day = string

/** What the page may show: so many of the latest days, or all. */
export const ranges = ['7', '30', 'all'] as const
export type Range = (typeof ranges)[number]

/** A campaign lasts sixty at most; what is longer shows its latest. */
export const daysMax = 100
const dayMs = 24 * 3_600_000

export const dayOf = (moment: Date): Day => moment.toISOString().slice(0, 10)

/** The days of a campaign so far, from its launch to today or its end; none before the launch. */
export function campaignDays(
  { launchedAt, endsAt }: { launchedAt: Date | null; endsAt: Date | null },
  now: Date,
): Day[] {
  if (!launchedAt) return []
  const last = endsAt && endsAt < now ? endsAt : now
  const lastDay = Date.parse(dayOf(last))
  const count = Math.floor((lastDay - Date.parse(dayOf(launchedAt))) / dayMs) + 1
  const shown = Math.min(Math.max(count, 1), daysMax)
  return Array.from({ length: shown }, (_, day) =>
    dayOf(new Date(lastDay - (shown - 1 - day) * dayMs)),
  )
}

export const daysOf = (all: readonly Day[], range: Range): readonly Day[] =>
  range === 'all' ? all : all.slice(-Number(range))

/** One number for each day; a day without a row is 0. */
export function valuesOf<Row extends { day: Day }>(
  days: readonly Day[],
  rows: readonly Row[],
  pick: (row: Row) => number,
): number[] {
  const byDay = new Map(rows.map((row) => [row.day, pick(row)]))
  return days.map((day) => byDay.get(day) ?? 0)
}

/** What had come together by the end of each day, where it is `total` now. */
export function runningTotals(days: readonly Day[], rows: readonly Dated[], total: number) {
  const sorted = rows.toSorted((a, b) => (a.day < b.day ? 1 : -1))
  let index = 0
  let left = total
  return days
    .toReversed()
    .map((day) => {
      for (let row = sorted[index]; row && row.day > day; row = sorted[++index]) left -= row.value
      return left
    })
    .toReversed()
}

interface Dated {
  day: Day
  value: number
}

export const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0)

/** Share of visits that ended in a pledge, in percent; null where it cannot be known. */
export function conversion(backers: number, visits: number): number | null {
  return visits === 0 || backers > visits ? null : (100 * backers) / visits
}
