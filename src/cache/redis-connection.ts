import { setTimeout as pause } from 'node:timers/promises'
import { within } from '#lib/within'
import type { Log } from '#observability/log'
import { clientFor, isSentinelUrl, messageOf, type RedisClient } from './redis-address'
import { inTime, late } from './redis-in-time'

// Connecting and saying hello, which the client by itself would wait for without end.
const helloTimeoutMs = 1_000
const closeTimeoutMs = 500

/** Longest pauses before the first and the later attempts; each is jittered down to its half. */
interface Backoff {
  firstMs: number
  mostMs: number
}
const afterLoss: Backoff = { firstMs: 50, mostMs: 2_000 }
const afterSilence: Backoff = { firstMs: 1_000, mostMs: 10_000 }
// What broke sooner than this after the last attempt has not recovered: the pauses go on growing.
const recoveredAfterMs = 10_000

interface Trouble {
  backoff: Backoff
  reason: string
}

/** One connection at a time, replaced for as long as it takes when it breaks or falls silent. */
export interface RedisConnection {
  /** A client that has answered in time since it connected; undefined while there is none. */
  client(): RedisClient | undefined
  /** Ends the connection of this client, for it is too slow to be of use. */
  giveUp(reason: string): void
  /** Logs what Redis refuses, once for each kind and connection. */
  complain(reason: string): void
  /** Sends what is queued if that is quick. Takes 0.5 s at most. */
  close(): Promise<void>
}

/**
 * Connects in the background and never gives up. The client's own reconnecting is off: neither its
 * hello nor a command that is already sent has a timeout there, so a Redis that hangs is left only
 * by ending the connection. With it go the replies that are still to come; nobody else gets them.
 */
export function keepConnected(url: string, log: Log, answerTimeoutMs: number): RedisConnection {
  const closing = new AbortController()
  const said = new Set<string>()
  let ready: RedisClient | undefined
  let end = (_: Trouble) => {}

  const warnOnce = (kind: string, message: string, reason: string) => {
    if (!said.has(kind)) log.warn(message, { reason })
    said.add(kind)
  }

  /** What it was that ended this connection, when it has. */
  const live = async (client: RedisClient): Promise<Trouble> => {
    if (closing.signal.aborted) return lost('closed')
    const ended = Promise.withResolvers<Trouble>()
    let over = false
    const endThis = (trouble: Trouble) => {
      over = true
      if (ready === client) ready = undefined
      client.destroy()
      ended.resolve(trouble)
    }
    end = endThis
    client.on('error', (error) => endThis(lost(error)))
    // Ends it a second time if need be: a socket that is being connected escapes `destroy`.
    void prove(client, answerTimeoutMs, url).then((trouble) => {
      if (trouble) endThis(trouble)
      if (over) return
      ready = client
      said.clear()
      log.info('Redis is connected')
    })
    return ended.promise
  }

  const run = async () => {
    const redis = await import('redis') // slow to load, and most sites have no Redis
    let failures = 0
    while (!closing.signal.aborted) {
      const begun = performance.now()
      const { backoff, reason } = await clientFor(redis, url).then(live, lost)
      if (closing.signal.aborted) return
      warnOnce(reason, 'Redis is not to be had; pages are kept in each process alone', reason)
      if (performance.now() - begun > recoveredAfterMs) failures = 0
      const longestMs = Math.min(backoff.mostMs, backoff.firstMs * 2 ** failures++)
      const ms = longestMs * (0.5 + Math.random() / 2)
      await pause(ms, undefined, { signal: closing.signal }).catch(() => {})
    }
  }
  const done = run()

  return {
    client: () => ready,
    giveUp: (reason) => end({ backoff: afterSilence, reason }),
    complain(reason) {
      warnOnce(reason.split(' ', 1)[0] ?? '', 'Redis refuses a command', reason)
    },
    async close() {
      closing.abort()
      const last = ready
      ready = undefined
      if (last) await within(last.close(), closeTimeoutMs).catch(() => {})
      end({ backoff: afterLoss, reason: 'closed' })
      // Unless a sentinel is being asked, which takes longer and leaves nothing behind.
      await within(done, closeTimeoutMs)
    },
  }
}

const lost = (error: unknown): Trouble => ({ backoff: afterLoss, reason: messageOf(error) })

/** Whether a new connection is of use: it answers within the time a request would wait. */
async function prove(
  client: RedisClient,
  answerTimeoutMs: number,
  url: string,
): Promise<Trouble | undefined> {
  const tooSlow = (ms: number) => ({ backoff: afterSilence, reason: `no answer within ${ms} ms` })
  try {
    if (!(await within(client.connect(), helloTimeoutMs))) return tooSlow(helloTimeoutMs)
    const isFound = isSentinelUrl(url)
    const asked = isFound ? client.sendCommand(['ROLE']) : client.exists('jumpstarter:{}:hello')
    const answer = await inTime<unknown>(asked, answerTimeoutMs)
    if (answer === late) return tooSlow(answerTimeoutMs)
    // Sentinels may name for a while who was the master before.
    if (!isFound || String((answer as unknown[])[0]) === 'master') return undefined
    return lost(new Error('what the sentinels name is no master'))
  } catch (error) {
    return lost(error)
  }
}
