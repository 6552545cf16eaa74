import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuUsBetween, readCpuTimes } from '../load/processes'
import { readMachineTime } from '../sockets/counters'
import type { CpuGroup, CpuUsage } from './cgroup'

/** Whose processor time is watched. */
export interface Watched {
  /** Of the instances that serve. */
  groups: CpuGroup[]
  nginx: number[]
  postgres: number[]
}

/** Shares are of all cores of the machine. */
export interface Shares {
  instances: number
  nginx: number
  postgres: number
  idle: number
  /** Of the periods of the instances, those in which the quota ran out. */
  throttled: number
  /** What the instances have used of one core each: all together, and the one that used most. */
  mean: number
  most: number
}

/** In which the load generator reads what it asks for and opens its connections. */
const beginMs = 250

/**
 * Who is busy in the seconds of a run that begins now, but for its beginning; `signal` ends the
 * watch too. A generator that has to start ends later than that, so what is watched is all load.
 */
export async function watchRun(
  watched: Watched,
  seconds: number,
  signal: AbortSignal,
): Promise<Shares> {
  // A run that fails is not waited for.
  const pause = (ms: number) => sleep(ms, undefined, { signal, ref: false })
  await pause(beginMs)
  const before = look(watched)
  await pause(seconds * 1000 - beginMs)
  return sharesBetween(before, look(watched))
}

function look({ groups, nginx, postgres }: Watched) {
  const { totalUs, busyUs, stolenUs } = readMachineTime()
  return {
    atUs: performance.now() * 1000,
    idleUs: totalUs - busyUs - stolenUs,
    nginx: readCpuTimes(nginx),
    postgres: readCpuTimes(postgres),
    groups: groups.map((group) => group.usage()),
  }
}

type Look = ReturnType<typeof look>

function sharesBetween(before: Look, after: Look): Shares {
  const passedUs = after.atUs - before.atUs
  const machineUs = passedUs * cpus().length
  const spent = (of: (usage: CpuUsage) => number) =>
    after.groups.map((usage, index) => of(usage) - of(before.groups[index] as CpuUsage))
  const used = spent(({ usedUs }) => usedUs)
  return {
    instances: sum(used) / machineUs,
    nginx: cpuUsBetween(before.nginx, after.nginx) / machineUs,
    postgres: cpuUsBetween(before.postgres, after.postgres) / machineUs,
    idle: Math.min(1, (after.idleUs - before.idleUs) / machineUs),
    throttled: sum(spent(({ throttled }) => throttled)) / sum(spent(({ periods }) => periods)),
    mean: sum(used) / used.length / passedUs,
    most: Math.max(...used) / passedUs,
  }
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
