import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectionOptions } from '#db/client'
import { findProgram, installPackages } from './packages'
import { eventually, freePort } from './start-tiny-server'

export interface TestPooler {
  /** The same database by way of it. */
  url: string
  close(): Promise<void>
}

const startTimeoutMs = 10_000
const nobody = 65_534

/**
 * Debian 12's, which knows nothing of prepared statements in transaction mode, and Debian 13's, which
 * does. The latter is built from its source where it is missing, in less than a minute.
 */
export const poolerPrograms = {
  '1.18': async () => {
    await installPackages({ pgbouncer: 'pgbouncer' })
    return findProgram('pgbouncer') ?? ''
  },
  '1.24': async () => findProgram('pgbouncer-1.24') ?? (await buildNewer()),
}

/** A real PgBouncer of its own in front of a database, on a TCP port. */
export async function startPooler(
  databaseUrl: string,
  program: string,
  settings: Record<string, string | number> = {},
): Promise<TestPooler> {
  const { path = '', user, database } = connectionOptions(databaseUrl)
  const [, directory = '', serverPort = ''] = /^(.*)\/\.s\.PGSQL\.(\d+)$/.exec(path) ?? []
  const port = freePort()
  const scratch = await mkdtemp(join(tmpdir(), 'jumpstarter-pooler-'))
  const own = {
    ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'any' },
    ...{ admin_users: user, pool_mode: 'transaction', ...settings },
  }
  const lines = Object.entries(own).map(([name, value]) => `${name} = ${value}`)
  const target = `host=${directory} port=${serverPort} user=${user}`
  const file = join(scratch, 'pgbouncer.ini')
  await writeFile(file, `[databases]\n* = ${target}\n[pgbouncer]\n${lines.join('\n')}\n`)
  // It refuses to run as root.
  const isRoot = process.getuid?.() === 0
  if (isRoot) await chown(scratch, nobody, nobody)
  await chmod(scratch, 0o711)
  const child = Bun.spawn([program, '-q', file], {
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
    stdout: 'ignore',
    stderr: 'ignore',
  })
  await eventually(async () => void (await Bun.connect(toPooler(port))).end(), startTimeoutMs)
  return {
    url: `postgres://${user}@127.0.0.1:${port}/${database}`,
    close: async () => {
      child.kill('SIGKILL')
      await child.exited
      await rm(scratch, { recursive: true, force: true })
    },
  }
}

const toPooler = (port: number) => ({ hostname: '127.0.0.1', port, socket: { data() {} } })

/** From the source package of Debian 13, whose binaries need a newer libc. */
async function buildNewer(): Promise<string> {
  const missing = 'These tests need pgbouncer-1.24: PgBouncer 1.24 in your PATH by this name.'
  if (process.getuid?.() !== 0) throw new Error(missing)
  const script = `set -e
    cd "$(mktemp -d)"
    mkdir -p lists/partial cache
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb-src [signed-by=$key] http://deb.debian.org/debian trixie main" > sources.list
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=60 \
      gcc make pkg-config libevent-dev
    own="-o Dir::Etc::sourcelist=$PWD/sources.list -o Dir::Etc::sourceparts=/dev/null"
    own="$own -o Dir::State::lists=$PWD/lists -o Dir::Cache=$PWD/cache"
    apt-get $own update -qq
    apt-get $own source -qq --download-only pgbouncer
    tar xf pgbouncer_*.orig.tar.gz
    cd pgbouncer-*/
    ./configure -q --without-openssl --without-cares
    make -s pgbouncer
    install -m 755 pgbouncer /usr/local/sbin/pgbouncer-1.24`
  const child = Bun.spawn(['sh', '-c', script], { stdout: 'ignore', stderr: 'pipe' })
  const errors = new Response(child.stderr).text()
  if ((await child.exited) !== 0) throw new Error(`${missing} Building it failed: ${await errors}`)
  return findProgram('pgbouncer-1.24') ?? ''
}
