import { cpus } from 'node:os'
import type { Db } from '#db/client'
import { CommandError } from '#lib/errors'
import type { Ratio, Run } from '../database/load'
import { checkPages } from '../load/check'
import { postgresProcesses } from '../load/processes'
import { type LoadRun, medianLoad } from '../load/run'
import type { Transport } from '../load/servers'
import { runWrk } from '../load/wrk'
import reference from '../queries/reference-2018.json'
import { median } from '../report'
import {
  type InstancesOptions,
  type Site,
  startInstances,
  startSites,
  transports,
} from './instances'
import { type Shares, watchRun } from './usage'

export type ScaleRun = LoadRun & { shares: Shares & { generator: number } }

/** One number of instances over one transport, all rounds. */
export interface ScaleCell {
  instances: number
  transport: Transport
  runs: ScaleRun[]
  median: ScaleRun
}

export interface ScaleOptions extends InstancesOptions {
  db: Db
  /** Numbers of instances, with 1 among them. */
  counts: number[]
  /** Of one core, for each instance. */
  share: number
  /** For each instance. */
  connections: number
  rounds: number
  seconds: number
  warmUpSeconds: number
}

// What the kernel's clock and a period at either end of a run may add.
const shareTolerance = 1.1
const proofSeconds = 2
/** Below it the machine as a whole may be what limits. */
export const idleShareMin = 0.05
/** Of their share, what instances take that are the limit themselves. */
export const usedShareMin = 0.9

/**
 * Measures each number of instances over each transport, once in each round, up and down in turns.
 * Throws a CommandError when instances take more than their share, or answer nothing.
 */
export async function measureScale(options: ScaleOptions): Promise<ScaleCell[]> {
  const { counts, share, rounds, warmUpSeconds, traffic, signal, report } = options
  const most = Math.max(...counts)
  await using stack = new AsyncDisposableStack()
  const instances = await startInstances(most, stack, options)
  const { sites, nginx } = await startSites(counts, instances, signal)
  stack.defer(nginx.stop)
  const groups = instances.map(({ group }) => group)
  const measure = async (site: Site, seconds: number) => {
    const postgres = await postgresProcesses(options.db)
    const used = groups.slice(0, site.instances)
    const watching = watchRun({ groups: used, nginx: nginx.pids(), postgres }, seconds, signal)
    // When both fail, the run says why.
    watching.catch(() => {})
    const run = await load(site, seconds, options)
    return withShares(run, await watching)
  }
  for (const { origin } of sites) await checkPages(addressOf(origin), traffic, 'nginx')
  const largest = sites.filter((site) => site.instances === most)
  report('warming up, not confined')
  // All of them alike, and fast: with a share of a core the engine would take minutes over it.
  for (const site of largest) await load(site, warmUpSeconds * most, options)
  for (const { server, group } of instances) group.confine(server.pids, share)
  report('proving the shares')
  for (const site of largest) requireConfined(await measure(site, proofSeconds), share)

  const cells = sites.map((site) => ({ site, runs: [] as ScaleRun[] }))
  for (let round = 0; round < rounds; round++) {
    for (const { site, runs } of inTurn(cells, round)) {
      report(cellName(site))
      await load(site, warmUpSeconds, options)
      const run = await measure(site, options.seconds)
      requireConfined(run, share)
      requireAnswers(run, cellName(site))
      runs.push(run)
    }
  }
  return cells.map(({ site: { instances: count, transport }, runs }) => ({
    ...{ instances: count, transport, runs, median: medianScale(runs) },
  }))
}

/**
 * Up and down in turns, and in every other pair of rounds with the other transport first: after two
 * rounds each has been before the other once at each number, after four once up and once down.
 */
export function inTurn<Cell extends { site: Pick<Site, 'instances' | 'transport'> }>(
  cells: Cell[],
  round: number,
): Cell[] {
  const order = round % 4 < 2 ? transports : transports.toReversed()
  const up = cells.toSorted(
    ({ site: a }, { site: b }) =>
      a.instances - b.instances || order.indexOf(a.transport) - order.indexOf(b.transport),
  )
  return round % 2 === 0 ? up : up.toReversed()
}

