import { randomUUID } from 'node:crypto'
import type { Log } from '#observability/log'
import { messageOf, type RedisClient } from './redis-address'
import { keepConnected } from './redis-connection'
import { inTime, late } from './redis-in-time'

/**
 * The second tier: the same bytes for every process of the fleet. Never an error, hardly ever a
 * delay.
 */
export interface SharedCache {
  /**
   * What is kept under the key; undefined when there is nothing or Redis is not to be had. Never
   * rejects.
   */
  get(key: string): Promise<Buffer | undefined>
  /** Keeps it; dropped without a word when Redis is not to be had or the queue is full. */
  set(key: string, value: Uint8Array, ttlMs: number): void
  /**
   * Whether the caller is the one of the fleet that may make the page now; true as well when Redis
   * is not to be had.
   */
  lease(key: string, ms: number): Promise<boolean>
  /** Gives the lease back early (only one's own). */
  release(key: string): void
  /** Whether it is asked at all. A Redis that hangs is found out by those who ask. */
  state(): 'up' | 'down'
  /** Within a second, whatever state Redis is in. */
  close(): Promise<void>
}

// A page is made from the database in less time than this: to wait longer would be no gain.
const commandTimeoutMs = 20
// Nobody waits for these, and a large value over a slow network may take its time.
const writeTimeoutMs = 250
// In a row, each of a call begun after the one before: a request pays 3 × 20 ms at most.
const failuresMax = 3
// A page is some ten kilobytes; what is larger than this would hold up all that is behind it.
const valueBytesMax = 1_000_000
// Bounds what a connection that has stalled can keep in memory until it is given up.
const queueMax = 1_000
const queueBytesMax = 16_000_000

// A cluster keeps together what has the same in braces.
const valueKey = (key: string) => `jumpstarter:{${key}}:value`
const leaseKey = (key: string) => `jumpstarter:{${key}}:lease`

const releaseScript =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"

/**
 * Returns at once and connects in the background. A test on a busy machine may wait longer for
 * answers.
 */
export function openRedis(
  url: string,
  log: Log,
  options: { commandTimeoutMs?: number } = {},
): SharedCache {
  const readTimeoutMs = options.commandTimeoutMs ?? commandTimeoutMs
  const connection = keepConnected(url, log, readTimeoutMs)
  const owner = randomUUID()
  let failures = 0
  let failedAt = 0
  let queued = 0
  let queuedBytes = 0

  const fail = (client: RedisClient, begun: number, reason: string) => {
    if (client !== connection.client() || begun < failedAt) return
    failedAt = performance.now()
    failures++
    if (failures < failuresMax) return
    failures = 0
    connection.giveUp(reason)
  }

  /** The reply; undefined when there is none. */
  const ask = async <T>(
    send: (client: RedisClient) => Promise<T>,
    timeoutMs: number,
    bytes = 0,
  ): Promise<T | undefined> => {
    const client = connection.client()
    if (!client || queued >= queueMax || queuedBytes + bytes > queueBytesMax) return undefined
    const begun = performance.now()
    queued++
    queuedBytes += bytes
    const sent = send(client).finally(() => {
      queued--
      queuedBytes -= bytes
    })
    try {
      const reply = await inTime(sent, timeoutMs)
      if (reply !== late) {
        failures = 0
        return reply
      }
      fail(client, begun, `no answer within ${timeoutMs} ms`)
    } catch (error) {
      if (client !== connection.client()) return undefined
      connection.complain(messageOf(error))
      fail(client, begun, messageOf(error))
    }
    return undefined
  }

  return {
    async get(key) {
      const value = await ask((client) => client.get(valueKey(key)), readTimeoutMs)
      // A copy: the reply is a part of everything that was read from the socket with it.
      return value ? Buffer.from(value) : undefined
    },
    set(key, value, ttlMs) {
      if (value.byteLength > valueBytesMax || ttlMs <= 0) return
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      const expiration = { type: 'PX', value: Math.ceil(ttlMs) } as const
      const send = (client: RedisClient) => client.set(valueKey(key), bytes, { expiration })
      void ask(send, writeTimeoutMs, bytes.byteLength)
    },
    async lease(key, ms) {
      const options = { condition: 'NX', expiration: { type: 'PX', value: Math.ceil(ms) } } as const
      const reply = await ask((client) => client.set(leaseKey(key), owner, options), readTimeoutMs)
      return reply !== null
    },
    release(key) {
      const script = { keys: [leaseKey(key)], arguments: [owner] }
      void ask((client) => client.eval(releaseScript, script), writeTimeoutMs)
    },
    state: () => (connection.client() ? 'up' : 'down'),
    close: connection.close,
  }
}
