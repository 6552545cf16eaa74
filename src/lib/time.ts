const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const dateFormat = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' })
const monthFormat = new Intl.DateTimeFormat('en-US', {
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})
const dayFormat = new Intl.DateTimeFormat('en-US', {
  month: 'short',
  day: 'numeric',
  timeZone: 'UTC',
})
const momentFormat = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
})

/** `May 4, 2026` */
export const formatDate = (date: Date): string => dateFormat.format(date)
/** `May 2026`; takes a date or an ISO day such as `2026-05-01`. */
export const formatMonth = (date: Date | string): string => monthFormat.format(new Date(date))
/** `May 4`; takes an ISO day such as `2026-05-04`. */
export const formatDay = (day: string): string => dayFormat.format(new Date(day))
/** `May 4, 2026 at 3:15 PM UTC` */
export const formatMoment = (date: Date): string => `${momentFormat.format(date)} UTC`

/** `2027-03-31T18:00`, as the browser's field has it, in UTC; undefined for anything else. */
export function readMoment(text: string): Date | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::\d\d)?$/.exec(text.trim())
  const moment = match && new Date(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}Z`)
  // The 31st of February is the 3rd of March to some, and nothing to others.
  if (!moment || Number.isNaN(moment.getTime())) return undefined
  return moment.getUTCDate() === Number(match[3]) ? moment : undefined
}

/** The reverse, for the browser's field. */
export const plainMoment = (moment: Date): string => moment.toISOString().slice(0, 16)

/** The moment a text is made, and who wants to know how long it will be true. */
export interface Clock {
  now: Date
  /** Told, in milliseconds since 1970, when what was said of now reads differently. */
  until?: ((moment: number) => void) | undefined
}

/** What is left until the deadline in its largest unit: 23 days, 5 hours; null once over. */
export function timeLeft(
  endsAt: Date,
  { now, until }: Clock,
): { amount: number; unit: string } | null {
  const left = endsAt.getTime() - now.getTime()
  if (left <= 0) return null
  // From two days on days are exact enough; below, a day would hide up to half of what is left.
  const unitMs = left >= 2 * dayMs ? dayMs : left >= hourMs ? hourMs : minuteMs
  const amount = Math.floor(left / unitMs)
  // With a minute left it says so until the end.
  until?.(endsAt.getTime() - amount * unitMs + (amount > 0 ? 1 : 0))
  if (unitMs === dayMs) return { amount, unit: 'days' }
  return unitMs === hourMs ? withUnit(amount, 'hour') : withUnit(Math.max(1, amount), 'minute')
}

/** `just now`, `5 minutes ago`, `3 days ago`; from a month on the date. */
export function timeAgo(date: Date, now: Date): string {
  const passed = now.getTime() - date.getTime()
  if (passed < minuteMs) return 'just now'
  const { amount, unit } =
    passed < hourMs
      ? withUnit(Math.floor(passed / minuteMs), 'minute')
      : passed < dayMs
        ? withUnit(Math.floor(passed / hourMs), 'hour')
        : withUnit(Math.floor(passed / dayMs), 'day')
  return passed < 30 * dayMs ? `${amount} ${unit} ago` : formatDate(date)
}

function withUnit(amount: number, unit: string): { amount: number; unit: string } {
  return { amount, unit: amount === 1 ? unit : `${unit}s` }
}
