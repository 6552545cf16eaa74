import { CommandError } from '#lib/errors'
import type { Listener } from '#setting-values'
import { reachable } from '../ask'
import { idleTimeoutSeconds } from '../listeners'
import { socketPath } from '../sockets'

export type Upstream = { kind: 'unix'; path: string } | { kind: 'tcp'; host: string; port: number }

/** One site behind a proxy. Several may stand in one configuration, each with its own name. */
export interface ProxySite {
  /** Of the upstream in the configuration: letters, digits and _. */
  name: string
  upstreams: readonly Upstream[]
  /** Where the proxy itself listens; the host `*` is every address of the machine. */
  listen: Upstream
  /** The host that readers ask for; without it any. */
  serverName?: string | undefined
  /** Connections to the upstreams are kept (which is usual). */
  keepAlive?: boolean
  /** The upstreams are on several hosts: each is asked every second whether it is fit to serve. */
  checked?: boolean
  /** HAProxy answers https itself, with the certificates and keys of a file or directory. */
  https?: { port: number; certificate: string } | undefined
}

/** A proxy's whole configuration, for its operator. */
export interface Front {
  site: ProxySite & { listen: Upstream & { kind: 'tcp' } }
  /** Where readers use https, if they do. */
  httpsPort: number | undefined
  /** Otherwise the proxy may choose. */
  isListenGiven: boolean
  /** Of our Unix sockets. */
  socketMode: number
}

/** Where the package's units let requests wait while the service is restarted. */
export const gateSocket = '/run/jumpstarter-gate.sock'
const gatedDirectory = '/run/jumpstarter'

/** Whether there is such a place beside these upstreams. */
export const isGated = ({ upstreams: [first] }: ProxySite): boolean =>
  first?.kind === 'unix' && first.path === socketPath(gatedDirectory, 0)

// Half of ours: a proxy must never send a request on a connection that we are about to close.
export const keepAliveSeconds = idleTimeoutSeconds / 2
/** Connections to the upstreams that a proxy's process keeps while nobody uses them. */
export const idleConnectionsMax = 256
export const connectSeconds = 2
/** Longer than any page may take, so that our own words about it arrive. */
export const answerSeconds = 30

/** Shorter, so that whoever waits for a restart hears from us. */
export const gateWaitSeconds = answerSeconds - 5

/**
 * Where a proxy on this machine reaches the workers: the Unix sockets when there are any, one for
 * each worker, otherwise the TCP port that they share. Other listeners lead to the same workers.
 */
export function upstreamsOf(listeners: readonly Listener[], workers: number): Upstream[] {
  const listener = listeners.find(({ kind }) => kind === 'unix') ?? listeners[0]
  if (listener === undefined) throw new CommandError('There is no listener to put a proxy before.')
  if (listener.kind === 'tcp') {
    return [{ kind: 'tcp', host: reachable(listener.host), port: listener.port }]
  }
  return Array.from({ length: workers }, (_, index) => ({
    kind: 'unix',
    path: socketPath(listener.directory, index),
  }))
}

/** Who may connect to a proxy's upstreams, besides the account that runs Jumpstarter. */
export function accessOf({ site, socketMode }: Front): 'all' | 'group' | 'nobody' {
  if (site.upstreams[0]?.kind !== 'unix' || socketMode & 0o002) return 'all'
  return socketMode & 0o020 ? 'group' : 'nobody'
}

/** How a proxy's account gets into the group that the sockets are for. */
export const joinGroupNote = (account: string) => `\
# The sockets are for the group of whoever runs Jumpstarter:
#   usermod -aG jumpstarter ${account}    (and restart the proxy)
`

/** How a proxy gets at our sockets: `ofGroup` when they are for a group. */
export function accessNote(front: Front, ofGroup: string): string {
  const mode = `0${front.socketMode.toString(8).padStart(3, '0')}`
  const ofNobody = `\
# Sockets of mode ${mode} are only for the account that runs Jumpstarter. For the proxy's account
# their mode has to be 0660, here and for serve: --socket-mode 0660.
`
  return { all: '', group: ofGroup, nobody: ofNobody }[accessOf(front)]
}

/** `127.0.0.1:3000`, `[::1]:3000`. */
export function hostAndPort({ host, port }: Upstream & { kind: 'tcp' }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
