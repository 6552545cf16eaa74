import { existsSync, readdirSync } from 'node:fs'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import type { Log } from '#observability/log'
import { ask } from '#server/ask'
import { preparePlace } from '#server/postgres-account'
import { clusterDirectory } from '#server/postgres-cluster'
import { findInstrument } from '../load/instruments'
import { isRunning, processTree } from '../load/processes'
import type { Machine } from './network'
import { accessRules, makeDatabase, postgresPort } from './postgres'
import { killNow, type Service, startService, until } from './processes'

/** One Postgres that Patroni keeps. */
export interface PatroniNode {
  machine: Machine
  /** Patroni and its Postgres at once, as when the power fails. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Whether Postgres there takes writes. */
  isPrimary(): Promise<boolean>
}

export interface PatroniCluster {
  nodes: readonly PatroniNode[]
  /** The one that takes writes now; throws a CommandError when there is none. */
  primary(): Promise<PatroniNode>
  /** Until there is one primary, and the other holds whatever is acknowledged. */
  untilSynchronous(): Promise<void>
}

export interface PatroniOptions {
  machines: [Machine, Machine]
  /** Of its own: the majority that says who is the primary. */
  etcd: Machine
  directory: string
  log: Log
  signal: AbortSignal
}

const debian = '/usr/lib/postgresql'
const etcdPort = 2379
const restPort = 8008
const startSeconds = 60
const pollMs = 20
const user = 'jumpstarter'

// Seconds. A primary whose lease has run out has stopped writing by itself: half a minute is usual,
// this is as short as Patroni takes on a machine that is busy with all hosts at once.
const times = { ttl: 5, loop_wait: 1, retry_timeout: 2 }

/** Where Debian keeps the newest Postgres that Patroni can run; undefined without one. */
export function findPatroniPostgres(): string | undefined {
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : []
  return versions
    .toSorted((a, b) => b - a)
    .map((version) => join(debian, String(version), 'bin'))
    .find((path) => existsSync(join(path, 'postgres')) && existsSync(join(path, 'pg_rewind')))
}

/** Two Postgres with synchronous replication, and etcd, which says who is the primary. */
export async function startPatroni(
  stack: AsyncDisposableStack,
  options: PatroniOptions,
): Promise<PatroniCluster> {
  const { machines, etcd, directory, signal } = options
  await startEtcd(stack, options)
  const nodes: PatroniNode[] = []
  for (const machine of machines) nodes.push(await patroniNode(stack, machine, options))
  const [first, second] = nodes as [PatroniNode, PatroniNode]
  await first.start()
  await until(
    `Patroni on ${first.machine.name}`,
    { seconds: startSeconds, signal },
    first.isPrimary,
  )
  await second.start()
  await makeDatabase(first.machine.address)
  const cluster: PatroniCluster = {
    nodes,
    primary: async () => {
      for (const node of nodes) if (await node.isPrimary()) return node
      throw new CommandError(`No Postgres takes writes: see the logs in ${directory}.`)
    },
    untilSynchronous: async () => {
      const what = `synchronous replication, agreed upon in ${etcd.name},`
      await until(what, { seconds: startSeconds, signal }, () => isSynchronous(nodes))
    },
  }
  await cluster.untilSynchronous()
  return cluster
}

async function startEtcd(stack: AsyncDisposableStack, options: PatroniOptions): Promise<void> {
  const { etcd: machine, directory, signal } = options
  const client = `http://${machine.address}:${etcdPort}`
  const peer = `http://${machine.address}:${etcdPort + 1}`
  const service = startService({
    ...{ machine, name: machine.name, directory },
    command: [
      ...[findInstrument('etcd') ?? 'etcd', '--data-dir', join(directory, 'etcd-data')],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', `default=${peer}`, '--log-level', 'warn'],
    ],
  })
  stack.defer(service.stop)
  await until('etcd', { service, seconds: startSeconds, signal }, async () => {
    const asked = ask({ host: machine.address, port: etcdPort }, '/health')
    return (await asked.catch(() => undefined))?.body.includes('"true"') ?? false
  })
}

