import { readFileSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { usableMemory } from '#lib/memory'
import { type Check, type Finding, problem, type Site, warning } from '../check'
import { size } from '../units'

/** Sockets of readers, connections of the pools, files: what a busy worker has open. */
const filesMin = 4_096
const filesNeeded = 1_024
const freeBytesMin = 2 ** 30
/** Less than a segment of the log or two, with which Postgres stops. */
const freeBytesNeeded = 100 * 2 ** 20
/** Of a worker under load, besides the pages it keeps. */
const workerBytes = 165 * 2 ** 20

export const openFiles: Check<Site> = {
  name: 'open files',
  run: async () => judgeLimits(readFileSync('/proc/self/limits', 'utf8')),
}

/** The text of `/proc/self/limits`. */
export function judgeLimits(text: string): Finding[] {
  const [, soft = ''] = /^Max open files\s+(\d+|unlimited)/m.exec(text) ?? []
  const most = soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  if (most >= filesMin) return []
  const finding = most < filesNeeded ? problem : warning
  return [
    finding(
      `A process may have ${most} files open: so many readers less a hundred, and the next is turned away.`,
      'Set LimitNOFILE=65536 in the unit, or `ulimit -n 65536` before the start.',
    ),
  ]
}

export const processor: Check<Site> = {
  name: 'processor',
  run: async () => judgeProcessor(process.arch, readFileSync('/proc/cpuinfo', 'utf8')),
}

/** The text of `/proc/cpuinfo`. */
export function judgeProcessor(architecture: string, text: string): Finding[] {
  if (architecture !== 'x64' || /^flags\s*:.*\bavx2\b/m.test(text)) return []
  return [
    warning(
      'The processor has no AVX2, without which the usual build for x64 ends with “illegal instruction”.',
      'Use the baseline build, or in a virtual machine pass the host’s processor on (`cpu: host`).',
    ),
  ]
}

/** Room on the disks that are written to. */
export const disk: Check<Site> = {
  name: 'disk',
  run: async ({ config }) => {
    const places = config.databaseUrl === null ? [config.dataDirectory, config.cacheDirectory] : []
    const seen = new Set<number>()
    return places.flatMap((path) => {
      const existing = existingPart(path)
      const device = statSync(existing).dev
      if (seen.has(device)) return []
      seen.add(device)
      const { bavail, bsize } = statfsSync(existing)
      return judgeSpace(path, bavail * bsize)
    })
  },
}

function existingPart(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) ? path : existingPart(dirname(path))
}

/** Bytes that are free for whoever runs us. */
export function judgeSpace(path: string, free: number): Finding[] {
  if (free >= freeBytesMin) return []
  const finding = free < freeBytesNeeded ? problem : warning
  return [
    finding(
      `The disk of ${path} has ${size(free)} left: when it is full, nothing can be written.`,
      'Free some space, or choose another directory with --data or JUMPSTARTER_CACHE.',
    ),
  ]
}

export const memory: Check<Site> = {
  name: 'memory',
  run: async ({ config }) => {
    const { workers, pageCacheBytes } = config
    const needed = workers * (workerBytes + pageCacheBytes)
    if (needed <= usableMemory()) return []
    return [
      problem(
        `${workers} workers that keep ${size(pageCacheBytes)} of pages each take up to ${size(needed)}, and there are ${size(usableMemory())}.`,
        'Set JUMPSTARTER_WORKERS or JUMPSTARTER_PAGE_CACHE_MB lower.',
      ),
    ]
  },
}
