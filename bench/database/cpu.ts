import { readFileSync } from 'node:fs'
import type { Db } from '#db/client'

// What Linux counts processor time in, whatever the kernel's own clock.
export const microsecondsPerTick = 10_000
const userTicksField = 11
const systemTicksField = 12

/**
 * Processor time, in microseconds, that the sessions of this name have used so far; undefined when
 * they are not processes of this machine or it has no /proc.
 */
export async function sessionsCpuUs(db: Db, applicationName: string): Promise<number | undefined> {
  const rows = await db.$client<{ pid: number }[]>`
    select pid from pg_stat_activity where application_name = ${applicationName}`
  const ticks = rows.map(({ pid }) => ticksOf(pid))
  return ticks.length === 0 || ticks.includes(undefined)
    ? undefined
    : ticks.reduce<number>((sum, each) => sum + (each ?? 0), 0) * microsecondsPerTick
}

function ticksOf(pid: number): number | undefined {
  try {
    // In a container or on another host the number may be anybody's.
    if (!/^postgres\b/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return undefined
    return parseTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return undefined
  }
}

/** User and system ticks of a line of /proc/PID/stat, whose program name may hold anything. */
export function parseTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[userTicksField]) + Number(fields[systemTicksField])
}
