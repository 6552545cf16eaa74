import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError, errorCode } from '#lib/errors'
import { findHierarchy, type Hierarchy } from './hierarchy'

/** What a group has used since it was made. */
export interface CpuUsage {
  usedUs: number
  /** Periods in which somebody in it wanted to run, and those in which its quota ran out. */
  periods: number
  throttled: number
}

/** A group of processes with a share of processor time. */
export interface CpuGroup {
  /** Confines these processes and all that they start to a share of one core, such as 0.1. */
  confine(pids: () => number[], share: number): void
  /** Takes the limit away. */
  release(): void
  usage(): CpuUsage
  /** Once its processes have ended. */
  remove(): Promise<void>
}

/** A place where groups may be made. */
export interface Confinement {
  /** `cgroup v1 in /sys/fs/cgroup/cpu` */
  description: string
  create(name: string): CpuGroup
  /** Leaves it as it was, when its groups are removed. */
  close(): void
}

/** The least that the kernel takes. */
const quotaUsMin = 1_000
// The kernel's 100 ms would make of a share of 10% pauses of 90 ms, and so a percentile.
const periodUsMin = 10_000
const removeDeadlineMs = 5_000
const removePollMs = 10

/** The time in which a share is used up or left, in microseconds. */
export const periodUsOf = (share: number): number =>
  Math.max(periodUsMin, Math.ceil(quotaUsMin / share))

/**
 * Finds where groups may be made. Throws a CommandError that names the file and what is not
 * permitted; nothing is changed then. `removeDirectory` is for a hierarchy of ordinary directories,
 * `command` is who wants it.
 */
export function openConfinement(
  hierarchy: Hierarchy | undefined = ownHierarchy(),
  removeDirectory: (path: string) => void = rmdirSync,
  command = 'bench scale',
): Confinement {
  if (!hierarchy) throw refusal('no cgroup hierarchy with the controller cpu is mounted', command)
  if (hierarchy.version === 2) return openV2(hierarchy.groups, removeDirectory, command)
  const { cpu, cpuacct } = hierarchy
  const create = (name: string) =>
    makeGroup([...new Set([join(cpu, name), join(cpuacct, name)])], filesV1, removeDirectory)
  try {
    probe(create)
  } catch (error) {
    throw refusal(reasonOf(error), command)
  }
  return { description: `cgroup v1 in ${cpu}`, create, close: () => {} }
}

function ownHierarchy(): Hierarchy | undefined {
  const read = (name: string) => readFileSync(`/proc/self/${name}`, 'utf8')
  return existsSync('/proc/self/cgroup')
    ? findHierarchy(read('mountinfo'), read('cgroup'))
    : undefined
}

const refusal = (reason: string, command: string) =>
  new CommandError(
    `${command} confines each instance to its share of a core, and cannot here: ${reason}. Run it ` +
      'as root on the machine itself, or in a cgroup of your own: ' +
      `systemd-run --user --scope -p Delegate=yes jumpstarter ${command}.`,
  )

/** Such as `EACCES: permission denied, mkdir '/sys/fs/cgroup/cpu/x'`. */
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** The nearest group that may share out processor time among groups below it. */
function openV2(
  groups: string[],
  removeDirectory: (path: string) => void,
  command: string,
): Confinement {
  const reasons: string[] = []
  for (const parent of groups) {
    const create = (name: string) => makeGroup([join(parent, name)], filesV2, removeDirectory)
    let close = () => {}
    try {
      close = shareOut(parent)
      probe(create)
      return { description: `cgroup v2 in ${parent}`, create, close }
    } catch (error) {
      close()
      reasons.push(reasonOf(error))
    }
  }
  throw refusal(reasons.join('; '), command)
}

