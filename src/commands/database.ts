import type { Config } from '#config'
import { checkDatabase, closeDb, type Db, openDb } from '#db/client'
import type { Embedded } from '#embedded'
import { CommandError } from '#lib/errors'
import type { Log } from '#observability/log'
import { startEmbeddedPostgres } from '#server/embedded-postgres'

export interface OpenDatabase {
  db: Db
  url: string
  /** `Postgres 18.4, embedded` or `Postgres at …`. */
  description: string
  embedded: boolean
  /** From here on the work handles signals itself. */
  takeSignals(): void
}

interface Surroundings {
  config: Config
  embedded: Embedded | undefined
  log: Log
  applicationName: string
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** What a shell reports for a program ended by SIGINT. */
const interruptedExitCode = 130

/**
 * Gives `work` the configured database: the one of DATABASE_URL, or our own Postgres, started for it
 * and stopped after it. A signal on the way ends the work and leaves nothing running.
 */
export async function withDatabase<Result>(
  { config, embedded, log, applicationName }: Surroundings,
  work: (database: OpenDatabase) => Promise<Result>,
): Promise<Result> {
  const interruption = Promise.withResolvers<never>()
  const interrupt = () => interruption.reject(new CommandError('Interrupted.', interruptedExitCode))
  for (const signal of signals) process.once(signal, interrupt)
  const takeSignals = () => {
    for (const signal of signals) process.off(signal, interrupt)
  }
  interruption.promise.catch(() => {})
  // During a rolling restart one worker more than usual has a pool.
  const connections = (config.workers + 1) * config.poolMax
  const own = config.databaseUrl
    ? undefined
    : await startEmbeddedPostgres({ ...config, connections, embedded, log })
  const url = config.databaseUrl ?? own?.databaseUrl ?? ''
  const db = openDb(url, { max: 2, applicationName })
  try {
    await checkDatabase(db, url)
    const description = own ? `embedded Postgres ${own.version}` : 'the Postgres of DATABASE_URL'
    const result = work({ db, url, description, embedded: own !== undefined, takeSignals })
    return await Promise.race([result, interruption.promise])
  } finally {
    takeSignals()
    await closeDb(db, 1).catch(() => {})
    await own?.stop()
  }
}
