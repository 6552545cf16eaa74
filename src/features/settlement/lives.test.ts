import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Db } from '#db/client'
import type { Viewer } from '#db/sessions'
import { verifyCounters } from '#db/verify'
import { listBalances } from '#features/ledger/reads'
import { type Books, booksOf } from '#features/ledger/rules/books'
import type { PaymentProvider } from '#payments/provider'
import type { Behaviour } from '#payments/test-cards'
import { openTestGateway } from '#payments/test-gateway'
import { addCard, type CampaignWish, makeCampaign, pledgeWith } from '#testing/campaign'
import { type TestDatabase, testDatabase } from '#testing/database'
import { passTime } from './writes/clock'
import { settleEnded } from './writes/deadline'
import { recordProviderEvent } from './writes/provider-events'
import { settleNextDue } from './writes/queue'
import { refundPledge } from './writes/refunds'
import type { Settling } from './writes/settling'

setDefaultTimeout(60_000)

const hour = 3_600
const day = 24 * hour
const fees = {
  platformPoints: 500,
  processing: { points: 300, cents: 20 },
  small: { points: 500, cents: 5 },
}

let database: TestDatabase
let db: Db
let sql: Db['$client']
let work: Settling
beforeAll(async () => {
  database = await testDatabase()
  db = database.db
  sql = db.$client
  // What never answers shall not take as long as it may in a running program.
  const gateway = openTestGateway(db, 'http://localhost:3000')
  const payments: PaymentProvider = {
    ...gateway,
    capture: (request) => gateway.capture({ ...request, deadlineMs: 50 }),
  }
  work = { db, payments, fees, site: 'http://localhost:3000', demo: false }
})
afterAll(() => database.close(), 30_000)

type Wish = { amount: number; card: Behaviour | null }

/** A project that has just ended and been settled, with these pledges. */
async function settled(pledges: Wish[], wish: CampaignWish = {}) {
  const id = await makeCampaign(sql, wish)
  const made = await pledgeWith(sql, id, pledges)
  await passTime(db, id, hour + 1)
  while ((await settleEnded(work, id)) > 0);
  await settleDue(id)
  return { id, pledges: made }
}

async function settleDue(id: number): Promise<void> {
  while (await settleNextDue(work, id));
}

async function later(id: number, seconds: number): Promise<void> {
  await passTime(db, id, seconds)
  await settleDue(id)
}

async function booksFor(id: number): Promise<Books> {
  const [row] = await sql`select pledged from projects where id = ${id}`
  return booksOf(await listBalances(db, id), Number(row?.['pledged']))
}

const statusesOf = async (id: number) => {
  const rows = await sql`select status from pledges where project_id = ${id} order by id`
  return rows.map(({ status }) => status)
}

const stateOf = async (id: number) => {
  const [row] = await sql`select status from projects where id = ${id}`
  return row?.['status']
}

const mailsTo = async (backerId: number): Promise<string[]> => {
  const rows = await sql`
    select subject from outbox where recipient = ${`backer${backerId}@example.test`} order by id`
  return rows.map(({ subject }) => subject)
}

async function expectTrue(): Promise<void> {
  const all = await Array.fromAsync(verifyCounters(db))
  expect(all.filter(({ count }) => count > 0)).toEqual([])
}

const nothing = { uncharged: 0, errored: 0, dropped: 0, refunded: 0, disputed: 0, paidOut: 0 }

