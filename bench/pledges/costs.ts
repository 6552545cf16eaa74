import { processTree } from '../load/processes'
import { between, type Reading, readCounters, readMachineTime } from '../sockets/counters'

/** Processor time in microseconds, of all their processes, and how busy the processor was. */
export interface Costs {
  serverUs: number
  postgresUs: number
  /** Of the process that looks. */
  clientUs: number
  /** From 0 to 1: of all cores, and of one core the busiest process of each. */
  busy: { machine: number; worker: number; session: number }
}

export interface Look {
  machine: ReturnType<typeof readMachineTime>
  server: Reading
  postgres: Reading
  client: Reading
  at: number
}

/** The counters of these processes and all they have started, as they are now. */
export const look = ({ watched }: { watched: { server: number; postgres: number } }): Look => ({
  machine: readMachineTime(),
  server: readCounters(processTree(watched.server)),
  postgres: readCounters(processTree(watched.postgres)),
  client: readCounters([process.pid]),
  at: performance.now(),
})

export function costsBetween(before: Look, after: Look): Costs {
  const used = (of: 'server' | 'postgres' | 'client') => between(before[of], after[of]).cpuUs
  const passedUs = (after.at - before.at) * 1000
  return {
    serverUs: used('server'),
    postgresUs: used('postgres'),
    clientUs: used('client'),
    busy: {
      machine:
        (after.machine.busyUs - before.machine.busyUs) /
        (after.machine.totalUs - before.machine.totalUs),
      worker: busiestUs(before.server, after.server) / passedUs,
      session: busiestUs(before.postgres, after.postgres) / passedUs,
    },
  }
}

const busiestUs = (before: Reading, after: Reading): number =>
  Math.max(0, ...[...after.cpuUs].map(([pid, us]) => us - (before.cpuUs.get(pid) ?? 0)))
