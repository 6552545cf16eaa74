import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { closeDb, type Db, openDb } from '#db/client'
import { verifyCounters } from '#db/verify'
import { type TestDatabase, testDatabase } from '#testing/database'
import type { PledgeRequest } from '../rules'
import { createPledgeWriter } from './batch-writer'
import { cancelPledge, changePledge } from './change-pledge'
import { takePledges } from './take-pledges'

setDefaultTimeout(60_000)

let database: TestDatabase
let db: Db
let sql: Db['$client']
let project: number
let backers: number[]
beforeAll(async () => {
  database = await testDatabase()
  db = database.db
  sql = db.$client
})
afterAll(() => database.close(), 30_000)

/** A live project of its own for each test, with 600 people who might back it. */
beforeEach(async () => {
  const [row] = await sql`
    insert into projects (creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal, launched_at, ends_at)
      select creator_id, creator_name, 'live', 'A lamp', 'It glows', category, subcategory,
        city, state, country, 100000, now(), now() + interval '10 days'
      from projects where status = 'live' limit 1
      returning id, creator_id`
  project = Number(row?.['id'])
  await sql`update people set projects_count = projects_count + 1 where id = ${row?.['creator_id']}`
  const rows = await sql`select id from people where id <> ${row?.['creator_id']} limit 600`
  backers = rows.map(({ id }) => Number(id))
})

let keys = 0
const asked = (given: Partial<PledgeRequest> = {}): PledgeRequest => ({
  projectId: project,
  backerId: backers[0] as number,
  key: `key-${keys++}`,
  rewardId: null,
  addOns: [],
  bonus: 500,
  shipTo: null,
  anonymous: false,
  total: 500,
  cardId: null,
  ...given,
})

async function addReward(given: Record<string, unknown> = {}): Promise<number> {
  const reward = {
    project_id: project,
    position: 1,
    amount: 2000,
    name: 'A lamp',
    description: '',
    delivery_month: '2041-01-01',
    ships_to: 'nobody',
    ...given,
  }
  const [row] = await sql`insert into rewards ${sql(reward)} returning id`
  return Number(row?.['id'])
}

const outcomesOf = async (...requests: PledgeRequest[]) =>
  (await takePledges(sql, requests)).map(({ outcome }) => outcome)

async function expectTrue(): Promise<void> {
  const all = await Array.fromAsync(verifyCounters(db))
  expect(all.filter(({ count }) => count > 0)).toEqual([])
}

describe('a pledge', () => {
  test('is taken, counted and in the books', async () => {
    const rewardId = await addReward()
    const [one] = await takePledges(sql, [asked({ rewardId, bonus: 100, total: 2100 })])
    expect(one).toMatchObject({ outcome: 'taken', total: 2100 })
    const [row] = await sql`
      select p.pledged, p.backers_count, r.backers_count as taken, b.debits
        from projects p join rewards r on r.project_id = p.id
        join ledger_balances b on b.project_id = p.id and b.account = 'backers'
        where p.id = ${project}`
    expect(row).toMatchObject({ pledged: '2100', backers_count: 1, taken: 1, debits: '2100' })
    await expectTrue()
  })

  test('is done once for one key, and says so', async () => {
    const request = asked()
    const [first] = await takePledges(sql, [request])
    const [again] = await takePledges(sql, [request])
    expect(again).toEqual({ ...first, outcome: 'replayed' } as never)
    expect(await outcomesOf({ ...request, bonus: 600, total: 600 })).toEqual(['key_reused'])
    expect(await outcomesOf(asked())).toEqual(['already_pledged'])
  })

  test('comes back after it was canceled', async () => {
    const [first] = await takePledges(sql, [asked()])
    const [backerId = 0] = backers
    await cancelPledge(db, { projectId: project, backerId, key: 'cancel' })
    const [second] = await takePledges(sql, [asked({ bonus: 900, total: 900 })])
    expect(second).toEqual({ outcome: 'taken', pledgeId: first?.pledgeId as number, total: 900 })
  })

  test('is refused with what is wrong, and stops no other', async () => {
    const base = await addReward()
    const addOn = await addReward({ is_add_on: true, amount: 300 })
    const late = await addReward({ closes_at: '2020-01-01' })
    const abroad = await addReward({ ships_to: 'some' })
    await sql`insert into reward_shipping values (${project}, ${abroad}, 'Iceland', 700)`
    const [{ creator_id: creator } = {}] =
      await sql`select creator_id from projects where id = ${project}`
    const [ended] = await sql`select id from projects where status = 'successful' limit 1`
    const who = (index: number) => ({ backerId: backers[index] as number })
    expect(
      await outcomesOf(
        asked({ ...who(1), projectId: 999_999_999 }),
        asked({ ...who(2), projectId: Number(ended?.['id']) }),
        asked({ backerId: Number(creator) }),
        asked({ ...who(3), rewardId: 999_999_999 }),
        asked({ ...who(4), rewardId: addOn, total: 800 }),
        asked({ ...who(5), rewardId: late, total: 2500 }),
        asked({ ...who(6), rewardId: abroad, shipTo: 'Chile', total: 2500 }),
        asked({ ...who(7), rewardId: base, total: 1 }),
        asked({
          ...who(8),
          rewardId: base,
          addOns: [{ rewardId: base, quantity: 1 }],
          total: 4500,
        }),
        asked({
          ...who(9),
          rewardId: base,
          addOns: [{ rewardId: addOn, quantity: 11 }],
          total: 5800,
        }),
        asked({ ...who(10), rewardId: abroad, shipTo: 'Iceland', total: 3200 }),
        asked({
          ...who(11),
          rewardId: base,
          addOns: [{ rewardId: addOn, quantity: 2 }],
          total: 3100,
        }),
      ),
    ).toEqual([
      'project_not_found',
      'closed',
      'own_project',
      'no_such_reward',
      'no_such_reward',
      'reward_closed',
      'ships_elsewhere',
      'price_changed',
      'no_such_add_on',
      'no_such_add_on',
      'taken',
      'taken',
    ])
  })

  test('is not taken at the deadline or after it', async () => {
    await sql`update projects set ends_at = clock_timestamp(), launched_at = now() - interval '1 day'
      where id = ${project}`
    expect(await outcomesOf(asked())).toEqual(['closed'])
  })

  test('keeps quotes, backslashes and emoji of a country as they are', async () => {
    const odd = 'Cô"te\\ d’{Ivoire}, 🇨🇮'
    const rewardId = await addReward({ ships_to: 'anywhere' })
    await sql`insert into reward_shipping values (${project}, ${rewardId}, ${odd}, 100)`
    expect(await outcomesOf(asked({ rewardId, shipTo: odd, total: 2600 }))).toEqual(['taken'])
    const [row] = await sql`select ship_to from pledges where project_id = ${project}`
    expect(row?.['ship_to']).toBe(odd)
  })
})

