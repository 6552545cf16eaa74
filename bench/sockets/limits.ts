import { readFileSync } from 'node:fs'
import { CommandError } from '#lib/errors'
import { descriptorsMax } from '../scale/preconditions'

/** Open besides those of the load: files, listeners, idle connections to upstreams. */
const filesBeside = 800
/** Whatever it is asked for, our HAProxy wants room for 4,096 connections to both sides. */
const filesOfHaproxy = 8_400

const ownLimits = () => readFileSync('/proc/self/limits', 'utf8')

/** Throws a CommandError when the programs could not have so many connections open. */
export function requireFiles(
  connections: number,
  withHaproxy: boolean,
  allowed = descriptorsMax(ownLimits()),
): void {
  // A proxy has two for each.
  const needed = Math.max(2 * connections + filesBeside, withHaproxy ? filesOfHaproxy : 0)
  if (allowed >= needed) return
  throw new CommandError(
    `bench sockets needs ${needed} open files for a program, and ${allowed} are allowed: run ` +
      `ulimit -n ${needed} before, ask for fewer --connections` +
      `${withHaproxy ? ', or leave haproxy out of --hops' : ''}.`,
  )
}
