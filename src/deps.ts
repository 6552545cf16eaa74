import { type Assets, loadAssets } from '#assets'
import type { Config } from '#config'
import { closeDb, type Db, openDb } from '#db/client'
import type { Embedded } from '#embedded'
import { createLog, type Log } from '#observability/log'

/** What a running program works with, opened here and nowhere else. */
export interface Deps {
  config: Config
  log: Log
  db: Db
  assets: Assets
  /** The moment a page is made. Deadlines are decided by the database's clock, never by this one. */
  now: () => Date
}

// A page that needs longer has a plan that is wrong; the reader is told to try again.
const statementTimeoutMs = 5_000

export async function openDeps(
  config: Config & { databaseUrl: string },
  embedded?: Embedded,
): Promise<Deps> {
  return {
    config,
    log: createLog(config.logLevel),
    db: openDb(config.databaseUrl, {
      max: config.poolMax,
      applicationName: 'jumpstarter worker',
      statementTimeoutMs,
      genericPlans: true,
    }),
    assets: await loadAssets(embedded),
    now: () => new Date(),
  }
}

export async function closeDeps(deps: Deps): Promise<void> {
  await closeDb(deps.db)
}
