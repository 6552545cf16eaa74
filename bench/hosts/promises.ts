import { proveInvalidation } from './invalidation'
import { proveJobs } from './jobs'
import { startMailSink } from './mail-sink'
import { proveCut, proveReplicaLoss } from './outages'
import { proveOwnWrites } from './own-writes'
import type { Promised, Trial } from './promised'
import type { Rig } from './rig'
import { proveLimits, proveUploads } from './shared'

/** How often they are tried, as a Trial has it. */
export interface PromisesOptions {
  pairs: number
  effort: number
  signal: AbortSignal
  report(what: string): void
}

/** Steps that are reported. */
export const promisesSteps = 11
const hostsCount = 2
/** Until the proxy has seen that hosts serve. */
const seenMs = 1_200

/** What many hosts promise together, tried on two of them. */
export async function provePromises(rig: Rig, options: PromisesOptions): Promise<Promised[]> {
  const { report } = options
  const { network } = rig
  const sink = startMailSink(network.ownAddress)
  const promised: Promised[] = []
  const prove = async (what: string, work: () => Promise<Promised | Promised[]>) => {
    report(what)
    promised.push(...[await work()].flat())
  }
  try {
    await using stack = new AsyncDisposableStack()
    const trial = await hostsOf(rig, stack, options, { environment: { SMTP_URL: sink.url } })
    await prove('a write at one host, read at another', () => proveInvalidation(trial, 'NOTIFY'))
    await prove('own writes, from a replica held back', () => proveOwnWrites(trial))
    await prove('limits', () => proveLimits(trial))
    await prove('uploads', () => proveUploads(trial, 'Postgres'))
    await prove('jobs', () => proveJobs(trial, sink))
    await prove('a replica is killed', () => proveReplicaLoss(trial, 'killed'))
    if (network.canCut) {
      await prove('a replica is cut off', () => proveReplicaLoss(trial, 'cut off'))
      await prove('a host is cut off', () => proveCut(trial))
    }
  } finally {
    sink.close()
  }
  await using stack = new AsyncDisposableStack()
  const trial = await hostsOf(rig, stack, options, { redis: true })
  await prove('a write at one host, read at another, with Redis', () =>
    proveInvalidation(trial, 'Redis'),
  )
  return promised
}

async function hostsOf(
  rig: Rig,
  stack: AsyncDisposableStack,
  { pairs, effort, signal, report }: PromisesOptions,
  wanted: { redis?: boolean; environment?: Record<string, string> },
): Promise<Trial> {
  report('starting two hosts')
  const hosts = await rig.startHosts(stack, { count: hostsCount, ...wanted })
  await Bun.sleep(seenMs)
  return { rig, hosts, pairs, effort, signal }
}
