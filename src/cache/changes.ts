import { type ChangeListener, listenForChanges, type Proof } from '#db/changes'
import type { Presence } from '#db/presence'
import { parseSnapshot, type Snapshot, sees, seesAllOf } from '#lib/snapshot'
import type { Log } from '#observability/log'
import { createHeard } from './heard'

// Anonymous readers see a change within a second: what is kept is shown only while there is a proof
// that everything has been heard, and it is younger than this.
const proofAgeMaxMs = 900
/** Tags whose last change is remembered; of others only that it is not later than the oldest. */
const tagsMax = 50_000

/** Where in the changes a page was begun. */
export interface Mark {
  /** Changes heard before. */
  position: number
  /** Not younger than what the page was read from. */
  snapshot: string
  /** The database's clock in milliseconds; a little behind the truth, as `now` is ahead of it. */
  at: number
}

/** What a page carries into other processes, to be judged by what those have heard. */
export interface Stamp {
  database: string
  snapshot: string
  /** The last change of each of its tags when it was begun; null where none was heard of. */
  last: (string | null)[]
}

/** What this process knows of the changes in the database. */
export interface Changes {
  /** Whether all changes that are older than a second have been heard. */
  isHearing(): boolean
  /** The database's clock in milliseconds, which all processes share; a little ahead of the truth. */
  now(): number
  mark(): Mark
  /** When a change of one of these tags was last heard, or later; by `performance.now()`. */
  heardAt(tags: readonly string[]): number
  /** Whether none of these tags has changed since. */
  isCurrent(tags: readonly string[], mark: Mark): boolean
  /** For a page that is current. */
  stamp(tags: readonly string[], mark: Mark): Stamp
  /** Whether a page from elsewhere has seen every change of its tags that was heard of here. */
  vouchFor(tags: readonly string[], stamp: Stamp): boolean
  /** The same, although there may be changes that cannot be heard of at the moment. */
  vouchedFor(tags: readonly string[], stamp: Stamp): boolean
  close(): Promise<void>
}

/** Whoever wants to know what has grown old. */
export interface ChangeListeners {
  onChange(tags: readonly string[]): void
  /** Anything may have changed; `replaced`: all of it is known to have. */
  onGap(cause: 'unheard' | 'replaced'): void
}

export function followChanges(
  url: string,
  { onChange, onGap }: ChangeListeners,
  log: Log,
  presence?: Presence,
): Changes {
  const heard = createHeard()
  let database = ''
  let unsettledSince: number | undefined
  let floor: Snapshot | undefined
  let proof: Proof | undefined
  // The database read its clock between question and answer, however far these are apart.
  let ahead = 0
  let behind = 0

  const prove = (given: Proof) => {
    // The database's clock was set back: what was kept by it would be kept for that much longer.
    if (proof && given.clock < proof.clock) onGap('unheard')
    proof = given
    ahead = given.clock - given.askedAt
    behind = given.clock - performance.now()
  }
  const listener: ChangeListener = {
    onChange(tags, transaction) {
      heard.add(tags, transaction)
      if (heard.size() > tagsMax && proof) {
        // What was heard before a proof was asked for is in its snapshot.
        heard.forget(proof.askedAt, tagsMax)
        floor = parseSnapshot(proof.snapshot)
      }
      onChange(tags)
    },
    onChangeOfEverything() {
      unsettledSince = performance.now()
      proof = undefined
      onGap('replaced')
    },
    onOpen(first, name) {
      const isOther = database !== '' && database !== name
      database = name
      unsettledSince = undefined
      heard.forget(first.askedAt, 0)
      heard.markGap()
      floor = parseSnapshot(first.snapshot)
      onGap(isOther ? 'replaced' : 'unheard')
      prove(first)
    },
    onProof(next) {
      if (unsettledSince === undefined) prove(next)
      // One that was on its way already may not have seen what changed.
      else if (next.askedAt > unsettledSince) listener.onOpen(next, database)
    },
    onLoss(reason) {
      if (proof) log.warn('changes are not heard, so nothing is served from memory', { reason })
      proof = undefined
    },
  }
  const listening = listenForChanges(url, listener, presence)
  const vouchedFor = (tags: readonly string[], stamp: Stamp) =>
    floor !== undefined &&
    stamp.database === database &&
    hasSeen(stamp, floor, tags.map(heard.transactionOf))
  const isHearing = () => proof !== undefined && performance.now() - proof.askedAt < proofAgeMaxMs
  return {
    isHearing,
    now: () => performance.now() + ahead,
    mark: () => ({
      position: heard.position(),
      snapshot: proof?.snapshot ?? '',
      at: performance.now() + behind,
    }),
    heardAt: (tags) => Math.max(0, ...tags.map(heard.heardAt)),
    isCurrent: (tags, mark) => tags.every((tag) => heard.positionOf(tag) <= mark.position),
    stamp: (tags, { snapshot }) => ({
      database,
      snapshot,
      last: tags.map((tag) => heard.transactionOf(tag)?.toString() ?? null),
    }),
    vouchFor: (tags, stamp) => isHearing() && vouchedFor(tags, stamp),
    vouchedFor,
    close: () => listening.close(),
  }
}

/** Whether a page with this stamp has seen what came before the floor, and these later changes. */
function hasSeen(stamp: Stamp, floor: Snapshot, last: (bigint | undefined)[]): boolean {
  const snapshot = parseSnapshot(stamp.snapshot)
  const hasSeenChange = (transaction: bigint | undefined, index: number) =>
    transaction === undefined ||
    stamp.last[index] === transaction.toString() ||
    sees(snapshot, transaction)
  return seesAllOf(snapshot, floor) && last.every(hasSeenChange)
}
