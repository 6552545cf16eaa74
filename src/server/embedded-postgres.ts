import { realpath } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Embedded } from '#embedded'
import { CommandError, describeError } from '#lib/errors'
import { within } from '#lib/within'
import type { Log } from '#observability/log'
import { type Place, preparePlace } from './postgres-account'
import { clusterBytesMin, clusterDirectory, ensureCluster } from './postgres-cluster'
import { explainDiskError } from './postgres-disk'
import { isUnsafe, isUnsynced, markUnsynced, syncCluster } from './postgres-durability'
import { locatePostgres } from './postgres-files'
import { launchPostgres, trimLog } from './postgres-launch'
import { type Lease, takeLease } from './postgres-lease'
import { isPostmaster, readPostmaster, shutDown } from './postgres-postmaster'

const adoptPollMs = 20
const progressEveryMs = 5000
const lastOneDeadlineMs = 5000
const releaseDeadlineMs = 2000
const trimLogEveryMs = 60_000
const guardEveryMs = 500
const guardPauseMaxMs = 30_000
const guardEndDeadlineMs = 10_000

export interface EmbeddedPostgres {
  /** `postgres://jumpstarter@/jumpstarter?host=<socket directory, percent-encoded>` */
  databaseUrl: string
  /** Where the data really is: for root's sake it may not be the default one. */
  dataDirectory: string
  /** Such as `18.4`. */
  version: string
  /** True when it was running already. */
  adopted: boolean
  /**
   * Ends Postgres unless somebody else is connected. Our own connections must be closed before.
   * Takes at most half a minute; calling it again returns the same answer.
   */
  stop(): Promise<'stopped' | 'left running'>
  /** Keeps everybody out from now on who starts a Jumpstarter; false when somebody is in. */
  keepOthersOut(): Promise<boolean>
}

export interface EmbeddedPostgresOptions {
  dataDirectory: string
  /** False: the directory is a default and may be moved where Postgres can reach it. */
  dataDirectoryGiven: boolean
  cacheDirectory: string
  /** What our own pools may open at once, when that could be many; Postgres allows more. */
  connections?: number
  /** Postgres settings for this start, above ours; one that runs already keeps its own. */
  settings?: Record<string, string>
  /** Refuse a directory without a cluster, instead of making one. */
  mustExist?: boolean
  /** Run a cluster of another version, with its binaries in place of ours: what bin is in. */
  native?: string
  embedded: Embedded | undefined
  log: Log
}

/** A Postgres that accepts connections, and our claim on it. */
interface Running {
  pid: number
  socketDirectory: string
  lease: Lease
}

/**
 * Starts the program's own Postgres on `<dataDirectory>/postgres`, which is made when missing,
 * or joins the one another process has started there. Throws CommandError when that cannot be done.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  try {
    return await start(options)
  } catch (error) {
    throw explainDiskError(error, {
      directory: options.dataDirectory,
      remedy: 'choose another directory with --data',
      bytesNeeded: clusterBytesMin,
    })
  }
}

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { connections = 0, settings = {}, log } = options
  const place = await preparePlace(options)
  const ours = () => locatePostgres({ ...options, uid: place.account?.uid })
  const locate = async () => options.native ?? (await ours())
  if (!options.native) await ensureCluster(place, ours, options.mustExist ?? false)
  const cluster = await realpath(clusterDirectory(place.dataDirectory))
  const unsafe = isUnsafe(settings)
  const acquire = async () => {
    let adopted = true
    for (;;) {
      const running = await join(cluster, log)
      if (running && (unsafe || !(await isUnsynced(cluster)))) return { ...running, adopted }
      if (running) {
        await endLeftLoad(running, cluster)
        continue
      }
      const native = await locate()
      await syncCluster(native, cluster, place.account)
      if (unsafe) await markUnsynced(cluster)
      // Whoever loses the race for the cluster's lock joins the winner.
      adopted = !(await launchPostgres({ native, place, cluster, connections, settings, log }))
    }
  }
  const sync = async () => await syncCluster(await locate(), cluster, place.account)
  return handle(await acquire(), { place, cluster, unsafe, acquire, sync, log })
}

/** A killed bulk load leaves its Postgres running without fsync, which nobody else may use. */
async function endLeftLoad({ pid, lease }: Running, cluster: string): Promise<void> {
  const last = await isLastOne(lease)
  if (last) await shutDown(pid, cluster)
  await within(lease.release(), releaseDeadlineMs).catch(() => undefined)
  if (last) return
  throw new CommandError(
    `A bulk seed is filling the database in ${cluster}: wait until it has ended, or end it.`,
  )
}

