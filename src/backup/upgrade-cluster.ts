import { realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { otherDatabases, type Session } from '#db/backup/snapshot'
import { cancelStatements, closeDb, type Db, openDb } from '#db/client'
import { isBeingFilled, migrationState } from '#db/migrations'
import type { Embedded } from '#embedded'
import { CommandError } from '#lib/errors'
import type { Log } from '#observability/log'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#server/embedded-postgres'
import { makePrivate, type Place, preparePlace } from '#server/postgres-account'
import { clusterDirectory, clusterVersion, majorVersion } from '#server/postgres-cluster'
import { locateOlder } from '#server/postgres-older'
import { isPostmaster, readPostmaster, shutDown } from '#server/postgres-postmaster'
import { swapClusters, unfinishedSwap } from '#server/postgres-swap'
import { openLive } from './live'
import type { Manifest } from './manifest'
import { restoreBackup } from './restore'

export interface UpgradeOptions {
  dataDirectory: string
  dataDirectoryGiven: boolean
  cacheDirectory: string
  embedded: Embedded | undefined
  /** Where the programs of the older Postgres are, when they are not to be looked for. */
  oldBin: string | undefined
  /** Settings of the new Postgres while it is filled. */
  settings: Record<string, string>
  signal: AbortSignal
  onProgress(what: string, fraction: number): void
  log: Log
}

export interface Upgrade {
  /** Such as `18.4`; the manifest has what it was. */
  to: string
  /** Where the old data is. */
  kept: string
  manifest: Manifest
  /** Databases that somebody has made in the old Postgres; they stay there. */
  left: string[]
}

const applicationName = `jumpstarter upgrade-database ${process.pid}`

/**
 * Moves the data of our own Postgres to the version we bring: dumps and loads it, compares every
 * table, and then puts the new directory in the old one's place, which is kept beside it. Until then
 * nothing is changed. Undefined when it is of this version already. Throws CommandError.
 */
export async function upgradeCluster(options: UpgradeOptions): Promise<Upgrade | undefined> {
  const place = await preparePlace(options)
  const { dataDirectory } = place
  const cluster = clusterDirectory(dataDirectory)
  const version = await clusterVersion(cluster)
  if (version === '') {
    throw new CommandError(`There is no database in ${dataDirectory}: correct --data.`)
  }
  if (Number(version) > Number(majorVersion)) {
    throw new CommandError(
      `The data in ${cluster} is of Postgres ${version}, and this program brings Postgres ` +
        `${majorVersion}: there is no way back but the data that the upgrade has kept.`,
    )
  }
  if (version === majorVersion) return undefined
  const native = await locateOlder(version, { ...options, given: options.oldBin })
  options.signal.throwIfAborted()
  const around = { ...options, dataDirectoryGiven: true, settings: {} }
  const old = await startEmbeddedPostgres({ ...around, dataDirectory, native })
  try {
    if (!(await old.keepOthersOut())) {
      throw new CommandError(
        `Somebody is connected to the database in ${dataDirectory}: stop Jumpstarter, and whoever ` +
          'else it is, and run this again.',
      )
    }
    const copied = await copyCluster(old, place, options)
    if ((await old.stop()) !== 'stopped') {
      throw new CommandError('Somebody has connected to the old Postgres: it was left as it is.')
    }
    options.signal.throwIfAborted()
    const fresh = clusterDirectory(beside(place))
    const kept = await swapClusters(cluster, fresh, version)
    return { ...copied, kept }
  } finally {
    await old.stop()
    await removeUpgrade(place)
  }
}

/** Where the new Postgres is made. */
const beside = ({ dataDirectory }: Place) => join(dataDirectory, 'upgrade')

/** Fills a new Postgres from the old one, and ends it. */
async function copyCluster(old: EmbeddedPostgres, place: Place, options: UpgradeOptions) {
  // What an attempt has left that was killed.
  await removeUpgrade(place)
  await rm(unfinishedSwap(clusterDirectory(place.dataDirectory)), { recursive: true, force: true })
  await makePrivate(beside(place), place.account)
  options.onProgress('starting the new Postgres', 0)
  const around = { ...options, dataDirectory: beside(place), dataDirectoryGiven: true }
  const fresh = await startEmbeddedPostgres(around)
  const urls = [old.databaseUrl, fresh.databaseUrl] as const
  const cancel = () => urls.forEach((url) => void cancelAll(url))
  options.signal.addEventListener('abort', cancel)
  try {
    const copied = await copyDatabase(urls, options)
    options.onProgress('writing all of it to the disk', 1)
    if ((await fresh.stop()) !== 'stopped') {
      throw new CommandError('Somebody has connected to the new Postgres: run this again.')
    }
    return { ...copied, to: fresh.version }
  } finally {
    options.signal.removeEventListener('abort', cancel)
    await fresh.stop()
  }
}

async function copyDatabase(
  [oldUrl, freshUrl]: readonly [string, string],
  { signal, onProgress }: UpgradeOptions,
): Promise<{ manifest: Manifest; left: string[] }> {
  const dbs = [oldUrl, freshUrl].map((url) => openDb(url, { max: 1, applicationName })) as [Db, Db]
  try {
    signal.throwIfAborted()
    await requireTables(dbs[0])
    const [from, to] = (await Promise.all(dbs.map((db) => db.$client.reserve()))) as [
      Session,
      Session,
    ]
    const left = await otherDatabases(from)
    const source = await openLive(from, 'The old database')
    await restoreBackup(to, source, {
      force: false,
      onProgress: (what, fraction) => {
        signal.throwIfAborted()
        onProgress(what, fraction)
      },
    })
    await source.close()
    return { manifest: source.manifest, left }
  } finally {
    await Promise.all(dbs.map((db) => closeDb(db, 1)))
  }
}

async function requireTables(db: Db): Promise<void> {
  if (await isBeingFilled(db.$client)) {
    throw new CommandError(
      'The database was being filled by `jumpstarter seed`: let the older program finish that, or ' +
        'delete the data and seed again.',
    )
  }
  const { applied } = await migrationState(db)
  if (applied.length > 0) return
  throw new CommandError(
    'There is nothing in this database: move its directory away, and a new one is made.',
  )
}

/** A statement would go on after we are gone, and keep its Postgres from ending. */
async function cancelAll(url: string): Promise<void> {
  const db = openDb(url, { max: 1, applicationName: 'jumpstarter' })
  await cancelStatements(db, applicationName).catch(() => {})
  await closeDb(db, 1).catch(() => {})
}

/** Whatever stands where the new Postgres is made, one that runs too. */
async function removeUpgrade(place: Place): Promise<void> {
  const cluster = await realpath(clusterDirectory(beside(place))).catch(() => undefined)
  const postmaster = cluster && (await readPostmaster(cluster))
  if (postmaster && (await isPostmaster(postmaster.pid, cluster))) {
    await shutDown(postmaster.pid, cluster)
  }
  await rm(beside(place), { recursive: true, force: true })
}
