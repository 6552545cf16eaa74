import type { Db } from '#db/client'
import type { Deps } from '#deps'
import { AppError, errorCode } from '#lib/errors'
import type { Meter } from '#observability/meter'
import type { PledgeRequest, PledgeResult } from '../rules'
import { takePledges } from './take-pledges'

/** More at once would keep those who came first waiting for those who came last. */
export const batchPledgesMax = 500
/** About a tenth of a second's worth; beyond it whoever comes is told to come again. */
const waitingPledgesMax = 5_000
/** So long a batch is tried again after a lost connection: who waits is told within a second. */
const retryMs = 500
const retryPauseMs = 100

/** Deadlock and serialization failure: nothing has happened, and trying again helps. */
const passing = new Set(['40P01', '40001'])
/** The database has gone, or its answer got lost; what was asked may have happened. */
const lostConnection = /^(08|57P0)|^(CONNECTION_|CONNECT_|ECONN|ENOENT|EPIPE|ETIMEDOUT)/

/** So many have tried before us that it need not be tried again. */
const knownAway = 'CONNECTION_AWAY'

export interface PledgeWriter {
  /**
   * Takes a pledge; the answer comes after its commit. Throws AppError busy when too many wait, and
   * unavailable when the database does not answer: it may be sent again with the same key.
   */
  place(request: PledgeRequest): Promise<PledgeResult>
  /** Waits until all that was accepted is done; nothing is accepted any more. */
  drain(): Promise<void>
}

const writers = new WeakMap<Db, PledgeWriter>()

/** The one writer of this program; it ends with it, after all it has accepted. */
export function pledgeWriterOf(deps: Pick<Deps, 'pledgeDb' | 'finishing' | 'meter'>) {
  const { pledgeDb, finishing, meter } = deps
  const known = writers.get(pledgeDb)
  if (known) return known
  const writer = createPledgeWriter(pledgeDb, { meter })
  writers.set(pledgeDb, writer)
  finishing.push(writer.drain)
  return writer
}

interface WriterOptions {
  batchMax?: number
  waitingMax?: number
  /** Told of what is taken and refused, in which batches. */
  meter?: Meter | null
}

interface Waiting extends PromiseWithResolvers<PledgeResult> {
  request: PledgeRequest
}

/**
 * Takes pledges in batches: while one commits the next gathers, so the more come the larger the
 * batches. `db` should have a connection for this alone, and commit synchronously.
 */
export function createPledgeWriter(
  db: Db,
  { batchMax = batchPledgesMax, waitingMax = waitingPledgesMax, meter = null }: WriterOptions = {},
): PledgeWriter {
  const batchSize = meter?.histogram('jumpstarter_pledge_batch_size')
  const count = (outcome: string) => {
    const counter = meter?.counter('jumpstarter_pledges', outcome)
    if (counter) counter[0] = (counter[0] as number) + 1
  }
  let waiting: Waiting[] = []
  let writing: Promise<void> | undefined
  let isDraining = false

  /** Nobody is in a batch twice with one project; whoever would be waits for the next. */
  function gather(): Waiting[] {
    const pairs = new Set<string>()
    const batch: Waiting[] = []
    const rest: Waiting[] = []
    for (const each of waiting) {
      const pair = `${each.request.projectId} ${each.request.backerId}`
      if (batch.length < batchMax && !pairs.has(pair)) {
        pairs.add(pair)
        batch.push(each)
      } else rest.push(each)
    }
    waiting = rest
    return batch
  }

  async function write(): Promise<void> {
    // What arrives in the same turn of the event loop is in the first batch already.
    await new Promise(setImmediate)
    while (waiting.length > 0) {
      const batch = gather()
      batchSize?.observe(batch.length)
      await settle(db, batch, count)
    }
    writing = undefined
  }

  return {
    place: (request) => {
      if (isDraining) throw new AppError('unavailable')
      if (waiting.length >= waitingMax) {
        count('busy')
        throw new AppError('busy')
      }
      const asked = { ...Promise.withResolvers<PledgeResult>(), request }
      waiting.push(asked)
      writing ??= write()
      return asked.promise
    },
    drain: async () => {
      isDraining = true
      await writing
    },
  }
}

/** Writes a batch and answers all who wait for it. Never throws. */
async function settle(db: Db, batch: Waiting[], count: (outcome: string) => void): Promise<void> {
  try {
    const results = await persist(db, batch)
    for (const [index, { resolve }] of batch.entries()) {
      const result = results[index] as PledgeResult
      count(result.outcome)
      resolve(result)
    }
  } catch (error) {
    if (batch.length === 1 || error instanceof AppError) {
      for (const { reject } of batch) {
        count('failed')
        reject(error)
      }
      return
    }
    // One that Postgres refuses must not take the others with it.
    for (const each of batch) await settle(db, [each], count)
  }
}

async function persist(db: Db, batch: Waiting[]): Promise<PledgeResult[]> {
  const requests = batch.map(({ request }) => request)
  const results = await takeWithRetries(db, requests)
  for (let again = falselySoldOut(requests, results); again.length > 0; ) {
    const asked = again.map((index) => requests[index] as PledgeRequest)
    const next = await takeWithRetries(db, asked)
    for (const [place, index] of again.entries()) results[index] = next[place] as PledgeResult
    // The first of those who can have it is taken: if none was, none can.
    const isOver = next.every(({ outcome }) => outcome === 'sold_out')
    again = isOver ? [] : falselySoldOut(requests, results)
  }
  return results
}

/**
 * A pledge with add-ons that finds one of them taken by others of its batch has still been counted
 * against the rest. Whoever may have been refused because of that is asked for again.
 */
function falselySoldOut(requests: PledgeRequest[], results: PledgeResult[]): number[] {
  const refused = [...results.keys()].filter((index) => results[index]?.outcome === 'sold_out')
  const hasAddOns = (index: number) => (requests[index]?.addOns.length ?? 0) > 0
  // One alone has been refused because of nobody else.
  return refused.length > 1 && refused.some(hasAddOns) ? refused : []
}

/** The keys make it safe: what an earlier try has done is found and not done again. */
async function takeWithRetries(db: Db, requests: PledgeRequest[]): Promise<PledgeResult[]> {
  const giveUpAt = performance.now() + retryMs
  for (;;) {
    try {
      return await takePledges(db.$client, requests)
    } catch (error) {
      const code = errorCode(error) ?? ''
      const isLost = lostConnection.test(code)
      if (!isLost && !passing.has(code)) throw error
      if (code === knownAway || performance.now() >= giveUpAt) throw new AppError('unavailable')
      if (isLost) await Bun.sleep(retryPauseMs)
    }
  }
}
