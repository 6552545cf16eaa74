import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '#config'
import { findProgram, installPackages } from '#testing/packages'
import { checkoutCommand, freePort, run } from '#testing/program'
import { installProxies, proxyKinds, startProxy } from '#testing/proxies'

setDefaultTimeout(60_000)

const generate = (words: string[], env: Record<string, string> = {}) =>
  run([...checkoutCommand, 'generate', ...words], { env: { JUMPSTARTER_WORKERS: '3', ...env } })

async function text(words: string[], env?: Record<string, string>): Promise<string> {
  const { exitCode, stdout, stderr } = await generate(words, env)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout
}

describe('what cannot be generated is named', () => {
  test.each<[string[], Record<string, string>, string]>([
    [[], {}, 'Say what to generate: it knows nginx, haproxy, caddy, systemd.'],
    [['ngnix'], {}, 'generate has no ngnix. Did you mean nginx?'],
    [['apache'], {}, 'generate has no apache: it knows nginx, haproxy, caddy, systemd.'],
    [['nginx', 'caddy'], {}, 'generate takes at most 1 word besides its flags.'],
    [['nginx', '--proxy-listn', '80'], {}, 'Did you mean --proxy-listen?'],
    [['nginx', '--listen', 'unix'], {}, '--listen: unix is neither'],
    [['nginx', '--listen', 'tcp:127.0.0.1:0'], {}, 'A proxy needs a fixed port'],
    [['nginx', '--listen', 'unix:/run/my site'], {}, "cannot be written into every proxy's"],
    [['nginx', '--listen', 'unix:/run/a;b'], {}, "cannot be written into every proxy's"],
    [['nginx', '--proxy-listen', '0'], {}, '--proxy-listen takes PORT or HOST:PORT, not 0.'],
    [['nginx', '--proxy-listen', '::1:80'], {}, '--proxy-listen takes PORT or HOST:PORT'],
    [['nginx', '--proxy-listen', '3000'], {}, 'Jumpstarter itself listens on port 3000'],
    [['nginx', '--name', 'a b'], {}, '--name takes letters, digits and _, not a b.'],
    [['systemd', '--proxy-listen', '80'], {}, 'generate systemd has no use for it.'],
    [['nginx'], { BASE_URL: 'jumpstarter.test' }, 'BASE_URL: must be an http or https URL'],
  ])('%p %p', async (words, env, sentence) => {
    const { exitCode, stdout, stderr } = await generate(words, env)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(sentence)
  })
})

test.each(proxyKinds)('%s has a socket for each worker, and no port beside them', async (kind) => {
  const printed = await text([
    ...[kind, '--listen', 'tcp:127.0.0.1:3000', '--listen', 'unix:/run/jumpstarter'],
  ])
  for (const index of [0, 1, 2]) expect(printed).toContain(`/run/jumpstarter/${index}.sock`)
  expect(printed).not.toContain('/3.sock')
  expect(printed).not.toContain('3000')
  expect(printed).toContain('usermod -aG jumpstarter')
})

test.each(proxyKinds)('%s reaches a wildcard on this machine', async (kind) => {
  expect(await text([kind])).toContain('127.0.0.1:3000')
  expect(await text([kind, '--listen', 'tcp:[::]:3000'])).toContain('[::1]:3000')
})

describe('where readers come in', () => {
  const https = { BASE_URL: 'https://jumpstarter.test' }

  test('nginx', async () => {
    expect(await text(['nginx'])).toContain('    listen 80;\n    listen [::]:80;\n')
    expect(await text(['nginx'])).toContain('server_name _;')
    const printed = await text(['nginx', '--proxy-listen', '[::1]:8080'], https)
    expect(printed).toContain('listen [::1]:8080;\n    server_name jumpstarter.test;')
    expect(printed).toContain('certbot --nginx -d jumpstarter.test')
  })

  test('haproxy', async () => {
    expect(await text(['haproxy'])).toContain('bind :::80 v4v6\n')
    expect(await text(['haproxy'])).not.toContain('ssl crt')
    expect(await text(['haproxy'], https)).toContain('#   bind :::443 v4v6 ssl crt')
  })

  test('caddy', async () => {
    expect(await text(['caddy'])).toContain('\nhttp://:80 {')
    expect(await text(['caddy'], https)).toContain('\nhttps://jumpstarter.test {')
    expect(await text(['caddy', '--proxy-listen', '8443'], https)).toContain(
      '\nhttps://jumpstarter.test:8443 {',
    )
  })

  test('caddy with https of its own says so', async () => {
    await installProxies()
    const port = await freePort()
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port,
      fetch: ({ headers }) => Response.json(Object.fromEntries(headers)),
    })
    const proxy = await startProxy('caddy', ['--listen', `tcp:127.0.0.1:${port}`], {
      env: https,
      // Instead of an authority on the internet, and without taking port 80.
      before: '{\n\tlocal_certs\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n',
    })
    const answer = await fetch(`https://127.0.0.1:${proxy.address.port}/`, {
      headers: { host: 'jumpstarter.test' },
      tls: { rejectUnauthorized: false, serverName: 'jumpstarter.test' },
    })
    expect(await answer.json()).toMatchObject({
      host: 'jumpstarter.test',
      'x-forwarded-proto': 'https',
      'x-forwarded-for': '127.0.0.1',
    })
    await proxy.stop()
    await server.stop(true)
  })
})

