import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '#config'
import { findProgram, installPackages } from '#testing/packages'
import { checkoutCommand, freePort, run } from '#testing/program'
import { installProxies, proxyKinds, startProxy } from '#testing/proxies'
import { eventually } from '#testing/start-tiny-server'

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
    [[], {}, 'Say what to generate: it knows nginx, haproxy, caddy, systemd, prometheus-rules,'],
    [['ngnix'], {}, 'generate has no ngnix. Did you mean nginx?'],
    [
      ['apache'],
      {},
      'generate has no apache: it knows nginx, haproxy, caddy, systemd, prometheus-rules, man, ',
    ],
    [['nginx', 'caddy'], {}, 'generate takes at most 1 word besides its flags.'],
    [['nginx', '--proxy-listn', '80'], {}, 'Did you mean --proxy-listen?'],
    [['nginx', '--listen', 'unix'], {}, '--listen: unix is neither'],
    [['nginx', '--listen', 'tcp:127.0.0.1:0'], {}, 'A proxy needs a fixed port'],
    [['nginx', '--listen', 'unix:/run/my site'], {}, "cannot be written into every proxy's"],
    [['nginx', '--listen', 'unix:/run/a;b'], {}, "cannot be written into every proxy's"],
    [['nginx', '--proxy-listen', '0'], {}, '--proxy-listen takes PORT or HOST:PORT, not 0.'],
    [['nginx', '--proxy-listen', '::1:80'], {}, '--proxy-listen takes PORT or HOST:PORT'],
    [['nginx', '--proxy-listen', '3000'], {}, 'itself listens on tcp:0.0.0.0:3000'],
    [
      ['nginx', '--listen', 'unix:/run/a', '--listen', 'tcp:127.0.0.1:80'],
      {},
      'itself listens on tcp:127.0.0.1:80',
    ],
    [['caddy'], { BASE_URL: 'https://site.test:3000' }, 'itself listens on tcp:0.0.0.0:3000'],
    [['nginx', '--listen', 'tcp:a;b:3000'], {}, '--listen: a;b is not a host'],
    [['haproxy', '--proxy-listen', 'a"b:80'], {}, '--proxy-listen: a"b is not a host'],
    [['caddy'], { BASE_URL: 'https://a.test;return' }, 'BASE_URL: a.test;return is not a host'],
    [['haproxy', '--host', '10.0.0.1'], {}, '--host takes HOST:PORT, not 10.0.0.1.'],
    [['haproxy', '--host', 'a;b:80'], {}, '--host takes HOST:PORT, not a;b:80.'],
    [
      ['systemd', '--host', 'a:80'],
      {},
      '--host is for a proxy; generate systemd has no use for it.',
    ],
    [['nginx', '--certificate', '/a'], {}, '--certificate is for HAProxy'],
    [['haproxy', '--certificate', 'a b'], {}, '--certificate takes a path without spaces'],
    [['nginx', '--name', 'a b'], {}, '--name takes letters, digits and _, not a b.'],
    [['systemd', '--proxy-listen', '80'], {}, 'generate systemd has no use for it.'],
    [['systemd', '--data', '/home/ana/site'], {}, '--data: the service cannot see /home/ana/site'],
    [['systemd', '--data', '/var/tmp'], {}, 'since systemd hides /var/tmp from it'],
    [['systemd', '--listen', 'unix:/tmp/site'], {}, '--listen: the service cannot see /tmp/site'],
    [['systemd', '--listen', 'unix:/var/run/user/1000'], {}, 'systemd hides /run/user from it'],
    [['systemd'], { JUMPSTARTER_CACHE: '/root/.cache' }, 'JUMPSTARTER_CACHE: the service cannot'],
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
})

test('a proxy gets at sockets that are for a group, by the way it has', async () => {
  const sockets = ['--listen', 'unix:/run/jumpstarter']
  const nginx = await text(['nginx', ...sockets])
  expect(nginx).toContain('usermod -aG jumpstarter www-data')
  expect(nginx).toContain('nginx.org as nginx')
  expect(await text(['caddy', ...sockets])).toContain('usermod -aG jumpstarter caddy')
  const haproxy = await text(['haproxy', ...sockets])
  expect(haproxy).toContain('\n    group jumpstarter\n')
  expect(haproxy).not.toContain('usermod -aG jumpstarter')
})