describe('a deadline', () => {
  test('collects what reached its goal, and pays it out after 14 days', async () => {
    const { id } = await settled([
      { amount: 500, card: 'pays' },
      { amount: 2_500, card: 'pays' },
    ])
    expect(await stateOf(id)).toBe('successful')
    expect(await statusesOf(id)).toEqual(['collected', 'collected'])
    // 5 % and 5 % + 0.05 of 5.00; 5 % and 3 % + 0.20 of 25.00.
    const collected = {
      ...{ ...nothing, pledged: 3_000, collected: 3_000 },
      ...{ platformFees: 25 + 125, processingFees: 30 + 95, owed: 2_725 },
    }
    expect(await booksFor(id)).toEqual(collected)
    await later(id, 13 * day)
    expect(await booksFor(id)).toEqual(collected)
    await later(id, day)
    expect(await booksFor(id)).toEqual({ ...collected, owed: 0, paidOut: 2_725 })
    await later(id, 30 * day)
    const paid = await sql`select * from payouts where project_id = ${id}`
    expect(paid).toMatchObject([{ amount: '2725', status: 'paid', platform_fees: '150' }])
    await expectTrue()
  })

  test('lets everybody go who pledged to what fell short', async () => {
    const { id, pledges } = await settled([{ amount: 900, card: 'pays' }])
    expect(await stateOf(id)).toBe('failed')
    expect(await statusesOf(id)).toEqual(['pledged'])
    expect(await booksFor(id)).toMatchObject({ pledged: 900, collected: 0, dropped: 900, owed: 0 })
    await later(id, 30 * day)
    expect(await sql`select * from charges where project_id = ${id}`).toHaveLength(0)
    expect(await mailsTo(pledges[0]?.backerId ?? 0)).toEqual([])
    await expectTrue()
  })

  test('takes anything at all for a flexible project, and nothing for none', async () => {
    const some = await settled([{ amount: 100, card: 'pays' }], { allOrNothing: false })
    expect(await stateOf(some.id)).toBe('successful')
    const none = await makeCampaign(sql, { allOrNothing: false, endsIn: -1 })
    await settleEnded(work, none)
    expect(await stateOf(none)).toBe('failed')
    await expectTrue()
  })

  test('is gone on with by another when its settler ends', async () => {
    const id = await makeCampaign(sql)
    await pledgeWith(sql, id, [{ amount: 2_000, card: 'pays' }])
    await passTime(db, id, hour + 1)
    await settleEnded(work, id)
    expect(await settleNextDue({ ...work, isEnding: () => true }, id)).toMatchObject({ id })
    const [row] = await sql`select due_at <= now() as "isDue", leased_until, closed_at
      from settlements where project_id = ${id}`
    expect(row).toEqual({ isDue: true, leased_until: null, closed_at: null })
    await settleDue(id)
    expect(await statusesOf(id)).toEqual(['collected'])
    await expectTrue()
  })

  test('is nothing before its time', async () => {
    const id = await makeCampaign(sql, { endsIn: 60 })
    expect(await settleEnded(work, id)).toBe(0)
    expect(await stateOf(id)).toBe('live')
  })
})

describe('a pledge that could not be charged', () => {
  test('is told at once and every 48 hours, tried again after seven days, and dropped', async () => {
    const { id, pledges } = await settled([
      { amount: 2_000, card: 'pays' },
      { amount: 1_000, card: 'insufficient' },
      { amount: 700, card: null },
    ])
    const [, poor, cardless] = pledges
    const unpaid = 'Your pledge to A lamp could not be charged'
    expect(await statusesOf(id)).toEqual(['collected', 'errored', 'errored'])
    expect(await booksFor(id)).toMatchObject({ collected: 2_000, errored: 1_700, dropped: 0 })
    expect(await mailsTo(poor?.backerId ?? 0)).toEqual([unpaid])
    await later(id, 47 * hour)
    expect(await mailsTo(poor?.backerId ?? 0)).toEqual([unpaid])
    for (const hours of [1, 48, 48]) await later(id, hours * hour)
    expect(await mailsTo(poor?.backerId ?? 0)).toEqual([unpaid, unpaid, unpaid, unpaid])
    expect(await statusesOf(id)).toEqual(['collected', 'errored', 'errored'])
    await expectTrue()
    await later(id, day)
    expect(await statusesOf(id)).toEqual(['collected', 'dropped', 'dropped'])
    expect((await mailsTo(cardless?.backerId ?? 0)).at(-1)).toBe(
      'Your pledge to A lamp was dropped',
    )
    const tries = await sql`select attempt from charges where project_id = ${id}
      and pledge_id = ${poor?.pledgeId ?? 0} order by attempt`
    expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(await booksFor(id)).toMatchObject({ pledged: 3_700, errored: 0, dropped: 1_700 })
    await later(id, 7 * day)
    expect((await booksFor(id)).owed).toBe(0)
    await expectTrue()
  })

  test('is charged as soon as it is mended', async () => {
    const { id, pledges } = await settled([{ amount: 2_000, card: 'declined' }])
    const [pledge] = pledges
    const cardId = await addCard(sql, pledge?.backerId ?? 0, 'pays')
    await sql`update pledges set card_id = ${cardId}, changed_at = now() where project_id = ${id}`
    await sql`update settlements set due_at = now() where project_id = ${id}`
    await settleDue(id)
    expect(await statusesOf(id)).toEqual(['collected'])
    expect(await booksFor(id)).toMatchObject({ collected: 2_000, errored: 0 })
    await expectTrue()
  })

  test('waits for its backer where the bank asks for them, and is given up in the end', async () => {
    const { id, pledges } = await settled([
      { amount: 2_000, card: 'confirm' },
      { amount: 3_000, card: 'confirm' },
    ])
    expect(await statusesOf(id)).toEqual(['errored', 'errored'])
    const [confirmed] = pledges
    const [charge] = await sql`select provider_ref from charges where project_id = ${id}
      and pledge_id = ${confirmed?.pledgeId ?? 0}`
    const chargeRef = charge?.['provider_ref'] as string
    const event = { kind: 'charge_succeeded', chargeRef, key: '' } as const
    for (let times = 0; times < 2; times++) {
      await recordProviderEvent(work, { provider: 'test', event })
    }
    expect(await statusesOf(id)).toEqual(['collected', 'errored'])
    await later(id, 7 * day)
    expect(await statusesOf(id)).toEqual(['collected', 'dropped'])
    const waiting = await sql`
      select * from charges where project_id = ${id} and status in ('needs_action', 'intended')`
    expect(waiting).toHaveLength(0)
    await expectTrue()
  })

  test('is collected after all when a lost answer tells of it later', async () => {
    const { id, pledges } = await settled([{ amount: 2_000, card: 'declined' }])
    await later(id, 7 * day)
    expect(await statusesOf(id)).toEqual(['dropped'])
    const { pledgeId = 0 } = pledges[0] ?? {}
    const key = `charge:${id}:${pledgeId}:2`
    const event = { kind: 'charge_succeeded', chargeRef: 'late', key } as const
    await recordProviderEvent(work, { provider: 'test', event })
    expect(await statusesOf(id)).toEqual(['collected'])
    expect(await booksFor(id)).toMatchObject({ collected: 2_000, dropped: 0, errored: 0 })
    await expectTrue()
  })
})

