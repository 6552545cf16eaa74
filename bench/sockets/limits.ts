import type { Db } from '#db/client'
import { CommandError } from '#lib/errors'
import { plural } from '#lib/text'
import { descriptorsMax, freeSessions, sessionsOfInstance } from '../load/room'

/** Open besides those of the load: files, listeners, idle connections to upstreams. */
const filesBeside = 800
const spareSessions = 4

/** Throws a CommandError when the programs could not have so many connections open. */
export function requireFiles(connections: number, allowed = descriptorsMax()): void {
  // A proxy has two for each.
  const needed = 2 * connections + filesBeside
  if (allowed >= needed) return
  throw new CommandError(
    `bench sockets needs ${needed} open files for a program, and ${allowed} are allowed: run ` +
      `ulimit -n ${needed} before, or ask for fewer --connections.`,
  )
}

/** Throws a CommandError when the servers' workers would find no session in Postgres. */
export async function requireSessions(db: Db, servers: number, workers: number): Promise<void> {
  const { free, max } = await freeSessions(db)
  const needed = servers * workers * sessionsOfInstance + spareSessions
  if (free >= needed) return
  throw new CommandError(
    `${plural(servers, 'server')} with ${plural(workers, 'worker')} each need ${needed} sessions in ` +
      `Postgres, and of its ${max} (max_connections) ${free} are free: raise it, or lower --workers.`,
  )
}