test.each(proxyKinds)('%s is told when sockets are not for it', async (kind) => {
  const sockets = ['--listen', 'unix:/run/jumpstarter', '--socket-mode']
  const closed = await text([kind, ...sockets, '0600'])
  expect(closed).toContain('Sockets of mode 0600 are only for the account that runs Jumpstarter')
  expect(closed).not.toContain('group jumpstarter')
  for (const printed of [await text([kind, ...sockets, '0666']), await text([kind])]) {
    expect(printed).not.toMatch(/usermod|group jumpstarter|of mode/)
  }
})

test.each(proxyKinds)('%s reaches a wildcard on this machine', async (kind) => {
  expect(await text([kind])).toContain('127.0.0.1:3000')
  expect(await text([kind, '--listen', 'tcp:[::]:3000'])).toContain('[::1]:3000')
})

test.each(proxyKinds)('%s stands before several hosts', async (kind) => {
  const printed = await text([kind, '--host', '10.0.0.1:3000', '--host', '[fd00::2]:3001'])
  expect(printed).toContain('10.0.0.1:3000')
  expect(printed).toContain('[fd00::2]:3001')
  expect(printed).not.toContain('127.0.0.1')
  if (kind === 'haproxy') expect(printed.match(/:3000 .* check$/gm)).toHaveLength(2)
})

describe('where readers come in', () => {
  const https = { BASE_URL: 'https://jumpstarter.test' }

  test('nginx', async () => {
    expect(await text(['nginx'])).toContain('    listen 80;\n    listen [::]:80;\n')
    expect(await text(['nginx'])).toContain('server_name _;')
    const printed = await text(['nginx', '--proxy-listen', '[::1]:8080'], https)
    expect(printed).toContain('listen [::1]:8080;\n    server_name jumpstarter.test;')
    expect(printed).toContain('certbot --nginx -d jumpstarter.test')
    const here = await text(['nginx'], { BASE_URL: 'https://localhost' })
    expect(here).not.toContain('certbot')
  })

  test('haproxy', async () => {
    expect(await text(['haproxy'])).toContain('bind :::80 v4v6\n')
    expect(await text(['haproxy'])).not.toContain('ssl crt')
    expect(await text(['haproxy'], https)).toContain('--certificate /etc/haproxy/certs/')
    const printed = await text(['haproxy', '--certificate', '/etc/haproxy/certs/'], https)
    expect(printed).toContain('    bind :::443 v4v6 ssl crt /etc/haproxy/certs/ alpn')
    expect(printed).not.toContain('For https')
  })

  test('caddy', async () => {
    expect(await text(['caddy'])).toContain('\nhttp://:80 {')
    expect(await text(['caddy'], https)).toContain('\nhttps://jumpstarter.test:443 {')
    expect(await text(['caddy', '--proxy-listen', '8443'], https)).toContain(
      '\nhttps://jumpstarter.test:8443 {',
    )
  })

  test('the port of BASE_URL', async () => {
    const http = { BASE_URL: 'http://jumpstarter.test:8080' }
    expect(await text(['nginx'], http)).toContain('    listen 8080;')
    expect(await text(['haproxy'], http)).toContain('bind :::8080 v4v6\n')
    expect(await text(['caddy'], http)).toContain('\nhttp://jumpstarter.test:8080 {')
    const own = { BASE_URL: 'https://jumpstarter.test:8443' }
    expect(await text(['nginx'], own)).toContain('--https-port 8443 -d jumpstarter.test')
    const certificate = ['--certificate', '/a.pem']
    expect(await text(['haproxy', ...certificate], own)).toContain('bind :::8443 v4v6 ssl crt')
    expect(await text(['caddy'], own)).toContain('\nhttps://jumpstarter.test:8443 {')
  })

  test('an address of IPv6', async () => {
    const printed = await text(['nginx'], { BASE_URL: 'http://[2001:db8::1]' })
    expect(printed).toContain('server_name [2001:db8::1];')
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
    try {
      // It accepts before it has made itself a certificate.
      await eventually(async () => {
        const answer = await fetch(`https://127.0.0.1:${proxy.address.port}/`, {
          headers: { host: 'jumpstarter.test' },
          tls: { rejectUnauthorized: false, serverName: 'jumpstarter.test' },
        })
        expect(await answer.json()).toMatchObject({
          host: 'jumpstarter.test',
          'x-forwarded-proto': 'https',
          'x-forwarded-for': '127.0.0.1',
        })
      })
    } finally {
      await proxy.stop()
      await server.stop(true)
    }
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

    expect(values(own, 'StartLimitIntervalSec')).toEqual(['0'])

    const old = await text(['systemd', '--listen', 'unix:/var/run/jumpstarter'])
    expect(old).toBe(own)

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
