import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { eq } from 'drizzle-orm'
import { announceChange } from '#db/changes'
import { closeDb, type Db, openDb } from '#db/client'
import { projects } from '#db/schema/projects'
import { type Host, openHost } from '#testing/hosts'
import { startRedis, type TestRedis } from '#testing/redis'
import { type Replicated, type Server, startReplicated } from '#testing/replicated'
import { tags } from './recording'

setDefaultTimeout(180_000)

const heldMs = 1_500
const promisedMs = 1_000
const lapMs = 5_000
const readers = 6

let servers: Replicated
let redis: TestRedis
let db: Db
let projectId: number
let hosts: Host[]

beforeAll(async () => {
  redis = await startRedis()
  servers = await startReplicated(1)
  db = openDb(servers.primary.url, { max: 4, applicationName: 'jumpstarter test' })
  const [row] = await db
    .select({ id: projects.id })
    .from(projects)
    .where(eq(projects.status, 'live'))
    .orderBy(projects.id)
    .limit(1)
  projectId = row?.id ?? 0
  await servers.hold(servers.standbys[0] as Server, heldMs)
  const addresses = {
    ...{ databaseUrl: servers.primary.url, changesUrl: servers.primary.url },
    ...{
      redisUrl: `redis://127.0.0.1:${redis.port}`,
      replicaUrls: servers.standbys.map(({ url }) => url),
    },
  }
  hosts = await Promise.all([openHost(addresses), openHost(addresses)])
})

afterAll(async () => {
  await Promise.all(hosts.map((host) => host.close()))
  await closeDb(db, 1)
  await servers.close()
  await redis.close()
})

/** With the commit everybody is told. */
async function retitle(version: number): Promise<number> {
  await db.transaction(async (tx) => {
    await tx
      .update(projects)
      .set({ title: `stand-${version}-` })
      .where(eq(projects.id, projectId))
    await announceChange(tx, [tags.project(projectId)])
  })
  return performance.now()
}

/** The version that a page shows. */
async function shown(host: Host | undefined, path: string): Promise<number> {
  const answer = await host?.get(path)
  expect(answer?.status).toBe(200)
  return Number(/stand-(\d+)-/.exec((await answer?.text()) ?? '')?.[1] ?? 0)
}

const api = () => `/api/v1/projects/${projectId}`

test('a page is not filled from a replica that lacks what has emptied it', async () => {
  const at: number[] = [0]
  let writing = true
  const write = async () => {
    const end = performance.now() + lapMs
    for (let version = 1; performance.now() < end; version++) {
      at[version] = await retitle(version)
      // Both faster than the replica and slower.
      await Bun.sleep(version % 10 === 0 ? heldMs + 700 : 30 + Math.random() * 200)
    }
    await Bun.sleep(heldMs + 500)
    writing = false
  }
  const problems: string[] = []
  let reads = 0
  const read = async (index: number) => {
    const host = hosts[index % hosts.length]
    let before = 0
    while (writing) {
      const askedAt = performance.now()
      const version = await shown(host, api())
      reads += 1
      // Committed more than a second ago.
      const due = at.findLastIndex((moment) => moment > 0 && moment < askedAt - promisedMs)
      if (version < due) problems.push(`${version} when ${due} was due`)
      if (version < before) problems.push(`${version} after ${before}`)
      before = Math.max(before, version)
      await Bun.sleep(Math.random() * 20)
    }
  }
  await Promise.all([write(), ...Array.from({ length: readers }, (_, index) => read(index))])
  expect(problems).toEqual([])
  expect(reads).toBeGreaterThan(100)
  expect(hosts[0]?.kept().here).toBeGreaterThan(0)
})

test('a page that nobody announces may be as old as the replica is', async () => {
  await retitle(5_000)
  await Bun.sleep(heldMs + 700)
  await retitle(5_001)
  const slug = await hosts[0]?.get(`/projects/${projectId}/community`)
  const community = slug?.headers.get('location') ?? ''
  expect(await shown(hosts[0], community)).toBe(5_000)
  await Bun.sleep(300)
  expect(await shown(hosts[0], api())).toBe(5_001)
})
