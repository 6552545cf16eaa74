import { type Config, listenerName, loadConfig } from '#config'
import { CommandError } from '#lib/errors'
import { suggest } from '#lib/suggest'
import { prometheusRules } from '#observability/alerts'
import { caddyFile } from '#server/proxies/caddy'
import { haproxyFile } from '#server/proxies/haproxy'
import { nginxFile } from '#server/proxies/nginx'
import { systemdUnit } from '#server/proxies/systemd'
import { type Front, type Upstream, upstreamsOf } from '#server/proxies/upstreams'
import type { Listener } from '#setting-values'
import type { Command } from './command'
import { completionScript, shells } from './completion'
import { parseFlags } from './flags'
import { manualPage } from './manual'

const usage = `Usage: jumpstarter generate nginx|haproxy|caddy|systemd [flags]
       jumpstarter generate prometheus-rules
       jumpstarter generate man
       jumpstarter generate completion bash|zsh|fish

Prints a configuration for the listeners that serve has with the same settings and flags: of a proxy
in front, on the same machine, or of the service itself. prometheus-rules are alerts over what
/metrics tells, for Prometheus. man is the manual page of all commands, completion what a shell
needs to complete them.

  --listen ADDRESS        as for serve, repeatable; a proxy takes the Unix sockets if there are any
  --workers N             as for serve: so many sockets (default: one per core)
  --socket-mode MODE      as for serve (default 0660)
  --data DIRECTORY        as for serve (systemd; default /var/lib/jumpstarter)
  --proxy-listen ADDRESS  where the proxy listens: PORT or HOST:PORT (default: BASE_URL's port, or
                          80; with an https BASE_URL nginx and HAProxy take 80 and say how to add
                          https, Caddy takes BASE_URL's port and gets itself a certificate)
  --host HOST:PORT        of an app host, repeatable: a proxy stands before them and not before the
                          listeners here; HAProxy asks each whether it is fit to serve
  --certificate PATH      HAProxy: serve https with the certificates and keys of a file or directory
  --name NAME             of the upstream in the configuration (default jumpstarter)
  --help                  show this

BASE_URL says for which host.`

const flags = {
  listen: { type: 'string', multiple: true },
  workers: { type: 'string' },
  'socket-mode': { type: 'string' },
  data: { type: 'string' },
  'proxy-listen': { type: 'string' },
  host: { type: 'string', multiple: true },
  certificate: { type: 'string' },
  name: { type: 'string' },
} as const

const proxies = { nginx: nginxFile, haproxy: haproxyFile, caddy: caddyFile }
const known = [...Object.keys(proxies), 'systemd', 'prometheus-rules', 'man', 'completion']

/** The command that writes of all `commands`, of which it is one. */
export const generateOf = (commands: () => Readonly<Record<string, Command>>): Command => ({
  summary: 'print a configuration for a proxy or systemd, alerts, the manual, completion',
  usage,
  run: async (args) => {
    const [first, ...rest] = args
    if (first === 'man' || first === 'completion') {
      console.log(document(first, rest, commands()).trimEnd())
      return 0
    }
    if (first === 'prometheus-rules') {
      parseFlags('generate prometheus-rules', rest, {})
      console.log(prometheusRules().trimEnd())
      return 0
    }
    const { values, positionals } = parseFlags('generate', args, flags, 1)
    const [kind = ''] = positionals
    const config = loadConfig({
      JUMPSTARTER_LISTEN: values.listen?.join(','),
      JUMPSTARTER_WORKERS: values.workers,
      JUMPSTARTER_SOCKET_MODE: values['socket-mode'],
      JUMPSTARTER_DATA: values.data,
    })
    if (kind === 'systemd') {
      requireProxy(values)
      console.log(systemdUnit(config).trimEnd())
    } else if (kind in proxies) {
      const print = proxies[kind as keyof typeof proxies]
      if (kind !== 'haproxy' && values.certificate !== undefined) {
        throw new CommandError(
          `--certificate is for HAProxy; generate ${kind} says what it needs.`,
          2,
        )
      }
      console.log(print(frontOf(config, values)).trimEnd())
    } else throw unknownKind(kind)
    return 0
  },
})

function document(
  kind: 'man' | 'completion',
  args: string[],
  commands: Readonly<Record<string, Command>>,
): string {
  const isManual = kind === 'man'
  const { positionals } = parseFlags(`generate ${kind}`, args, {}, isManual ? 0 : 1)
  if (isManual) return manualPage(commands, new Date())
  const shell = shells.find((name) => name === positionals[0])
  if (shell !== undefined) return completionScript(shell, commands)
  throw new CommandError(`generate completion takes the shell: ${shells.join(', ')}.`, 2)
}

