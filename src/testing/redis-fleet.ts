import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackages } from './packages'
import { eventually, freePort } from './start-tiny-server'

/** One Redis of several, on a TCP port. */
export interface FleetNode {
  port: number
  /** What `redis-cli` prints for a command. Throws when the server refuses it. */
  command(...words: string[]): Promise<string>
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
}

export interface RedisFleet {
  /** `redis[s]+sentinel://…` or `redis[s]+cluster://…`. */
  url: string
  /** The certificate that signs those of all, as a file, where they speak TLS only. */
  authority?: string
  nodes: FleetNode[]
  close(): Promise<void>
}

const startTimeoutMs = 20_000
const downAfterMs = 500
const slots = 16_384
const masterName = 'main'

interface Manner {
  password?: string | undefined
  /** Nothing is said but through TLS. */
  tls?: boolean
}

/** A master, a replica, and three sentinels that look after them. */
export async function startSentinels({ password, tls }: Manner = {}): Promise<RedisFleet> {
  const fleet = await startNodes(tls)
  const secret = password ? ['--requirepass', password, '--masterauth', password] : []
  const master = await fleet.start(secret, { password })
  const replicaOf = ['--replicaof', `127.0.0.1 ${master.port}`]
  const replica = await fleet.start([...secret, ...replicaOf], { password })
  const sentinels = await Promise.all(
    [1, 2, 3].map(async () => {
      const port = freePort()
      const lines = [
        `sentinel monitor ${masterName} 127.0.0.1 ${master.port} 2`,
        `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
        `sentinel failover-timeout ${masterName} 3000`,
        password ? `sentinel auth-pass ${masterName} ${password}` : '',
      ]
      return await fleet.startAt(port, lines.join('\n'), ['--sentinel'])
    }),
  )
  await eventually(async () => {
    for (const { command } of sentinels) {
      const known = await command('sentinel', 'master', masterName)
      if (!/num-slaves\n1\nnum-other-sentinels\n2\n/.test(known)) throw new Error(known)
    }
  }, startTimeoutMs)
  const places = sentinels.map(({ port }) => `127.0.0.1:${port}`)
  const auth = password ? `:${password}@` : ''
  return {
    ...fleet.authority,
    url: `${fleet.scheme}+sentinel://${auth}${places.join()}/${masterName}`,
    nodes: [master, replica],
    close: fleet.close,
  }
}

/** Three masters that share the keys, and a replica of each. */
export async function startCluster({ tls }: Manner = {}): Promise<RedisFleet> {
  const fleet = await startNodes(tls)
  const enabled = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000']
  const ports = portsWithBus(6)
  const nodes = await Promise.all(ports.map((port) => fleet.start(enabled, { port })))
  const places = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const words = ['--cluster', 'create', ...places, '--cluster-replicas', '1', '--cluster-yes']
  const made = Bun.spawn(['redis-cli', ...fleet.clientWords, ...words], { stdout: 'pipe' })
  const said = await new Response(made.stdout).text()
  if (!said.includes(`All ${slots} slots covered`)) throw new Error(said)
  await eventually(async () => {
    for (const { command } of nodes) {
      const info = `${await command('cluster', 'info')}${await command('info', 'replication')}`
      // Only a replica that has caught up once may take over.
      const isReady = /cluster_state:ok/.test(info) && /role:master|link_status:up/.test(info)
      if (!isReady) throw new Error(info)
    }
  }, startTimeoutMs)
  return {
    ...fleet.authority,
    url: `${fleet.scheme}+cluster://${places.slice(0, 2).join()}`,
    nodes,
    close: fleet.close,
  }
}

interface Start {
  port?: number
  password?: string | undefined
}

const busAbove = 10_000
const lowestPort = 20_000
/** Below 32,768, where connections get theirs, so is the other port of each. */
const highestPort = 22_700

/** Ports that are free together with those ten thousand above, where nodes talk to each other. */
function portsWithBus(count: number): number[] {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort))
    if (isFree(port) && isFree(port + busAbove)) ports.add(port)
  }
  return [...ports]
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: '127.0.0.1', port, socket: { data() {} } }).stop(true)
    return true
  } catch {
    return false
  }
}

async function startNodes(tls = false) {
  await installPackages({ 'redis-server': 'redis-server' })
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-fleet-'))
  const [certificate, key] = [join(directory, 'own.pem'), join(directory, 'own.key')]
  if (tls) await makeCertificate(certificate, key)
  const listening = (port: number) =>
    tls
      ? `port 0\ntls-port ${port}\ntls-cert-file ${certificate}\ntls-key-file ${key}
tls-ca-cert-file ${certificate}\ntls-auth-clients no\ntls-replication yes\ntls-cluster yes`
      : `port ${port}`
  const clientWords = tls ? ['--tls', '--cacert', certificate] : []
  const children: Bun.Subprocess[] = []

  const startAt = async (port: number, settings: string, words: string[], password?: string) => {
    const file = join(directory, `${port}.conf`)
    await writeFile(file, `bind 127.0.0.1\ndir ${directory}\n${listening(port)}\n${settings}\n`)
    const program = ['redis-server', file, ...words]
    const child = Bun.spawn(program, { stdout: 'ignore', stderr: 'ignore' })
    children.push(child)
    const node: FleetNode = {
      port,
      signal: (name) => child.kill(name),
      command: async (...asked) => {
        const secret = password ? ['--no-auth-warning', '-a', password] : []
        const words = [...clientWords, '-p', `${port}`, ...secret, ...asked]
        const client = Bun.spawn(['redis-cli', '-e', ...words], { stderr: 'pipe' })
        const [out, error] = [client.stdout, client.stderr].map((from) => new Response(from).text())
        if ((await client.exited) !== 0) throw new Error(`redis-cli: ${await out}${await error}`)
        return ((await out) ?? '').trim()
      },
    }
    await eventually(async () => void (await node.command('ping')), startTimeoutMs)
    return node
  }
  return {
    scheme: tls ? 'rediss' : 'redis',
    authority: tls ? { authority: certificate } : {},
    clientWords,
    startAt,
    start: (words: string[], { port = freePort(), password }: Start = {}) => {
      const own = `save ""\nrepl-diskless-sync-delay 0\ncluster-config-file nodes-${port}.conf`
      return startAt(port, own, words, password)
    },
    close: async () => {
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(children.map(({ exited }) => exited))
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** One that signs itself, for the address all nodes have. */
async function makeCertificate(certificate: string, key: string): Promise<void> {
  const subject = ['-subj', '/CN=redis.test', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', key, '-out', certificate]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  await Bun.$`openssl req -x509 -days 2 ${curve} ${files} ${subject}`.quiet()
}