/** Lets the groups below have the controller; returns what undoes it. */
function shareOut(parent: string): () => void {
  const words = (file: string) => readFileSync(join(parent, file), 'utf8').split(/\s+/)
  if (!words('cgroup.controllers').includes('cpu')) {
    throw new Error(`${join(parent, 'cgroup.controllers')} does not name cpu`)
  }
  // Only the root, which alone has no type, may have processes of its own beside such groups.
  const isRoot = !existsSync(join(parent, 'cgroup.type'))
  if (!isRoot && words('cgroup.procs').some((word) => word !== '')) {
    throw new Error(`${join(parent, 'cgroup.procs')} is not empty`)
  }
  const control = join(parent, 'cgroup.subtree_control')
  if (words('cgroup.subtree_control').includes('cpu')) return () => {}
  writeFileSync(control, '+cpu')
  return () => {
    try {
      writeFileSync(control, '-cpu')
    } catch (error) {
      // Somebody else has begun to use it meanwhile.
      if (errorCode(error) !== 'EBUSY') throw error
    }
  }
}

/** Throws when a group with a limit cannot be made. */
function probe(create: (name: string) => MadeGroup): void {
  const group = create(`jumpstarter-probe-${process.pid}`)
  try {
    group.confine(() => [], 1)
  } finally {
    group.discard()
  }
}

/** How the two versions differ: both have cgroup.procs and cpu.stat. */
interface Files {
  /** File and text of each write that sets a limit, or takes it away. */
  limit(periodUs: number, quotaUs: number | undefined): [file: string, text: string][]
  /** File, name of the line and microseconds of a unit of the time used. */
  used: { file: string; line: RegExp; us: number }
}

const filesV1: Files = {
  limit: (periodUs, quotaUs = -1) => [
    ['cpu.cfs_period_us', `${periodUs}`],
    ['cpu.cfs_quota_us', `${quotaUs}`],
  ],
  used: { file: 'cpuacct.usage', line: /^(\d+)$/m, us: 0.001 },
}

const filesV2: Files = {
  limit: (periodUs, quotaUs) => [['cpu.max', `${quotaUs ?? 'max'} ${periodUs}`]],
  used: { file: 'cpu.stat', line: /^usage_usec (\d+)$/m, us: 1 },
}

type MadeGroup = CpuGroup & { discard(): void }

/** Limits are in the first of the directories, the time used is in the last. */
function makeGroup(
  directories: string[],
  { limit, used }: Files,
  removeDirectory: (path: string) => void,
): MadeGroup {
  const [limits = '', account = limits] = directories
  const discard = () => {
    for (const directory of directories) if (existsSync(directory)) removeDirectory(directory)
  }
  const setLimit = (share: number | undefined) => {
    const periodUs = periodUsOf(share ?? 1)
    const quotaUs = share === undefined ? undefined : Math.round(periodUs * share)
    for (const [file, text] of limit(periodUs, quotaUs)) writeFileSync(join(limits, file), text)
  }
  const figure = (file: string, line: RegExp) =>
    Number(line.exec(readFileSync(file, 'utf8'))?.[1] ?? Number.NaN)
  try {
    for (const directory of directories) mkdirSync(directory)
  } catch (error) {
    discard()
    throw error
  }
  return {
    confine: (pids, share) => {
      setLimit(share)
      for (const directory of directories) moveAll(pids, join(directory, 'cgroup.procs'))
    },
    release: () => setLimit(undefined),
    usage: () => ({
      usedUs: figure(join(account, used.file), used.line) * used.us,
      periods: figure(join(limits, 'cpu.stat'), /^nr_periods (\d+)$/m),
      throttled: figure(join(limits, 'cpu.stat'), /^nr_throttled (\d+)$/m),
    }),
    discard,
    remove: () => untilGone(discard),
  }
}

/** Until a look at the processes shows none that was started while others were moved. */
function moveAll(pids: () => number[], file: string): void {
  const moved = new Set<number>()
  for (;;) {
    const rest = pids().filter((pid) => !moved.has(pid))
    if (rest.length === 0) return
    for (const pid of rest) {
      moved.add(pid)
      try {
        writeFileSync(file, `${pid}`)
      } catch (error) {
        // It has ended meanwhile.
        if (errorCode(error) !== 'ESRCH') throw error
      }
    }
  }
}

/** A group is busy for a moment longer than its last process. */
async function untilGone(discard: () => void): Promise<void> {
  const deadline = performance.now() + removeDeadlineMs
  for (;;) {
    try {
      return discard()
    } catch (error) {
      if (errorCode(error) !== 'EBUSY' || performance.now() > deadline) throw error
      await Bun.sleep(removePollMs)
    }
  }
}
