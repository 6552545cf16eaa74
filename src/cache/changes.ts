import { type ChangeListener, listenForChanges, type Proof } from '#db/changes'
import { parseSnapshot, type Snapshot, sees, seesAllOf } from '#lib/snapshot'
import type { Log } from '#observability/log'

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
  /** Whether none of these tags has changed since. */
  isCurrent(tags: readonly string[], mark: Mark): boolean
  /** For a page that is current. */
  stamp(tags: readonly string[], mark: Mark): Stamp
  /** Whether a page from elsewhere has seen every change of its tags that was heard of here. */
  vouchFor(tags: readonly string[], stamp: Stamp): boolean
  close(): Promise<void>
}

interface Listeners {
  onChange(tags: string[]): void
  /** Anything may have changed. */
  onGap(): void
}

export function followChanges(url: string, { onChange, onGap }: Listeners, log: Log): Changes {
  const heard = new Map<string, { position: number; transaction: bigint; at: number }>()
  let position = 0
  /** Of tags that are not in `heard`, changes up to here are not told apart. */
  let forgotten = 0
  let database = ''
  let floor: Snapshot | undefined
  let proof: Proof | undefined
  // The database read its clock between question and answer, however far these are apart.
  let ahead = 0
  let behind = 0

  const prove = (given: Proof) => {
    proof = given
    ahead = given.clock - given.askedAt
    behind = given.clock - performance.now()
  }
  const listener: ChangeListener = {
    onChange(tags, transaction) {
      position += 1
      for (const tag of tags) {
        heard.delete(tag)
        heard.set(tag, { position, transaction, at: performance.now() })
      }
      if (heard.size > tagsMax && proof) {
        forget(proof.askedAt, tagsMax)
        floor = parseSnapshot(proof.snapshot)
      }
      onChange(tags)
    },
    onOpen(first, name) {
      database = name
      position += 1
      forget(first.askedAt, 0)
      forgotten = position
      floor = parseSnapshot(first.snapshot)
      onGap()
      prove(first)
    },
    onProof: prove,
    onLoss(reason) {
      if (proof) log.warn('changes are not heard, so nothing is served from memory', { reason })
      proof = undefined
    },
  }
  /** Of what was heard before a proof was asked for, and is thus in its snapshot, the oldest. */
  const forget = (askedAt: number, tagsLeft: number) => {
    for (const [tag, change] of heard) {
      if (heard.size <= tagsLeft || change.at >= askedAt) break
      heard.delete(tag)
      forgotten = Math.max(forgotten, change.position)
    }
  }
  const listening = listenForChanges(url, listener)
  const isHearing = () => proof !== undefined && performance.now() - proof.askedAt < proofAgeMaxMs
  return {
    isHearing,
    now: () => performance.now() + ahead,
    mark: () => ({ position, snapshot: proof?.snapshot ?? '', at: performance.now() + behind }),
    isCurrent: (tags, mark) =>
      tags.every((tag) => (heard.get(tag)?.position ?? forgotten) <= mark.position),
    stamp: (tags, { snapshot }) => ({
      database,
      snapshot,
      last: tags.map((tag) => heard.get(tag)?.transaction.toString() ?? null),
    }),
    vouchFor(tags, stamp) {
      if (!isHearing() || !floor || stamp.database !== database) return false
      const snapshot = parseSnapshot(stamp.snapshot)
      return (
        seesAllOf(snapshot, floor) &&
        tags.every((tag, index) => {
          const last = heard.get(tag)
          if (!last) return true
          return (
            stamp.last[index] === last.transaction.toString() || sees(snapshot, last.transaction)
          )
        })
      )
    },
    close: () => listening.close(),
  }
}
