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
import { startRedis, type TestRedis } from '#testing/redis'
import { createVersions, markOf } from '#testing/versions'
import { createRandom, type Random } from '#web/pictures/random'
import { tags } from './recording'

/**
 * What the page cache promises, tried with whatever may come to pass: whoever has written reads what
 * they wrote, anybody else sees it within a second, what was taken back is seen by nobody, and only
 * a database that is not there is noticed by a reader.
 */

// Installing Redis on a new machine takes a while.
setDefaultTimeout(180_000)

const promisedMs = 1_000
const writers = 3
const readersOfEach = 4
const projectsOfEach = 4
const eventsShown = 200
const lists = ['/', '/discover?sort=newest', '/api/v1/projects?sort=newest']

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
  if (response.status === 503 && begunAt < site.cutUntil) return
  const found = versions.judge({ text, begunAt, endedAt: performance.now(), freshMs })
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
      await Promise.all(fleet.sites.map((site) => look(site, path, { cookie: 'session=mine' })))
    }
    await Bun.sleep(random.int(0, 600))
  }
}

async function keepReading(random: Random, until: number, site: Site) {
  const paths = [...lists, ...[...pages.values()].flat()]
  while (performance.now() < until) {
    await look(site, random.pick(paths))
    await Bun.sleep(random.int(0, 30))
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
      await Bun.sleep(random.int(100, 600))
    }
  }
}

/** Some projects that the lists show, with everything that shows them. */
async function choosePages() {
  const found = new Map<number, string[]>()
  for (const list of lists.slice(0, 2)) {
    const text = await (await fleet.sites[0].host.get(list)).text()
    const links = [...text.matchAll(/href="(\/projects\/(\d+)-[^"/]+)"/g)].slice(0, projectsOfEach)
    for (const [, path = '', id = ''] of links) {
      const ways = [path, `/api/v1/projects/${id}`].flatMap((way) => [way, `${way}/rewards`])
      found.set(Number(id), ways)
    }
  }
  return found
}

/** Everything at once, for a while; then nothing for a second, and another look at every page. */
async function tryAll(seed: number, faults: Record<string, Fault>[], runMs: number) {
  const random = createRandom(seed)
  const part = () => createRandom(random.int(0, 1e9))
  events = []
  problems = []
  pages = await choosePages()
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

/** Once more in the middle of whatever is broken, so that something is missed. */
const meanwhile = (random: Random) => write(choose(random), random)

test.each([1, 2, Date.now() % 1e9])('two hosts of one process, seed %d', async (seed) => {
  fleet = await startFleet(database, redis)
  try {
    const others = { ...databaseFaults(operator, meanwhile), ...poolFaults }
    await tryAll(
      seed,
      [listenerFaults(meanwhile), { ...others, ...redisFaults(redis, fleet) }],
      7_000,
    )
    console.log(fleet.sites.map((site) => JSON.stringify(site.kept())).join(' '))
  } finally {
    await fleet.close()
  }
})

test('two programs', async () => {
  fleet = await startFleet(database, redis, { programs: true })
  try {
    const faults = { ...databaseFaults(operator, meanwhile), ...redisFaults(redis, fleet) }
    await tryAll(Date.now() % 1e9, [faults], 5_000)
  } finally {
    await fleet.close()
  }
})
