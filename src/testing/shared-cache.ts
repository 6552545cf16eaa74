import { expect } from 'bun:test'
import { openRedis, type SharedCache } from '#cache/redis'
import type { Log } from '#observability/log'
import { eventually } from './start-tiny-server'

/** For what is not about time: a busy machine may answer late. */
export const patient = { commandTimeoutMs: 5_000 }
/** What a request may lose: three times the timeout, on a machine that does more than this. */
export const lossMs = 3 * 20 + 1_000
export const ttlMs = 60_000

let opened: SharedCache[] = []
let lines: string[] = []

const line =
  (level: string) =>
  (message: string, fields: object = {}) => {
    lines.push(`${level}: ${message} ${JSON.stringify(fields)}`)
  }
const log: Log = {
  debug: line('debug'),
  info: line('info'),
  warn: line('warn'),
  error: line('error'),
}

/** What was logged since `closeCaches`. */
export const logged = () => lines
export const warnings = () => lines.filter((text) => text.startsWith('warn'))

/** Opens a cache, which `closeCaches` closes. */
export function openCache(url: string, options = {}): SharedCache {
  const cache = openRedis(url, log, options)
  opened.push(cache)
  return cache
}

/** For after each test. */
export async function closeCaches(): Promise<void> {
  await Promise.all(opened.map((cache) => cache.close()))
  opened = []
  lines = []
}

// The longest pause between two attempts to connect is 10 s.
const upTimeoutMs = 20_000

export const isUp = (cache: SharedCache) =>
  eventually(() => expect(cache.state()).toBe('up'), upTimeoutMs)

/** Opens a cache and waits until Redis is there. */
export async function openUp(url: string, options = {}): Promise<SharedCache> {
  const cache = openCache(url, options)
  await isUp(cache)
  return cache
}

/** Sets it until it is there, for nobody waits for a write. */
export const expectKept = (cache: SharedCache, key: string, value: string) =>
  eventually(async () => {
    cache.set(key, Buffer.from(value), ttlMs)
    expect((await cache.get(key))?.toString()).toBe(value)
  }, upTimeoutMs)

/** Milliseconds. */
export async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** Requests go on as if there were no Redis, and at once. */
export async function expectNothingAtOnce(cache: SharedCache): Promise<void> {
  const ms = await elapsed(async () => {
    for (let call = 0; call < 300; call++) {
      expect(await cache.get('page')).toBeUndefined()
      expect(await cache.lease('page', 1_000)).toBe(true)
      cache.set('page', Buffer.from('page'), ttlMs)
      cache.release('page')
    }
  })
  expect(ms).toBeLessThan(lossMs)
}
