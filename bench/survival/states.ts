import { createConnection } from 'node:net'
import { closeDb, type Db, openDb } from '#db/client'
import { CommandError } from '#lib/errors'
import { postgresProcesses } from '../load/processes'
import type { OurServer } from '../load/servers'
import type { DeedId } from './deeds'
import { diskProblem, type FullDisk, fillDisk } from './full-disk'
import type { Kept } from './kept'
import type { Rig } from './rig'
import { fakedTime } from './skew'

export type Promised = Record<Exclude<DeedId, 'upload'>, Kept> & { upload?: Kept }

export interface Stage {
  rig: Rig
  server: OurServer
}

/** A row of the matrix: something that is brought about, and undone. */
export interface State {
  id: string
  title: string
  promised: Promised
  /** What must be seen of it: pages that are old and writes that are refused, or these alone. */
  bites?: 'pages' | 'writes'
  /** How long it is held, where it is no matter of a moment. */
  holdMs?: { usual: number; quick: number }
  /** Of the site, from its start. */
  environment?: (rig: Rig) => Promise<Record<string, string>> | Record<string, string>
  /** Why it cannot be brought about here. */
  problem?: () => string | undefined
  /** Brings it about; resolves with what undoes it. */
  begin(stage: Stage): Promise<() => Promise<void>>
  /** Once it is undone: passes the minute after which something is tried again. */
  hasten?: (rig: Rig) => Promise<void>
}

const works: Promised = {
  ...{ browse: 'works', project: 'works', 'sign-in': 'works', session: 'works' },
  ...{ pledge: 'works', settle: 'works' },
}
const without: Promised = {
  ...{ browse: 'shown', project: 'shown', 'sign-in': 'refused', session: 'stays' },
  ...{ pledge: 'refused', settle: 'waits' },
}
/** What is over at once, until those who were there have noticed. */
const moment = { usual: 1_000, quick: 400 }
const long = { usual: 5_000, quick: 1_000 }
const outage = { usual: 10_000, quick: 2_000 }

const redisStates: State[] = [
  {
    ...{ id: 'redis-refused', title: 'Redis refuses', promised: works, holdMs: long },
    begin: async ({ rig: { ways } }) => {
      await ways.redis.refuse()
      return ways.redis.heal
    },
  },
  {
    ...{ id: 'redis-hung', title: 'Redis hangs', promised: works, holdMs: long },
    begin: async ({ rig: { redisPid } }) => {
      process.kill(redisPid, 'SIGSTOP')
      return async () => void process.kill(redisPid, 'SIGCONT')
    },
  },
  {
    ...{ id: 'redis-slow', title: 'Redis is 200 ms slower', promised: works, holdMs: long },
    begin: async ({ rig: { ways } }) => {
      ways.redis.delayMs = 200
      return ways.redis.heal
    },
  },
  {
    ...{ id: 'redis-flushed', title: 'Redis is emptied', promised: works, holdMs: moment },
    begin: async ({ rig: { ways } }) => {
      await flush(ways.redis.port)
      return async () => {}
    },
  },
]

const postgresStates: State[] = [
  {
    ...{ id: 'postgres-restarted', title: 'Postgres crashes and restarts', promised: without },
    begin: async ({ rig: { primary } }) => {
      await primary.kill()
      return primary.start
    },
  },
  {
    ...{ id: 'postgres-stopped', title: 'Postgres is stopped', promised: without },
    ...{ bites: 'pages', holdMs: outage },
    begin: async ({ rig: { primary } }) => {
      await primary.stop()
      return primary.start
    },
  },
  {
    ...{ id: 'postgres-hung', title: 'Postgres hangs', promised: without },
    ...{ bites: 'pages', holdMs: outage },
    begin: async ({ rig: { db } }) => {
      const pids = await postgresProcesses(db)
      if (pids.length === 0) throw new CommandError('The processes of Postgres are not to be seen.')
      for (const pid of pids) signalIfThere(pid, 'SIGSTOP')
      return async () => {
        for (const pid of pids) signalIfThere(pid, 'SIGCONT')
      }
    },
  },
  {
    ...{ id: 'backends-terminated', title: 'all connections terminated', promised: without },
    holdMs: moment,
    begin: async ({ rig: { db } }) => {
      await terminateSite(db)
      return async () => {}
    },
  },
  {
    ...{ id: 'connections-exhausted', title: 'no connection is left', promised: without },
    ...{ bites: 'writes', holdMs: outage },
    begin: takeAllConnections,
  },
  {
    ...{ id: 'replica-dead', title: 'the replica dies', promised: works, holdMs: long },
    environment: async ({ replica }) => {
      await replica.start()
      return { DATABASE_REPLICA_URLS: replica.url }
    },
    begin: async ({ rig: { replica } }) => {
      await replica.kill()
      return async () => {}
    },
  },
]

