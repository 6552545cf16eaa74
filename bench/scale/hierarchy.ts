import { join, relative } from 'node:path'

/** Where this process stands in the hierarchy that shares out processor time. */
export type Hierarchy =
  /** Its group in the hierarchy of `cpu`, and in that of `cpuacct`, which may be the same. */
  | { version: 1; cpu: string; cpuacct: string }
  /** Its group and those above it, nearest first, the last being the top of what is seen here. */
  | { version: 2; groups: string[] }

interface Mount {
  version: 1 | 2
  /** The group that is mounted. */
  root: string
  point: string
  controllers: string[]
}

/**
 * Reads /proc/self/mountinfo and /proc/self/cgroup. Version 1 where it has the controller `cpu`, as
 * a controller is in one version at a time; undefined where neither is mounted.
 */
export function findHierarchy(mountinfo: string, memberships: string): Hierarchy | undefined {
  const mounts = mountinfo.split('\n').flatMap(parseMount)
  const of = (controller: string) =>
    mounts.find(({ version, controllers }) => version === 1 && controllers.includes(controller))
  const [cpu, cpuacct] = [of('cpu'), of('cpuacct')]
  if (cpu && cpuacct) {
    return {
      version: 1,
      cpu: groupIn(cpu, pathOf('cpu', memberships)),
      cpuacct: groupIn(cpuacct, pathOf('cpuacct', memberships)),
    }
  }
  const unified = mounts.find(({ version }) => version === 2)
  if (!unified) return undefined
  const own = groupIn(unified, pathOf('', memberships))
  return { version: 2, groups: upwards(own, unified.point) }
}

/** `36 31 0:33 ROOT POINT OPTIONS [more …] - TYPE SOURCE CONTROLLERS` */
function parseMount(line: string): Mount[] {
  const [before = '', after = ''] = line.split(' - ')
  const [root, point] = before.split(' ').slice(3)
  const [type, , options = ''] = after.split(' ')
  if (root === undefined || point === undefined) return []
  if (type === 'cgroup2') return [{ version: 2, root, point, controllers: [] }]
  return type === 'cgroup' ? [{ version: 1, root, point, controllers: options.split(',') }] : []
}

/** `4:cpu,cpuacct:/path`, of version 2 `0::/path`. */
function pathOf(controller: string, memberships: string): string {
  const found = memberships
    .split('\n')
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
    .find((parts) => parts?.[1]?.split(',').includes(controller))
  return found?.[2] ?? '/'
}

/** In a container our path may lie outside of what is mounted; then the mount itself is ours. */
function groupIn({ root, point }: Mount, path: string): string {
  const below = relative(root, path)
  return below.startsWith('..') ? point : join(point, below)
}

function upwards(group: string, top: string): string[] {
  return group === top ? [top] : [group, ...upwards(join(group, '..'), top)]
}