async function patroniNode(
  stack: AsyncDisposableStack,
  machine: Machine,
  { etcd, directory, log }: PatroniOptions,
): Promise<PatroniNode> {
  const { name, address } = machine
  const place = await preparePlace({
    ...{ dataDirectory: join(directory, name), dataDirectoryGiven: true, log },
  })
  const file = join(directory, `${name}.yml`)
  // JSON is YAML.
  await Bun.write(file, JSON.stringify(configuration(machine, etcd, place.dataDirectory)))
  await chmod(file, 0o644)
  let service: Service | undefined
  const cluster = clusterDirectory(place.dataDirectory)
  stack.defer(async () => {
    await service?.stop()
    await killPostgres(cluster)
  })
  return {
    machine,
    start: async () => {
      service = startService({
        ...{ machine, name, directory: place.dataDirectory, account: place.account },
        command: [findInstrument('patroni') ?? 'patroni', file],
      })
    },
    kill: async () => {
      await service?.kill()
      await killPostgres(cluster)
    },
    isPrimary: () => isPrimary(address),
  }
}

/** Patroni lets go of it at once, so that it is no descendant of it. */
async function killPostgres(cluster: string): Promise<void> {
  const pid = Number.parseInt(await read(join(cluster, 'postmaster.pid')), 10)
  // Where it was killed before, the number may be anybody's now.
  if (!(await read(`/proc/${pid}/cmdline`)).includes(cluster)) return
  const tree = processTree(pid)
  for (const each of tree) killNow(each)
  while (tree.some(isRunning)) await Bun.sleep(pollMs)
}

/** Nothing of what is not there. */
const read = (path: string) => readFile(path, 'utf8').catch(() => '')

const configuration = ({ name, address }: Machine, etcd: Machine, directory: string) => ({
  ...{ scope: 'rig', name, etcd3: { hosts: [`${etcd.address}:${etcdPort}`] } },
  restapi: { listen: `${address}:${restPort}`, connect_address: `${address}:${restPort}` },
  bootstrap: {
    dcs: {
      ...times,
      synchronous_mode: true,
      // A primary that has died is replaced and not waited for.
      primary_start_timeout: 0,
      postgresql: { use_pg_rewind: true, parameters },
    },
    initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
  },
  postgresql: {
    listen: `${address}:${postgresPort}`,
    connect_address: `${address}:${postgresPort}`,
    data_dir: clusterDirectory(directory),
    bin_dir: findPatroniPostgres(),
    authentication: {
      superuser: { username: user, password: 'x' },
      replication: { username: 'replicator', password: 'x' },
    },
    pg_hba: ['local all all trust', ...accessRules.trim().split('\n')],
    parameters: { unix_socket_directories: directory },
    pgpass: join(directory, 'pgpass'),
    basebackup: [{ checkpoint: 'fast' }],
  },
  watchdog: { mode: 'off' },
})

const parameters = {
  ...{ max_connections: 120, shared_buffers: '64MB', timezone: 'UTC', lc_messages: 'C' },
  ...{ wal_keep_size: '256MB', wal_receiver_timeout: '3s', wal_sender_timeout: '3s' },
}

async function isSynchronous(nodes: readonly PatroniNode[]): Promise<boolean> {
  const asked = nodes.map(({ machine: { address: host } }) =>
    ask({ host, port: restPort }, '/cluster').catch(() => undefined),
  )
  const answers = await Promise.all(asked)
  return answers.every((answer) => {
    const { members = [] } = JSON.parse(answer?.body ?? '{}') as { members?: Member[] }
    const runs = ({ state }: Member) => state === 'running' || state === 'streaming'
    const roles = members.filter(runs).map(({ role }) => role)
    return roles.includes('leader') && roles.includes('sync_standby')
  })
}

interface Member {
  role: string
  state: string
}

/** As HAProxy asks it; no answer is no. */
async function isPrimary(host: string): Promise<boolean> {
  const answer = await ask({ host, port: restPort }, '/primary').catch(() => undefined)
  return answer?.status === 200
}
