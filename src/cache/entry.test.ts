import { describe, expect, test } from 'bun:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { answerFrom } from './answer'
import { addBrotli, bytesOf, decodeEntry, encodeEntry, makeEntry } from './entry'

const page = new TextEncoder().encode('<p>A page with a few words in it.</p>'.repeat(100))
const html = { 'content-type': 'text/html; charset=utf-8', 'x-frame': 'none' }
const make = (body = page, headers: Record<string, string> = html) =>
  makeEntry({ headers, tags: ['project:1'], freshUntil: 5, staleUntil: 6, madeAt: 4 }, body)
const ask = (headers: Record<string, string> = {}) => new Request('http://localhost/', { headers })

describe('an answer', () => {
  test.each([
    ['gzip, deflate, br, zstd', 'gzip'],
    ['gzip', 'gzip'],
    ['br', null],
    ['gzip;q=0', null],
    ['', null],
  ])('for one who takes “%s” is in %p', async (accept, coding) => {
    const answer = answerFrom(await make(), ask({ 'accept-encoding': accept }))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-encoding')).toBe(coding)
    expect(answer.headers.get('vary')).toBe('Accept-Encoding')
    expect(answer.headers.get('x-frame')).toBe('none')
    const bytes = new Uint8Array(await answer.arrayBuffer())
    expect(coding ? new Uint8Array(gunzipSync(bytes)) : bytes).toEqual(page)
  })

  test('is in brotli for those who take it, once there is one', async () => {
    const entry = await make()
    const before = bytesOf(entry)
    await addBrotli(entry)
    expect(bytesOf(entry)).toBeGreaterThan(before)
    const answer = answerFrom(entry, ask({ 'accept-encoding': 'gzip, br' }))
    expect(answer.headers.get('content-encoding')).toBe('br')
    const bytes = new Uint8Array(await answer.arrayBuffer())
    expect(new Uint8Array(brotliDecompressSync(bytes))).toEqual(page)
    const other = answerFrom(entry, ask({ 'accept-encoding': 'gzip' }))
    expect(other.headers.get('content-encoding')).toBe('gzip')
  })

  test('is not compressed when a packet holds it, or it is no text', async () => {
    for (const entry of [
      await make(page.slice(0, 900)),
      await make(page, { 'content-type': 'image/png' }),
    ]) {
      const answer = answerFrom(entry, ask({ 'accept-encoding': 'gzip, br' }))
      expect(answer.headers.get('content-encoding')).toBeNull()
    }
  })

  test.each(['%s', '"x", %s', '*'])('is not sent again to one who has %s', async (pattern) => {
    const entry = await make()
    const tag = entry.headers['etag'] as string
    const answer = answerFrom(entry, ask({ 'if-none-match': pattern.replace('%s', tag) }))
    expect(answer.status).toBe(304)
    expect(answer.headers.get('etag')).toBe(tag)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=0, must-revalidate')
    expect(answer.headers.get('vary')).toBe('Accept-Encoding')
    expect(await answer.text()).toBe('')
  })

  test('lets a script of any site read its tag, also when it is not sent again', async () => {
    const shared = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'ETag' }
    const entry = await make(page, { ...html, ...shared })
    const tag = entry.headers['etag'] as string
    const { status, headers } = answerFrom(entry, ask({ 'if-none-match': tag }))
    expect(status).toBe(304)
    expect(Object.fromEntries(headers)).toMatchObject(shared)
  })

  test('has another tag when its body is another', async () => {
    const [one, same, other] = await Promise.all([make(), make(), make(page.slice(1))])
    expect(one.headers['etag']).toBe(same.headers['etag'] as string)
    expect(one.headers['etag']).not.toBe(other.headers['etag'] as string)
    const answer = answerFrom(other, ask({ 'if-none-match': one.headers['etag'] as string }))
    expect(answer.status).toBe(200)
  })

  test('does not share its headers with the next', async () => {
    const entry = await make()
    answerFrom(entry, ask()).headers.set('connection', 'close')
    expect(answerFrom(entry, ask()).headers.get('connection')).toBeNull()
  })
})

describe('what other processes get', () => {
  const stamp = { database: 'one', snapshot: '10:20:10', last: ['15'] }

  test('comes out as it went in', async () => {
    const entry = await make()
    const decoded = decodeEntry(Buffer.from(encodeEntry(entry, stamp, 'site')), 'site')
    expect(decoded).toEqual({ entry, stamp })
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['noise', Buffer.from('not an entry at all')],
    ['a length beyond its end', Buffer.from([255, 255, 255, 255, 1])],
    [
      'another version',
      Buffer.concat([Buffer.from([0, 0, 0, 20]), Buffer.from('{"writtenBy":"else"}')]),
    ],
  ])('%s is none', (_, bytes) => {
    expect(decodeEntry(bytes, 'site')).toBeUndefined()
  })

  test('one that is cut short, of another site or damaged is none', async () => {
    const bytes = Buffer.from(encodeEntry(await make(), stamp, 'site'))
    expect(decodeEntry(bytes.subarray(0, 20), 'site')).toBeUndefined()
    expect(decodeEntry(bytes.subarray(0, -1), 'site')).toBeUndefined()
    expect(decodeEntry(bytes, 'another site')).toBeUndefined()
    bytes[bytes.length - 9] = 255 - (bytes[bytes.length - 9] as number)
    expect(decodeEntry(bytes, 'site')).toBeUndefined()
  })
})
