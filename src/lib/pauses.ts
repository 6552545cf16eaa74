/** Waits that end by themselves, or all at once when nobody is to wait any longer. */
export interface Pauses {
  /** Resolves after so many milliseconds; at once from `end` on. */
  wait(ms: number): Promise<void>
  end(): void
}

/**
 * Not by racing a timer against one promise that all share: each race leaves a reaction with it,
 * and what waits ten times a second for months would fill the memory with them.
 */
export function createPauses(): Pauses {
  const waiting = new Set<() => void>()
  let isOver = false
  return {
    wait: (ms) => {
      if (isOver) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      const wake = () => {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      waiting.add(wake)
      return promise
    },
    end: () => {
      isOver = true
      for (const wake of waiting) wake()
    },
  }
}
