import { createConnection } from 'node:net'
import type { Db } from '#db/client'
import { CommandError } from '#lib/errors'
import { isRunning, postgresProcesses } from '../load/processes'
import type { OurServer } from '../load/servers'

/** What faults are brought upon. */
export interface Subject {
  db: Db
  server: Pick<OurServer, 'pids'>
  workers: number
  /** The socket of Redis, where there is one. */
  redis: string | undefined
  /** Of the attempts of clients, the share that is broken off before the answer. */
  dropped: { share: number }
  signal: AbortSignal
}

export interface Fault {
  id: string
  title: string
  needsRedis?: boolean
  /** Brings it about, and resolves when it is over. Throws when something does not come back. */
  happen(subject: Subject): Promise<void>
}

export const faults: readonly Fault[] = [
  { id: 'kill', title: 'a worker is killed (SIGKILL)', happen: killWorker },
  { id: 'postgres', title: 'Postgres is restarted at once (SIGQUIT)', happen: crashPostgres },
  { id: 'redis', title: 'Redis is emptied (FLUSHALL)', needsRedis: true, happen: emptyRedis },
  { id: 'drop', title: 'clients break off before the answer', happen: dropAnswers },
]

const backDeadlineMs = 30_000
const pollMs = 50
const droppingMs = 1_500
const droppedShare = 0.5

/** The oldest one; the first process is the supervisor. */
export async function killWorker({ server, workers, signal }: Subject): Promise<void> {
  const victim = server.pids()[1]
  if (victim === undefined) throw new CommandError('The server has no worker left.')
  process.kill(victim, 'SIGKILL')
  await until('the server did not start a worker again', signal, () => {
    const [, ...pids] = server.pids()
    return !pids.includes(victim) && pids.filter(isRunning).length === workers
  })
}

/** As `pg_ctl restart -m immediate`: no checkpoint, and what was committed is read from the log. */
async function crashPostgres({ db, signal }: Subject): Promise<void> {
  const [postmaster] = await postgresProcesses(db)
  if (postmaster === undefined) throw new CommandError('Postgres does not run on this machine.')
  process.kill(postmaster, 'SIGQUIT')
  await until('Postgres did not come back', signal, async () => {
    if (isRunning(postmaster)) return false
    const answer = await db.$client`select 1 as one`.catch(() => [])
    return answer.length === 1
  })
}

function emptyRedis({ redis = '' }: Subject): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = createConnection(redis)
    connection.on('connect', () => connection.write('FLUSHALL\r\n'))
    connection.on('data', () => {
      connection.destroy()
      resolve()
    })
    connection.on('error', reject)
  })
}

async function dropAnswers({ dropped, signal }: Subject): Promise<void> {
  const usual = dropped.share
  dropped.share = droppedShare
  const until = performance.now() + droppingMs
  while (performance.now() < until && !signal.aborted) await Bun.sleep(pollMs)
  dropped.share = usual
}

async function until(
  failure: string,
  signal: AbortSignal,
  check: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + backDeadlineMs
  while (!(await check())) {
    signal.throwIfAborted()
    if (performance.now() > deadline) {
      throw new CommandError(`After a fault ${failure} within ${backDeadlineMs / 1000} s.`)
    }
    await Bun.sleep(pollMs)
  }
}
