import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type RedisFleet, startCluster, startSentinels } from '#testing/redis-fleet'
import {
  closeCaches,
  elapsed,
  expectKept,
  expectNothingAtOnce,
  logged,
  openCache,
  openUp,
  patient,
  ttlMs,
  warnings,
} from '#testing/shared-cache'
import { eventually } from '#testing/start-tiny-server'

// Sentinels with a master and its replica, and a cluster: real ones, whose masters are killed.

setDefaultTimeout(180_000)

const takeOverMs = 15_000
let fleet: RedisFleet

describe('sentinels', () => {
  afterEach(async () => {
    await closeCaches()
    await fleet?.close()
  })

  test.each([
    ['with a password', 'geheim'],
    ['without one', undefined],
  ] as const)(
    '%s: the master is killed, readers go on, and the cache comes back by itself',
    async (_, password: string | undefined) => {
      fleet = await startSentinels({ password })
      const cache = await openUp(fleet.url, patient)
      await expectKept(cache, 'page', 'before')
      const [master, replica] = fleet.nodes
      expect(await master?.command('exists', 'jumpstarter:{page}:value')).toBe('1')
      expect(await cache.lease('lamp', 10_000)).toBe(true)
      expect(await cache.lease('lamp', 10_000)).toBe(false)

      master?.signal('SIGKILL')
      await eventually(() => expect(cache.state()).toBe('down'))
      await expectNothingAtOnce(cache)
      const ms = await elapsed(() => expectKept(cache, 'page', 'after'))
      expect(ms).toBeLessThan(takeOverMs)
      expect(await replica?.command('role')).toStartWith('master')
      expect(logged().filter((line) => line.startsWith('error'))).toEqual([])
    },
  )

  test('a master that hangs is left for the one that takes over', async () => {
    fleet = await startSentinels()
    const cache = await openUp(fleet.url, patient)
    await expectKept(cache, 'page', 'before')
    const quick = await openUp(fleet.url)
    const [master, replica] = fleet.nodes
    master?.signal('SIGSTOP')
    const reads = async () => {
      for (let call = 0; call < 20; call++) await quick.get('page')
    }
    expect(await elapsed(reads)).toBeLessThan(1_000)
    await eventually(async () => {
      quick.set('other', Buffer.from('after'), ttlMs)
      expect(await replica?.command('get', 'jumpstarter:{other}:value')).toBe('after')
    }, takeOverMs)
    master?.signal('SIGCONT')
  })

  test('who is named wrongly is said, and nobody waits', async () => {
    fleet = await startSentinels()
    const cache = openCache(fleet.url.replace(/main$/, 'other'))
    await eventually(() => expect(warnings()[0]).toContain('knows no master other'))
    await expectNothingAtOnce(cache)
    const nowhere = openCache('redis+sentinel://127.0.0.1:1,127.0.0.1:2/main')
    await eventually(() => expect(warnings().join()).toMatch(/refused|ECONN/i))
    await expectNothingAtOnce(nowhere)
  })
})

describe('through TLS', () => {
  type Finding = { name: string; findings: { cause: string }[] }

  /** What the program itself says of Redis. */
  async function examined(url: string, settings: Record<string, string> = {}) {
    const doctor = Bun.spawn([process.execPath, 'src/main.ts', 'doctor', '--json'], {
      env: {
        ...process.env,
        DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
        REDIS_URL: url,
        ...settings,
      },
      stdout: 'pipe',
      stderr: 'ignore',
    })
    const said = (await new Response(doctor.stdout).json()) as { checks: Finding[] }
    return said.checks.find(({ name }) => name === 'Redis')
  }

  afterEach(() => fleet.close())

  test.each([
    ['sentinels and their master', () => startSentinels({ password: 'geheim', tls: true })],
    ['a cluster', () => startCluster({ tls: true })],
  ])('%s are reached, by who trusts them', async (_, start) => {
    fleet = await start()
    const trusted = await examined(fleet.url, { NODE_EXTRA_CA_CERTS: fleet.authority ?? '' })
    expect(trusted?.findings).toMatchObject([{ cause: expect.stringContaining('maxmemory') }])
    for (const url of [fleet.url, fleet.url.replace('rediss', 'redis')]) {
      expect(await examined(url)).toMatchObject({
        status: 'problem',
        findings: [{ cause: expect.stringMatching(/cannot be reached|not trusted/) }],
      })
    }
  })
})

describe('a cluster', () => {
  beforeAll(async () => {
    fleet = await startCluster()
  })
  afterAll(() => fleet.close(), 30_000)
  afterEach(() => closeCaches())

  test('keeps pages and leases on all its masters, and goes on when one of them dies', async () => {
    const cache = await openUp(fleet.url, patient)
    const names = Array.from({ length: 40 }, (_, index) => `/projects/${index}`)
    for (const name of names) await expectKept(cache, name, name)
    for (const name of names) {
      expect(await cache.lease(name, 60_000)).toBe(true)
      expect(await cache.lease(name, 60_000)).toBe(false)
      cache.release(name)
    }
    await eventually(async () => expect(await cache.lease(names[0] ?? '', 60_000)).toBe(true))
    const sizes = await Promise.all(fleet.nodes.slice(0, 3).map(({ command }) => command('dbsize')))
    expect(sizes.filter((size) => Number(size) > 0)).toHaveLength(3)

    const keys = (await Promise.all(fleet.nodes.map(({ command }) => command('keys', '*')))).join(
      '\n',
    )
    expect(keys.split('\n').filter((key) => !/^jumpstarter:\{[^}]+\}:\w+$/.test(key))).toEqual([])
    const slotOf = (kind: string) =>
      fleet.nodes[1]?.command('cluster', 'keyslot', `jumpstarter:{${names[0]}}:${kind}`)
    expect(await slotOf('lease')).toBe((await slotOf('value')) ?? '')

    fleet.nodes[0]?.signal('SIGKILL')
    const begun = performance.now()
    for (const name of names) await expectKept(cache, name, 'after')
    expect(performance.now() - begun).toBeLessThan(2 * takeOverMs)
    expect(warnings().filter((line) => /CROSSSLOT/.test(line))).toEqual([])
  })
})
