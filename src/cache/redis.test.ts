import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { startRedis, type TestRedis } from '#testing/redis'
import {
  closeCaches,
  elapsed,
  expectKept,
  expectNothingAtOnce,
  openCache,
  openUp,
  patient,
  ttlMs,
  warnings,
} from '#testing/shared-cache'
import { eventually, freePort } from '#testing/start-tiny-server'
import type { SharedCache } from './redis'

// Installing Redis on a new machine takes a while.
setDefaultTimeout(180_000)

let redis: TestRedis

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(() => redis.close())

beforeEach(() => redis.command('flushall'))

afterEach(async () => {
  redis.signal('SIGCONT')
  await closeCaches()
})

describe.each(['url', 'socketUrl'] as const)('by its %s', (address) => {
  test('keeps every byte as it is', async () => {
    const cache = await openUp(redis[address], patient)
    const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256)
    cache.set('bytes', bytes.subarray(100, 400), ttlMs)
    expect(await cache.get('bytes')).toEqual(Buffer.from(bytes.subarray(100, 400)))
    cache.set('empty', new Uint8Array(), ttlMs)
    expect(await cache.get('empty')).toEqual(Buffer.alloc(0))
    expect(await cache.get('Größe')).toBeUndefined()
    expect((await redis.command('keys', '*')).split('\n').sort()).toEqual([
      'jumpstarter:{bytes}:value',
      'jumpstarter:{empty}:value',
    ])
  })

  test('keeps it as long as it is told', async () => {
    const cache = await openUp(redis[address], patient)
    cache.set('long', Buffer.from('x'), 90_000.5)
    cache.set('short', Buffer.from('x'), 0.5)
    cache.set('gone', Buffer.from('x'), 0)
    await eventually(async () => expect(await cache.get('short')).toBeUndefined())
    expect(await cache.get('gone')).toBeUndefined()
    expect(Number(await redis.command('pttl', 'jumpstarter:{long}:value'))).toBeGreaterThan(80_000)
  })

  test('leases to one of the fleet, until it is over or given back', async () => {
    const [ours, theirs] = [await openUp(redis[address], patient), await openUp(redis.url, patient)]
    expect(await ours.lease('page', 60_000)).toBe(true)
    expect(await theirs.lease('page', 60_000)).toBe(false)
    expect(await ours.lease('page', 60_000)).toBe(false)
    expect(await theirs.lease('another', 60_000)).toBe(true)
    theirs.release('page')
    expect(await theirs.lease('page', 60_000)).toBe(false)
    ours.release('page')
    expect(await ours.get('page')).toBeUndefined()
    expect(await theirs.lease('page', 100)).toBe(true)
    await eventually(async () => expect(await ours.lease('page', 60_000)).toBe(true))
  })
})

describe('limits', () => {
  test('what is larger than a megabyte is not kept', async () => {
    const cache = await openUp(redis.socketUrl, patient)
    cache.set('fits', Buffer.alloc(1_000_000, 1), ttlMs)
    cache.set('too large', Buffer.alloc(1_000_001, 1), ttlMs)
    expect((await cache.get('fits'))?.byteLength).toBe(1_000_000)
    expect(await cache.get('too large')).toBeUndefined()
  })

  test('sixteen megabytes wait, the rest is dropped', async () => {
    const cache = await openUp(redis.socketUrl, patient)
    const value = Buffer.alloc(1_000_000)
    for (let n = 0; n < 40; n++) cache.set(`page ${n}`, value, ttlMs)
    expect((await cache.get('page 15'))?.byteLength).toBe(1_000_000)
    expect(await redis.command('dbsize')).toBe('16')
    await expectKept(cache, 'later', 'there is room again')
  })

  test('a thousand calls wait, the rest is answered at once', async () => {
    const cache = await openUp(redis.socketUrl, patient)
    await expectKept(cache, 'page', 'x')
    const calls = Array.from({ length: 1_500 }, () => cache.get('page'))
    const values = await Promise.all(calls)
    expect(values.filter((value) => value !== undefined)).toHaveLength(1_000)
    expect(cache.state()).toBe('up')
  })

  test('a value shares its memory with nothing', async () => {
    const cache = await openUp(redis.socketUrl, patient)
    cache.set('small', Buffer.alloc(8_000, 'a'), ttlMs)
    const small = Array.from({ length: 30 }, () => cache.get('small'))
    const memory = new Set((await Promise.all(small)).map((value) => value?.buffer.byteLength))
    expect([...memory]).toEqual([8_000])
  })
})

test('an answer that came while we stood still is taken', async () => {
  const cache = await openUp(redis.socketUrl)
  await expectKept(cache, 'page', 'x')
  await eventually(async () => {
    const asked = cache.get('page')
    Bun.sleepSync(100)
    expect((await asked)?.toString()).toBe('x')
  })
})

describe('close takes a second at most', () => {
  const closes = async (cache: SharedCache) => {
    expect(await elapsed(() => cache.close())).toBeLessThan(1_500)
    expect(cache.state()).toBe('down')
    await expectNothingAtOnce(cache)
    await cache.close()
  }
  const ours = async () => (await redis.command('client', 'list')).match(/name=jumpstarter/g) ?? []

  test('and what was set is sent before', async () => {
    const cache = await openUp(redis.url)
    await eventually(async () => expect(await ours()).toHaveLength(1))
    cache.set('last', Buffer.from('x'), ttlMs)
    await closes(cache)
    expect(await redis.command('get', 'jumpstarter:{last}:value')).toBe('x')
    expect(await ours()).toEqual([])
  })

  test('while Redis hangs, with calls under way', async () => {
    const cache = await openUp(redis.url, patient)
    redis.signal('SIGSTOP')
    const calls = [cache.get('page'), cache.lease('page', 1_000)]
    await closes(cache)
    expect(await Promise.all(calls)).toEqual([undefined, true])
  })

  test('while it connects, and no connection is left', async () => {
    await closes(openCache(redis.url))
    for (let turns = 1; turns <= 40; turns++) {
      const cache = openCache(redis.url)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      await cache.close()
    }
    await Bun.sleep(700)
    expect(await ours()).toEqual([])
  })

  test.each([
    ['nothing listens', () => `redis://127.0.0.1:${freePort()}`],
    ['nobody has the name', () => 'redis://redis.invalid'],
    ['nobody has the address', () => 'redis://198.51.100.1'],
    ['there is no such socket', () => 'unix:///nonexistent/redis.sock'],
    ['it does not speak TLS', () => `rediss://127.0.0.1:${redis.port}`],
  ])('while %s', async (_, url) => {
    const cache = openCache(url())
    await eventually(() => expect(warnings()).not.toEqual([]))
    expect(warnings().join()).toMatch(/"reason":"\S/)
    await closes(cache)
  })
})
