import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { sql } from 'drizzle-orm'
import { announceChange } from '#db/changes'
import { connectionOptions } from '#db/client'
import { createLog } from '#observability/log'
import { type ChaosProxy, startChaosProxy } from '#testing/chaos-proxy'
import { emptyDatabase, type TestDatabase } from '#testing/database'
import { eventually } from '#testing/start-tiny-server'
import { type Changes, followChanges } from './changes'

setDefaultTimeout(60_000)

const proofEveryMs = 250

interface Follower {
  changes: Changes
  /** Tags in the order in which they were heard. */
  heard: string[]
  gaps: number
}

let database: TestDatabase
let followers: Follower[] = []
let here: Follower
let there: Follower

beforeAll(async () => {
  database = await emptyDatabase()
})

afterAll(() => database.close())

beforeEach(async () => {
  here = follow()
  there = follow()
  await Promise.all([hearing(here), hearing(there)])
})

afterEach(async () => {
  await Promise.all(followers.map(({ changes }) => changes.close()))
  followers = []
})

function follow(url = database.url): Follower {
  const follower: Omit<Follower, 'changes'> = { heard: [], gaps: 0 }
  const listeners = {
    onChange: (tags: string[]) => follower.heard.push(...tags),
    onGap: () => {
      follower.gaps += 1
    },
  }
  const changes = followChanges(url, listeners, createLog('silent'))
  const whole = Object.assign(follower, { changes })
  followers.push(whole)
  return whole
}

const hearing = ({ changes }: Follower) => eventually(() => expect(changes.isHearing()).toBe(true))

const announce = (...tags: string[]) => database.db.transaction((tx) => announceChange(tx, tags))

/** Announces, and waits until both have heard it. */
async function announceToAll(...tags: string[]) {
  await announce(...tags)
  const last = [...new Set(tags)].at(-1)
  await eventually(() =>
    expect([here, there].map(({ heard }) => heard.at(-1))).toEqual([last, last]),
  )
}

/** Until what was committed before is in the snapshots that marks carry. */
const proofs = () => Bun.sleep(3 * proofEveryMs)

/** Whether one takes over what the other makes now. */
const passes = (from: Follower, to: Follower, tags: string[]) =>
  to.changes.vouchFor(tags, from.changes.stamp(tags, from.changes.mark()))

const endListeners = () =>
  database.db.execute(sql`
  select pg_terminate_backend(pid) from pg_stat_activity
  where application_name = 'jumpstarter changes' and datname = current_database()`)

const distant = async (work: (proxy: ChaosProxy, url: string) => Promise<void>) => {
  const { path, user, database: name } = connectionOptions(database.url)
  const proxy = await startChaosProxy({ path: path as string })
  try {
    await work(proxy, `postgres://${user}@127.0.0.1:${proxy.port}/${name}`)
  } finally {
    await proxy.close()
  }
}

test('everybody hears what is announced, in the order of the commits', async () => {
  await announce('a', 'b')
  await announce('c')
  await announceToAll('d')
  expect(here.heard).toEqual(['a', 'b', 'c', 'd'])
  expect(there.heard).toEqual(['a', 'b', 'c', 'd'])
})

test('not before the commit, and never what is rolled back', async () => {
  const { db } = database
  await expect(
    db.transaction(async (tx) => {
      await announceChange(tx, ['undone'])
      tx.rollback()
    }),
  ).rejects.toThrow()
  await db.transaction(async (tx) => {
    await announceChange(tx, ['done'])
    await proofs()
    expect(here.heard).toEqual([])
  })
  await announceToAll('later')
  expect(here.heard).toEqual(['done', 'later'])
})

test('tags are what they are, each once', async () => {
  const odd = [
    'category:games/tabletop',
    'Größe: 5 €',
    ' ',
    "it's",
    '日本語',
    '🚀',
    '%s\\n"',
    'a\tb',
  ]
  await announceToAll(...odd, ...odd)
  expect(here.heard).toEqual(odd)
})

test('as many as somebody wants, of any length in bytes, go in several messages', async () => {
  const many = Array.from({ length: 3_000 }, (_, index) => `project:${index}:€€€€`)
  await announceToAll(...many)
  expect(here.heard).toEqual(many)
  expect(there.heard).toEqual(many)
  const large = ['€'.repeat(2_300), 'x'.repeat(6_900), 'small']
  here.heard.length = 0
  await announceToAll(...large)
  expect(here.heard).toEqual(large)
})

test('none at all is no message', async () => {
  await announce()
  await announceToAll('after')
  expect(here.heard).toEqual(['after'])
})

