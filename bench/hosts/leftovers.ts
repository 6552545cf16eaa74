import { readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import { findInstrument } from '../load/instruments'
import { isRunning } from '../load/processes'
import { findHierarchy } from '../scale/hierarchy'

// Everything a rig makes has a name that says which process made it: what is left of one that was
// killed is found by it, and by nothing else.

const prefix = 'jumpstarter-rig-'
const pattern = /^jumpstarter-rig-(\d+)\.\d+(?:-|$)/
const namespaces = '/run/netns'
const goneDeadlineMs = 5_000
const pollMs = 20
let rigs = 0

/** Such as `jumpstarter-rig-4711.2`: of this process, and its second. */
export const runName = (): string => `${prefix}${process.pid}.${++rigs}`

/** A directory for this rig. */
export async function runDirectoryOf(name: string) {
  const path = join(tmpdir(), name)
  await mkdir(path)
  // Postgres runs as somebody else, who has to get through here.
  await chmod(path, 0o711)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Whether the name is of a rig whose process has ended. */
const isLeft = (name: string): boolean => {
  const pid = Number(pattern.exec(name)?.[1])
  return pid > 0 && pid !== process.pid && !isRunning(pid)
}

/**
 * Ends and removes what killed runs have left: namespaces with all that runs in them, directories
 * and control groups. Returns their names.
 */
export async function removeLeftovers(): Promise<string[]> {
  const names: string[] = []
  for (const name of namesIn(namespaces).filter(isLeft)) {
    await endAllIn(name)
    Bun.spawnSync([findInstrument('ip') ?? 'ip', 'netns', 'del', name])
    names.push(name)
  }
  for (const name of namesIn(tmpdir()).filter(isLeft)) {
    await rm(join(tmpdir(), name), { recursive: true, force: true })
    names.push(name)
  }
  for (const path of groupDirectories()) {
    for (const name of namesIn(path).filter(isLeft)) {
      rmdirSync(join(path, name))
      names.push(name)
    }
  }
  return names
}

const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Nobody but that run has started anything there. */
async function endAllIn(namespace: string): Promise<void> {
  const deadline = performance.now() + goneDeadlineMs
  for (;;) {
    const asked = Bun.spawnSync([findInstrument('ip') ?? 'ip', 'netns', 'pids', namespace])
    const pids = asked.stdout.toString().split('\n').filter(Boolean).map(Number)
    if (pids.length === 0) return
    if (performance.now() > deadline) {
      throw new CommandError(`What an earlier run left in ${namespace} does not end: ${pids}.`)
    }
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended in between.
      }
    }
    await Bun.sleep(pollMs)
  }
}

function groupDirectories(): string[] {
  const read = (name: string) => readFileSync(`/proc/self/${name}`, 'utf8')
  const found = findHierarchy(read('mountinfo'), read('cgroup'))
  if (!found) return []
  return found.version === 2 ? found.groups : [...new Set([found.cpu, found.cpuacct])]
}