const otherStates: State[] = [
  {
    ...{ id: 'worker-killed', title: 'a worker is killed (-9)' },
    holdMs: { usual: 3_000, quick: 1_000 },
    promised: {
      ...{ browse: 'works again', project: 'works again', 'sign-in': 'works again' },
      ...{ session: 'works again', pledge: 'works again', settle: 'works' },
    },
    begin: async ({ server }) => {
      const victim = server.pids()[1]
      if (victim === undefined) throw new CommandError('The server has no worker left.')
      process.kill(victim, 'SIGKILL')
      return async () => {}
    },
  },
  {
    ...{ id: 'disk-full', title: 'the disk of uploads is full', problem: diskProblem },
    ...{ promised: { ...works, upload: 'no room' }, bites: 'writes' },
    holdMs: { usual: 5_000, quick: 2_500 },
    begin: async ({ rig }) => {
      const disk: FullDisk = await fillDisk(rig)
      return disk.makeRoom
    },
  },
  {
    ...{ id: 'mail-down', title: 'no mail server', promised: works, holdMs: long },
    begin: async ({ rig: { ways } }) => {
      await ways.mail.refuse()
      return ways.mail.heal
    },
    hasten: async ({ db }) => {
      await db.$client`update outbox set due_at = now() where sent_at is null and attempts < 8`
    },
  },
  {
    ...{ id: 'provider-down', title: 'no payment provider', holdMs: long },
    promised: { ...works, settle: 'waits' },
    begin: async ({ rig: { ways } }) => {
      await ways.provider.refuse()
      return ways.provider.heal
    },
    hasten: async ({ db }) => {
      await db.$client`update settlements set due_at = now()
        where due_at > now() and closed_at is null and leased_until is null`
    },
  },
  {
    ...{ id: 'provider-slow', title: 'a payment provider 2 s slower', promised: works },
    holdMs: long,
    begin: async ({ rig: { ways } }) => {
      ways.provider.delayMs = 2_000
      return ways.provider.heal
    },
  },
  ...(['+', '-'] as const).map(
    (sign): State => ({
      id: sign === '+' ? 'clock-ahead' : 'clock-behind',
      title: `our clock is 5 minutes ${sign === '+' ? 'ahead' : 'behind'}`,
      promised: works,
      ...{ holdMs: long, problem: () => fakedTime(sign).problem },
      environment: () => fakedTime(sign).environment,
      begin: async () => async () => {},
    }),
  ),
]

/** The rows of the matrix. */
export const states: readonly State[] = [...redisStates, ...postgresStates, ...otherStates]

function flush(port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const connection = createConnection({ host: '127.0.0.1', port })
  connection.on('connect', () => connection.write('FLUSHALL\r\n'))
  connection.on('data', () => {
    connection.destroy()
    resolve()
  })
  connection.on('error', reject)
  return promise
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended in between.
  }
}

const terminateSite = (db: Db) => db.$client`
  select pg_terminate_backend(pid) from pg_stat_activity
    where application_name like 'jumpstarter %' and application_name not like '%bench%'`

const tookMs = 20

/** Takes what is free, then what the site had. */
async function takeAllConnections({ rig: { db, primary } }: Stage): Promise<() => Promise<void>> {
  const hogs: Db[] = []
  let running = true
  const take = async () => {
    for (let refused = 0; running && refused < 3; ) {
      const hog = openDb(primary.url, { max: 1, applicationName: 'bench hog' })
      const isOne = await hog.$client`select 1`.then(
        () => true,
        () => false,
      )
      if (isOne) hogs.push(hog)
      else {
        refused++
        await closeDb(hog, 0)
      }
    }
  }
  await take()
  await terminateSite(db)
  // Whatever becomes free, the site is not to have it.
  const taking = (async () => {
    while (running) {
      await take()
      await Bun.sleep(tookMs)
    }
  })()
  return async () => {
    running = false
    await taking
    await Promise.all(hogs.map((hog) => closeDb(hog, 1)))
  }
}
