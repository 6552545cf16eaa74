import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { Db } from '#db/client'
import { CommandError } from '#lib/errors'
import { plural } from '#lib/text'
import { descriptorsMax, freeSessions, sessionsOfInstance } from '../load/room'

export interface Room {
  /** The most that run at once. */
  instances: number
  /** Of a core, of each. */
  share: number
  /** Of the load generator, for each instance. */
  connections: number
  /** Through each of them the load comes: one for each number of instances and transport. */
  sites: number
}

const mebibyte = 1024 * 1024
const instanceMebibytes = 250
const spareDescriptors = 256
const spareSessions = 4

/** Throws a CommandError that names what this machine or the database has too little of. */
export async function requireRoom(db: Db, room: Room): Promise<void> {
  requireCores(room, cpus().length)
  requireMemory(room.instances, availableBytes(readFileSync('/proc/meminfo', 'utf8')))
  requireDescriptors(room, descriptorsMax())
  await requireSessions(db, room.instances)
}

export function requireCores({ instances, share }: Room, cores: number): void {
  // The rest is for nginx, the load generator and Postgres.
  if (instances * share <= cores / 2) return
  throw new CommandError(
    `${plural(instances, 'instance')} with ${Math.round(share * 100)}% of a core each take more than ` +
      `half of the ${plural(cores, 'core')} here: lower --instances or --share.`,
  )
}

export function requireMemory(instances: number, available: number): void {
  const needed = instances * instanceMebibytes * mebibyte
  if (available >= needed) return
  throw new CommandError(
    `${plural(instances, 'instance')} need ${needed / mebibyte} MB of memory, and ` +
      `${Math.floor(available / mebibyte)} MB are free: lower --instances.`,
  )
}

export function requireDescriptors({ instances, connections, sites }: Room, max: number): void {
  // Connections of clients, and those to the instances that nginx keeps after each run.
  const needed = instances * connections * (sites + 1) + spareDescriptors
  if (max >= needed) return
  throw new CommandError(
    `nginx may need ${needed} file descriptors, and a process here may have ${max}: ` +
      `raise the limit (ulimit -n ${needed}), or lower --connections.`,
  )
}

async function requireSessions(db: Db, instances: number): Promise<void> {
  const { free, max } = await freeSessions(db)
  const needed = instances * sessionsOfInstance + spareSessions
  if (free >= needed) return
  throw new CommandError(
    `${plural(instances, 'instance')} need ${needed} sessions in Postgres, and of its ${max} ` +
      `(max_connections) ${free} are free: raise it, or lower --instances.`,
  )
}

/** Bytes of memory that could be taken without swapping, from /proc/meminfo. */
export const availableBytes = (meminfo: string): number =>
  Number(/^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1] ?? Number.NaN) * 1024
