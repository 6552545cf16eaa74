import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { followChanges } from '#cache/changes'
import { checkDatabase, closeDb, connectionOptions, type Db, openDb } from '#db/client'
import { createLog } from '#observability/log'
import { type ChaosProxy, startChaosProxy } from '#testing/chaos-proxy'
import { type Replicated, type Server, startReplicated } from '#testing/replicated'
import { eventually, freePort } from '#testing/start-tiny-server'

// Several hosts in one URL, in front of a real primary and a real standby, which takes over.

setDefaultTimeout(120_000)

const backWithinMs = 5_000
/** So long nobody may wait for hosts that are not there. */
const refusedWithinMs = 3_000

let cluster: Replicated
let ways: ChaosProxy[]
const opened: Db[] = []

beforeAll(async () => {
  cluster = await startReplicated(1)
  const wayTo = ({ url }: Server) => startChaosProxy({ path: connectionOptions(url).path ?? '' })
  ways = await Promise.all([cluster.primary, ...cluster.standbys].map(wayTo))
})
afterAll(async () => {
  await Promise.all(opened.map((db) => closeDb(db, 1)))
  await Promise.all(ways.map((way) => way.close()))
  await cluster?.close()
})

const urlOf = (ports: number[], parameters = '') =>
  `postgres://jumpstarter@${ports.map((port) => `127.0.0.1:${port}`).join()}/jumpstarter${parameters}`
const ports = () => ways.map(({ port }) => port)

function open(url: string, max = 3): Db {
  const db = openDb(url, { max, applicationName: 'jumpstarter test' })
  opened.push(db)
  return db
}

const isStandby = async (db: Db) => {
  const [row] = await db.$client`select pg_is_in_recovery() as standby`
  return row?.['standby']
}

test('the primary is found wherever it stands among the hosts', async () => {
  const [primary = 0, standby = 0] = ports()
  const orders = [
    [primary, standby],
    [standby, primary],
    [freePort(), standby, primary],
    [standby, standby, freePort(), primary],
  ]
  for (const order of orders) {
    const db = open(urlOf(order))
    const asked = await Promise.all(Array.from({ length: 9 }, () => isStandby(db)))
    expect(asked).toEqual(Array(9).fill(false))
  }
  const other = open(urlOf([primary, standby], '?target_session_attrs=standby'))
  expect(await isStandby(other)).toBe(true)
})

test('where no host is it, that is said, and nobody waits', async () => {
  const [, standby = 0] = ports()
  const begun = performance.now()
  const url = urlOf([standby, standby])
  await expect(checkDatabase(open(url), url)).rejects.toThrow(
    'None of the hosts of DATABASE_URL is what its target_session_attrs asks for',
  )
  const nowhere = urlOf([freePort(), freePort()])
  await expect(checkDatabase(open(nowhere), nowhere)).rejects.toThrow('Postgres does not answer')
  expect(performance.now() - begun).toBeLessThan(refusedWithinMs)
})

test('what stands for nothing in the driver is refused by its name', () => {
  expect(() =>
    openDb(urlOf([1], '?target_session_attrs=master'), { max: 1, applicationName: '' }),
  ).toThrow('target_session_attrs is any or one of')
})

test('when the primary dies nobody waits in vain, and the promoted one is found', async () => {
  const db = open(urlOf(ports()))
  const changes = followChanges(urlOf(ports()), { onChange() {}, onGap() {} }, createLog('silent'))
  await eventually(() => expect(changes.isHearing()).toBe(true))
  await Promise.all([1, 2, 3].map(() => isStandby(db)))
  await cluster.primary.crash()

  const begun = performance.now()
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => isStandby(db)))
  expect(performance.now() - begun).toBeLessThan(refusedWithinMs)
  expect(tries.filter(({ status }) => status === 'fulfilled')).toEqual([])
  await eventually(() => expect(changes.isHearing()).toBe(false))

  const admin = open(cluster.standbys[0]?.url ?? '', 1)
  await admin.$client`select pg_promote()`
  await eventually(async () => {
    await db.$client`update projects set title = title where id = 1`
    expect(await isStandby(db)).toBe(false)
    expect(changes.isHearing()).toBe(true)
  }, backWithinMs)
  await changes.close()
})
