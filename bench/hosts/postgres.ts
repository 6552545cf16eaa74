import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { closeDb, openDb } from '#db/client'
import type { Embedded } from '#embedded'
import { CommandError } from '#lib/errors'
import type { Log } from '#observability/log'
import { type Place, preparePlace } from '#server/postgres-account'
import { clusterDirectory, ensureCluster } from '#server/postgres-cluster'
import { locatePostgres } from '#server/postgres-files'
import type { Machine } from './network'
import { type Service, startService, until } from './processes'

/** A Postgres on a machine of the rig. */
export interface PostgresNode {
  machine: Machine
  /** Of the site's database there. */
  url: string
  /** Resolves when it accepts connections. */
  start(): Promise<void>
  /** As when the power fails. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface PostgresPair {
  primary: PostgresNode
  /** Streams from the primary. */
  replica: PostgresNode
}

export interface PairOptions {
  machines: [Machine, Machine]
  directory: string
  embedded: Embedded | undefined
  cacheDirectory: string
  log: Log
  signal: AbortSignal
  /** Fills the database before there is a replica. */
  fill(url: string): Promise<void>
}

export const postgresPort = 5432
const database = 'jumpstarter'
const startSeconds = 30
/** Everybody in the network of the rig, which nobody else is in. */
export const accessRules = 'host all all all trust\nhost replication all all trust\n'

/** Of one host, or of several with their ports. */
export const urlOf = (address: string, name = database): string =>
  `postgres://jumpstarter@${address}${address.includes(':') ? '' : `:${postgresPort}`}/${name}`

/** Our own Postgres, and a copy of it that streams what changes. */
export async function startPair(
  stack: AsyncDisposableStack,
  options: PairOptions,
): Promise<PostgresPair> {
  const { machines, directory, embedded, cacheDirectory, log, signal, fill } = options
  const [first, second] = machines
  const place = await preparePlace({
    ...{ dataDirectory: join(directory, first.name), dataDirectoryGiven: true, log },
  })
  const uid = place.account?.uid
  const native = await locatePostgres({ embedded, cacheDirectory, uid })
  await ensureCluster(place, async () => native, false)
  const start = { native, directory, signal, account: place.account }
  const primary = postgresNode({ ...start, machine: first, place, settings: {} })
  stack.defer(primary.stop)
  await primary.start()
  await makeDatabase(first.address)
  await fill(primary.url)
  // A copy of a cluster that has ended in order is where streaming may begin.
  await primary.stop()
  const copy = await preparePlace({
    ...{ dataDirectory: join(directory, second.name), dataDirectoryGiven: true, log },
  })
  await copyCluster(place, copy)
  const settings = {
    primary_conninfo: `host=${first.address} port=${postgresPort} user=${database}`,
  }
  const replica = postgresNode({ ...start, machine: second, place: copy, settings })
  stack.defer(replica.stop)
  await Promise.all([primary.start(), replica.start()])
  return { primary, replica }
}

export async function makeDatabase(address: string): Promise<void> {
  const db = openDb(urlOf(address, 'postgres'), { max: 1, applicationName: 'bench hosts' })
  try {
    await db.$client`create database ${db.$client(database)}`
  } finally {
    await closeDb(db, 1)
  }
}

async function copyCluster(from: Place, to: Place): Promise<void> {
  const target = clusterDirectory(to.dataDirectory)
  await cp(clusterDirectory(from.dataDirectory), target, {
    ...{ recursive: true, preserveTimestamps: true, verbatimSymlinks: true },
  })
  await Bun.write(join(target, 'standby.signal'), '')
  if (!to.account) return
  const { uid, gid } = to.account
  const owned = Bun.spawnSync(['chown', '-R', `${uid}:${gid}`, target])
  const closed = Bun.spawnSync(['chmod', '0700', target])
  if (!owned.success || !closed.success)
    throw new CommandError(`${target} could not be given away.`)
}

interface Node {
  machine: Machine
  place: Place
  native: string
  directory: string
  account: Place['account']
  settings: Record<string, string>
  signal: AbortSignal
}

function postgresNode(node: Node): PostgresNode {
  const { machine, place, native, directory, account, settings, signal } = node
  const cluster = clusterDirectory(place.dataDirectory)
  const hba = join(directory, `${machine.name}.hba`)
  const flags = Object.entries({
    ...usualSettings,
    ...{ listen_addresses: machine.address, hba_file: hba, ...settings },
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let service: Service | undefined
  return {
    machine,
    url: urlOf(machine.address),
    start: async () => {
      await Bun.write(hba, accessRules)
      const started = startService({
        ...{ machine, name: machine.name, directory, account, stopSignal: 'SIGINT' },
        command: [join(native, 'bin', 'postgres'), '-D', cluster, ...flags],
      })
      service = started
      const what = `Postgres on ${machine.name}`
      await until(what, { service, seconds: startSeconds, signal }, () => accepts(machine.address))
    },
    kill: async () => await service?.kill(),
    stop: async () => await service?.stop(),
  }
}

const usualSettings = {
  ...{ unix_socket_directories: '', port: String(postgresPort), max_connections: '120' },
  ...{ shared_buffers: '64MB', wal_level: 'replica', max_wal_senders: '8', hot_standby: 'on' },
  ...{ wal_keep_size: '256MB', fsync: 'on', synchronous_commit: 'on', timezone: 'UTC' },
  ...{ wal_receiver_timeout: '3s', wal_retrieve_retry_interval: '500ms', wal_sender_timeout: '5s' },
  lc_messages: 'C',
}

/** Whether Postgres answers there. */
export async function accepts(address: string, name = 'postgres'): Promise<boolean> {
  const db = openDb(urlOf(address, name), { max: 1, applicationName: 'bench hosts' })
  try {
    await db.$client`select 1`
    return true
  } catch {
    return false
  } finally {
    await closeDb(db, 1)
  }
}

export async function ownedDirectory(path: string, account: Place['account']): Promise<string> {
  await mkdir(path, { mode: 0o700 })
  if (!account) return path
  const given = Bun.spawnSync(['chown', `${account.uid}:${account.gid}`, path])
  if (!given.success) throw new CommandError(`${path} could not be given away.`)
  return path
}