/** The Postgres that serves the cluster, as soon as it accepts us; undefined when none does. */
async function join(cluster: string, log: Log): Promise<Running | undefined> {
  let nextReport = Date.now() + progressEveryMs
  for (;;) {
    const postmaster = await readPostmaster(cluster)
    if (!postmaster) return undefined
    const { pid, socketDirectory, ready } = postmaster
    const alive = await isPostmaster(pid, cluster)
    const lease = ready ? await takeLeaseOn(cluster, socketDirectory) : undefined
    if (lease && alive) return { pid, socketDirectory, lease }
    if (lease) {
      await lease.release()
      throw new CommandError(
        `A Postgres that this process cannot see serves ${cluster}, probably in another ` +
          'container: stop it, or choose another directory with --data.',
      )
    }
    if (!alive) return undefined
    if (Date.now() > nextReport) {
      log.info('waiting for the running Postgres to accept connections', { pid })
      nextReport += progressEveryMs
    }
    await Bun.sleep(adoptPollMs)
  }
}

async function takeLeaseOn(cluster: string, socketDirectory: string): Promise<Lease | undefined> {
  const lease = await takeLease(socketDirectory).catch(() => undefined)
  if (!lease || (await realpath(lease.dataDirectory).catch(() => '')) === cluster) return lease
  // A copied directory still names the socket of the original.
  await lease.release()
  return undefined
}

interface Surroundings {
  place: Place
  cluster: string
  /** Runs without fsync, for a load that begins anew when Postgres dies. */
  unsafe: boolean
  /** Joins the Postgres of the cluster, or starts one. */
  acquire(): Promise<Running>
  /** Makes durable what was written without fsync, after Postgres has ended. */
  sync(): Promise<void>
  log: Log
}

function handle(first: Running & { adopted: boolean }, around: Surroundings): EmbeddedPostgres {
  const { place, cluster, sync, log } = around
  const trimming = setInterval(() => trimLog(place).catch(() => undefined), trimLogEveryMs)
  trimming.unref()
  const guard = around.unsafe
    ? { end: async () => first, current: () => first }
    : guardPostmaster(first, around)
  let stopping: Promise<'stopped' | 'left running'> | undefined
  const stop = async () => {
    clearInterval(trimming)
    const { pid, lease } = await guard.end()
    const last = await isLastOne(lease)
    if (last) {
      await shutDown(pid, cluster)
      await sync()
    } else log.info('Postgres stays, because others still use it', { pid })
    // The driver can wait forever for a connection that broke while it closed.
    await within(lease.release(), releaseDeadlineMs).catch(() => undefined)
    return last ? 'stopped' : 'left running'
  }
  const { socketDirectory, adopted } = first
  return {
    databaseUrl: `postgres://jumpstarter@/jumpstarter?host=${encodeURIComponent(socketDirectory)}`,
    dataDirectory: place.dataDirectory,
    version: first.lease.version,
    adopted,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
    keepOthersOut: async () => await isLastOne(guard.current().lease),
  }
}

/** Starts Postgres again when it dies under us, as it does when the system runs out of memory. */
function guardPostmaster(first: Running, { cluster, acquire, log }: Surroundings) {
  let current = first
  let ended = false
  let pauseMs = guardEveryMs
  const look = async () => {
    if (await isPostmaster(current.pid, cluster)) return
    log.error('Postgres ended unexpectedly; starting it again', { pid: current.pid })
    try {
      const { lease } = current
      current = await acquire()
      pauseMs = guardEveryMs
      await within(lease.release(), releaseDeadlineMs)
    } catch (error) {
      pauseMs = Math.min(pauseMs * 2, guardPauseMaxMs)
      log.error('Postgres could not be started again', { error: describeError(error) })
    }
  }
  let looking = Promise.resolve()
  const timer = async () => {
    while (!ended) {
      await sleep(pauseMs, undefined, { ref: false })
      if (ended) return
      looking = look()
      await looking
    }
  }
  void timer()
  const end = async (): Promise<Running> => {
    ended = true
    // A start that takes longer is left to itself: whoever comes next joins it.
    await within(looking, guardEndDeadlineMs)
    return current
  }
  return { end, current: () => current }
}

/** When Postgres refuses even us, it serves nobody; when it is only slow, it may serve others. */
async function isLastOne(lease: Lease): Promise<boolean> {
  let last = false
  const answer = async () => {
    last = await lease.isLast().catch(() => true)
  }
  await within(answer(), lastOneDeadlineMs)
  return last
}