describe('systemd', () => {
  let directory: string

  beforeAll(async () => {
    await installPackages({ 'systemd-analyze': 'systemd' })
    directory = mkdtempSync(join(tmpdir(), 'jumpstarter-unit-'))
  })

  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  /** The unit with an executable that is there, as systemd sees it. */
  async function verify(unit: string) {
    const executable = join(directory, 'jumpstarter')
    await Bun.write(executable, '#!/bin/sh\n')
    chmodSync(executable, 0o755)
    const file = join(directory, 'jumpstarter-test.service')
    await Bun.write(file, unit.replaceAll('/usr/local/bin/jumpstarter', executable))
    const { exitCode, stdout, stderr } = await run([
      ...[findProgram('systemd-analyze') ?? 'systemd-analyze', 'verify', '--man=no', file],
    ])
    return { exitCode, said: stdout + stderr }
  }

  const values = (unit: string, name: string) =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value)

  const awkward = {
    BASE_URL: 'https://jumpstarter.test/a%20b',
    JUMPSTARTER_DATA: '/srv/a "quoted" 100% \\place',
    JUMPSTARTER_LISTEN: 'tcp:0.0.0.0:80,unix:/run/site/http',
    LOG_LEVEL: 'warn',
    JUMPSTARTER_DRAIN_SECONDS: '45',
    JUMPSTARTER_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
  }

  test.each([{}, awkward])('takes the unit for %p', async (env) => {
    const unit = await text(['systemd'], env)
    const { exitCode, said } = await verify(unit)
    expect(said.split('\n').filter((line) => line.includes('jumpstarter-test'))).toEqual([])
    expect(exitCode).toBe(0)
  })

  test('complains of a unit that is wrong', async () => {
    const unit = await text(['systemd'])
    expect((await verify(unit.replace('Type=exec', 'Type=exact'))).said).toContain('exact')
  })

  test('runs the same program with the same settings', async () => {
    const unit = await text(['systemd'], awkward)
    // As systemd.syntax(7) reads them.
    const environment = values(unit, 'Environment').map((value = '') => {
      const bare = value.replace(/^"(.*)"$/, (_, inner: string) =>
        inner.replaceAll(/\\(["\\])/g, '$1'),
      )
      const [name = '', ...rest] = bare.replaceAll('%%', '%').split('=')
      return [name, rest.join('=')]
    })
    const { sources: _, ...there } = loadConfig({}, Object.fromEntries(environment))
    const { sources: __, ...here } = loadConfig({}, { ...awkward, JUMPSTARTER_WORKERS: '3' })
    expect(there).toEqual({ ...here, cacheDirectory: '/var/cache/jumpstarter' })
  })

  test('gives it the directories and rights it needs, and no more', async () => {
    const own = await text(['systemd', '--listen', 'unix:/run/jumpstarter'])
    expect(values(own, 'RuntimeDirectory')).toEqual(['jumpstarter'])
    expect(values(own, 'StateDirectory')).toEqual(['jumpstarter'])
    expect(values(own, 'ReadWritePaths')).toEqual([])
    expect(values(own, 'CapabilityBoundingSet')).toEqual([''])
    expect(own).toContain('Environment=JUMPSTARTER_DATA=/var/lib/jumpstarter\n')

    const other = await text(['systemd'], awkward)
    expect(values(other, 'RuntimeDirectory')).toEqual(['site/http'])
    expect(values(other, 'ReadWritePaths')).toEqual(['"/srv/a \\"quoted\\" 100%% \\\\place"'])
    expect(values(other, 'CapabilityBoundingSet')).toEqual(['CAP_NET_BIND_SERVICE'])
    expect(Number(values(other, 'TimeoutStopSec')[0])).toBeGreaterThan(45)
  })

  test('keeps a password out of a file that everybody may read', async () => {
    const unit = await text(['systemd'], { DATABASE_URL: 'postgres://ana:geheim@db.test/site' })
    expect(unit).not.toContain('geheim')
    expect(unit).toContain('# DATABASE_URL has a password: write it into /etc/jumpstarter.env.')
    const open = await text(['systemd'], { DATABASE_URL: 'postgres://ana@db.test/site' })
    expect(open).toContain('Environment=DATABASE_URL=postgres://ana@db.test/site\n')
  })
})

test('--help shows how, and the list of commands has it', async () => {
  expect(await text(['--help'])).toContain('generate nginx|haproxy|caddy|systemd')
  const { stdout } = await run([...checkoutCommand, 'help'])
  expect(stdout).toMatch(/generate\s+print a configuration/)
})