test('a page is current until one of its tags changes', async () => {
  const { changes } = here
  await announceToAll('a')
  const mark = changes.mark()
  expect(changes.isCurrent(['a', 'b'], mark)).toBe(true)
  await announceToAll('c')
  expect(changes.isCurrent(['a', 'b'], mark)).toBe(true)
  await announceToAll('b')
  expect(changes.isCurrent(['a', 'b'], mark)).toBe(false)
  expect(changes.isCurrent(['a'], mark)).toBe(true)
  expect(changes.isCurrent(['a', 'b'], changes.mark())).toBe(true)
})

test('a page from elsewhere is taken if it shows all that was heard of here', async () => {
  expect(passes(here, there, ['a'])).toBe(true)
  const before = here.changes.stamp(['a'], here.changes.mark())
  await announceToAll('a')
  expect(there.changes.vouchFor(['a'], before)).toBe(false)
  expect(there.changes.vouchFor(['b'], before)).toBe(true)
  // At once: it names the change itself.
  expect(passes(here, there, ['a'])).toBe(true)
  // Later by its snapshot as well, as one of a process that was not there for the change.
  await proofs()
  const stamp = { ...here.changes.stamp(['a'], here.changes.mark()), last: [null] }
  expect(there.changes.vouchFor(['a'], stamp)).toBe(true)
  // Another database counts from another number.
  expect(there.changes.vouchFor(['a'], { ...stamp, database: 'restored' })).toBe(false)
})

test('one that was begun while a change was open is not taken after it', async () => {
  const open = Promise.withResolvers<void>()
  const { db } = database
  const change = db.transaction(async (tx) => {
    await announceChange(tx, ['a'])
    await open.promise
  })
  await announceToAll('b')
  await proofs()
  const during = here.changes.stamp(['a'], here.changes.mark())
  expect(there.changes.vouchFor(['a'], during)).toBe(true)
  open.resolve()
  await change
  await eventually(() => expect(there.heard).toContain('a'))
  expect(there.changes.vouchFor(['a'], during)).toBe(false)
})

test('whoever has just come takes only what is not older than they are', async () => {
  const before = here.changes.stamp(['a'], here.changes.mark())
  await announceToAll('a')
  const late = follow()
  await hearing(late)
  expect(late.changes.vouchFor(['a'], before)).toBe(false)
  await proofs()
  expect(passes(here, late, ['a'])).toBe(true)
})

test('a connection that is lost is replaced; what was made before is not trusted', async () => {
  const mark = here.changes.mark()
  const stamp = there.changes.stamp(['a'], there.changes.mark())
  const gaps = here.gaps
  await endListeners()
  await announce('a')
  await eventually(() => expect([here.gaps, there.gaps]).toEqual([gaps + 1, gaps + 1]))
  await Promise.all([hearing(here), hearing(there)])
  expect(here.changes.isCurrent(['a'], mark)).toBe(false)
  expect(here.changes.vouchFor(['a'], stamp)).toBe(false)
  expect(here.changes.isCurrent(['a'], here.changes.mark())).toBe(true)
  await announceToAll('b')
  expect(here.heard.at(-1)).toBe('b')
})

test('a connection that hangs is not trusted after less than a second', () =>
  distant(async (proxy, url) => {
    const far = follow(url)
    await hearing(far)
    proxy.hang()
    await Bun.sleep(900)
    expect(far.changes.isHearing()).toBe(false)
    expect(passes(here, far, ['a'])).toBe(false)
    proxy.goOn()
    await hearing(far)
    await proofs()
    expect(passes(here, far, ['a'])).toBe(true)
  }))

test('a change right behind the first proof is not lost with what was before it', () =>
  distant(async (proxy, url) => {
    proxy.delayMs = 100
    const far = follow(url)
    // Postgres has given the first proof, which is still under way.
    await eventually(async () => {
      const rows = await database.db.execute(sql`
        select from pg_stat_activity
        where application_name = 'jumpstarter changes' and client_port = -1 and state = 'idle'
          and datname = current_database() and query like '%pg_current_snapshot%'`)
      expect(rows).toHaveLength(3)
    })
    proxy.hang()
    await proofs()
    const stamp = here.changes.stamp(['a'], here.changes.mark())
    await announceToAll('a')
    await Bun.sleep(proxy.delayMs)
    proxy.goOn()
    await hearing(far)
    await eventually(() => expect(far.heard).toContain('a'))
    expect(far.changes.vouchFor(['a'], stamp)).toBe(false)
    expect(passes(here, far, ['a'])).toBe(true)
  }))

test('of more tags than are remembered, the oldest are told by the snapshot', async () => {
  const stamp = here.changes.stamp(['a'], here.changes.mark())
  const mark = there.changes.mark()
  await announceToAll('a')
  await proofs()
  await announceToAll(...Array.from({ length: 50_000 }, (_, index) => `project:${index}`))
  expect(there.changes.isCurrent(['a'], mark)).toBe(false)
  expect(there.changes.vouchFor(['a'], stamp)).toBe(false)
  await proofs()
  await hearing(there)
  expect(passes(here, there, ['a'])).toBe(true)
})
