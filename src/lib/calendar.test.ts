import { expect, test } from 'bun:test'
import { calendarEvent } from './calendar'

const event = {
  uid: 'project-1@jumpstarter.test',
  title: 'Saltmarsh ends in two days',
  description: 'A board game',
  url: 'https://jumpstarter.test/projects/1',
  startsAt: new Date('2026-05-04T15:15:30.500Z'),
  madeAt: new Date('2026-05-01T00:00:00Z'),
}

/** Lines as they were before folding. */
const unfold = (text: string) => text.replaceAll('\r\n ', '').split('\r\n')

test('an event has its times in UTC and rings', () => {
  const lines = unfold(calendarEvent(event))
  expect(lines[0]).toBe('BEGIN:VCALENDAR')
  expect(lines).toContain('DTSTART:20260504T151530Z')
  expect(lines).toContain('DTSTAMP:20260501T000000Z')
  expect(lines).toContain('BEGIN:VALARM')
  expect(lines.slice(-2)).toEqual(['END:VCALENDAR', ''])
})

test('what has a meaning in the format is escaped, so that no text adds a line', () => {
  const title = 'One; two, three \\ four\nATTENDEE:mailto:x@y\r\nEND:VCALENDAR'
  const lines = unfold(calendarEvent({ ...event, title }))
  expect(lines).toContain(
    'SUMMARY:One\\; two\\, three \\\\ four\\nATTENDEE:mailto:x@y\\nEND:VCALENDAR',
  )
  expect(lines.filter((line) => line === 'END:VCALENDAR')).toHaveLength(1)
})

test.each([
  ['letters', 'x'.repeat(500)],
  ['letters of two octets', 'ß'.repeat(300)],
  ['letters of four octets', '🎲'.repeat(100)],
  ['just too many', 'x'.repeat(75 - 'SUMMARY:'.length + 1)],
])('a long line of %s is folded at 75 octets and comes back whole', (_, title) => {
  const text = calendarEvent({ ...event, title })
  for (const line of text.split('\r\n')) {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(line).not.toContain('\n')
    expect(line).not.toContain('\ufffd')
  }
  expect(unfold(text)).toContain(`SUMMARY:${title}`)
})
