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
import { type ChaosProxy, startChaosProxy } from '#testing/chaos-proxy'
import { startRedis, type TestRedis } from '#testing/redis'
import {
  closeCaches,
  elapsed,
  expectKept,
  expectNothingAtOnce,
  isUp,
  logged,
  lossMs,
  openCache,
  openUp,
  patient,
  ttlMs,
  warnings,
} from '#testing/shared-cache'
import { eventually } from '#testing/start-tiny-server'
import type { SharedCache } from './redis'

// Installing Redis on a new machine takes a while.
setDefaultTimeout(180_000)

const failuresMax = 3

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

/** Calls, one after the other, until it is not asked any more. */
async function callsUntilDown(cache: SharedCache): Promise<number> {
  let calls = 0
  while (cache.state() === 'up') {
    calls++
    if (calls % 2) expect(await cache.get('page')).toBeUndefined()
    else expect(await cache.lease('page', 1_000)).toBe(true)
  }
  return calls
}

describe('Redis', () => {
  test('is not there, then it is', async () => {
    const other = await startRedis()
    await other.kill()
    const cache = openCache(other.url)
    await eventually(() => expect(warnings()).toHaveLength(1))
    await expectNothingAtOnce(cache)
    await Bun.sleep(1_000)
    expect(warnings()).toEqual([
      expect.stringMatching(/^warn: Redis is not to be had.*refused|ECONN/i),
    ])
    await other.start()
    await expectKept(cache, 'page', 'x')
    await other.close()
  })

  test('hangs', async () => {
    const cache = await openUp(redis.url)
    redis.signal('SIGSTOP')
    expect(
      await elapsed(async () => expect(await callsUntilDown(cache)).toBe(failuresMax)),
    ).toBeLessThan(lossMs)
    await expectNothingAtOnce(cache)
    await Bun.sleep(2_500) // longer than the first attempt to connect again
    expect(cache.state()).toBe('down')
    await expectNothingAtOnce(cache)
    redis.signal('SIGCONT')
    await expectKept(cache, 'page', 'x')
    expect(logged().filter((text) => text.includes('connected'))).toHaveLength(2)
    expect(new Set(warnings()).size).toBe(warnings().length)
  })

  test('hangs while many ask at once: that is one failure, not many', async () => {
    const cache = await openUp(redis.url)
    redis.signal('SIGSTOP')
    const ask = () => Promise.all(Array.from({ length: 200 }, () => cache.get('page')))
    for (let round = 1; round <= failuresMax; round++) {
      expect(cache.state()).toBe('up')
      expect(new Set(await ask())).toEqual(new Set([undefined]))
    }
    expect(cache.state()).toBe('down')
  })

  test('hangs from the beginning', async () => {
    redis.signal('SIGSTOP')
    const cache = openCache(redis.socketUrl)
    await eventually(() => expect(warnings()).toHaveLength(1))
    await expectNothingAtOnce(cache)
    redis.signal('SIGCONT')
    await expectKept(cache, 'page', 'x')
  })

  test('is flushed', async () => {
    const cache = await openUp(redis.url, patient)
    await expectKept(cache, 'page', 'x')
    expect(await cache.lease('page', ttlMs)).toBe(true)
    await redis.command('flushall')
    expect(await cache.get('page')).toBeUndefined()
    expect(await cache.lease('page', ttlMs)).toBe(true)
    await expectKept(cache, 'page', 'y')
    expect(warnings()).toEqual([])
  })

  test('is killed and started again', async () => {
    const cache = await openUp(redis.url)
    await redis.kill()
    await eventually(() => expect(cache.state()).toBe('down'))
    await expectNothingAtOnce(cache)
    await redis.start()
    // The longest pause is 2 s.
    expect(await elapsed(() => isUp(cache))).toBeLessThan(4_000)
    await expectKept(cache, 'page', 'x')
    expect(new Set(warnings()).size).toBe(warnings().length)
  })

  test('refuses the password, and takes it later', async () => {
    const locked = await startRedis('right')
    const cache = openCache(locked.url.replace('right', 'wrong'))
    await eventually(() => expect(warnings().join()).toContain('WRONGPASS'))
    await expectNothingAtOnce(cache)
    expect(logged().join()).not.toContain(':wrong@')
    await (await openUp(locked.socketUrl)).close()
    await locked.command('config', 'set', 'requirepass', 'wrong')
    await expectKept(cache, 'page', 'x')
    await locked.close()
  })

  test('is full: what is there can be read, and it is said once', async () => {
    const cache = await openUp(redis.url, patient)
    await expectKept(cache, 'page', 'x')
    await redis.command('config', 'set', 'maxmemory', '1')
    for (let call = 0; call < 5; call++) {
      cache.set('another', Buffer.from('y'), ttlMs)
      expect((await cache.get('page'))?.toString()).toBe('x')
    }
    await redis.command('config', 'set', 'maxmemory', '0')
    expect(warnings()).toEqual([expect.stringContaining('Redis refuses a command {"reason":"OOM')])
    expect(cache.state()).toBe('up')
    await expectKept(cache, 'another', 'y')
  })
})

