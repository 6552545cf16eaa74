import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Address } from '#server/ask'
import { findProgram, installPackages } from './packages'
import { checkoutCommand, run } from './program'
import { eventually, freePort } from './start-tiny-server'

export const proxyKinds = ['nginx', 'haproxy', 'caddy'] as const
export type ProxyKind = (typeof proxyKinds)[number]

export const installProxies = () =>
  installPackages({ nginx: 'nginx-light', haproxy: 'haproxy', caddy: 'caddy' })

export interface TestProxy {
  address: { host: string; port: number }
  stop(): Promise<void>
}

/** A proxy with the text that `generate` prints for these words; it listens on 127.0.0.1. */
export async function startProxy(
  kind: ProxyKind,
  words: string[],
  { env = {}, before = '' }: { env?: Record<string, string>; before?: string } = {},
): Promise<TestProxy> {
  const port = freePort()
  const listen = ['--proxy-listen', `127.0.0.1:${port}`]
  const generated = await run([...checkoutCommand, 'generate', kind, ...words, ...listen], { env })
  if (generated.exitCode !== 0) throw new Error(generated.stderr)
  const directory = mkdtempSync(join(tmpdir(), `jumpstarter-test-${kind}-`))
  // The proxies step down to accounts of their own.
  chmodSync(directory, 0o755)
  const file = join(directory, 'site.conf')
  const isRoot = process.getuid?.() === 0
  // Only root can step down to another account.
  const text = isRoot ? generated.stdout : generated.stdout.replace(/^ +(user|group) .*\n/gm, '')
  await Bun.write(file, before + text)
  if (kind === 'nginx') await Bun.write(join(directory, 'nginx.conf'), nginxAround(file))
  const child = Bun.spawn([findProgram(kind) ?? kind, ...startWords(kind, directory)], {
    // Caddy's own files and its administration stay with us.
    env: { HOME: directory, CADDY_ADMIN: `unix/${directory}/admin.sock` },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said = new Response(child.stderr).text()
  const stop = async () => {
    child.kill('SIGTERM')
    await child.exited
    rmSync(directory, { recursive: true, force: true })
  }
  const address = { host: '127.0.0.1', port }
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`${kind} ended: ${await said}`)
      await accepting(address)
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { address, stop }
}

function startWords(kind: ProxyKind, directory: string): string[] {
  const file = join(directory, 'site.conf')
  if (kind === 'nginx') return ['-p', directory, '-c', 'nginx.conf', '-e', 'stderr']
  if (kind === 'haproxy') return ['-db', '-f', file]
  return ['run', '--config', file, '--adapter', 'caddyfile']
}

/** What Debian has around the files of conf.d, compression and all. */
const nginxAround = (file: string) => `
daemon off;
${process.getuid?.() === 0 ? 'user www-data;' : ''}
worker_processes 1;
pid nginx.pid;
error_log stderr crit;
events {
  worker_connections 768;
}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  gzip on;
  include ${file};
}
`

function accepting(address: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = connect(address, () => resolve(void connection.destroy()))
    connection.on('error', reject)
  })
}

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  /** As it came over the wire. */
  body: Buffer
  /** When the first byte of the body was there and when the last, in milliseconds. */
  firstMs: number
  lastMs: number
}

export interface RawRequest {
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Of this machine, such as 127.0.0.2. */
  from?: string
}

/** One request on a connection of its own; nothing is decoded, nothing is asked twice. */
export function askRaw(address: Address, path: string, asked: RawRequest = {}): Promise<RawAnswer> {
  const { method = 'GET', headers = {}, body, from } = asked
  const local = from === undefined ? {} : { localAddress: from }
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const call = request(
      { ...address, ...local, path, method, headers, agent: false },
      (response) => {
        const parts: Buffer[] = []
        let firstMs = Number.NaN
        response.on('data', (part: Buffer) => {
          if (parts.length === 0) firstMs = performance.now() - begun
          parts.push(part)
        })
        response.on('error', reject)
        response.on('end', () => {
          const lastMs = performance.now() - begun
          const status = response.statusCode ?? 0
          resolve({
            status,
            headers: response.headers,
            body: Buffer.concat(parts),
            firstMs,
            lastMs,
          })
        })
      },
    )
    call.on('error', reject)
    call.end(body)
  })
}
