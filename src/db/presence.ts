import { errorCode } from '#lib/errors'
import type { Log } from '#observability/log'
import { closeDb, type Db } from './client'

// A server that hangs says nothing, and whoever asks it would wait for as long as a statement may
// take; one that is down lets a few at a time find that out. Here one finds it out for all. Any
// bytes that come through a pool are a sign of life, and so is each answer to whoever listens for
// changes, who asks many times a second. Only without one it is asked, by a connection for that.

const tickMs = 100
/** A tick that is later than this was held up by ourselves, as answers may have been. */
const lateTickMs = 250
/** Without a sign of life for so long it is asked … */
const quietMs = 250
/** … and given so many ticks to answer: within a second everybody who waits is told. */
const askedTicksMax = 4
/** Behind a pooler we may have to wait for others of ours, while the database itself is there. */
const pooledTicksMax = 50
/** Known to be away, it is asked less often: all that it was asked it finds when it is back. */
const awayTicksMax = 20
/** Kept for so long without being needed; behind a pooler it is needed all the time. */
const keptTicksMax = 300

/** Of what goes wrong when one connects: nobody is there, or nobody who could be asked. */
const absentCodes =
  /^(08|57P0|CONNECT|WRONG_TARGET|ECONN|ENO|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|EACCES)/

/** Whether the database is there, found out before all who need it have to. */
export interface Presence {
  /** Whoever waits for an answer in this pool, or asks, is told at once while it is away. */
  guard(db: Db): void
  /** From now on it is found out; before, it is taken to be there. */
  watch(): void
  isAway(): boolean
  /** It has answered whoever listens to it. */
  answered(): void
  close(): Promise<void>
}

/** What our patch adds to the driver. */
interface Leavable {
  /** All who wait or ask are told this, until it is null. */
  away(error: Error | null): void
  /** `heard`: when bytes have come, by `performance.now()`. */
  options: { shared: { heard?: number } }
}

/**
 * `open` makes a pool of one connection that goes where those do that are guarded; `isPooled` where
 * whoever listens goes another way.
 */
export function createPresence(open: () => Db, isPooled: boolean, log: Log): Presence {
  const pools: Leavable[] = []
  let away: { since: number; error: Error } | undefined
  let [answeredAt, listenedAt] = [0, Number.NEGATIVE_INFINITY]
  let tickedAt = performance.now()
  let timer: Timer | undefined
  let asked: { db: Db; isWaiting: boolean; ticks: number } | undefined

  const heardAt = () => {
    const heard = pools.map(({ options }) => options.shared.heard ?? 0)
    return Math.max(answeredAt, ...heard, ...(isPooled ? [] : [listenedAt]))
  }
  const patienceTicks = (now: number) => {
    if (away) return awayTicksMax
    return now - listenedAt < 2 * quietMs ? pooledTicksMax : askedTicksMax
  }

  function leave(reason: string) {
    if (away) return
    // One for all: it must not carry what the first of them has asked for.
    const error = Object.assign(new Error(`the database is away: ${reason}`), {
      ...{ code: 'CONNECTION_AWAY', query: undefined },
    })
    away = { since: performance.now(), error }
    log.error('the database is away', { reason })
    for (const pool of pools) pool.away(error)
  }

  function comeBack() {
    if (!away) return
    log.warn('the database is back', { awayMs: Math.round(performance.now() - away.since) })
    away = undefined
    for (const pool of pools) pool.away(null)
  }

  async function ask() {
    asked ??= { db: open(), isWaiting: false, ticks: 0 }
    const own = asked
    Object.assign(own, { isWaiting: true, ticks: 0 })
    const code = await own.db.$client`select 1`.then(() => '', codeOf)
    Object.assign(own, { isWaiting: false, ticks: 0 })
    if (own !== asked) return
    // Who is told that there are too many connections is told so by somebody.
    if (absentCodes.test(code)) return leave(code)
    answeredAt = performance.now()
    comeBack()
  }

  async function hangUp() {
    const { db } = asked ?? {}
    asked = undefined
    if (db) await closeDb(db, 0).catch(() => {})
  }

  function tick() {
    const now = performance.now()
    const isLate = now - tickedAt > lateTickMs
    tickedAt = now
    const isQuiet = now - heardAt() > quietMs
    if (!away && !isQuiet) {
      if (asked && ++asked.ticks > keptTicksMax) void hangUp()
      return
    }
    if (!asked?.isWaiting) return void ask()
    if (isLate || ++asked.ticks < patienceTicks(now)) return
    leave('it does not answer')
    void hangUp()
  }

  return {
    guard: (db) => pools.push(db.$client as unknown as Leavable),
    watch: () => {
      timer ??= setInterval(tick, tickMs).unref()
    },
    isAway: () => away !== undefined,
    answered: () => {
      listenedAt = performance.now()
    },
    close: async () => {
      clearInterval(timer)
      await hangUp()
    },
  }
}

const codeOf = (error: unknown) => errorCode(error) ?? ''
