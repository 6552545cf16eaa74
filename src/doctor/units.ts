const minuteSeconds = 60
const hourSeconds = 3600
const daySeconds = 86_400

/** `40 seconds`, `12 minutes`, `5 hours`, `3 days`. */
export function duration(seconds: number): string {
  const of = (count: number, unit: string) => plural(Math.round(count), unit)
  if (seconds < 2 * minuteSeconds) return of(seconds, 'second')
  if (seconds < 2 * hourSeconds) return of(seconds / minuteSeconds, 'minute')
  if (seconds < 2 * daySeconds) return of(seconds / hourSeconds, 'hour')
  return of(seconds / daySeconds, 'day')
}

/** `1 mail`, `2,000 mails`. */
export const plural = (count: number, noun: string) =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`

/** `12 MB`, `1.5 GB`: powers of 1024, as Postgres and Redis count. */
export function size(bytes: number): string {
  const megabytes = bytes / 2 ** 20
  if (megabytes < 1024) return `${Math.round(megabytes)} MB`
  return `${(megabytes / 1024).toFixed(1).replace(/\.0$/, '')} GB`
}
