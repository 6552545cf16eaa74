import { chmod, chown, cp, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeDb, type Db, openDb } from '#db/client'
import { migrate } from '#db/migrations'
import { readStanding } from '#db/replicas/standing'
import { createLog } from '#observability/log'
import { seed } from '#seed/generate'
import { type Place, preparePlace } from '#server/postgres-account'
import { clusterDirectory, ensureCluster, spawnPostgres } from '#server/postgres-cluster'
import { locatePostgres } from '#server/postgres-files'
import { seededAt } from './database'

/** A Postgres of its own, with the site’s database in it. */
export interface Server {
  url: string
  /** Ends it as a crash would, without a word to its clients. */
  crash(): Promise<void>
  start(): Promise<void>
  /** Keeps all its processes from going on, as a machine that hangs. */
  hang(): void
  goOn(): void
  /** A session beside the site’s database, for whoever looks after the server. */
  admin(): Db
}

/** A primary with a small demo in it, and standbys that stream from it. */
export interface Replicated {
  primary: Server
  standbys: Server[]
  /** A standby shows what was committed so long ago. */
  hold(standby: Server, delayMs: number): Promise<void>
  /** Waits until a standby has all that was committed before. */
  caughtUp(standby: Server): Promise<void>
  close(): Promise<void>
}

const scale = { projects: 60, people: 300, pledges: 1_500, at: seededAt }
const name = 'jumpstarter'
const pauseMs = 20
const settings = {
  ...{ listen_addresses: '', shared_buffers: '32MB', fsync: 'off', max_connections: '100' },
  // Standbys begin where the cluster began.
  ...{ wal_level: 'replica', wal_keep_size: '2GB', max_wal_size: '2GB', max_wal_senders: '10' },
  // Soon back, and quick to cancel what is in the way of replaying.
  ...{ wal_retrieve_retry_interval: '200ms', max_standby_streaming_delay: '200ms' },
  timezone: 'UTC',
}

/** Starts them in a directory of their own, which `close` removes. */
export async function startReplicated(count: number): Promise<Replicated> {
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-replicated-'))
  await chmod(directory, 0o711)
  const log = createLog('warn')
  const placeOf = (part: string) =>
    preparePlace({ dataDirectory: join(directory, part), dataDirectoryGiven: true, log })
  const place = await placeOf('primary')
  const native = await locatePostgres({
    ...{ embedded: undefined, cacheDirectory: join(directory, 'cache') },
    uid: place.account?.uid,
  })
  await ensureCluster(place, async () => native, false)
  const standbyPlaces = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const standby = await placeOf(`standby${index}`)
      await copyCluster(place, standby)
      return standby
    }),
  )
  const primary = serverAt(native, place, {})
  const primaryConninfo = `host=${place.dataDirectory} user=${name}`
  const standbys = standbyPlaces.map((each) =>
    serverAt(native, each, { primary_conninfo: primaryConninfo }),
  )
  await primary.start()
  await fill(primary)
  await Promise.all(standbys.map((standby) => standby.start()))
  const replicated: Replicated = {
    primary,
    standbys,
    hold: async (standby, delayMs) => {
      const db = standby.admin()
      await db.$client.unsafe(`alter system set recovery_min_apply_delay = '${delayMs}ms'`)
      await db.$client`select pg_reload_conf()`
      await closeDb(db, 1)
    },
    caughtUp: async (standby) => {
      const [from, to] = [primary.admin(), standby.admin()]
      const { position } = await readStanding(from)
      while ((await readStanding(to)).position < position) await Bun.sleep(pauseMs)
      await Promise.all([closeDb(from, 1), closeDb(to, 1)])
    },
    close: async () => {
      await Promise.all([primary, ...standbys].map((server) => server.crash()))
      await rm(directory, { recursive: true, force: true })
    },
  }
  await Promise.all(standbys.map(replicated.caughtUp))
  return replicated
}

async function copyCluster(from: Place, to: Place): Promise<void> {
  const target = clusterDirectory(to.dataDirectory)
  await cp(clusterDirectory(from.dataDirectory), target, { recursive: true })
  await Bun.write(join(target, 'standby.signal'), '')
  const { account } = to
  if (account) Bun.spawnSync(['chown', '-R', `${account.uid}:${account.gid}`, target])
  await chmod(target, 0o700)
}

async function fill(primary: Server): Promise<void> {
  const admin = primary.admin()
  await admin.$client.unsafe(`create database ${name}`)
  await closeDb(admin, 1)
  const db = openDb(primary.url, { max: 1, applicationName: 'jumpstarter test' })
  await migrate(db)
  await seed(db.$client, scale)
  await closeDb(db, 1)
}

function serverAt(native: string, place: Place, more: Record<string, string>): Server {
  const { dataDirectory, account } = place
  const flags = Object.entries({ ...settings, ...more, unix_socket_directories: dataDirectory })
  const command = [join(native, 'bin', 'postgres'), '-D', clusterDirectory(dataDirectory)]
  const url = `postgres://${name}@/${name}?host=${encodeURIComponent(dataDirectory)}`
  const admin = () =>
    openDb(url.replace(`/${name}?`, '/postgres?'), { max: 1, applicationName: 'jumpstarter test' })
  let child: Bun.Subprocess | undefined
  const kill = () => child?.kill('SIGQUIT')
  const signalAll = (signal: NodeJS.Signals) => {
    const children = Bun.spawnSync(['ps', '-o', 'pid=', '--ppid', String(child?.pid)])
    const pids = children.stdout.toString().trim().split(/\s+/).map(Number)
    for (const pid of [Number(child?.pid), ...pids]) process.kill(pid, signal)
  }

  return {
    url,
    start: async () => {
      const file = await open(`${dataDirectory}/log`, 'a')
      if (account) await chown(dataDirectory, account.uid, account.gid)
      const given = flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])
      child = spawnPostgres([...command, ...given], account, file.fd)
      await file.close()
      process.once('exit', kill)
      const isUp = async () => {
        const db = admin()
        return await readStanding(db)
          .then(() => true)
          .catch(() => false)
          .finally(() => closeDb(db, 0))
      }
      while (!(await isUp())) {
        if (child.exitCode !== null) {
          throw new Error(`Postgres has ended: ${await Bun.file(`${dataDirectory}/log`).text()}`)
        }
        await Bun.sleep(pauseMs)
      }
    },
    crash: async () => {
      process.off('exit', kill)
      kill()
      await child?.exited
    },
    hang: () => signalAll('SIGSTOP'),
    goOn: () => signalAll('SIGCONT'),
    admin,
  }
}
