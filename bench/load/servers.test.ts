import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { type TestDatabase, testDatabase } from '#testing/database'
import { isAlive } from '#testing/start-tiny-server'
import { checkPages } from './check'
import { findInstrument } from './instruments'
import { cpuUsBetween, postgresProcesses, processTree, readCpuTimes } from './processes'
import { startRedis } from './redis'
import { freePorts, startOurs } from './servers'
import { idsOf, onePage, sampleTraffic } from './traffic'

setDefaultTimeout(60_000)

const { signal } = new AbortController()
let site: TestDatabase

beforeAll(async () => {
  site = await testDatabase()
})
afterAll(() => site.close())

const settings = () => ({ databaseUrl: site.url, workers: 2, pageCache: false })

describe('traffic', () => {
  test('four of five pages are from the newest tenth, none is a draft, all are different', async () => {
    const { newest, others, strides } = await sampleTraffic(site.db, 40)
    expect([newest.length, others.length]).toEqual([32, 8])
    const [row] = await site.db.$client<{ last: string }[]>`select max(id) as last from projects`
    const last = Number(row?.last)
    for (const { id } of newest) expect(id).toBeGreaterThan(last * 0.9)
    for (const { id } of others) expect(id).toBeLessThanOrEqual(last * 0.9)
    const ids = [...newest, ...others].map(({ id }) => id)
    expect(new Set(ids).size).toBe(40)
    const drafts = await site.db.$client`
      select id from projects where id = any(${ids}) and status in ('draft', 'submitted')`
    expect(drafts.length).toBe(0)
    for (const [group, stride] of [
      [newest, strides.newest],
      [others, strides.others],
    ] as const) {
      const unlisted = await site.db.$client`
        select id from projects where id = any(${idsOf(stride)})
          and id <> all(${group.map(({ id }) => id)})
          and status in ('live', 'successful', 'failed', 'canceled')`
      expect(unlisted.length).toBe(0)
      expect(idsOf(stride)).toEqual(expect.arrayContaining(group.map(({ id }) => id)))
    }
  })

  test('of fewer projects all are taken', async () => {
    const { newest, others } = await sampleTraffic(site.db, 10_000)
    const [row] = await site.db.$client<{ listed: number }[]>`
      select count(*)::int as listed from projects
      where status in ('live', 'successful', 'failed', 'canceled')`
    expect(newest.length + others.length).toBe(row?.listed ?? 0)
    expect(others.length).toBeGreaterThan(newest.length)
  })
})

describe('our server', () => {
  test('over TCP: answers with the pages, is several processes, and leaves none', async () => {
    const traffic = await sampleTraffic(site.db, 40)
    const server = await startOurs(settings(), signal)
    const pids = server.pids()
    try {
      expect(pids).toHaveLength(3)
      const before = readCpuTimes(pids)
      await checkPages(server.address, traffic, 'ours')
      expect(cpuUsBetween(before, readCpuTimes(pids))).toBeGreaterThan(0)
    } finally {
      await server.stop()
    }
    expect(pids.filter(isAlive)).toEqual([])
  })

  test('over Unix sockets: one for each worker', async () => {
    const server = await startOurs({ ...settings(), transports: ['unix'] }, signal)
    try {
      expect(server.sockets).toHaveLength(2)
      const traffic = await sampleTraffic(site.db, 4)
      for (const socketPath of server.sockets) await checkPages({ socketPath }, traffic, 'ours')
    } finally {
      await server.stop()
    }
    expect(server.sockets.filter(existsSync)).toEqual([])
  })

  test('that answers something else is not measured', async () => {
    const [page] = (await sampleTraffic(site.db, 4)).newest
    if (!page) throw new Error('no project')
    const server = await startOurs(settings(), signal)
    try {
      const redirected = onePage({ ...page, path: `/projects/${page.id}` })
      await expect(checkPages(server.address, redirected, 'it')).rejects.toThrow(
        `it answered /projects/${page.id} with 301 and is not measured.`,
      )
      const renamed = onePage({ ...page, title: 'Another title altogether' })
      await expect(checkPages(server.address, renamed, 'it')).rejects.toThrow(
        'without “Another title altogether” and is not measured.',
      )
    } finally {
      await server.stop()
    }
  })

  test('that does not start says why, and leaves nothing', async () => {
    const children = processTree(process.pid)
    const starting = startOurs(
      { ...settings(), databaseUrl: 'postgres://127.0.0.1:9/none' },
      signal,
    )
    await expect(starting).rejects.toThrow(/did not start: .*Postgres does not answer/)
    expect(processTree(process.pid)).toEqual(children)
  })

  test('is ended when its start is interrupted', async () => {
    const children = processTree(process.pid)
    const controller = new AbortController()
    const starting = startOurs(settings(), controller.signal)
    setTimeout(() => controller.abort(new Error('enough')), 100)
    await expect(starting).rejects.toThrow('enough')
    expect(processTree(process.pid)).toEqual(children)
  })
})

test('free ports are different ones', () => {
  expect(new Set(freePorts(50)).size).toBe(50)
})

test('Postgres is known by its processes', async () => {
  const pids = await postgresProcesses(site.db)
  expect(pids.length).toBeGreaterThan(3)
  expect(readCpuTimes(pids).size).toBe(pids.length)
})

test('processor time is that of the processes that are there at both readings', async () => {
  const busy = () => Bun.spawn(['sh', '-c', 'while :; do :; done'])
  const [ends, stays] = [busy(), busy()]
  try {
    await Bun.sleep(300)
    const pids = [ends.pid, stays.pid]
    const before = readCpuTimes(pids)
    expect(before.get(ends.pid)).toBeGreaterThan(0)
    ends.kill('SIGKILL')
    await ends.exited
    await Bun.sleep(300)
    const after = readCpuTimes(pids)
    expect([...after.keys()]).toEqual([stays.pid])
    expect(cpuUsBetween(before, after)).toBeGreaterThan(0)
    expect(cpuUsBetween(after, readCpuTimes([ends.pid]))).toBe(0)
  } finally {
    for (const child of [ends, stays]) child.kill('SIGKILL')
    await stays.exited
  }
})

test.if(findInstrument('redis-server') !== null)(
  'a Redis of one’s own comes and goes',
  async () => {
    const redis = await startRedis(signal)
    const client = new Bun.RedisClient(redis.url.replace('unix://', 'redis+unix://'))
    try {
      await client.set('key', 'value')
      expect(await client.get('key')).toBe('value')
      expect(await client.send('CONFIG', ['GET', 'save'])).toEqual({ save: '' })
    } finally {
      client.close()
      await redis.stop()
    }
    expect(isAlive(redis.pid)).toBe(false)
    expect(existsSync(redis.url.slice('unix://'.length))).toBe(false)
  },
)
