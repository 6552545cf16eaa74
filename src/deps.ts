import { type Assets, loadAssets } from '#assets'
import { type Cache, closeCache, openCache } from '#cache/cache'
import { followChanges } from '#cache/changes'
import { createEventStreams, type EventStreams } from '#cache/event-streams'
import type { Config } from '#config'
import { closeDb, type Db, openDb } from '#db/client'
import { createDbObserver } from '#db/observed'
import { createPresence, type Presence } from '#db/presence'
import { openReplicas, type Replicas } from '#db/replicas/router'
import { countVisits, type Visits } from '#db/visits'
import type { Embedded } from '#embedded'
import { type Images, openImages } from '#images/images'
import { type Mailer, openMailer } from '#mail/mailer'
import type { Performance } from '#observability/history'
import { createLog, type Log } from '#observability/log'
import { createMeter, type Meter } from '#observability/meter'
import { openPayments } from '#payments/payments'
import type { PaymentProvider } from '#payments/provider'

/** What a running program works with, opened here and nowhere else. */
export interface Deps {
  config: Config
  log: Log
  /** What is counted; null where nothing is. */
  meter: Meter | null
  db: Db
  /** Whether the database is there; who serves has it watched. */
  presence: Presence
  /** For reads that may be a little old; null where all is read from the primary. */
  replicas: Replicas | null
  /** One connection, for pledges alone: they wait for nothing else, nor anything for them. */
  pledgeDb: Db
  /** Done before the pools close: what was accepted is written. */
  finishing: (() => Promise<void>)[]
  /** Null when nothing is kept. */
  cache: Cache | null
  /** To readers who are told of changes as they happen. */
  streams: EventStreams
  assets: Assets
  /** Null where no server takes our mail. */
  mailer: Mailer | null
  images: Images
  payments: PaymentProvider
  /** Of campaign pages. */
  visits: Visits
  /** The last hour of all workers of this host; null where nobody counts, or nobody answers. */
  askPerformance(): Promise<Performance | null>
  /** The moment a page is made. Deadlines are decided by the database's clock, never by this one. */
  now: () => Date
}

// A page that needs longer has a plan that is wrong; the reader is told to try again.
const statementTimeoutMs = 5_000

export async function openDeps(
  config: Config & { databaseUrl: string },
  embedded?: Embedded,
  process: { worker?: number } = {},
): Promise<Deps> {
  const log = createLog(config.logLevel, process)
  const assets = await loadAssets(embedded)
  const { smtpUrl, mailFrom, baseUrl, pooler } = config
  const meter = config.metrics ? createMeter() : null
  const pool = {
    max: config.poolMax,
    applicationName: 'jumpstarter worker',
    statementTimeoutMs,
    genericPlans: true,
    pooler,
    observer: meter && createDbObserver(meter, log, config.slowQueryMs),
  }
  const db = openDb(config.databaseUrl, pool)
  const pledgeDb = openDb(config.databaseUrl, {
    ...pool,
    max: 1,
    applicationName: 'jumpstarter pledges',
  })
  const asking = { max: 1, applicationName: 'jumpstarter presence', pooler }
  const isPooled = config.databaseDirectUrl !== null
  const presence = createPresence(() => openDb(config.databaseUrl, asking), isPooled, log)
  for (const each of [db, pledgeDb]) presence.guard(each)
  const { hostname } = new URL(baseUrl)
  const { databaseUrl, databaseDirectUrl, pageCacheBytes } = config
  const changesUrl = databaseDirectUrl ?? databaseUrl
  const { replicaUrls } = config
  const urls = { primary: changesUrl, replicas: replicaUrls }
  const replicas = replicaUrls.length === 0 ? null : openReplicas(urls, db, pool, log)
  const keeps = pageCacheBytes > 0
  const streams = createEventStreams(
    log,
    keeps ? undefined : (listeners) => followChanges(changesUrl, listeners, log),
  )
  return {
    config,
    log,
    meter,
    db,
    presence,
    replicas,
    pledgeDb,
    finishing: [],
    cache: keeps
      ? openCache(config, siteOf(config, assets), log, { streams, replicas, presence })
      : null,
    streams,
    assets,
    mailer: smtpUrl === null ? null : openMailer(smtpUrl, mailFrom, hostname),
    payments: await openPayments(config, db),
    images: openImages(config.imageBucket, embedded !== undefined),
    visits: countVisits(db, hostname, log),
    askPerformance: async () => null,
    now: () => new Date(),
  }
}

/** What pages of two sites differ in, or of two builds. */
const siteOf = ({ baseUrl }: Config, { stylesheet }: Assets) => `${baseUrl} ${stylesheet}`

export async function closeDeps(deps: Deps): Promise<void> {
  await Promise.all(deps.finishing.map((finish) => finish()))
  deps.mailer?.close()
  await deps.presence.close()
  await deps.streams.close()
  await deps.visits.close()
  await Promise.all([
    ...[deps.db, deps.pledgeDb].map((db) => closeDb(db)),
    deps.cache && closeCache(deps.cache),
    deps.replicas?.close(),
  ])
}
