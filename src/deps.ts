import { type Assets, loadAssets } from '#assets'
import { type Cache, closeCache, openCache } from '#cache/cache'
import type { Config } from '#config'
import { closeDb, type Db, openDb } from '#db/client'
import type { Embedded } from '#embedded'
import { type Mailer, openMailer } from '#mail/mailer'
import { createLog, type Log } from '#observability/log'

/** What a running program works with, opened here and nowhere else. */
export interface Deps {
  config: Config
  log: Log
  db: Db
  /** Null when nothing is kept. */
  cache: Cache | null
  assets: Assets
  /** Null where no server takes our mail. */
  mailer: Mailer | null
  /** The moment a page is made. Deadlines are decided by the database's clock, never by this one. */
  now: () => Date
}

// A page that needs longer has a plan that is wrong; the reader is told to try again.
const statementTimeoutMs = 5_000

export async function openDeps(
  config: Config & { databaseUrl: string },
  embedded?: Embedded,
): Promise<Deps> {
  const log = createLog(config.logLevel)
  const assets = await loadAssets(embedded)
  const { smtpUrl, mailFrom, baseUrl } = config
  return {
    config,
    log,
    db: openDb(config.databaseUrl, {
      max: config.poolMax,
      applicationName: 'jumpstarter worker',
      statementTimeoutMs,
      genericPlans: true,
    }),
    cache: config.pageCacheBytes > 0 ? openCache(config, siteOf(config, assets), log) : null,
    assets,
    mailer: smtpUrl === null ? null : openMailer(smtpUrl, mailFrom, new URL(baseUrl).hostname),
    now: () => new Date(),
  }
}

/** What pages of two sites differ in, or of two builds. */
const siteOf = ({ baseUrl }: Config, { stylesheet }: Assets) => `${baseUrl} ${stylesheet}`

export async function closeDeps(deps: Deps): Promise<void> {
  deps.mailer?.close()
  await Promise.all([closeDb(deps.db), deps.cache && closeCache(deps.cache)])
}
