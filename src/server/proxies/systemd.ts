import type { Config } from '#config'
import { describeConfig } from '#config-shown'
import { CommandError } from '#lib/errors'
import { closeDeadlineMs } from '../drain'
import { gateUnit } from './systemd-gate'

/** Where the program and its settings are. */
interface Installation {
  program: string
  environmentFile: string
  /** How this unit came to be, as comments. */
  origin: string
  /** What systemd is to make besides what the configuration names. */
  directories: string[]
  /** Whether the units of the gate are there. */
  isGated: boolean
}

const program = '/usr/local/bin/jumpstarter'

/** By hand, from the executable alone. */
const byHand: Installation = {
  program,
  environmentFile: '/etc/jumpstarter.env',
  origin: `\
# Made by jumpstarter generate systemd. To install it:
#   install -m 755 jumpstarter ${program}
#   useradd --system --user-group --shell /usr/sbin/nologin jumpstarter
#   jumpstarter generate systemd > /etc/systemd/system/jumpstarter.service
#   systemctl daemon-reload && systemctl enable --now jumpstarter`,
  directories: [],
  isGated: false,
}

/** By the Debian package, whose settings are all in one file. */
export const byPackage: Installation = {
  program: '/usr/bin/jumpstarter',
  environmentFile: '/etc/jumpstarter/jumpstarter.env',
  origin: '# To change it: systemctl edit jumpstarter. Its settings are in the EnvironmentFile.',
  // For sockets, which the settings may ask for.
  directories: ['/run/jumpstarter'],
  isGated: true,
}

const readySeconds = 60
// For the last checkpoint of the embedded Postgres.
const databaseStopSeconds = 60

/**
 * A unit for systemd 250 or later that runs the executable with this configuration. Throws a
 * CommandError (exit 2) for a directory that its hardening hides.
 */
export function systemdUnit(given: Config, installation = byHand): string {
  const { program, environmentFile, origin } = installation
  const config = plainPaths(given)
  const dataDirectory = config.dataDirectoryGiven ? config.dataDirectory : '/var/lib/jumpstarter'
  const isCacheGiven = config.sources.JUMPSTARTER_CACHE !== 'default'
  const cacheDirectory = isCacheGiven ? config.cacheDirectory : '/var/cache/jumpstarter'
  const sockets = config.listeners.flatMap((listener) =>
    listener.kind === 'unix' ? [listener.directory] : [],
  )
  for (const path of sockets) requireVisible('--listen', path)
  requireVisible('--data', dataDirectory)
  requireVisible('JUMPSTARTER_CACHE', cacheDirectory)
  const stopSeconds = Math.ceil((config.drainMs + closeDeadlineMs) / 1000) + databaseStopSeconds
  return `\
${origin}
[Unit]
Description=Jumpstarter, a crowdfunding platform
Wants=network-online.target
After=network-online.target postgresql.service redis-server.service
# It is started again however often it fails: while the machine boots, the database may be late.
StartLimitIntervalSec=0
${installation.isGated ? gateDependencies : ''}\

[Service]
Type=exec
User=jumpstarter
Group=jumpstarter
ExecStart=${program} serve
# It counts as started when a worker is ready on every listener, or after a minute.
ExecStartPost=-${program} healthcheck --wait ${readySeconds} --pid $MAINPID
# systemctl reload replaces the workers one by one, without a failed request: behind a proxy, or
# with sysctl net.ipv4.tcp_migrate_req=1, which saves what waits on a TCP port to be accepted.
ExecReload=/bin/kill -USR2 $MAINPID
${installation.isGated ? gateCommands : ''}\
# The first process drains the others and stops the database: the signal is for it alone.
KillMode=mixed
TimeoutStopSec=${stopSeconds}
Restart=always
RestartSec=1
# A worker that the kernel kills for its memory is replaced; the others go on.
OOMPolicy=continue
LimitNOFILE=65536

${environment(config, environmentFile, {
  JUMPSTARTER_DATA: dataDirectory,
  JUMPSTARTER_CACHE: cacheDirectory,
})}
# Settings that are secret (chmod 600), such as DATABASE_URL=postgres://…
EnvironmentFile=-${environmentFile}

${directories([...installation.directories, ...sockets, dataDirectory, cacheDirectory])}
StateDirectoryMode=0700

${hardening(config)}

[Install]
WantedBy=multi-user.target
`
}