describe('a change', () => {
  const totals = async () => {
    const [row] = await sql`
      select p.pledged, p.backers_count as backers, array(select backers_count from rewards r
          where r.project_id = p.id order by r.id) as taken
        from projects p where p.id = ${project}`
    return row
  }

  test('moves stock and totals, keeps the pledge and its day, and is done once', async () => {
    const first = await addReward({ quantity: 1 })
    const second = await addReward({ amount: 3000 })
    const addOn = await addReward({ amount: 100, is_add_on: true, quantity: 5 })
    const [taken] = await takePledges(sql, [asked({ rewardId: first, total: 2500 })])
    const [before] = await sql`select created_at from pledges where project_id = ${project}`
    const addOns = [{ rewardId: addOn, quantity: 3 }]
    const wish = asked({ rewardId: second, addOns, bonus: 0, total: 3300 })
    const changed = await changePledge(db, wish)
    expect(changed).toEqual({ outcome: 'taken', pledgeId: taken?.pledgeId as number, total: 3300 })
    expect(await changePledge(db, wish)).toEqual({ ...changed, outcome: 'replayed' })
    expect(await totals()).toEqual({ pledged: '3300', backers: 1, taken: [0, 1, 3] })
    const [after] = await sql`select created_at from pledges where project_id = ${project}`
    expect(after).toEqual(before as never)
    await expectTrue()
  })

  test('that cannot be leaves everything as it was', async () => {
    const gone = await addReward({ quantity: 1 })
    const [mine = 0, other = 0] = backers
    await takePledges(sql, [
      asked({ backerId: mine }),
      asked({ backerId: other, rewardId: gone, total: 2500 }),
    ])
    const before = await totals()
    const wish = asked({ backerId: mine, rewardId: gone, total: 2500 })
    expect((await changePledge(db, wish)).outcome).toBe('sold_out')
    expect(await totals()).toEqual(before as never)
    await expectTrue()
  })

  test('that would leave it short on the last day is refused, and so is a cancellation', async () => {
    await takePledges(sql, [asked({ bonus: 100_000, total: 100_000 })])
    const [backerId = 0] = backers
    await sql`update projects set ends_at = now() + interval '23 hours' where id = ${project}`
    const less = asked({ bonus: 99_999, total: 99_999 })
    await expect(changePledge(db, less)).rejects.toThrow('short of its goal')
    const cancel = cancelPledge(db, { projectId: project, backerId, key: 'c' })
    await expect(cancel).rejects.toThrow('short of its goal')
    const more = asked({ bonus: 100_001, total: 100_001 })
    expect((await changePledge(db, more)).outcome).toBe('taken')
    await sql`update projects set ends_at = now() + interval '25 hours' where id = ${project}`
    await cancelPledge(db, { projectId: project, backerId, key: 'd' })
    await cancelPledge(db, { projectId: project, backerId, key: 'd' })
    await expect(cancelPledge(db, { projectId: project, backerId, key: 'e' })).rejects.toThrow()
    await expectTrue()
  })
})