describe('a provider without an answer', () => {
  test('is asked again with the same key, and nothing is charged twice', async () => {
    const { id } = await settled([
      { amount: 2_000, card: 'lost-after' },
      { amount: 3_000, card: 'lost-before' },
    ])
    expect(await statusesOf(id)).toEqual(['pledged', 'pledged'])
    await expectTrue()
    await later(id, 61)
    expect(await statusesOf(id)).toEqual(['collected', 'collected'])
    const payments = await sql`select data from test_gateway
      where kind = 'payment' and request_key like ${`charge:${id}:%`}`
    expect(payments).toHaveLength(2)
    await expectTrue()
  })
})

describe('money that goes back', () => {
  const creatorOf = async (id: number) => {
    const [row] = await sql`select creator_id from projects where id = ${id}`
    return { id: Number(row?.['creator_id']) } as Viewer
  }

  test('is a part or all of a pledge, and never more', async () => {
    const { id, pledges } = await settled([{ amount: 2_000, card: 'pays' }])
    const { pledgeId = 0 } = pledges[0] ?? {}
    const creator = await creatorOf(id)
    const wish = { projectId: id, pledgeId, number: 1, amount: 500, reason: 'One was broken' }
    const both = await Promise.all([1, 2].map(() => refundPledge(work, creator, wish)))
    expect(both).toEqual([true, true])
    expect((await booksFor(id)).refunded).toBe(500)
    const again = { ...wish, number: 2, amount: 1_501 }
    await expect(refundPledge(work, creator, again)).rejects.toThrow('At most $15')
    await expect(refundPledge(work, creator, { ...wish, amount: 1 })).rejects.toThrow()
    expect(await refundPledge(work, creator, { ...wish, number: 2, amount: 1_500 })).toBe(true)
    expect((await booksFor(id)).refunded).toBe(2_000)
    await expect(refundPledge(work, { id: 1 } as Viewer, wish)).rejects.toThrow()
    await later(id, 14 * day)
    expect(await sql`select * from payouts where project_id = ${id}`).toHaveLength(0)
    await expectTrue()
  })

  test('is disputed, and comes back when that is won', async () => {
    const { id } = await settled([
      { amount: 2_000, card: 'disputed-won' },
      { amount: 3_000, card: 'disputed-lost' },
    ])
    const charges = await sql`select provider_ref, amount from charges where project_id = ${id}
      order by pledge_id`
    const about = (index: number) => ({
      disputeRef: `dispute_${charges[index]?.['provider_ref']}`,
      chargeRef: charges[index]?.['provider_ref'] as string,
      amount: Number(charges[index]?.['amount']),
      reason: 'fraudulent',
    })
    const tell = (event: Parameters<typeof recordProviderEvent>[1]['event']) =>
      recordProviderEvent(work, { provider: 'test', event })
    await tell({ kind: 'dispute_opened', ...about(0) })
    await tell({ kind: 'dispute_opened', ...about(0) })
    expect((await booksFor(id)).disputed).toBe(2_000)
    // Told in the wrong order.
    await tell({ kind: 'dispute_closed', ...about(1), isWon: false })
    await tell({ kind: 'dispute_opened', ...about(1) })
    expect((await booksFor(id)).disputed).toBe(5_000)
    await later(id, 14 * day)
    expect((await booksFor(id)).paidOut).toBe(0)
    await tell({ kind: 'dispute_closed', ...about(0), isWon: true })
    expect((await booksFor(id)).disputed).toBe(3_000)
    await expectTrue()
  })
})