interface ProxyFlags {
  'proxy-listen'?: string | undefined
  host?: string[] | undefined
  certificate?: string | undefined
  name?: string | undefined
}

function requireProxy(values: ProxyFlags): void {
  for (const flag of ['proxy-listen', 'host', 'certificate', 'name'] as const) {
    if (values[flag] === undefined) continue
    throw new CommandError(`--${flag} is for a proxy; generate systemd has no use for it.`, 2)
  }
}

function unknownKind(kind: string): CommandError {
  const near = suggest(kind, known)
  if (near) return new CommandError(`generate has no ${kind}. Did you mean ${near}?`, 2)
  const asked = kind === '' ? 'Say what to generate' : `generate has no ${kind}`
  return new CommandError(`${asked}: it knows ${known.join(', ')}.`, 2)
}

function frontOf(config: Config, values: ProxyFlags): Front {
  const readersUrl = new URL(config.baseUrl)
  const { hostname } = readersUrl
  requireHost('BASE_URL', hostname)
  const { name = 'jumpstarter' } = values
  if (!/^[a-z]\w*$/i.test(name)) {
    throw new CommandError(`--name takes letters, digits and _, not ${name}.`, 2)
  }
  const { certificate } = values
  if (certificate !== undefined && !/^[\w./@+-]+$/.test(certificate)) {
    throw new CommandError(`--certificate takes a path without spaces, not ${certificate}.`, 2)
  }
  const checked = values.host !== undefined
  const upstreams = values.host?.map(appHost) ?? upstreamsOf(config.listeners, config.workers)
  for (const upstream of upstreams) requirePlain(upstream)
  const isHere = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
  const { httpPort, httpsPort } = readersPorts(config, readersUrl)
  const listen = proxyListen(values['proxy-listen'] ?? String(httpPort))
  if (!checked) requireFree(config.listeners, [listen.port, httpsPort])
  const https = certificate && httpsPort ? { port: httpsPort, certificate } : undefined
  return {
    site: { name, upstreams, listen, checked, https, ...(isHere ? {} : { serverName: hostname }) },
    httpsPort,
    isListenGiven: values['proxy-listen'] !== undefined,
    socketMode: config.socketMode,
  }
}

/** What the proxy takes if nothing else is said: the ports that readers ask. */
function readersPorts({ sources }: Config, { protocol, port }: URL) {
  if (protocol === 'https:') return { httpPort: 80, httpsPort: Number(port || 443) }
  // Our own BASE_URL has the port of Jumpstarter itself.
  return {
    httpPort: sources.BASE_URL === 'default' ? 80 : Number(port || 80),
    httpsPort: undefined,
  }
}

function requireFree(listeners: readonly Listener[], ports: (number | undefined)[]): void {
  const inTheWay = listeners.find(
    (listener) => listener.kind === 'tcp' && ports.includes(listener.port),
  )
  if (inTheWay === undefined) return
  throw new CommandError(
    `Jumpstarter itself listens on ${listenerName(inTheWay)}, where the proxy should: ` +
      'give one of them another port, with --listen or --proxy-listen.',
    2,
  )
}

function requireHost(setting: string, host: string): void {
  if (/^[\w.:-]+$/.test(host.replace(/^\[(.*)\]$/, '$1'))) return
  throw new CommandError(
    `${setting}: ${host} is not a host that can be written into a configuration: ` +
      'give a name or an address.',
    2,
  )
}

function requirePlain(upstream: Upstream): void {
  if (upstream.kind === 'tcp') {
    requireHost('--listen', upstream.host)
    if (upstream.port > 0) return
    throw new CommandError('A proxy needs a fixed port: --listen has port 0.', 2)
  }
  if (/^[\w./@+-]+$/.test(upstream.path)) return
  throw new CommandError(
    `${upstream.path} cannot be written into every proxy's configuration: choose a directory of ` +
      'letters, digits and ._@+- with --listen.',
    2,
  )
}

function appHost(text: string): Upstream {
  const [, host, digits] = /^(\[[0-9a-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  if (host !== undefined && port > 0 && port <= 65_535) {
    return { kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port }
  }
  throw new CommandError(`--host takes HOST:PORT, not ${text}.`, 2)
}

function proxyListen(text: string): Upstream & { kind: 'tcp' } {
  const [, host, digits] = /^(?:(\[[0-9a-f:.]+\]|[^:[\]\s]+):)?(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  if (port > 0 && port <= 65_535) {
    if (host !== undefined) requireHost('--proxy-listen', host)
    return { kind: 'tcp', host: host?.replace(/^\[|\]$/g, '') ?? '*', port }
  }
  throw new CommandError(`--proxy-listen takes PORT or HOST:PORT, not ${text}.`, 2)
}