describe('the way to Redis', () => {
  let proxy: ChaosProxy

  beforeEach(async () => {
    proxy = await startChaosProxy({ port: redis.port, host: '127.0.0.1' })
  })
  afterEach(() => proxy.close())

  const address = () => `redis://127.0.0.1:${proxy.port}`

  test('is slow', async () => {
    const cache = await openUp(address())
    proxy.delayMs = 200
    expect(await callsUntilDown(cache)).toBe(failuresMax)
    await expectNothingAtOnce(cache)
    await Bun.sleep(2_500)
    expect(cache.state()).toBe('down')
    proxy.delayMs = 0
    await expectKept(cache, 'page', 'x')
  })

  test('is slow for once: a late reply is nobody else’s', async () => {
    const cache = await openUp(address(), { commandTimeoutMs: 300 })
    await expectKept(cache, 'a', 'of a')
    await expectKept(cache, 'b', 'of b')
    proxy.delayMs = 700
    expect(await cache.get('a')).toBeUndefined()
    proxy.delayMs = 0
    await Bun.sleep(200)
    // This one is answered after the other, and still in time.
    expect((await cache.get('b'))?.toString()).toBe('of b')
    expect(cache.state()).toBe('up')
  })

  test('is unsteady: everyone gets their own or nothing', async () => {
    const cache = await openUp(address())
    for (let n = 0; n < 10; n++) await expectKept(cache, String(n), String(n))
    const seen = { own: 0, none: 0, others: 0 }
    for (let round = 0; round < 30; round++) {
      if (round % 10 === 9) proxy.cut()
      // Two that come late, and one in time behind them, so that it is asked again and again.
      proxy.delayMs = round % 3 === 2 ? 0 : 30
      const asked = Array.from({ length: 10 }, (_, n) => cache.get(String(n)))
      for (const [n, value] of (await Promise.all(asked)).entries()) {
        seen[value === undefined ? 'none' : value.toString() === String(n) ? 'own' : 'others']++
      }
      if (proxy.delayMs === 0) await isUp(cache)
    }
    expect(seen).toEqual({ own: expect.any(Number), none: expect.any(Number), others: 0 })
    expect(Math.min(seen.own, seen.none)).toBeGreaterThan(0)
  })

  test('is blocked, and free again', async () => {
    const cache = await openUp(address())
    proxy.hang()
    expect(await callsUntilDown(cache)).toBe(failuresMax)
    await expectNothingAtOnce(cache)
    proxy.goOn()
    await expectKept(cache, 'page', 'x')
  })

  test('breaks under way: no call is left waiting', async () => {
    const cache = await openUp(address(), patient)
    proxy.hang()
    const calls = Array.from({ length: 100 }, () => cache.get('page'))
    await Bun.sleep(50)
    proxy.cut()
    expect(await elapsed(() => Promise.all(calls))).toBeLessThan(patient.commandTimeoutMs / 2)
    proxy.goOn()
    await expectKept(cache, 'page', 'x')
  })
})
