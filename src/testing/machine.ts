import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openNetwork } from '#bench/hosts/network'
import { within } from '#lib/within'
import { type Mirror, mirrorDirectory, serveMirror } from './debian-mirror'
import { findProgram, installPackages } from './packages'

// A Debian machine of its own: a root directory made by mmdebstrap, booted by systemd-nspawn under
// its own systemd, in a network with nothing but this process in it.

const suite = 'bookworm'
const bootDeadlineMs = 60_000
const stopDeadlineMs = 30_000
const pollMs = 100

export interface Printed {
  exitCode: number
  /** What it has printed, errors among it. */
  output: string
}

export interface Machine {
  /** Its only one, IPv4. */
  address: string
  /** Where it reaches this process. */
  hostAddress: string
  /** Its root directory, as seen from here. */
  root: string
  /** What root types into a login shell; ends at the first command that fails. */
  type(script: string, input?: string): Promise<Printed>
  /** Shuts it down and boots it again. */
  reboot(): Promise<void>
  stop(): Promise<void>
}

/** Makes a bare Debian and boots it; takes half a minute. Throws an Error where that cannot be. */
export async function bootDebian(): Promise<Machine> {
  await installPackages({
    mmdebstrap: 'mmdebstrap debian-archive-keyring',
    'systemd-nspawn': 'systemd-container',
    ip: 'iproute2',
  })
  const network = await openNetwork()
  const ends: (() => Promise<unknown>)[] = [() => network.close()]
  const stop = async () => {
    for (const end of ends.toReversed()) await end()
  }
  try {
    const mirror = serveMirror(network.ownAddress)
    ends.push(mirror.stop)
    const { address, within: words } = network.add('debian')
    const namespace = words.at(-1) ?? ''
    const root = join(network.directory, 'debian')
    await bootstrap(root, mirror)
    let booted = await boot(root, namespace)
    ends.push(() => booted.stop())
    return {
      ...{ address, root, hostAddress: network.ownAddress, stop },
      type: (script, input = '') => type(booted.pid, script, input),
      reboot: async () => {
        await booted.stop()
        booted = await boot(root, namespace)
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What apt has to be told. Bun answers one request after the other. */
const wayOut = ({ url }: Mirror) => `\
Acquire::http::Proxy "${url}";
Acquire::http::Pipeline-Depth "0";
Acquire::Retries "3";
`

/** A root directory as the installer leaves it without any task chosen; kept for a day. */
async function bootstrap(root: string, mirror: Mirror): Promise<void> {
  const day = new Date().toISOString().slice(0, 10)
  const kept = join(mirrorDirectory, `${suite}-${day}.tar`)
  if (!existsSync(kept)) {
    const made = `${kept}.${process.pid}.tar`
    await must([
      ...[
        'mmdebstrap',
        '--quiet',
        ...wayOut(mirror)
          .trim()
          .split('\n')
          .map((line) => `--aptopt=${line}`),
      ],
      ...[suite, made, 'http://deb.debian.org/debian'],
    ])
    await must(['mv', made, kept])
  }
  mkdirSync(root)
  await must([
    'tar',
    '--extract',
    '--numeric-owner',
    '--xattrs',
    `--file=${kept}`,
    `--directory=${root}`,
  ])
  await Bun.write(join(root, 'etc/apt/apt.conf.d/99mmdebstrap'), wayOut(mirror))
  // Nobody will miss this machine after a power cut.
  await Bun.write(join(root, 'etc/dpkg/dpkg.cfg.d/unsafe'), 'force-unsafe-io\n')
}

interface Booted {
  /** Of its systemd, as seen from here. */
  pid: number
  stop(): Promise<void>
}

async function boot(root: string, namespace: string): Promise<Booted> {
  // Where no systemd is the host's, there is nobody to ask for a scope.
  const alone = existsSync('/run/systemd/system') ? [] : ['--keep-unit']
  const console = join(root, '..', 'console.log')
  const child = Bun.spawn(
    [
      ...[findProgram('systemd-nspawn') ?? '', '--boot', `--directory=${root}`, '--register=no'],
      ...alone,
      ...[`--machine=jumpstarter-${process.pid}`, '--console=read-only', '--resolv-conf=off'],
      ...[`--network-namespace-path=/run/netns/${namespace}`, '--timezone=off'],
    ],
    { stdin: 'ignore', stdout: Bun.file(console), stderr: Bun.file(`${console}.err`) },
  )
  const said = () =>
    [console, `${console}.err`]
      .map((file) => readFileSync(file, 'utf8'))
      .join('')
      .slice(-2_000)
  const stop = async () => {
    child.kill('SIGTERM')
    if (!(await within(child.exited, stopDeadlineMs))) child.kill('SIGKILL')
    await child.exited
  }
  const deadline = Date.now() + bootDeadlineMs
  for (;;) {
    const pid = systemdOf(namespace)
    if (pid !== undefined) {
      const state = await type(pid, 'systemctl is-system-running --wait || true', '')
      if (/running|degraded/.test(state.output)) return { pid, stop }
    }
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`Debian has not booted under systemd-nspawn: ${said()}`)
    }
    await Bun.sleep(pollMs)
  }
}

/** The first process of the machine in this network namespace. */
function systemdOf(namespace: string): number | undefined {
  const { stdout } = Bun.spawnSync([findProgram('ip') ?? 'ip', 'netns', 'pids', namespace])
  const pids = stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map(Number)
  return pids.find((pid) => {
    try {
      return /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
    } catch {
      return false
    }
  })
}

async function type(pid: number, script: string, input: string): Promise<Printed> {
  const child = Bun.spawn(
    [
      ...['nsenter', `--target=${pid}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--root'],
      ...['env', '--ignore-environment', 'HOME=/root', 'USER=root', 'TERM=dumb'],
      ...['bash', '--login', '-e', '-o', 'pipefail', '-c', `exec 2>&1\ncd\n${script}`],
    ],
    { stdin: Buffer.from(input), stdout: 'pipe', stderr: 'ignore' },
  )
  const output = await new Response(child.stdout).text()
  return { exitCode: await child.exited, output }
}

async function must(command: string[]): Promise<void> {
  const child = Bun.spawn(command, { stdout: 'ignore', stderr: 'pipe' })
  const errors = new Response(child.stderr).text()
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')}: ${await errors}`)
}
