export const late = Symbol('late')

// How much later than asked a timer may be called on a process that is not standing still.
const timerLagMs = 5

/**
 * What `promise` brings within `ms`, else `late`; its rejection passes through. When this process
 * itself stood still meanwhile, the answer may lie there unread: then it gets that time once more.
 */
export function inTime<T>(promise: Promise<T>, ms: number): Promise<T | typeof late> {
  return new Promise((resolve, reject) => {
    const due = performance.now() + ms
    let timer = setTimeout(() => {
      const stoodStill = performance.now() - due > timerLagMs
      if (stoodStill) timer = setTimeout(resolve, ms, late)
      else resolve(late)
    }, ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