const gateDependencies = `\
# While it is restarted, the requests of a proxy wait there.
Wants=${gateUnit}.socket
After=${gateUnit}.socket
`

// Which job it is that stops the service is known to systemd alone.
const gateCommands = `\
# Whoever has waited for an earlier start is served first. The gate stays open for a restart and
# after a crash, and is closed with the service.
ExecStop=+-/usr/bin/timeout 10 /bin/sh -c 'while systemctl --quiet is-active ${gateUnit}.service; \
    do sleep 0.1; done'
ExecStop=+-/bin/systemctl stop ${gateUnit}.service
ExecStopPost=+-/bin/sh -c '[ "$SERVICE_RESULT" != success ] || systemctl list-jobs --no-legend \
    jumpstarter.service | grep -q restart || systemctl --no-block stop ${gateUnit}.socket ${gateUnit}.service'
`

/** /var/run is the old name of /run, below which systemd makes directories. */
function plainPaths(config: Config): Config {
  const plain = (path: string) => path.replace(/^\/var\/run\//, '/run/')
  return {
    ...config,
    listeners: config.listeners.map((listener) =>
      listener.kind === 'unix' ? { ...listener, directory: plain(listener.directory) } : listener,
    ),
    dataDirectory: plain(config.dataDirectory),
    cacheDirectory: plain(config.cacheDirectory),
  }
}

function requireVisible(setting: string, path: string): void {
  const hidden = hiddenBelow.find((parent) => `${path}/`.startsWith(`${parent}/`))
  if (hidden === undefined) return
  throw new CommandError(
    `${setting}: the service cannot see ${path}, since systemd hides ${hidden} from it: ` +
      'choose a directory elsewhere, such as below /var/lib or /run.',
    2,
  )
}

function environment(
  config: Config,
  secretsFile: string,
  directories: Record<string, string>,
): string {
  const needsWorkers = config.listeners.some(({ kind }) => kind === 'unix')
  const lines = describeConfig(config).flatMap(({ name, value, source }) => {
    const directory = directories[name]
    if (directory !== undefined) return variable(name, directory)
    // As many workers as the proxy was told of.
    if (name === 'JUMPSTARTER_WORKERS' && needsWorkers) return variable(name, value)
    if (source === 'default' || value === '') return []
    if (value.includes('***')) return `# ${name} has a password: write it into ${secretsFile}.`
    return variable(name, value)
  })
  return lines.join('\n')
}

const variable = (name: string, value: string) => `Environment=${quoted(`${name}=${value}`)}`

/** As systemd.syntax(7) has it, with specifiers switched off. */
function quoted(text: string): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return /[\s"'\\]/.test(text) ? `"${escaped}"` : escaped
}

/** What ProtectHome and PrivateTmp hide. */
const hiddenBelow = ['/home', '/root', '/run/user', '/tmp', '/var/tmp']

/** Below these systemd makes what a service needs; other directories have to be there. */
const madeBelow = {
  '/run/': 'RuntimeDirectory',
  '/var/lib/': 'StateDirectory',
  '/var/cache/': 'CacheDirectory',
}

function directories(paths: string[]): string {
  const lines = paths.map((path) => {
    const made = Object.entries(madeBelow).find(([parent]) => path.startsWith(parent))
    if (made) return `${made[1]}=${quoted(path.slice(made[0].length))}`
    return `# ${path} has to be there, and to belong to jumpstarter.\nReadWritePaths=${quoted(path)}`
  })
  return lines.join('\n')
}

/** What the service may not do, for a unit of its own or of a command. */
export function hardening({ listeners }: Pick<Config, 'listeners'>): string {
  const isPrivileged = listeners.some((listener) => listener.kind === 'tcp' && listener.port < 1024)
  const capabilities = isPrivileged ? 'CAP_NET_BIND_SERVICE' : ''
  return `\
NoNewPrivileges=yes
AmbientCapabilities=${capabilities}
CapabilityBoundingSet=${capabilities}
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateDevices=yes
PrivateTmp=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
UMask=0027
# Not MemoryDenyWriteExecute: JavaScript is compiled while it runs. Not PrivateIPC: Postgres shares
# memory with commands that join it.`
}
