import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type ChaosProxy, startChaosProxy } from '#testing/chaos-proxy'
import { emptyDatabase, type TestDatabase } from '#testing/database'
import { createRandom } from '#web/pictures/random'
import { closeDb, connectionOptions, type Db, openDb } from './client'

// A pool whose connections break while it works, as when Postgres is restarted under it. It needs
// what patches/ beside this file does to the driver: https://github.com/porsager/postgres/issues/1193 and others.

setDefaultTimeout(60_000)

const connectionsMax = 4

let database: TestDatabase
let proxy: ChaosProxy
let db: Db
beforeAll(async () => {
  database = await emptyDatabase()
  const { path, user, database: name } = connectionOptions(database.url)
  proxy = await startChaosProxy({ path: path as string })
  db = openDb(`postgres://${user}@127.0.0.1:${proxy.port}/${name}`, {
    ...{ max: connectionsMax, applicationName: 'jumpstarter test' },
  })
})
afterAll(async () => {
  await closeDb(db, 1)
  await proxy.close()
  await database.close()
}, 30_000)

test('every connection works again, whatever it was about to write', async () => {
  const random = createRandom(1)
  for (let round = 0; round < 25; round++) {
    const work = Array.from({ length: connectionsMax * 2 }, async () => {
      await Bun.sleep(random.int(0, 3))
      if (random.chance(0.5)) return await db.$client`select 1`
      return await db.$client.begin(async (tx) => {
        await tx`select 1`
        await tx`select 2`
      })
    })
    await Bun.sleep(random.int(0, 5))
    proxy.cut()
    await Promise.allSettled(work)
  }
  // What was cut last is noticed.
  await Bun.sleep(300)
  const begun = performance.now()
  const answers = Array.from({ length: connectionsMax }, () => db.$client`select pg_sleep(0.2)`)
  await Promise.all(answers)
  expect(performance.now() - begun).toBeLessThan(3_000)
})

test('a transaction ends with its connection: none of it is done by itself on another', async () => {
  await db.$client`create table kept (what text)`
  let last: Promise<unknown> | undefined
  const lost = db.$client.begin(async (tx) => {
    await tx`insert into kept values ('first')`
    proxy.cut()
    // All of the pool are at work again before it goes on.
    while (
      await Promise.all(Array.from({ length: connectionsMax }, () => db.$client`select 1`)).then(
        () => false,
        () => true,
      )
    ) {
      await Bun.sleep(50)
    }
    last = tx`insert into kept values ('second')`.execute()
    await last
  })
  await expect(lost).rejects.toThrow('CONNECTION_CLOSED')
  while (!last) await Bun.sleep(10)
  await expect(last).rejects.toThrow('CONNECTION_CLOSED')
  expect([...(await db.$client`select what from kept`)]).toEqual([])
})

test('who waits for a host that has gone silent is told so, and the next host is asked', async () => {
  const { user, database: name } = connectionOptions(database.url)
  const impatient = openDb(`postgres://${user}@127.0.0.1:${proxy.port}/${name}`, {
    ...{ max: 1, applicationName: 'jumpstarter test', statementTimeoutMs: 500 },
  })
  try {
    await impatient.$client`select 1`
    // Longer than any answer may take: that nobody has asked is no silence.
    await Bun.sleep(3_000)
    proxy.hang()
    const begun = performance.now()
    const asked = impatient.$client`select 2`
    await expect(asked).rejects.toHaveProperty('code', 'CONNECTION_SILENT')
    expect(performance.now() - begun).toBeGreaterThan(2_000)
    proxy.goOn()
    expect([...(await impatient.$client`select 3 as n`)]).toEqual([{ n: 3 }])
    // Without a question nobody waits.
    await Bun.sleep(3_000)
    const [before] = await impatient.$client`select pg_backend_pid() as pid`
    await Bun.sleep(3_000)
    const [after] = await impatient.$client`select pg_backend_pid() as pid`
    expect(after).toEqual(before)
  } finally {
    proxy.goOn()
    await closeDb(impatient, 1)
  }
})
