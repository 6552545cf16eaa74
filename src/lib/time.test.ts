import { expect, test } from 'bun:test'
import { formatDate, formatMoment, formatMonth, timeAgo, timeLeft } from './time'

const now = new Date('2026-05-04T15:15:00Z')
const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const after = (ms: number) => new Date(now.getTime() + ms)

test.each([
  [60 * day, 60, 'days'],
  // The site of 2018 took the days modulo a month and showed 29 here.
  [59 * day, 59, 'days'],
  [31 * day, 31, 'days'],
  [30 * day, 30, 'days'],
  [2 * day, 2, 'days'],
  [2 * day - 1, 47, 'hours'],
  [day, 24, 'hours'],
  [2 * hour - 1, 1, 'hour'],
  [hour, 1, 'hour'],
  [hour - 1, 59, 'minutes'],
  [2 * minute, 2, 'minutes'],
  [2 * minute - 1, 1, 'minute'],
  [second, 1, 'minute'],
  [1, 1, 'minute'],
])('%i ms before the deadline there are %i %s to go', (left, amount, unit) => {
  expect(timeLeft(after(left), { now })).toEqual({ amount, unit })
})

test.each([400 * day, 2 * day, 2 * day - 1, hour, 61 * minute, 2 * minute, minute, 30 * second, 1])(
  '%i ms before the deadline it is told how long that text is true',
  (left) => {
    let until = 0
    const textAt = (moment: number) =>
      timeLeft(after(left), {
        now: new Date(moment),
        until: (change) => {
          until = change
        },
      })
    const text = textAt(now.getTime())
    const change = until
    expect(change).toBeGreaterThan(now.getTime())
    expect(textAt(change - 1)).toEqual(text)
    // The last two minutes read the same but for their end.
    if (left > minute) expect(textAt(change)).not.toEqual(text)
    else expect(change).toBeLessThanOrEqual(after(left).getTime() + 1)
  },
)

test.each([0, -1, -day])('%i ms before the deadline there is nothing left', (left) => {
  expect(timeLeft(after(left), { now })).toBeNull()
})

test.each([
  [-hour, 'just now'],
  [0, 'just now'],
  [minute - 1, 'just now'],
  [minute, '1 minute ago'],
  [hour - 1, '59 minutes ago'],
  [hour, '1 hour ago'],
  [day - 1, '23 hours ago'],
  [day, '1 day ago'],
  [30 * day - 1, '29 days ago'],
  [30 * day, 'April 4, 2026'],
])('%i ms ago is %s', (passed, text) => {
  expect(timeAgo(after(-passed), now)).toBe(text)
})

test('dates are those of UTC, wherever the server stands', () => {
  const lateEvening = new Date('2026-12-31T23:59:59Z')
  expect(formatDate(lateEvening)).toBe('December 31, 2026')
  expect(formatMonth(lateEvening)).toBe('December 2026')
  expect(formatMonth('2026-05-01')).toBe('May 2026')
  expect(formatMoment(now)).toBe('May 4, 2026 at 3:15 PM UTC')
})
