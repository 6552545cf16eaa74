import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import { caddySite } from '#server/proxies/caddy'
import { haproxySite } from '#server/proxies/haproxy'
import { nginxSite } from '#server/proxies/nginx'
import type { ProxySite, Upstream } from '#server/proxies/upstreams'
import { findInstrument } from './instruments'
import { endProcess, processTree } from './processes'

const readyDeadlineMs = 10_000
const stopDeadlineMs = 5_000
const pollMs = 20
const lastWordsCharactersMax = 2_000
const connectionsMax = 4_096

/** A proxy of one's own, to be measured. */
export interface OwnProxy {
  /** All its processes that run now. */
  pids(): number[]
  /** Ends it; nothing of it is left. */
  stop(): Promise<void>
}

/**
 * nginx with the sites that `jumpstarter generate nginx` writes, accepting on each of them. Throws a
 * CommandError with its last words when it does not start.
 */
export function startNginx(
  sites: ProxySite[],
  { signal, workers = 1 }: { signal: AbortSignal; workers?: number },
): Promise<OwnProxy> {
  const configuration = `
daemon off;
${process.getuid?.() === 0 ? 'user root root;' : ''}
worker_processes ${workers};
worker_rlimit_nofile ${connectionsMax * 4};
pid nginx.pid;
error_log stderr crit;
events {
    worker_connections ${connectionsMax};
}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 1000000000;

${sites.map(nginxSite).join('\n')}
}
`
  const command = (file: string, directory: string) => ['-p', directory, '-c', file, '-e', 'stderr']
  return startProxy('nginx', configuration, command, sites, signal)
}

/** HAProxy, in one thread, with the sites that `jumpstarter generate haproxy` writes. */
export function startHaproxy(
  sites: ProxySite[],
  { signal }: { signal: AbortSignal },
): Promise<OwnProxy> {
  const configuration = `
global
    nbthread 1

${sites.map(haproxySite).join('\n')}
`
  return startProxy('haproxy', configuration, (file) => ['-db', '-f', file], sites, signal)
}

/** Caddy with the sites that `jumpstarter generate caddy` writes. */
export function startCaddy(
  sites: (ProxySite & { listen: { kind: 'tcp' } })[],
  { signal }: { signal: AbortSignal },
): Promise<OwnProxy> {
  const at = sites.map((site) => caddySite(site, `http://:${site.listen.port}`))
  const configuration = `{\n\tadmin off\n}\n${at.join('\n')}`
  const words = (file: string) => ['run', '--config', file, '--adapter', 'caddyfile']
  return startProxy('caddy', configuration, words, sites, signal)
}

async function startProxy(
  program: 'nginx' | 'haproxy' | 'caddy',
  configuration: string,
  words: (file: string, directory: string) => string[],
  sites: ProxySite[],
  signal: AbortSignal,
): Promise<OwnProxy> {
  signal.throwIfAborted()
  for (const { listen } of sites) {
    // Otherwise whoever is there would be measured while nginx is still trying.
    if (await accepts(listen)) throw new CommandError(`Something listens where ${program} should.`)
  }
  const directory = await mkdtemp(join(tmpdir(), `jumpstarter-${program}-`))
  const file = join(directory, `${program}.conf`)
  await Bun.write(file, configuration)
  const child = Bun.spawn([findInstrument(program) ?? program, ...words(file, directory)], {
    cwd: directory,
    // Caddy keeps files of its own at home.
    ...(program === 'caddy' ? { env: { HOME: directory } } : {}),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  const followed = follow(child.stderr, (text) => {
    said = (said + text).slice(-lastWordsCharactersMax)
  })
  const stop = async () => {
    await endProcess(child, stopDeadlineMs)
    await rm(directory, { recursive: true, force: true })
  }
  const deadline = performance.now() + readyDeadlineMs
  const runs = () => child.exitCode === null && child.signalCode === null
  while (performance.now() < deadline && runs() && !signal.aborted) {
    const accepting = await Promise.all(sites.map(({ listen }) => accepts(listen)))
    if (accepting.every(Boolean)) return { pids: () => processTree(child.pid), stop }
    await Bun.sleep(pollMs)
  }
  await stop()
  await followed
  signal.throwIfAborted()
  throw new CommandError(`${program} did not start: ${said.trim() || 'it gave no reason'}`)
}

async function follow(stream: ReadableStream<Uint8Array>, onText: (text: string) => void) {
  const decoder = new TextDecoder()
  for await (const part of stream) onText(decoder.decode(part, { stream: true }))
}

function accepts(listen: Upstream): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(
      listen.kind === 'unix' ? { path: listen.path } : { host: listen.host, port: listen.port },
    )
    connection.on('connect', () => {
      connection.destroy()
      resolve(true)
    })
    connection.on('error', () => resolve(false))
  })
}
