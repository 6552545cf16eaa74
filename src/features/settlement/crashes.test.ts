import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type Db, openDb } from '#db/client'
import { verifyCounters } from '#db/verify'
import { takePledges } from '#features/pledges/writes/take-pledges'
import type { PaymentProvider } from '#payments/provider'
import type { Behaviour } from '#payments/test-cards'
import { openTestGateway } from '#payments/test-gateway'
import { makeCampaign, pledgeWith } from '#testing/campaign'
import { type TestDatabase, testDatabase } from '#testing/database'
import { passTime } from './writes/clock'
import { settleEnded } from './writes/deadline'
import { settleNextDue } from './writes/queue'
import { refundPledge } from './writes/refunds'
import type { Settling, Step } from './writes/settling'

// Three hundred deadlines in five seconds, while pledges still come in, with four at work who stop
// dead at any step and begin anew, and whose leases run out under them.

setDefaultTimeout(180_000)

const projectsCount = 300
const settlersCount = 4
const secondsOfDeadlines = 5
const hour = 3_600
const day = 24 * hour
const fees = {
  platformPoints: 500,
  processing: { points: 300, cents: 20 },
  small: { points: 500, cents: 5 },
}
const cards: (Behaviour | null)[] = [
  ...(['pays', 'pays', 'insufficient', 'confirm', 'lost-after', 'lost-before'] as const),
  null,
]

class Crash extends Error {}

let database: TestDatabase
let db: Db
let sql: Db['$client']
const pools: Db[] = []
beforeAll(async () => {
  database = await testDatabase()
  db = database.db
  sql = db.$client
})
afterAll(async () => {
  for (const pool of pools) await pool.$client.end()
  await database.close()
}, 30_000)

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const random = (() => {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
})()

/** Where somebody has crashed, and how often: the first times a step is reached, and by chance. */
const crashes = new Map<Step | 'captured' | 'paid', number>()
const crashShare = 0.04
const crashesMin = 2
function crashAt(step: Step | 'captured' | 'paid'): void {
  const before = crashes.get(step) ?? 0
  if (before >= crashesMin && random() > crashShare) return
  crashes.set(step, before + 1)
  throw new Crash(step)
}

/** One host: a pool and a gateway of its own, and an answer of the gateway may never reach it. */
function host(): Settling {
  const pool = openDb(database.url, { max: 3, applicationName: 'jumpstarter test' })
  pools.push(pool)
  const gateway = openTestGateway(pool, 'http://localhost:3000')
  const payments: PaymentProvider = {
    ...gateway,
    capture: async (request) => {
      const answer = await gateway.capture({ ...request, deadlineMs: 5 })
      crashAt('captured')
      return answer
    },
    payout: async (request) => {
      const answer = await gateway.payout(request)
      crashAt('paid')
      return answer
    },
  }
  const site = 'http://localhost:3000'
  return { db: pool, payments, fees, site, demo: false, reached: crashAt }
}

