import type { Address } from '#server/ask'
import type { AppHost } from './apps'
import type { Rig } from './rig'

/** What becomes of a machine. */
export type Fate = 'killed' | 'cut off'

/** What was promised, and how it was kept. */
export interface Promised {
  id: string
  /** One sentence. */
  title: string
  /** How often it was put to the test. */
  tried: number
  /** A sentence for each time it was not kept. */
  violations: string[]
  /** Where something must happen within a time. */
  slowestMs?: number
  boundMs?: number
}

/** What a promise is tried on. */
export interface Trial {
  rig: Rig
  /** Two at least. */
  hosts: readonly AppHost[]
  /** Of an own write and reads after it. */
  pairs: number
  /** How often, or how long, each other promise is tried: 1 is short. */
  effort: number
  signal: AbortSignal
}

/** Where single questions to the whole site go. */
export function siteAddress({ proxy }: Rig): Address {
  const { hostname: host, port } = new URL(proxy.originOf())
  return { host, port: Number(port) }
}

/** Waits until it is true; returns whether it came to that. */
export async function comesTrue(
  seconds: number,
  signal: AbortSignal,
  check: () => Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    if (await check()) return true
    if (performance.now() > deadline) return false
    signal.throwIfAborted()
    await Bun.sleep(pollMs)
  }
}

const pollMs = 50
