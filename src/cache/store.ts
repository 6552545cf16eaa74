import { bytesOf, type Entry } from './entry'
import { createTagIndex } from './tag-index'

// S3-FIFO (Yang et al., SOSP 2023, "FIFO queues are all you need for cache eviction"): what is
// asked for once passes through a small queue and is gone; what is asked for again moves to the
// main one, where it stays as long as it is asked for. A scan over millions of addresses leaves the
// main queue alone. The oldest member of a Set is its first, so that each queue is one.

const smallShare = 0.1
const usesMax = 3
/** Answers from the small queue that move a page to the main one. */
const usesToStay = 2

interface Slot {
  entry: Entry
  bytes: number
  uses: number
}

/** Finished pages in memory, the least wanted of which make room for new ones. */
export interface Store {
  get(key: string): Entry | undefined
  /** Not kept when it would take more than a tenth of the room. */
  set(key: string, entry: Entry): void
  /** To be called when an entry has grown. */
  weigh(key: string): void
  /** Drops what carries one of the tags. */
  drop(tags: readonly string[]): void
  entries(): Iterable<Entry>
  clear(): void
  /** Never above the limit. */
  bytes(): number
  size(): number
}

export function createStore(bytesMax: number): Store {
  const slots = new Map<string, Slot>()
  const small = new Set<string>()
  const main = new Set<string>()
  /** Keys that have passed through the small queue, as many as there are entries. */
  const ghosts = new Set<string>()
  const index = createTagIndex()
  let [bytes, smallBytes] = [0, 0]

  function remove(key: string, slot: Slot) {
    slots.delete(key)
    bytes -= slot.bytes
    if (small.delete(key)) smallBytes -= slot.bytes
    main.delete(key)
    index.remove(key, slot.entry.tags)
  }
  function remember(key: string) {
    ghosts.add(key)
    for (const oldest of ghosts) {
      if (ghosts.size <= slots.size) break
      ghosts.delete(oldest)
    }
  }
  function evictOne() {
    const fromSmall = smallBytes > bytesMax * smallShare || main.size === 0
    const queue = fromSmall ? small : main
    const [key = ''] = queue
    const slot = slots.get(key) as Slot
    if (slot.uses < (fromSmall ? usesToStay : 1)) {
      remove(key, slot)
      if (fromSmall) remember(key)
      return
    }
    queue.delete(key)
    main.add(key)
    if (fromSmall) smallBytes -= slot.bytes
    slot.uses = fromSmall ? 0 : slot.uses - 1
  }
  function grow(key: string, slot: Slot, by: number) {
    slot.bytes += by
    bytes += by
    if (small.has(key)) smallBytes += by
    while (bytes > bytesMax) evictOne()
  }
  return {
    get(key) {
      const slot = slots.get(key)
      if (slot && slot.uses < usesMax) slot.uses += 1
      return slot?.entry
    },
    set(key, entry) {
      const known = slots.get(key)
      const isWanted = main.has(key) || ghosts.delete(key)
      if (known) remove(key, known)
      const size = bytesOf(entry) + key.length
      if (size > bytesMax * smallShare) return
      const slot = { entry, bytes: 0, uses: known?.uses ?? 0 }
      slots.set(key, slot)
      index.add(key, entry.tags)
      const queue = isWanted ? main : small
      queue.add(key)
      grow(key, slot, size)
    },
    weigh(key) {
      const slot = slots.get(key)
      if (slot) grow(key, slot, bytesOf(slot.entry) + key.length - slot.bytes)
    },
    drop(tags) {
      for (const key of index.keysOf(tags)) {
        const slot = slots.get(key)
        // Made anew, it is still wanted.
        if (main.has(key)) ghosts.add(key)
        if (slot) remove(key, slot)
      }
    },
    entries: () => slots.values().map(({ entry }) => entry),
    clear() {
      for (const collection of [slots, small, main, ghosts, index]) collection.clear()
      bytes = 0
      smallBytes = 0
    },
    bytes: () => bytes,
    size: () => slots.size,
  }
}
