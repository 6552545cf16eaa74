import { paths } from '#web/paths'
import type { Transport } from '../load/servers'
import { sweepPages } from '../load/sweep'
import { type Traffic, withPaths } from '../load/traffic'
import { kindTitles } from '../race/comparisons'
import { type Cell, cellId, type Group, hopTitles, transports, usesRedis } from './cells'
import { between, type Counts, type MachineTime, readCounters, readMachineTime } from './counters'
import { type Interval, intervalOf } from './interval'
import { type DrivenRun, runCell } from './load'
import { requireSame } from './same'
import { type Role, type Side, type Stage, type StageOptions, startStage } from './stage'

export interface SocketsOptions extends StageOptions {
  groups: Group[]
  rounds: number
  /** Of each measured run. */
  seconds: number
  /** Of the run before it, which is not measured. */
  warmUpSeconds: number
  /** Told before each step. */
  report(what: string): void
}

/** One run, with what it has cost everybody, each for one request. */
export interface SocketRun extends DrivenRun {
  costs: Partial<Record<Role, Counts>>
  /** Client, proxy, app, Postgres and Redis. */
  totalUs: number
  /** Of the machine, what those that have no part in it took meanwhile, and its host. */
  othersShare: number
  stolenShare: number
  /** Of the requests, those answered from Redis. */
  redisShare: number | undefined
}

export interface MeasuredCell {
  cell: Cell
  /** Round by round. */
  runs: Record<Transport, SocketRun[]>
  /** Requests a second: Unix / TCP. Undefined when in no round both have answered. */
  ratio: Interval | undefined
  /** All processor time of a request: Unix / TCP. */
  cpuRatio: Interval | undefined
}

/** Every turn that will be reported. */
export const stepsOf = (groups: Group[], rounds: number): number =>
  rounds * groups.reduce((sum, { cells }) => sum + 1 + cells.length, 0)

/**
 * Every group in every round, on servers started for it: so what drifts falls on all, and what a
 * process owes to chance is in the spread. Within a round both transports are measured side by
 * side, TCP first in one and Unix first in the next.
 */
export async function measureSockets(options: SocketsOptions): Promise<MeasuredCell[]> {
  const { groups, rounds, signal, report } = options
  const measured = groups.flatMap(({ cells }) =>
    cells.map((cell) => ({ cell, runs: { tcp: [], unix: [] } as MeasuredCell['runs'] })),
  )
  for (let round = 0; round < rounds; round++) {
    for (const group of groups) {
      signal.throwIfAborted()
      report(`starting for ${hopTitles[group.hop]}, ${kindTitles[group.kind]}`)
      const traffic = trafficOf(group, options.traffic)
      await using stack = new AsyncDisposableStack()
      const stage = await startStage(group, stack, { ...options, traffic })
      await prepare(stage, group, traffic, options)
      for (const cell of group.cells) {
        report(cellId(cell))
        const order = round % 2 === 0 ? transports : transports.toReversed()
        const runs = measured.find((each) => each.cell === cell)?.runs
        for (const transport of order) {
          await load(stage, transport, cell, traffic, options.warmUpSeconds, options)
        }
        for (const transport of order) {
          runs?.[transport].push(await measureOnce(stage, transport, cell, traffic, options))
        }
      }
    }
  }
  return measured.map(({ cell, runs }) => ({ cell, runs, ...ratiosOf(runs) }))
}

function trafficOf(group: Group, traffic: Traffic): Traffic {
  if (group.kind === 'api') return withPaths(traffic, (page) => paths.apiProject(page))
  // All alike, or the newest would be found in the app's own memory.
  const all = [...traffic.newest, ...traffic.others]
  return usesRedis(group) ? { ...traffic, newest: [], others: all } : traffic
}

/** Caches are filled and rows read once; then both sides have to answer the same. */
async function prepare(
  { servers, sides }: Stage,
  { hop, kind }: Group,
  traffic: Traffic,
  { workers, signal }: SocketsOptions,
): Promise<void> {
  for (const server of servers) await sweepPages(server, traffic, workers, signal)
  await requireSame(sides, traffic, `${hopTitles[hop]}, ${kindTitles[kind]}`)
}

function load(
  { sides }: Stage,
  transport: Transport,
  cell: Cell,
  traffic: Traffic,
  seconds: number,
  { executable, workers, signal }: SocketsOptions,
): Promise<DrivenRun> {
  const door = cell.keepAlive ? sides[transport].kept : sides[transport].once
  return runCell({ cell, door, traffic, generators: workers, seconds, executable, signal })
}

async function measureOnce(
  stage: Stage,
  transport: Transport,
  cell: Cell,
  traffic: Traffic,
  options: SocketsOptions,
): Promise<SocketRun> {
  const side = stage.sides[transport]
  const hitsBefore = await stage.redisHits?.()
  const before = look(side)
  const run = await load(stage, transport, cell, traffic, options.seconds, options)
  const after = look(side)
  const hitsAfter = await stage.redisHits?.()
  const { operations, generatorUs, clientCpuUs = 0 } = run
  const costs: SocketRun['costs'] = {}
  let billedUs = generatorUs + after.ownUs - before.ownUs
  let totalUs = clientCpuUs
  for (const role of Object.keys(after.readings) as Role[]) {
    const [from, to] = [before.readings[role], after.readings[role]]
    if (!from || !to) continue
    const counts = between(from, to)
    billedUs += counts.cpuUs
    const each = perRequest(counts, operations)
    costs[role] = each
    totalUs += each.cpuUs
  }
  const passed = machineBetween(before.machine, after.machine)
  const hits =
    hitsBefore === undefined || hitsAfter === undefined ? undefined : hitsAfter - hitsBefore
  return {
    ...run,
    costs,
    totalUs,
    othersShare: Math.max(0, passed.busyUs - billedUs) / passed.totalUs,
    stolenShare: passed.stolenUs / passed.totalUs,
    redisShare: hits === undefined ? undefined : hits / operations,
  }
}

/** Everybody's counters at this moment. */
function look(side: Side) {
  const pids = Object.entries(side.pids())
  const { user, system } = process.cpuUsage()
  return {
    ownUs: user + system,
    machine: readMachineTime(),
    readings: Object.fromEntries(pids.map(([role, each]) => [role, readCounters(each)])) as Partial<
      Record<Role, ReturnType<typeof readCounters>>
    >,
  }
}

const perRequest = ({ cpuUs, voluntary, involuntary }: Counts, requests: number): Counts => ({
  cpuUs: cpuUs / requests,
  voluntary: voluntary / requests,
  involuntary: involuntary / requests,
})

const machineBetween = (before: MachineTime, after: MachineTime): MachineTime => ({
  totalUs: after.totalUs - before.totalUs,
  busyUs: after.busyUs - before.busyUs,
  stolenUs: after.stolenUs - before.stolenUs,
})

function ratiosOf({ tcp, unix }: MeasuredCell['runs']): Pick<MeasuredCell, 'ratio' | 'cpuRatio'> {
  const ratios = (of: (run: SocketRun) => number) =>
    intervalOf(unix.map((run, round) => of(run) / (tcp[round] ? of(tcp[round]) : Number.NaN)))
  return {
    ratio: ratios(({ operationsPerSecond }) => operationsPerSecond),
    cpuRatio: ratios(({ totalUs }) => totalUs),
  }
}
