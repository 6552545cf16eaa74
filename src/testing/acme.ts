import { join } from 'node:path'
import { findProgram, installPackages } from './packages'
import { eventually } from './start-tiny-server'

// Let's Encrypt for a machine that has no Internet: its own small test server, which asks the site
// for proof over http or TLS and signs, under the name and the address of the real one.

/** The name by which certbot and Caddy know it. */
export const authorityName = 'acme-v02.api.letsencrypt.org'

export interface Authority {
  /** Whose word on `authorityName` is to be taken: a certificate, PEM. */
  root: string
  stop(): Promise<void>
}

interface Options {
  /** For its files. */
  directory: string
  /** Where it answers: at port 443, and for itself at one more. */
  hostname: string
  /** Where a name leads, name → address: it asks no other DNS. */
  names: Record<string, string>
}

const ownPort = 14_000

/** Starts it. Throws an Error with what it says. */
export async function startAuthority(options: Options): Promise<Authority> {
  const { directory, hostname, names } = options
  await installPackages({ pebble: 'pebble', openssl: 'openssl' })
  const at = (name: string) => join(directory, name)
  const [privateKey, certificate] = [at('acme.key'), at('acme.pem')]
  const made = Bun.spawnSync([
    ...[findProgram('openssl') ?? 'openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes'],
    ...['-keyout', privateKey, '-out', certificate, '-days', '2', '-subj', '/CN=Test authority'],
    ...['-addext', `subjectAltName=DNS:${authorityName},IP:${hostname}`],
  ])
  if (!made.success) throw new Error(made.stderr.toString())
  const own = { listenAddress: `${hostname}:${ownPort}`, managementListenAddress: '' }
  const pebble = { ...own, certificate, privateKey, httpPort: 80, tlsPort: 443 }
  await Bun.write(at('acme.json'), JSON.stringify({ pebble }))
  const lines = Object.entries(names).map(([name, address]) => `${address} ${name}\n`)
  await Bun.write(at('acme.hosts'), lines.join(''))
  // The names are known to it alone, in a mount namespace of its own.
  const script = `mount --bind ${at('acme.hosts')} /etc/hosts
    exec ${findProgram('pebble')} -config ${at('acme.json')}`
  const child = Bun.spawn(['unshare', '--mount', 'sh', '-ec', script], {
    env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said = new Response(child.stderr).text()
  const ask = (path: string, init?: RequestInit) =>
    fetch(`https://${hostname}:${ownPort}${path}`, { ...init, tls: { rejectUnauthorized: false } })
  const front = Bun.serve({
    ...{ hostname, port: 443 },
    tls: { key: Bun.file(privateKey), cert: Bun.file(certificate) },
    fetch: async ({ url, method, headers, body }) => {
      const { pathname } = new URL(url)
      const path = pathname === '/directory' ? '/dir' : pathname
      return await ask(path, { method, headers, body })
    },
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await Promise.all([child.exited, front.stop(true)])
  }
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`pebble ended: ${await said}`)
      await ask('/dir')
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { root: await Bun.file(certificate).text(), stop }
}
