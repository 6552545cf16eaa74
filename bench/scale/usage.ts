import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { microsecondsPerTick } from '../database/cpu'
import { processesCpuUs } from '../load/processes'
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

/** Begins to watch; what is returned ends it, and says who was busy in between. */
export function watch({ groups, nginx, postgres }: Watched): () => Shares {
  const look = () => ({
    at: performance.now() * 1000,
    idleUs: idleUs(readFileSync('/proc/stat', 'utf8')),
    nginxUs: processesCpuUs(nginx),
    postgresUs: processesCpuUs(postgres),
    groups: groups.map((group) => group.usage()),
  })
  const before = look()
  return () => {
    const after = look()
    const passedUs = after.at - before.at
    const machineUs = passedUs * cpus().length
    const spent = (of: (usage: CpuUsage) => number) =>
      after.groups.map((usage, index) => of(usage) - of(before.groups[index] as CpuUsage))
    const used = spent(({ usedUs }) => usedUs)
    return {
      instances: sum(used) / machineUs,
      nginx: (after.nginxUs - before.nginxUs) / machineUs,
      postgres: (after.postgresUs - before.postgresUs) / machineUs,
      idle: Math.min(1, (after.idleUs - before.idleUs) / machineUs),
      throttled: sum(spent(({ throttled }) => throttled)) / sum(spent(({ periods }) => periods)),
      mean: sum(used) / used.length / passedUs,
      most: Math.max(...used) / passedUs,
    }
  }
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

/** Time in which cores had nothing to do, all of them together, from /proc/stat. */
export function idleUs(stat: string): number {
  const [idle, waiting] = /^cpu\s+(.*)$/m.exec(stat)?.[1]?.split(' ').slice(3).map(Number) ?? []
  return ((idle ?? Number.NaN) + (waiting ?? 0)) * microsecondsPerTick
}
