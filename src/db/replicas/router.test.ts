import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { sql } from 'drizzle-orm'
import { closeDb, type Db, openDb } from '#db/client'
import { people } from '#db/schema/projects'
import { AppError } from '#lib/errors'
import { createLog } from '#observability/log'
import { startChaosProxy } from '#testing/chaos-proxy'
import { emptyDatabase } from '#testing/database'
import { checkoutCommand, run } from '#testing/program'
import { type Replicated, type Server, startReplicated } from '#testing/replicated'
import { endOfLog } from './lsn'
import { lagMsMax } from './rotation'
import { openReplicas, type Reading, type Replicas } from './router'
import { checkServers } from './startup'

setDefaultTimeout(60_000)

const max = 2
const options = { max, applicationName: 'jumpstarter test' }
const readers = 8
const nobody = { marks: [], atLeast: 0n }

let servers: Replicated
let primary: Db
let opened: Replicas[] = []

beforeAll(async () => {
  servers = await startReplicated(2)
  primary = openDb(servers.primary.url, { ...options, max: 4 })
})

afterEach(async () => {
  await Promise.all(opened.map((replicas) => replicas.close()))
  opened = []
  for (const standby of servers.standbys) await servers.hold(standby, 0)
})

afterAll(async () => {
  await closeDb(primary, 1)
  await servers.close()
})

function open(...replicas: string[]): Replicas {
  const urls = { primary: servers.primary.url, replicas }
  const made = openReplicas(urls, primary, options, createLog('silent'))
  opened.push(made)
  return made
}

async function until(check: () => boolean): Promise<void> {
  while (!check()) await Bun.sleep(10)
}

const inUse = (replicas: Replicas) => replicas.states().filter(({ isInUse }) => isInUse).length

const standby = (index: number) => servers.standbys[index] as Server

const read = async ({ db }: Reading): Promise<string> => {
  const [row] = await db.select({ bio: people.bio }).from(people).where(sql`id = ${1}`)
  return row?.bio ?? ''
}

const write = async (bio: string) => {
  await primary.update(people).set({ bio }).where(sql`id = ${1}`)
}

/** Reads again and again; returns a way to end it, which tells how many there were. */
function keepReading(replicas: Replicas) {
  let goesOn = true
  const run = async () => {
    let count = 0
    for (; goesOn; count++) {
      const reading = replicas.choose(nobody)
      await read(reading).finally(reading.release)
    }
    return count
  }
  const running = Promise.all(Array.from({ length: readers }, run))
  return async () => {
    goesOn = false
    return (await running).reduce((sum, count) => sum + count, 0)
  }
}

test('who has written reads from the primary until a replica has it', async () => {
  const replicas = open(standby(0).url)
  await until(() => inUse(replicas) === 1)
  await write('before')
  await servers.caughtUp(standby(0))
  await servers.hold(standby(0), 1_000)
  await write('after')
  const marks = [await replicas.markNow()]
  const wroteAt = performance.now()
  expect(await read(replicas.choose(nobody))).toBe('before')
  for (let from: bigint | undefined; from === undefined; await Bun.sleep(20)) {
    const reading = replicas.choose({ ...nobody, marks })
    from = reading.replayed
    expect(await read(reading)).toBe('after')
  }
  expect(performance.now() - wroteAt).toBeGreaterThan(900)
})

test('who has seen one replica sees no older one, but the same or the primary', async () => {
  await write('old')
  await Promise.all(servers.standbys.map(servers.caughtUp))
  const late = open(standby(0).url)
  const current = open(standby(1).url)
  await until(() => inUse(late) + inUse(current) === 2)
  await servers.hold(standby(0), 2_000)
  await write('new')
  await servers.caughtUp(standby(1))
  const seen = current.choose(nobody)
  expect(await read(seen)).toBe('new')
  const marks = [await seen.mark()]
  expect(marks[0]?.source).toBeString()
  const reading = late.choose({ ...nobody, marks })
  expect(reading.replayed).toBeUndefined()
  expect(await read(reading)).toBe('new')
  expect(await read(late.choose(nobody))).toBe('old')
  // Having read the primary, they may go to any that has come so far.
  const [after] = [await reading.mark()]
  expect(after.source).toBeUndefined()
  await until(() => late.choose({ ...nobody, marks: [after] }).replayed !== undefined)
})

test('no read fails when a replica dies, and it comes back', async () => {
  const replicas = open(standby(0).url)
  await until(() => inUse(replicas) === 1)
  const stop = keepReading(replicas)
  await Bun.sleep(200)
  await standby(0).crash()
  await until(() => inUse(replicas) === 0)
  await Bun.sleep(300)
  await standby(0).start()
  await until(() => inUse(replicas) === 1)
  expect(await stop()).toBeGreaterThan(100)
})

test('no read fails when a replica hangs, or the way to it', async () => {
  const proxy = await startChaosProxy({
    path: `${decodeURIComponent(standby(1).url.split('host=')[1] ?? '')}/.s.PGSQL.5432`,
  })
  const replicas = open(
    standby(0).url,
    `postgres://jumpstarter@127.0.0.1:${proxy.port}/jumpstarter`,
  )
  await until(() => inUse(replicas) === 2)
  const stop = keepReading(replicas)
  standby(0).hang()
  proxy.hang()
  await until(() => inUse(replicas) === 0)
  await Bun.sleep(300)
  standby(0).goOn()
  proxy.goOn()
  await until(() => inUse(replicas) === 2)
  expect(await stop()).toBeGreaterThan(100)
  await proxy.close()
})

