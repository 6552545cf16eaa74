import { expect, test } from 'bun:test'
import { decodeCursor, encodeCursor } from './cursor'
import { AppError } from './errors'

test.each([
  { sort: 'popular', key: '9007199254740993', id: 1 },
  { sort: 'newest', key: '-5', id: Number.MAX_SAFE_INTEGER },
  { sort: 'ending', key: '1777907700123456', id: 42 },
  { sort: 'search', key: '607927', id: 42 },
])('a cursor of $sort comes back as it was', (cursor) => {
  const text = encodeCursor(cursor)
  expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
  expect(decodeCursor(text, cursor.sort)).toEqual(cursor)
})

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test.each([
  ['empty', ''],
  ['not base64', '%%%'],
  ['not JSON', Buffer.from('popular 1 2').toString('base64url')],
  ['not a list', encode({ sort: 'popular', key: '1', id: 2 })],
  ['null', encode(null)],
  ['of another sort', encode(['newest', '1', 2])],
  ['without an id', encode(['popular', '1'])],
  ['with an id of text', encode(['popular', '1', '2'])],
  ['with an id of zero', encode(['popular', '1', 0])],
  ['with a fractional id', encode(['popular', '1', 1.5])],
  ['with an id beyond exactness', encode(['popular', '1', 2 ** 53])],
  ['with a key that is a number', encode(['popular', 1, 2])],
  ['with an empty key', encode(['popular', '', 2])],
  ['with SQL for a key', encode(['popular', "1'); drop table projects; --", 2])],
  ['too long', encode(['popular', '1', 2, 'x'.repeat(300)])],
])('a cursor %s is refused', (_, text) => {
  const decode = () => decodeCursor(text, 'popular')
  expect(decode).toThrow(AppError)
  expect(decode).toThrow(expect.objectContaining({ code: 'invalid_cursor', field: 'after' }))
})
