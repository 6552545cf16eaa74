import { checkPages } from '../load/check'
import { postgresProcesses } from '../load/processes'
import { medianLoad } from '../load/run'
import { sampleTraffic, type Traffic } from '../load/traffic'
import { runWrk } from '../load/wrk'
import type { Confinement, CpuGroup } from '../scale/cgroup'
import { efficiencyOf, requireConfined, type ScaleRun } from '../scale/scale'
import { watchRun } from '../scale/usage'
import type { Rig } from './rig'

export interface LadderOptions {
  /** App hosts at most. */
  hosts: number
  /** Of one core, for each host. */
  share: number
  pages: number
  /** Of the load generator, for each host. */
  connections: number
  seconds: number
  warmUpSeconds: number
  rounds: number
  confinement: Confinement
  signal: AbortSignal
  report(what: string): void
}

/** So many hosts behind the proxy, all rounds. */
export interface Rung {
  hosts: number
  runs: ScaleRun[]
  requestsPerSecond: number
  errors: number
  firstError: string | undefined
  p50Ms: number
  p99Ms: number
  /** Times what one host serves, of each round: the middle, the lowest and the highest. */
  times: { middle: number; low: number; high: number }
  /** What a host used of its core, and what was idle of the machine; of the middle round. */
  used: number
  idle: number
}

const proofSeconds = 2

/** Steps that are reported. */
export const climbSteps = (hosts: number, rounds: number) => 3 + hosts * rounds

/**
 * What 1, 2, … hosts serve, up and down in turns. Every page is made anew, so that hosts are the
 * limit: two statements of the database for each.
 */
export async function climb(rig: Rig, options: LadderOptions): Promise<Rung[]> {
  const { hosts, share, rounds, warmUpSeconds, confinement, signal, report } = options
  await using stack = new AsyncDisposableStack()
  report(`starting ${hosts} hosts`)
  const traffic = await sampleTraffic(rig.db, options.pages)
  const groups = rig.apps.slice(0, hosts).map(({ name }) => groupOf(stack, confinement, name))
  const started = await rig.startHosts(stack, { count: hosts, pageCache: false })
  const measure = async (count: number, seconds: number) => {
    const used = groups.slice(0, count)
    const watched = {
      groups: used,
      nginx: rig.proxy.pids(),
      postgres: await postgresProcesses(rig.db),
    }
    const watching = watchRun(watched, seconds, signal)
    // When both fail, the run says why.
    watching.catch(() => {})
    const run = await load(count, seconds)
    return { ...run, shares: { ...(await watching), generator: 0 } }
  }
  const load = (count: number, seconds: number) =>
    runWrk({
      ...{ origin: rig.proxy.originOf(count), traffic, seconds, signal },
      connections: options.connections * count,
    })
  for (let count = 1; count <= hosts; count++) await check(rig, count, traffic)
  report('warming up, not confined')
  await load(hosts, warmUpSeconds * hosts)
  for (const [index, host] of started.entries()) groups[index]?.confine(host.pids, share)
  // Before they are stopped: confined that would take long.
  stack.defer(() => {
    for (const group of groups) group.release()
  })
  report('proving the shares')
  requireConfined(await measure(hosts, proofSeconds), share)
  const rungs = Array.from({ length: hosts }, (_, index) => ({
    ...{ count: index + 1, runs: [] as ScaleRun[] },
  }))
  for (let round = 0; round < rounds; round++) {
    for (const { count, runs } of round % 2 === 0 ? rungs : rungs.toReversed()) {
      report(`${count} of ${hosts} hosts`)
      await load(count, warmUpSeconds)
      const run = await measure(count, options.seconds)
      requireConfined(run, share)
      runs.push(run)
    }
  }
  return rungs.map(({ count, runs }) => summary(count, runs, rungs[0]?.runs ?? []))
}

function groupOf(stack: AsyncDisposableStack, confinement: Confinement, name: string): CpuGroup {
  const group = confinement.create(`jumpstarter-rig-${process.pid}.0-${name}`)
  stack.defer(group.remove)
  return group
}

async function check({ proxy }: Rig, count: number, traffic: Traffic): Promise<void> {
  const { hostname: host, port } = new URL(proxy.originOf(count))
  await checkPages({ host, port: Number(port) }, traffic, `HAProxy before ${count}`)
}

function summary(hosts: number, runs: ScaleRun[], ofOne: ScaleRun[]): Rung {
  const middle = medianLoad(runs)
  const { ratio, low, high } = efficiencyOf(hosts, runs, ofOne)
  const shares = runs.map(({ shares }) => shares)
  const of = (values: number[]) =>
    values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
  return {
    ...{ hosts, runs, requestsPerSecond: middle.operationsPerSecond },
    ...{ errors: middle.errors, firstError: middle.firstError },
    ...{ p50Ms: middle.p50Ms, p99Ms: middle.p99Ms },
    times: { middle: ratio * hosts, low: low * hosts, high: high * hosts },
    ...{ used: of(shares.map(({ mean }) => mean)), idle: of(shares.map(({ idle }) => idle)) },
  }
}
