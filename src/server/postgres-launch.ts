import { createHash } from 'node:crypto'
import { constants, type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import type { Log } from '#observability/log'
import { type Account, makePrivate, type Place } from './postgres-account'
import { spawnPostgres } from './postgres-cluster'
import { clearStaleLocks, postgresSocket, readPostmaster } from './postgres-postmaster'
import { postgresFlags } from './postgres-settings'

// sun_path holds 108 bytes on Linux, the last of them zero.
const socketPathBytesMax = 107
const logBytesMax = 16 * 1024 * 1024
const logTailBytes = 64 * 1024
const startPollMs = 10
const progressEveryMs = 5000
const orphansDeadlineMs = 60_000
const orphansPollMs = 200

/**
 * Starts Postgres on a cluster nobody seems to serve and waits until it accepts connections,
 * however long its recovery takes. Returns false when another process started it first. Throws
 * CommandError, with Postgres's own reason, when it ends instead.
 */
export async function launchPostgres(options: {
  native: string
  place: Place
  cluster: string
  connections: number
  /** Postgres settings for this start, above ours. */
  settings: Record<string, string>
  log: Log
}): Promise<boolean> {
  const { native, place, cluster, connections, settings, log } = options
  const socketDirectory = await makeRunDirectory(place)
  const flags = postgresFlags(socketDirectory, connections, settings)
  const orphansEnd = Date.now() + orphansDeadlineMs
  for (;;) {
    await clearStaleLocks(cluster, socketDirectory)
    const logFile = await openLog(place)
    try {
      const logStart = (await logFile.stat()).size
      const child = spawnPostgres(
        [join(native, 'bin', 'postgres'), '-D', cluster, ...flags],
        place.account,
        logFile.fd,
      )
      child.unref()
      if (await untilReady(child, cluster, log)) return true
      const story = await readFrom(logFile, logStart)
      if (/lock file ".*" already exists/.test(story)) return false
      if (!/pre-existing shared memory block/.test(story) || Date.now() > orphansEnd) {
        throw failedStart(story, logPath(place))
      }
    } finally {
      await logFile.close()
    }
    // Its master process was killed and its sessions have not noticed yet.
    log.info('waiting for the processes of a killed Postgres to end')
    await Bun.sleep(orphansPollMs)
  }
}

/** False when the process ended before it was ready. */
async function untilReady(child: Bun.Subprocess, cluster: string, log: Log): Promise<boolean> {
  const start = Date.now()
  let nextReport = start + progressEveryMs
  while (child.exitCode === null && child.signalCode === null) {
    const postmaster = await readPostmaster(cluster)
    if (postmaster?.pid === child.pid && postmaster.ready) return true
    if (Date.now() > nextReport) {
      log.info('Postgres is still starting; after a crash it first replays its log', {
        seconds: Math.round((Date.now() - start) / 1000),
      })
      nextReport += progressEveryMs
    }
    await Bun.sleep(startPollMs)
  }
  return false
}

function failedStart(story: string, path: string): CommandError {
  const lines = story.trim().split('\n')
  const line = lines.findLast((text) => /FATAL|PANIC/.test(text)) ?? lines.at(-1) ?? ''
  const reason = line.replace(/^.*?\b(FATAL|PANIC|LOG|ERROR):\s+/, '') || 'it gave no reason'
  return new CommandError(`Postgres did not start: ${reason}. ${remedyFor(story, path)}`)
}

function remedyFor(story: string, path: string): string {
  if (/No space left on device/.test(story)) return 'Free some space on the disk and start again.'
  if (/shared memory|Cannot allocate memory/.test(story)) {
    return 'Give this machine or container more (shared) memory, or set DATABASE_URL.'
  }
  if (/[Pp]ermission denied|wrong ownership|invalid permissions/.test(story)) {
    return 'Give the data directory back to its owner (chown -R), or choose another --data.'
  }
  if (/error while loading shared libraries/.test(story)) {
    return 'Install the library, or set DATABASE_URL to a Postgres of your own.'
  }
  return `The whole story is in ${path}.`
}

async function makeRunDirectory({ dataDirectory, account }: Place): Promise<string> {
  const usual = join(dataDirectory, 'run')
  const hash = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12)
  const short = join(tmpdir(), `jumpstarter-${hash}`)
  for (const directory of [usual, short]) {
    if (Buffer.byteLength(postgresSocket(directory)) > socketPathBytesMax) continue
    await makePrivate(directory, account)
    return directory
  }
  throw new CommandError(
    `${short} is too long for a Unix socket: set TMPDIR or --data to a shorter path.`,
  )
}

const logPath = (place: Pick<Place, 'dataDirectory'>) => join(place.dataDirectory, 'postgres.log')

async function openLog(place: { dataDirectory: string; account: Account | undefined }) {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants
  // Root must not be led elsewhere by a link that the owner of the directory placed there.
  const file = await open(logPath(place), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600)
  if (place.account) await file.chown(place.account.uid, place.account.gid)
  if ((await file.stat()).size > logBytesMax) await file.truncate()
  return file
}

/** Empties the log when it has grown too large. Postgres appends, so it goes on from the start. */
export async function trimLog(place: Place): Promise<void> {
  await (await openLog(place)).close()
}

async function readFrom(file: FileHandle, start: number): Promise<string> {
  const { size } = await file.stat()
  const buffer = Buffer.alloc(Math.min(Math.max(size - start, 0), logTailBytes))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length)
  return buffer.toString('utf8', 0, bytesRead)
}
