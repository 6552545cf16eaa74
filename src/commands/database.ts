import { constants } from 'node:os'
import type { Config } from '#config'
import { cancelStatements, checkDatabase, closeDb, type Db, openDb } from '#db/client'
import { findPooler } from '#db/pooler'
import type { Embedded } from '#embedded'
import { CommandError } from '#lib/errors'
import { within } from '#lib/within'
import { createLog } from '#observability/log'
import { startEmbeddedPostgres } from '#server/embedded-postgres'

export interface OpenDatabase {
  db: Db
  /** Without a pooler between. */
  url: string
  /** `Postgres 18.4, embedded` or `Postgres at …`. */
  description: string
  embedded: boolean
  /** Whether our own Postgres was running already, so that `settings` had no effect. */
  adopted: boolean
  /** From here on the work handles signals itself. */
  takeSignals(): void
}

interface Surroundings {
  config: Config
  embedded: Embedded | undefined
  applicationName: string
  /** Refuse when the embedded Postgres has no database yet, instead of making one. */
  mustExist?: boolean
  /** Settings for our own Postgres while the work lasts; one that runs already keeps its own. */
  settings?: Record<string, string>
  /** Sessions the work may open at once. */
  sessions?: number
}

/** For pledges, for hearing of changes, and for asking whether the database is there. */
const connectionsBesidesPool = 3
const rollBackDeadlineMs = 5_000
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** What a shell reports for a program that a signal has ended. */
const signalExitCode = (signal: NodeJS.Signals) => 128 + constants.signals[signal]

/**
 * Gives `work` the configured database: the one of DATABASE_URL, or our own Postgres, started for it
 * and stopped after it. A signal on the way ends the work and leaves nothing running.
 */
export async function withDatabase<Result>(
  {
    config,
    embedded,
    applicationName,
    mustExist = false,
    settings = {},
    sessions = 2,
  }: Surroundings,
  work: (database: OpenDatabase) => Promise<Result>,
): Promise<Result> {
  const interruption = Promise.withResolvers<never>()
  let interrupted = false
  const interrupt = (signal: NodeJS.Signals) => {
    interrupted = true
    interruption.reject(new CommandError('Interrupted.', signalExitCode(signal)))
  }
  if (config.databaseDirectUrl && !config.databaseUrl) {
    throw new CommandError(
      'DATABASE_DIRECT_URL is of use beside DATABASE_URL only: set that too.',
      2,
    )
  }
  for (const signal of signals) process.once(signal, interrupt)
  const takeSignals = () => {
    for (const signal of signals) process.off(signal, interrupt)
  }
  interruption.promise.catch(() => {})
  // During a rolling restart one worker more than usual has a pool.
  const connections = (config.workers + 1) * (config.poolMax + connectionsBesidesPool)
  const own = config.databaseUrl
    ? undefined
    : await startEmbeddedPostgres({
        ...config,
        connections,
        mustExist,
        settings,
        embedded,
        log: createLog(config.logLevel),
      })
  const url = config.databaseDirectUrl ?? config.databaseUrl ?? own?.databaseUrl ?? ''
  const setting = config.databaseDirectUrl ? 'DATABASE_DIRECT_URL' : 'DATABASE_URL'
  const session = `${applicationName} ${process.pid}`
  const db = openDb(url, { max: sessions, applicationName: session })
  let working: Promise<Result> | undefined
  try {
    await checkDatabase(db, url, setting)
    if (!own) await requireOwnSession(url, setting)
    const description = own ? `embedded Postgres ${own.version}` : 'the Postgres of DATABASE_URL'
    working = work({
      db,
      url,
      description,
      embedded: own !== undefined,
      adopted: own?.adopted ?? false,
      takeSignals,
    })
    return await Promise.race([working, interruption.promise])
  } finally {
    takeSignals()
    if (interrupted && working) {
      await cancel(url, session)
      await within(working, rollBackDeadlineMs).catch(() => {})
    }
    await closeDb(db, 1).catch(() => {})
    await own?.stop()
  }
}

/** Throws where a pooler hands what needs a session of its own from one connection to another. */
async function requireOwnSession(url: string, setting: string): Promise<void> {
  const { pooler } = await findPooler(url, setting)
  if (pooler === null || pooler.mode === 'session') return
  throw new CommandError(
    `${setting} leads to a pooler in ${pooler.mode} mode, where nobody hears of changes and locks ` +
      'are lost: set DATABASE_DIRECT_URL to the address of Postgres itself.',
  )
}

/** A statement would go on in Postgres after we are gone, and keep it from ending. */
async function cancel(url: string, session: string): Promise<void> {
  const db = openDb(url, { max: 1, applicationName: 'jumpstarter' })
  await cancelStatements(db, session).catch(() => {})
  await closeDb(db, 1).catch(() => {})
}