/** What is due, done by several at once who crash and come back, until nothing is left. */
async function settleAll(isOver: () => boolean): Promise<void> {
  let working = settlersCount
  const settlers = Array.from({ length: settlersCount }, async () => {
    const work = host()
    for (;;) {
      try {
        const isDone = !(await settleEnded(work)) && !(await settleNextDue(work))
        if (isDone && isOver() && !(await isAnythingLeft())) break
        if (isDone) await Bun.sleep(20)
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
    }
    working--
  })
  // Two minutes of whoever has died, in a moment; sometimes of whoever is only slow.
  const clock = (async () => {
    while (working > 0) {
      await Bun.sleep(300)
      await sql`update settlements set leased_until = now() where leased_until > now()`
      await sql`update settlements set due_at = now() where due_at > now() and exists (
        select from charges c where c.project_id = settlements.project_id and status = 'intended')`
    }
  })()
  await Promise.all([...settlers, clock])
}

async function isAnythingLeft(): Promise<boolean> {
  const [row] = await sql`
    select (select count(*) from projects where status = 'live' and ends_at <= now())
      + (select count(*) from settlements where due_at <= now()) as left`
  return Number(row?.['left']) > 0
}

async function makeProjects(): Promise<number[]> {
  const ids: number[] = []
  for (let index = 0; index < projectsCount; index++) {
    const id = await makeCampaign(sql, {
      goal: index % 5 === 0 ? 1_000_000 : 2_000,
      allOrNothing: index % 3 !== 0,
    })
    ids.push(id)
    const wishes = [0, 1, 2].map((nth) => ({
      amount: 700 + Math.floor(random() * 5_000),
      card: cards[(index + nth * 2) % cards.length] ?? null,
    }))
    await pledgeWith(sql, id, wishes)
  }
  await sql`
    update projects p set ends_at = clock_timestamp()
        + make_interval(secs => ${secondsOfDeadlines} * (1 + n::float8 / ${projectsCount}))
      from unnest(${ids}::bigint[]) with ordinality as given (id, n) where p.id = given.id`
  return ids
}

/** Goes on pledging until the last of them has ended; returns how many each has taken. */
async function keepPledging(ids: number[], until: number): Promise<Map<number, number>> {
  const taken = new Map(ids.map((id) => [id, 0]))
  while (Date.now() < until) {
    const people = await sql`
      insert into people (name) select 'Late' from generate_series(1, 20) returning id`
    const given = people.map(({ id }) => ({
      ...{ projectId: ids[Math.floor(random() * ids.length)] as number, backerId: Number(id) },
      ...{ key: `late ${id}`, rewardId: null, addOns: [], bonus: 500, shipTo: null },
      ...{ anonymous: false, total: 500, cardId: null },
    }))
    const results = await takePledges(sql, given)
    for (const [index, { outcome }] of results.entries()) {
      expect(['taken', 'closed']).toContain(outcome)
      const { projectId } = given[index] as (typeof given)[number]
      if (outcome === 'taken') taken.set(projectId, (taken.get(projectId) ?? 0) + 1)
    }
  }
  return taken
}

/** Everything that is to be so however it came about. */
async function expectTrue(ids: number[], taken: Map<number, number>): Promise<void> {
  const all = await Array.fromAsync(verifyCounters(db))
  expect(all.filter(({ count }) => count > 0)).toEqual([])
  const late = await sql`
    select project_id::float8 as id, count(*)::int as count from pledges
      where amount = 500 and project_id = any(${ids}::bigint[]) group by project_id`
  for (const { id, count } of late) expect([id, count]).toEqual([id, taken.get(Number(id))])
  const moves = await sql`
    select project_id, count(*)::int as moves, max(to_status) = max(p.status) as "isSame",
        bool_and(p.status = case when (case when p.all_or_nothing then p.pledged >= p.goal
          else p.pledged > 0 end) then 'successful' else 'failed' end) as "isRight",
        (select count(*)::int from events e where e.about_project = project_id
          and e.kind in ('project_successful', 'project_failed')) as told
      from project_transitions t join projects p on p.id = t.project_id
      where project_id = any(${ids}::bigint[]) group by project_id`
  expect(moves).toHaveLength(projectsCount)
  const once = { moves: 1, isSame: true, isRight: true, told: 1 }
  expect(
    moves.filter((row) => !Bun.deepEquals({ ...row, project_id: 0 }, { ...once, project_id: 0 })),
  ).toEqual([])
  // What the gateway has taken, against what we think it has.
  const wrong = await sql`
    with taken as (
      select split_part(request_key, ':', 2)::bigint as project_id,
          split_part(request_key, ':', 3)::bigint as pledge_id,
          sum((data->>'amount')::bigint) as amount, count(*) as times
        from test_gateway where kind = 'payment' and data->>'status' = 'succeeded' group by 1, 2
    )
    select l.project_id, l.id, l.status, l.amount, t.amount as taken, t.times
      from pledges l full join taken t on t.project_id = l.project_id and t.pledge_id = l.id
      where coalesce(l.project_id, t.project_id) = any(${ids}::bigint[])
        and (t.amount, t.times) is distinct from
          (case when l.status = 'collected' then l.amount end,
            case when l.status = 'collected' then 1 end)`
  expect([...wrong]).toEqual([])
}

test(`deadlines are settled once each, whoever dies where (SEED=${seed})`, async () => {
  const ids = await makeProjects()
  const until = Date.now() + (2 * secondsOfDeadlines + 1) * 1_000
  const [taken] = await Promise.all([keepPledging(ids, until), settleAll(() => Date.now() > until)])
  await expectTrue(ids, taken)

  for (const seconds of [2 * day, 2 * day, 3 * day]) {
    await Promise.all(ids.map((id) => passTime(db, id, seconds)))
    await settleAll(() => true)
  }
  await expectTrue(ids, taken)
  const unpaid = await sql`
    select from pledges l join projects p on p.id = l.project_id
      where p.status = 'successful' and l.status not in ('collected', 'dropped')
        and p.id = any(${ids}::bigint[])`
  expect(unpaid).toHaveLength(0)

  await refundSome(ids)
  await Promise.all(ids.map((id) => passTime(db, id, 8 * day)))
  await settleAll(() => true)
  await expectTrue(ids, taken)
  await expectPaidOut(ids)
  const steps: (Step | 'captured' | 'paid')[] = [
    ...(['moved', 'released', 'told', 'settled', 'charges_intended', 'captured'] as const),
    ...(['charges_asked', 'charges_recorded', 'reminded', 'dropped', 'refund_intended'] as const),
    ...(['refund_asked', 'refund_recorded', 'payout_intended', 'paid', 'payout_asked'] as const),
    'payout_recorded',
  ]
  expect(steps.filter((step) => (crashes.get(step) ?? 0) < crashesMin)).toEqual([])
})

/** Each is asked for again and again by a creator who sees an error. */
async function refundSome(ids: number[]): Promise<void> {
  const rows = await sql`
    select distinct on (l.project_id) l.project_id::float8 as "projectId", l.id::float8 as "pledgeId",
        p.creator_id::float8 as "creatorId"
      from pledges l join projects p on p.id = l.project_id
      where l.status = 'collected' and p.id = any(${ids}::bigint[])
      order by l.project_id, l.id limit 20`
  expect(rows).toHaveLength(20)
  const work = host()
  for (const { projectId, pledgeId, creatorId } of rows) {
    const wish = { projectId, pledgeId, number: 1, amount: 100, reason: 'Scratched' }
    const viewer = { id: creatorId } as Parameters<typeof refundPledge>[1]
    for (let isDone = false; !isDone; ) {
      isDone = await refundPledge(work, viewer, wish).catch((error: unknown) => {
        if (error instanceof Crash) return false
        throw error
      })
    }
  }
  const made = await sql`select from test_gateway where kind = 'refund'`
  expect(made).toHaveLength(rows.length)
}

async function expectPaidOut(ids: number[]): Promise<void> {
  const projects = await sql`
    select p.id, p.status, b.credits - b.debits as owed, o.times,
        o.amount is not distinct from g.amount and o.times is not distinct from g.times as "isSame"
      from projects p
        left join ledger_balances b on b.project_id = p.id and b.account = 'creator'
        left join lateral (
          select sum(amount) as amount, count(*)::int as times from payouts
            where project_id = p.id and status = 'paid' having count(*) > 0
        ) o on true
        left join lateral (
          select sum((data->>'amount')::bigint) as amount, count(*)::int as times from test_gateway
            where kind = 'payout' and request_key like 'payout:' || p.id || ':%' having count(*) > 0
        ) g on true
      where p.id = any(${ids}::bigint[])`
  expect(projects.filter(({ isSame }) => !isSame)).toEqual([])
  expect(projects.filter(({ owed }) => Number(owed ?? 0) !== 0)).toEqual([])
  expect(projects.filter(({ times }) => (times ?? 0) > 1)).toEqual([])
  expect(projects.filter(({ times }) => times === 1).length).toBeGreaterThan(100)
}