describe('a limited reward', () => {
  test('is never oversold nor undersold: 500 buyers for 50', async () => {
    const rewardId = await addReward({ quantity: 50 })
    const pools = [1, 2, 3, 4].map(() =>
      openDb(database.url, { max: 1, applicationName: 'jumpstarter test' }),
    )
    const writers = pools.map((pool) => createPledgeWriter(pool, { batchMax: 20 }))
    const results = await Promise.all(
      backers
        .slice(0, 500)
        .map((backerId, index) =>
          writers[index % 4]?.place(asked({ backerId, rewardId, total: 2500 })),
        ),
    )
    const taken = results.filter((result) => result?.outcome === 'taken')
    expect(taken).toHaveLength(50)
    expect(results.filter((result) => result?.outcome === 'sold_out')).toHaveLength(450)
    await Promise.all(pools.map((pool) => closeDb(pool)))
    await expectTrue()
  })

  test('set aside for somebody is theirs until that lapses', async () => {
    const rewardId = await addReward({ quantity: 1 })
    const [holder = 0, other = 0] = backers
    await sql`insert into reward_holds values
      (${project}, ${rewardId}, ${holder}, 1, now() + interval '15 minutes')`
    const want = (backerId: number) => asked({ backerId, rewardId, total: 2500 })
    expect(await outcomesOf(want(other))).toEqual(['sold_out'])
    await sql`update reward_holds set expires_at = now() where project_id = ${project}`
    expect(await outcomesOf(want(other))).toEqual(['taken'])
    expect(await outcomesOf(want(holder))).toEqual(['sold_out'])
  })

  test('that is sold out as an add-on takes nothing from the others', async () => {
    const base = await addReward({ quantity: 1 })
    const addOn = await addReward({ is_add_on: true, amount: 300, quantity: 1 })
    const writer = createPledgeWriter(db)
    const [first = 0, second = 0, third = 0] = backers
    const other = await addReward({ is_add_on: true, amount: 100 })
    const another = await addReward({ quantity: 1 })
    const results = await Promise.all([
      writer.place(
        asked({
          backerId: first,
          rewardId: base,
          addOns: [{ rewardId: addOn, quantity: 2 }],
          total: 3100,
        }),
      ),
      writer.place(asked({ backerId: second, rewardId: base, total: 2500 })),
    ])
    expect(results.map(({ outcome }) => outcome)).toEqual(['sold_out', 'taken'])
    const withAddOn = (backerId: number, rewardId: number, quantity: number, total: number) =>
      writer.place(asked({ backerId, rewardId: another, addOns: [{ rewardId, quantity }], total }))
    const both = await Promise.all([
      withAddOn(first, addOn, 2, 3100),
      withAddOn(third, other, 1, 2600),
    ])
    expect(both.map(({ outcome }) => outcome)).toEqual(['sold_out', 'taken'])
  })
})

describe('the books', () => {
  const wrongIn = async () => {
    const all = await Array.fromAsync(verifyCounters(db))
    return all.flatMap(({ name, first }) => first.map(({ subject }) => `${name}: ${subject}`))
  }

  test('name the line that was changed, left out or put in between', async () => {
    await takePledges(
      sql,
      backers.slice(0, 3).map((backerId) => asked({ backerId })),
    )
    const line = (number: number) => `line ${number} in the books of project ${project}`
    const damage = async (statement: string) => {
      await sql.unsafe(`create table kept as select * from ledger where project_id = ${project}`)
      const tamper = (text: string) =>
        sql.unsafe(
          `alter table ledger disable trigger all; ${text}; alter table ledger enable trigger all`,
        )
      await tamper(statement)
      const wrong = await wrongIn()
      await tamper(`delete from ledger where project_id = ${project};
        insert into ledger select * from kept`)
      await sql`drop table kept`
      return wrong
    }
    const own = `project_id = ${project}`
    expect(await damage(`update ledger set amount = 501 where ${own} and number = 2`)).toContain(
      `hash of each line: ${line(2)}`,
    )
    expect(await damage(`update ledger set pledge_id = 7 where ${own} and number = 3`)).toEqual([
      `hash of each line: ${line(3)}`,
    ])
    expect(await damage(`delete from ledger where ${own} and number = 2`)).toContain(
      `number of each line: ${line(3)}`,
    )
    expect(await damage(`delete from ledger where ${own} and number = 3`)).toContain(
      `last line of each project: project ${project}`,
    )
    expect(await wrongIn()).toEqual([])
    await sql`update ledger_balances set debits = debits + 1 where project_id = ${project} and account = 'backers'`
    expect(await wrongIn()).toEqual([
      `account balances of each project: backers of project ${project}`,
    ])
    await sql`update ledger_balances set debits = debits - 1 where project_id = ${project} and account = 'backers'`
    await sql`update projects set pledged = pledged + 1 where id = ${project}`
    expect(await wrongIn()).toContain(`promised in the books of each project: project ${project}`)
    await sql`update projects set pledged = pledged - 1 where id = ${project}`
  })

  test('are only ever added to', async () => {
    await takePledges(sql, [asked()])
    for (const change of [
      'delete from ledger',
      'update ledger set amount = 1',
      'truncate ledger',
    ]) {
      await expect(sql.unsafe(change).execute()).rejects.toThrow('ledger is append-only')
    }
  })
})
