import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { eq, inArray, TransactionRollbackError } from 'drizzle-orm'
import { announceChange } from '#db/changes'
import { closeDb, type Db, openDb } from '#db/client'
import { rewards } from '#db/schema/backing'
import { projects } from '#db/schema/projects'
import { type TestDatabase, testDatabase } from '#testing/database'
import {
  databaseFaults,
  type Fault,
  listenerFaults,
  poolFaults,
  redisFaults,
} from '#testing/faults'
import { type Fleet, type Site, startFleet } from '#testing/fleet'
import { findPages, listPages, signedIn } from '#testing/pages'
import { startRedis, type TestRedis } from '#testing/redis'
import { createVersions, markOf } from '#testing/versions'
import { createRandom, type Random } from '#web/pictures/random'
import { tags } from './recording'

/**
 * What the page cache promises, whatever may come to pass: whoever has written reads what
 * they wrote, anybody else sees it within a second, what was taken back is seen by nobody, and only
 * a database that is not there is noticed by a reader.
 */

// Installing Redis on a new machine takes a while.
setDefaultTimeout(180_000)

const promisedMs = 1_000
const writers = 3
const readersOfEach = 4
const eventsShown = 200
const lists = [...listPages, '/api/v1/projects?sort=newest']

let database: TestDatabase
let redis: TestRedis
let fleet: Fleet
/** Beside the pool of the writers. */
let operator: Db
const versions = createVersions()
let pages: Map<number, string[]>
/** What has happened, for whoever has to find out why. */
let events: string[]
let problems: string[]

beforeAll(async () => {
  database = await testDatabase()
  redis = await startRedis()
  operator = openDb(database.url, { max: 2, applicationName: 'jumpstarter test operator' })
})

afterAll(async () => {
  await closeDb(operator)
  await redis.close()
  await database.close()
})

const note = (event: string) => events.push(`${Math.round(performance.now())} ${event}`)

/** Reads somewhere and judges what is seen. */
async function look(site: Site, path: string, headers: Record<string, string> = {}) {
  if (site.closing) return
  const freshMs = 'cookie' in headers ? 0 : promisedMs
  const begunAt = performance.now()
  site.reading += 1
  const response = await site.host.get(path, { headers })
  const text = await response.text()
  site.reading -= 1
  // Or it is shown as it last was, and says so.
  const isOld = response.headers.has('age')
  if ((response.status === 503 || isOld) && begunAt < site.cutUntil) return
  const found = versions.judge({ text, begunAt, endedAt: performance.now(), freshMs })
  if (isOld) found.push('is old, and the database is there')
  if (response.status !== 200) found.push(`status ${response.status}`)
  else if (!text.includes('[')) found.push('shows no project')
  const where = `host ${fleet.sites.indexOf(site)}, ${freshMs ? 'anonymous' : 'signed in'}: ${path}`
  for (const problem of found) problems.push(`${where}: ${problem}`)
  for (const problem of found) note(`${where}: ${problem}`)
}

/** A new version of some projects, told of as a handler would do it. Those that were kept. */
async function write(chosen: number[], random: Random, kept = true, holdMs = 0) {
  const isToldFirst = random.chance(0.5)
  const written: [number, number][] = []
  const transaction = database.db.transaction(async (tx) => {
    const tell = () => announceChange(tx, chosen.map(tags.project))
    const rows = tx.select({ id: projects.id }).from(projects).where(inArray(projects.id, chosen))
    await rows.orderBy(projects.id).for('update')
    if (isToldFirst) await tell()
    for (const id of chosen) {
      const version = versions.next(id)
      if (!kept) versions.takenBack(id, version)
      written.push([id, version])
      const changed = { description: markOf(id, version) }
      await tx.update(projects).set(changed).where(eq(projects.id, id))
      await tx.update(rewards).set(changed).where(eq(rewards.projectId, id))
    }
    if (!isToldFirst) await tell()
    await Bun.sleep(holdMs)
    if (!kept) tx.rollback()
  })
  try {
    await transaction
  } catch (error) {
    if (error instanceof TransactionRollbackError) return []
    throw error
  }
  for (const [id, version] of written) versions.committed(id, version)
  note(`written: ${written.map(([id, version]) => markOf(id, version)).join(' ')}`)
  return chosen
}

/** Some are hardly ever written to: what is missed of these stays missed. */
function choose(random: Random): number[] {
  const ids = [...pages.keys()]
  const one = () => ids[Math.floor(ids.length * random.float(0, 1) ** 3)] as number
  return [...new Set(random.chance(0.8) ? [one()] : [one(), one(), one()])]
}

async function keepWriting(random: Random, until: number) {
  while (performance.now() < until) {
    const holdMs = random.chance(0.2) ? random.int(50, 700) : 0
    for (const id of await write(choose(random), random, random.chance(0.85), holdMs)) {
      const path = random.pick(pages.get(id) ?? [])
      await Promise.all(fleet.sites.map((site) => look(site, path, { cookie: signedIn })))
    }
    await Bun.sleep(random.int(0, 600))
  }
}

async function keepReading(random: Random, until: number, site: Site) {
  const paths = [...lists, ...[...pages.values()].flat()]
  while (performance.now() < until) {
    await look(site, random.pick(paths))
    await Bun.sleep(random.int(0, 15))
  }
}

/** One fault after the other, each as often as the others. */
async function keepBreaking(random: Random, until: number, faults: Record<string, Fault>) {
  while (performance.now() < until) {
    for (const name of random.shuffle(Object.keys(faults))) {
      if (performance.now() >= until) return
      const site = random.pick(fleet.sites)
      note(`${name}, host ${fleet.sites.indexOf(site)}`)
      await faults[name]?.(site, random)
      note(`${name} is over`)
      await Bun.sleep(random.int(300, 600))
    }
  }
}

