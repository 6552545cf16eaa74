/** The changes that were heard of, in their order, each tag with its last one. */
export function createHeard() {
  const changes = new Map<string, { position: number; transaction: bigint; at: number }>()
  let position = 0
  /** Of tags that are not in `changes`, those up to here are not told apart. */
  let forgotten = 0
  let forgottenAt = 0
  return {
    add(tags: readonly string[], transaction: bigint) {
      position += 1
      const change = { position, transaction, at: performance.now() }
      for (const tag of tags) {
        changes.delete(tag)
        changes.set(tag, change)
      }
    },
    /** Of those heard before a moment, by `performance.now()`, the oldest until so many are left. */
    forget(before: number, left: number) {
      for (const [tag, change] of changes) {
        if (changes.size <= left || change.at >= before) break
        changes.delete(tag)
        forgotten = Math.max(forgotten, change.position)
        forgottenAt = Math.max(forgottenAt, change.at)
      }
    },
    /** Every tag may have changed just now. */
    markGap() {
      position += 1
      forgotten = position
      forgottenAt = performance.now()
    },
    position: () => position,
    size: () => changes.size,
    positionOf: (tag: string): number => changes.get(tag)?.position ?? forgotten,
    /** When its last change was heard, or a later moment; by `performance.now()`. */
    heardAt: (tag: string): number => changes.get(tag)?.at ?? forgottenAt,
    transactionOf: (tag: string): bigint | undefined => changes.get(tag)?.transaction,
  }
}
