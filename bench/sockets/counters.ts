import { readdirSync, readFileSync } from 'node:fs'
import { microsecondsPerTick, parseTicks } from '../database/cpu'

/** Of one or several processes, since they began; or between two readings. */
export interface Counts {
  cpuUs: number
  /** Waited for something. */
  voluntary: number
  /** Somebody else was let in. */
  involuntary: number
}

/** By process, and switches by thread: `PID/TID`. */
export interface Reading {
  cpuUs: Map<number, number>
  voluntary: Map<string, number>
  involuntary: Map<string, number>
}

/** The counters of these processes as they are now; one that has ended has none. */
export function readCounters(pids: number[]): Reading {
  const reading: Reading = { cpuUs: new Map(), voluntary: new Map(), involuntary: new Map() }
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      reading.cpuUs.set(pid, parseTicks(stat) * microsecondsPerTick)
      for (const thread of readdirSync(`/proc/${pid}/task`)) readSwitches(reading, pid, thread)
    } catch {
      // It has ended in between.
    }
  }
  return reading
}

function readSwitches({ voluntary, involuntary }: Reading, pid: number, thread: string): void {
  const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
  const parsed = parseSwitches(status)
  voluntary.set(`${pid}/${thread}`, parsed.voluntary)
  involuntary.set(`${pid}/${thread}`, parsed.involuntary)
}

/** The context switches in the text of /proc/PID/task/TID/status. */
export function parseSwitches(status: string): { voluntary: number; involuntary: number } {
  const figure = (name: string) =>
    Number(new RegExp(`^${name}_ctxt_switches:\\s+(\\d+)$`, 'm').exec(status)?.[1] ?? 0)
  return { voluntary: figure('voluntary'), involuntary: figure('nonvoluntary') }
}

/** What was used between two readings; what was not there at the first began with nothing. */
export function between(before: Reading, after: Reading): Counts {
  const growth = <Key>(from: Map<Key, number>, to: Map<Key, number>) =>
    [...to].reduce((sum, [key, count]) => sum + count - (from.get(key) ?? 0), 0)
  return {
    cpuUs: growth(before.cpuUs, after.cpuUs),
    voluntary: growth(before.voluntary, after.voluntary),
    involuntary: growth(before.involuntary, after.involuntary),
  }
}

/** Processor time of the whole machine since it began, in microseconds. */
export interface MachineTime {
  /** All of it, idle or not. */
  totalUs: number
  /** Of everybody, with interrupts: most kernels bill them to the process they interrupt. */
  busyUs: number
  /** Taken by the machine that this one runs on. */
  stolenUs: number
}

/** The first line of /proc/stat. */
export function parseMachineTime(stat: string): MachineTime {
  const line = stat.slice(0, stat.indexOf('\n')).split(/\s+/).slice(1).map(Number)
  const ticks = (...columns: number[]) =>
    columns.reduce((sum, column) => sum + (line[column] ?? 0), 0) * microsecondsPerTick
  // user nice system idle iowait irq softirq steal; guests are in user already.
  return {
    totalUs: ticks(0, 1, 2, 3, 4, 5, 6, 7),
    busyUs: ticks(0, 1, 2, 5, 6),
    stolenUs: ticks(7),
  }
}

export const readMachineTime = () => parseMachineTime(readFileSync('/proc/stat', 'utf8'))