// As many for each instance: of a number for all, one instance would answer a batch at a time.
const load = ({ origin, instances }: Site, seconds: number, options: ScaleOptions) =>
  runWrk({ ...options, origin, seconds, connections: options.connections * instances })

const addressOf = (origin: string) => {
  const { hostname: host, port } = new URL(origin)
  return { host, port: Number(port) }
}

function withShares(run: LoadRun, shares: Shares): ScaleRun {
  const perSecond = (run.clientCpuUs ?? 0) * run.operationsPerSecond
  const generator = perSecond / 1e6 / cpus().length
  return { ...run, shares: { ...shares, generator } }
}

/** Throws unless the limit held. */
export function requireConfined({ shares: { most } }: ScaleRun, share: number): void {
  if (most <= share * shareTolerance) return
  const percent = (part: number) => `${(part * 100).toFixed(1)}%`
  throw new CommandError(
    `An instance took ${percent(most)} of a core where ${percent(share)} are its share: the kernel ` +
      'does not keep the limit of its cgroup here, and nothing can be said about scale.',
  )
}

/** Throws when there is nothing to compare with. */
function requireAnswers({ operations, firstError }: ScaleRun, what: string): void {
  if (operations > 0) return
  throw new CommandError(
    `${what}: no request was answered in time${firstError ? `, ${firstError}` : ''}. ` +
      'Measure longer (--seconds), or give each a larger --share.',
  )
}

function medianScale(runs: ScaleRun[]): ScaleRun {
  const middle = (name: keyof ScaleRun['shares']) => median(runs.map(({ shares }) => shares[name]))
  return {
    ...medianLoad(runs),
    shares: {
      instances: middle('instances'),
      nginx: middle('nginx'),
      generator: middle('generator'),
      postgres: middle('postgres'),
      idle: middle('idle'),
      throttled: middle('throttled'),
      mean: middle('mean'),
      most: middle('most'),
    },
  }
}

export const cellName = ({ instances, transport }: Pick<ScaleCell, 'instances' | 'transport'>) =>
  `${instances} ${instances === 1 ? 'instance' : 'instances'}, ${transport === 'tcp' ? 'TCP' : 'Unix sockets'}`

/** Throughput against as many times that of one: it is 1 where each instance adds as much. */
export function efficiencyOf(instances: number, runs: Run[], ofOne: Run[]): Ratio {
  const ratios = runs.map(
    ({ operationsPerSecond }, round) =>
      operationsPerSecond / (instances * (ofOne[round]?.operationsPerSecond ?? Number.NaN)),
  )
  return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) }
}

/** The efficiency of each cell, over its own transport. */
export function efficiencies(cells: ScaleCell[]): { cell: ScaleCell; efficiency: Ratio }[] {
  return cells.map((cell) => {
    const one = cells.find(
      ({ instances, transport }) => instances === 1 && transport === cell.transport,
    )
    return { cell, efficiency: efficiencyOf(cell.instances, cell.runs, one?.runs ?? []) }
  })
}

/** What stood in the way of a cell other than its instances; nothing when all is well. */
export function limitsOf({ median: { shares } }: ScaleCell, share: number): string[] {
  return [
    ...(shares.idle < idleShareMin ? ['the machine was full'] : []),
    ...(shares.mean < share * usedShareMin ? ['the instances were not at their limit'] : []),
  ]
}

/** The table of 2018. */
export const published = reference.horizontal.rows.map((row) => {
  const { columns } = reference.horizontal
  const figures = Object.fromEntries(columns.map((name, at) => [name, row[at] ?? Number.NaN]))
  const { instances = Number.NaN, requests_per_second: rate = Number.NaN } = figures
  const one = reference.horizontal.rows[0]?.[1] ?? Number.NaN
  return { instances, rate, figures, efficiency: rate / (instances * one) }
})
