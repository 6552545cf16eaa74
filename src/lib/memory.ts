import { totalmem } from 'node:os'

/** Bytes of memory this process may use: in a container that is less than the machine has. */
export function usableMemory(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}
