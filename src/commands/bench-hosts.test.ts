import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runName } from '#bench/hosts/leftovers'
import { processTree } from '#bench/load/processes'
import { installPackages } from '#testing/packages'
import { checkoutCommand, run } from '#testing/program'
import { isAlive } from '#testing/start-tiny-server'
import { benchHosts } from './bench-hosts'
import { hostsChoice } from './bench-hosts-flags'

setDefaultTimeout(240_000)

const isRoot = process.getuid?.() === 0
const nobody = 65_534
const postgres = '/usr/lib/postgresql/15/bin/pg_rewind'
let out: string

beforeAll(async () => {
  await installPackages({
    ...{ ip: 'iproute2', haproxy: 'haproxy', 'redis-server': 'redis-server', wrk: 'wrk' },
    ...{ patroni: 'patroni', etcd: 'etcd-server', [postgres]: 'postgresql' },
  })
  out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
})

afterAll(() => rmSync(out, { recursive: true, force: true }))

/** What a rig of this process leaves while it is there. */
const namesOf = (pid: number) =>
  ['/run/netns', tmpdir()]
    .flatMap((path) => {
      try {
        return readdirSync(path)
      } catch {
        return []
      }
    })
    .filter((name) => name.startsWith(`jumpstarter-rig-${pid}.`))

test.each([
  [['--only', 'ladder,promise'], '--only takes ladder, promises, failover, not promise. Did you'],
  [['--hosts', '1'], '--hosts takes a whole number from 2 to 16, not 1.'],
  [['--share', '0.1'], '--share takes a whole number from 1 to 100, not 0.1.'],
  [['--failover', '2'], 'has no flag --failover. Did you mean --failovers?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchHosts.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('the usual share leaves half of the cores to the others', () => {
  const share = (hosts: string, cores: number) => hostsChoice({ hosts }, cores).share
  expect([share('4', 2), share('8', 2), share('2', 1)]).toEqual([0.2, 0.12, 0.2])
})

test.if(isRoot)('who may not make networks is told what to do, and nothing runs', async () => {
  const { exitCode, stderr } = await run([...checkoutCommand, 'bench', 'hosts'], { uid: nobody })
  expect(exitCode).toBe(2)
  expect(stderr).toBe(
    'jumpstarter: bench hosts gives each host a network namespace, and cannot here: that takes ' +
      'root. Run it as root, or with --loopback, where no link is cut.\n',
  )
})

const words = ['bench', 'hosts', '--quick', ...(isRoot ? [] : ['--loopback'])]

test('hosts keep their promises, and pledges outlive the primary', async () => {
  // Who is not root may not confine hosts to a share of a core either.
  const only = isRoot ? [] : ['--only', 'promises,failover']
  const { exitCode, stdout, stderr } = await run([
    ...[...checkoutCommand, ...words, ...only, '--out', out],
  ])
  expect([exitCode, `${stderr}${stdout}`]).toEqual([0, expect.stringContaining('was kept')])
  const { rows, command } = await Bun.file(join(out, 'hosts.json')).json()
  expect(command).toBe(['jumpstarter', ...words, ...only].join(' '))
  const of = (id: string) => rows.find((row: { id: string }) => row.id.startsWith(id))
  if (isRoot) {
    expect([of('1 host'), of('2 hosts')]).toMatchObject([{ times: 1 }, { hosts: 2, errors: 0 }])
    expect(of('2 hosts').core_share_of_host).toBeLessThan(0.25)
    expect(of('promise: host cut off').tried).toBeGreaterThan(50)
  }
  for (const id of ['invalidation', 'read your writes', 'rate limits', 'jobs', 'replica killed']) {
    expect(of(`promise: ${id}`)).toMatchObject({ violations: 0, tried: expect.any(Number) })
  }
  expect(of('failover 1')).toMatchObject({ fate: 'killed', violations: 0 })
  expect(of('failover 1').acknowledged).toBeGreaterThan(20)
  expect(of('failover 1').written_ms).toBeLessThan(5_000)
})

test('Ctrl-C ends everything on the rig, and removes it', async () => {
  const child = Bun.spawn([...checkoutCommand, ...words, '--only', 'promises', '--out', out], {
    env: { PATH: process.env['PATH'], HOME: out },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  try {
    let said = ''
    let started: number[] = []
    for await (const part of child.stderr) {
      said += new TextDecoder().decode(part)
      if (started.length > 0 || !said.includes('starting two hosts')) continue
      // Two Postgres with processes of their own, Redis, HAProxy and a host at least.
      while (processTree(child.pid).length < 16) await Bun.sleep(10)
      started = processTree(child.pid)
      expect(namesOf(child.pid).length).toBeGreaterThan(0)
      child.kill('SIGINT')
    }
    expect(await child.exited).toBe(130)
    expect(said).toEndWith('jumpstarter: Interrupted.\n')
    expect(started.filter(isAlive)).toEqual([])
    expect(namesOf(child.pid)).toEqual([])
  } finally {
    child.kill('SIGKILL')
  }
})

test('names of rigs say whose they are', () => {
  expect(runName()).toMatch(new RegExp(`^jumpstarter-rig-${process.pid}\\.\\d+$`))
})