/** Everything at once, for a while; then nothing for a second, and another look at every page. */
async function tryAll(seed: number, faults: Record<string, Fault>[], runMs: number) {
  const random = createRandom(seed)
  const part = () => createRandom(random.int(0, 1e9))
  events = []
  problems = []
  pages = await findPages(fleet.sites[0].host, database.db)
  await write([...pages.keys()], random)
  const until = performance.now() + runMs
  await Promise.all([
    ...Array.from({ length: writers }, () => keepWriting(part(), until)),
    ...fleet.sites.flatMap((site) =>
      Array.from({ length: readersOfEach }, () => keepReading(part(), until, site)),
    ),
    ...faults.map((some) => keepBreaking(part(), until, some)),
  ])
  // What was missed for good shows now.
  await Bun.sleep(promisedMs)
  for (const site of fleet.sites) {
    for (const path of [...lists, ...[...pages.values()].flat()]) await look(site, path)
  }
  if (problems.length > 0) console.error(events.slice(-eventsShown).join('\n'))
  expect({ seed, problems: problems.slice(0, 5) }).toEqual({ seed, problems: [] })
}

/** Much, but not all: that would set right what was missed before. */
const meanwhile = (random: Random) =>
  write(
    random
      .shuffle([...pages.keys()])
      .slice(0, pages.size / 2)
      .toSorted(),
    random,
  )

async function withFleet(work: () => Promise<void>, programs = false) {
  fleet = await startFleet(database, redis, { programs })
  try {
    await work()
  } finally {
    await fleet.close()
  }
}

const seeds = [1, Date.now() % 1e9]

test.each(seeds)('two hosts keep the promise whatever fails: seed %d', (seed) =>
  withFleet(async () => {
    const others = { ...databaseFaults(operator, meanwhile), ...redisFaults(redis, fleet) }
    await tryAll(seed, [listenerFaults(meanwhile), { ...others, ...poolFaults }], 5_000)
    for (const kind of ['here', 'elsewhere'] as const) {
      expect(fleet.sites.some((site) => site.kept()[kind] > 0)).toBe(true)
    }
  }),
)

test('two programs keep it too', () =>
  withFleet(async () => {
    const faults = { ...databaseFaults(operator, meanwhile), ...redisFaults(redis, fleet) }
    await tryAll(seeds[1] as number, [faults], 3_000)
  }, true))

/** Reads a page until it has been kept. */
async function warm(site: Site, path: string) {
  const before = site.kept().here
  while (site.kept().here === before) await look(site, path)
}

/** With nothing random, and a host that hears of changes. */
const calmly = (work: (site: Site, ids: number[]) => Promise<void>) =>
  withFleet(async () => {
    problems = []
    events = []
    pages = await findPages(fleet.sites[0].host, database.db)
    const [site] = fleet.sites
    await write([...pages.keys()], createRandom(0))
    await warm(site, [...pages.values()][0]?.[0] ?? '')
    await work(site, [...pages.keys()])
    expect(problems).toEqual([])
  })

test('whoever joins those who wait for a list does not get what is older than a second', () =>
  calmly(async (site, [id = 0]) => {
    const path = pages.get(id)?.find((each) => each.startsWith('/people')) ?? ''
    const readers: Promise<void>[] = []
    await operator.$client.begin(async (tx) => {
      await tx`lock table people in access exclusive mode`
      readers.push(look(site, path))
      await Bun.sleep(200)
      await write([id], createRandom(0))
      await Bun.sleep(promisedMs + 100)
      readers.push(look(site, path))
      await Bun.sleep(100)
    })
    await Promise.all(readers)
  }))

test('a slow answer does not make the clock of the database go ahead', () =>
  calmly(async (site, ids) => {
    const readFor = async (ms: number) => {
      const until = performance.now() + ms
      for (; performance.now() < until; await Bun.sleep(5))
        await look(site, '/discover?sort=newest')
    }
    site.changes.hang()
    await Bun.sleep(800)
    site.changes.goOn()
    await readFor(50)
    await write(ids.slice(-1), createRandom(0))
    await readFor(1.5 * promisedMs)
  }))

test.each(['changes are refused', 'changes hang'])('%s: what is missed is not shown', (name) =>
  calmly(async (site, ids) => {
    const reading = keepReading(createRandom(0), performance.now() + 3_500, site)
    await Bun.sleep(500)
    const fault = listenerFaults((random) => write(ids, random))[name]
    await fault?.(site, createRandom(0))
    await reading
  }),
)

/** How long it takes until a page shows something, in milliseconds. */
async function delayOf(site: Site, path: string, mark: string): Promise<number> {
  const begun = performance.now()
  for (let waited = 0; waited < 2 * promisedMs; waited = performance.now() - begun) {
    const shown = await (await site.host.get(path)).text()
    if (shown.includes(mark)) return performance.now() - begun
    await Bun.sleep(1)
  }
  return Number.POSITIVE_INFINITY
}

test('a change is seen within milliseconds when all is well', () =>
  calmly(async (_, ids) => {
    const delays: number[] = []
    for (let round = 0; round < 20; round++) {
      const id = ids[round % ids.length] as number
      const path = pages.get(id)?.[round % 4] ?? ''
      await Promise.all(fleet.sites.map((site) => warm(site, path)))
      await write([id], createRandom(0))
      const mark = markOf(id, versions.latest(id))
      delays.push(...(await Promise.all(fleet.sites.map((site) => delayOf(site, path, mark)))))
    }
    expect(delays.toSorted((a, b) => a - b)[delays.length / 2]).toBeLessThan(100)
  }))
