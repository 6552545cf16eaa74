import { CommandError } from '#lib/errors'

/** The Debian package of each program that an instrument runs. */
const packages = {
  wrk: 'wrk',
  h2load: 'nghttp2-client',
  'redis-server': 'redis-server',
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  caddy: 'caddy',
  pgbench: 'postgresql-contrib',
  patroni: 'patroni',
  etcd: 'etcd-server',
  postgres: 'postgresql',
  wapiti: 'wapiti',
  sqlmap: 'sqlmap',
  slowhttptest: 'slowhttptest',
} as const

export type Instrument = keyof typeof packages

const administrators = '/usr/local/sbin:/usr/sbin:/sbin'

/** Where a program is: also in the directories that only an administrator's PATH has. */
export const findInstrument = (name: string): string | null =>
  Bun.which(name) ?? Bun.which(name, { PATH: administrators })

export interface InstrumentsOptions {
  /** Such as `bench ladder`, for the refusal. */
  command: string
  needed: readonly Instrument[]
  /** Install what is missing with apt-get. */
  install: boolean
  say(line: string): void
  find?(name: Instrument): Promise<string | undefined> | string | null | undefined
}

/** Throws a CommandError that names every missing program and its package; or installs them. */
export async function requireInstruments(options: InstrumentsOptions): Promise<void> {
  const missing = await missingOf(options)
  if (missing.length === 0) return
  if (options.install) {
    install(packagesOf(missing), options.say)
    if ((await missingOf(options)).length === 0) return
  }
  throw new CommandError(
    `${options.command} needs ${missing.join(' and ')}: run apt-get install ` +
      `${packagesOf(missing).join(' ')}, or this command again with --install.`,
  )
}

async function missingOf({ needed, find = findInstrument }: InstrumentsOptions) {
  const found = await Promise.all(needed.map(find))
  return needed.filter((_, index) => !found[index])
}

const packagesOf = (names: Instrument[]) => names.map((name) => packages[name])

function install(names: string[], say: (line: string) => void): void {
  const aptGet = Bun.which('apt-get')
  if (!aptGet || process.getuid?.() !== 0) {
    throw new CommandError(
      '--install needs apt-get and root: install by hand, on Debian and Ubuntu with ' +
        `sudo apt-get install ${names.join(' ')}.`,
    )
  }
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', ...names]]) {
    say(`apt-get ${words.join(' ')}`)
    const done = Bun.spawnSync([aptGet, '-q', ...words], {
      env: { PATH: `${administrators}:/usr/bin:/bin`, DEBIAN_FRONTEND: 'noninteractive' },
      stdout: 'ignore',
      stderr: 'pipe',
    })
    if (done.success) continue
    throw new CommandError(`apt-get ${words[0]} failed: ${done.stderr.toString().trim()}`)
  }
}
