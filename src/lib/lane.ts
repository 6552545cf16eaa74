/**
 * How many may be worked on at once, found out from the pace at which they are finished: whoever
 * comes last waits for as many as are at work, so that `pace × wait` of them is the most whose last
 * one is still in time (Little's law). No machine and no mix of pages has to be told to it.
 */
export interface Lane {
  /** Begun lately and not finished. */
  atWork(): number
  /** The most that should be, at this moment. */
  limit(): number
  /** One more has begun; the result is to be called once, when it is finished. */
  enter(): () => void
  /**
   * Looks at the pace; to be called several times a second, with the time in milliseconds, and
   * whether it is us who cannot keep up: for others, such as a database, up to `most` may wait.
   */
  look(now: number, isLate: boolean): void
}

export interface LaneOptions {
  /** How long the last one let in should wait at most. */
  waitMs: number
  /** So many may always be at work: enough to keep a worker and its connections busy. */
  fewest: number
  /** While we keep up: a crowd that comes at once, or waits for somebody else, is no overload. */
  most: number
}

interface Batch {
  open: number
  isOld: boolean
  leave(): void
}

/** A new look counts for at least so much of the pace: the latest three for two thirds. */
const newsShare = 0.3
/** At work all the time, or half of as many as may be: there is a queue. */
const queueMin = 4
/** After so long without a queue the pace says nothing: fewer came than could be finished. */
const forgetMs = 1_000
const batchMs = 500
/** From a tenth to all in a second. */
const openingPerLook = 1.25
/**
 * Who has been at work for longer than these batches waits for something else, such as a body that
 * trickles in or somebody else's server, and keeps nobody from being answered.
 */
const youngBatches = 3

export function createLane({ waitMs, fewest, most }: LaneOptions): Lane {
  let atWork = 0
  let finished = 0
  /** Since the last look. */
  let lowest = 0
  let pace: number | undefined
  let looks = 0
  let limit = most
  let lookedAt = 0
  let queuedAt = 0
  let batch = newBatch()
  let batchAt = 0
  const young = [batch]

  // One function for all that begin in the same half second, so that nothing is made for each.
  function newBatch(): Batch {
    const made: Batch = {
      open: 0,
      isOld: false,
      leave: () => {
        made.open -= 1
        finished += 1
        if (made.isOld) return
        atWork -= 1
        if (atWork < lowest) lowest = atWork
      },
    }
    return made
  }

  function measure(now: number, isLate: boolean) {
    const ms = now - lookedAt
    // Only behind a queue does as much come out as can.
    if (ms > 0 && lowest >= Math.min(queueMin, limit / 2)) {
      // Until it is known it is taken to be enough: the first of a crowd may wait for a statement
      // to be prepared, and say little of how fast the rest will be.
      if (pace === undefined) [pace, looks] = [most / waitMs, 0]
      looks += 1
      pace += (finished / ms - pace) * Math.max(newsShare, 1 / (looks + 1))
      queuedAt = now
    } else if (now - queuedAt > forgetMs) pace = undefined
    // Opened bit by bit: what comes in at once shows only later that it was too much.
    const inTime = isLate && pace !== undefined ? pace * waitMs : limit * openingPerLook
    limit = Math.max(fewest, Math.min(most, Math.ceil(inTime)))
    lookedAt = now
    lowest = atWork
    finished = 0
  }

  function age(now: number) {
    if (now - batchAt < batchMs) return
    batchAt = now
    batch = newBatch()
    young.push(batch)
    if (young.length <= youngBatches) return
    const old = young.shift() as Batch
    old.isOld = true
    atWork -= old.open
    if (atWork < lowest) lowest = atWork
  }

  return {
    atWork: () => atWork,
    limit: () => limit,
    enter: () => {
      atWork += 1
      batch.open += 1
      return batch.leave
    },
    look: (now, isLate) => {
      measure(now, isLate)
      age(now)
    },
  }
}