test('a read that recovery cancels is asked of the primary', async () => {
  const replicas = open(standby(0).url)
  await until(() => inUse(replicas) === 1)
  const { db } = replicas.choose(nobody)
  const reading = db.execute<{ people: number }>(
    sql`select (select count(*)::int from people) as people, pg_sleep(2)`,
  )
  const cleaning = async () => {
    await Bun.sleep(200)
    await primary.$client`update people set bio = bio`
    await primary.$client`vacuum people`
  }
  await Promise.all([reading, cleaning()])
  expect((await reading)[0]?.people).toBe(300)
  expect(replicas.states()[0]).toMatchObject({ isInUse: true, fallbacks: 1 })
})

test('what would write, and every transaction, goes to the primary', async () => {
  const replicas = open(standby(0).url)
  await until(() => inUse(replicas) === 1)
  const { db } = replicas.choose(nobody)
  await db.update(people).set({ bio: 'written' }).where(sql`id = ${1}`)
  const inRecovery = async (asked: Pick<Db, 'execute'>) =>
    (await asked.execute<{ yes: boolean }>(sql`select pg_is_in_recovery() as yes`))[0]?.yes
  expect(await inRecovery(db)).toBe(true)
  expect(await db.transaction(inRecovery)).toBe(false)
  expect(await read({ db: primary } as Reading)).toBe('written')
})

test('a replica too far behind is left alone until it has caught up', async () => {
  const replicas = open(standby(0).url)
  await until(() => inUse(replicas) === 1)
  await servers.hold(standby(0), lagMsMax + 2_000)
  const writing = setInterval(() => void write(`${Math.random()}`), 100)
  try {
    await until(() => inUse(replicas) === 0)
    const [state] = replicas.states()
    expect(state?.reason).toContain('behind')
    expect(state?.lagMs).toBeGreaterThan(lagMsMax)
    await servers.hold(standby(0), 0)
    await until(() => inUse(replicas) === 1)
  } finally {
    clearInterval(writing)
  }
})

test('while there is no replica, the primary takes so many of their readers and no more', async () => {
  const replicas = open('postgres://jumpstarter@127.0.0.1:1/jumpstarter')
  const taken: Reading[] = []
  const refused = () => {
    try {
      taken.push(replicas.choose(nobody))
      return undefined
    } catch (error) {
      return error
    }
  }
  let refusal: unknown
  while (refusal === undefined) refusal = refused()
  expect(refusal).toBeInstanceOf(AppError)
  expect((refusal as AppError).status).toBe(503)
  expect(taken.length).toBe(max * 4)
  // Whoever has written is never refused.
  expect(replicas.choose({ ...nobody, marks: [{ position: endOfLog }] }).db).toBe(primary)
  taken[0]?.release()
  expect(refused()).toBeUndefined()
})

test('a replica of another cluster, and a primary, are not read from', async () => {
  const other = await emptyDatabase()
  const replicas = open(other.url, servers.primary.url)
  await until(() => replicas.states().every(({ reason }) => /DATABASE_REPLICA/.test(reason ?? '')))
  const [stranger, own] = replicas.states()
  expect(stranger?.reason).toContain('is no replica of the server of DATABASE_URL')
  expect(own?.reason).toContain('is a primary, not a replica')
  expect(inUse(replicas)).toBe(0)
  await expect(checkServers(primary, [other.url])).rejects.toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining('no replica of') }),
  )
  const warnings = await checkServers(primary, [servers.primary.url, 'postgres://a@127.0.0.1:1/b'])
  expect(warnings).toEqual([
    expect.stringContaining('is a primary, not a replica'),
    expect.stringContaining('cannot be reached'),
  ])
  expect(await checkServers(primary, [standby(0).url])).toEqual([])
  await other.close()
})

test('a replica in the place of the primary is named', async () => {
  const db = openDb(standby(0).url, options)
  await expect(checkServers(db, [])).rejects.toThrow('DATABASE_URL names a replica')
  await closeDb(db, 1)
})

test('while the primary is silent, replicas go on, and marks they have not come to are refused', async () => {
  const replicas = open(standby(0).url, standby(1).url)
  await until(() => inUse(replicas) === 2)
  await servers.primary.crash()
  await Bun.sleep(lagMsMax + 1_000)
  expect(inUse(replicas)).toBe(2)
  expect(await read(replicas.choose(nobody))).toBeString()
  const ahead = replicas.choose({ ...nobody, marks: [{ position: endOfLog }] })
  await expect(read(ahead)).rejects.toThrow()
  await servers.primary.start()
  await until(() => replicas.states().every(({ lagMs }) => lagMs !== undefined && lagMs < 1_000))
})

test('serve says at once which setting is wrong', async () => {
  const serve = (env: Record<string, string>) => run([...checkoutCommand, 'serve'], { env })
  const swapped = await serve({
    DATABASE_URL: standby(0).url,
    DATABASE_REPLICA_URLS: servers.primary.url,
  })
  expect(swapped).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('DATABASE_URL names'),
  })
  const other = await emptyDatabase()
  const strange = await serve({
    DATABASE_URL: servers.primary.url,
    DATABASE_REPLICA_URLS: `${standby(0).url}, ${other.url}`,
  })
  expect(strange).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/DATABASE_REPLICA_URLS: \/.* is no replica of the server of/),
  })
  await other.close()
})
