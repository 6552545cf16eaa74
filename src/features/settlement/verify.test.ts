import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { verifyBooks } from '#db/verify/books'
import { openTestGateway } from '#payments/test-gateway'
import { makeCampaign, pledgeWith } from '#testing/campaign'
import { type TestDatabase, testDatabase } from '#testing/database'
import { passTime } from './writes/clock'
import { settleEnded } from './writes/deadline'
import { settleNextDue } from './writes/queue'

setDefaultTimeout(60_000)

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close(), 30_000)

test('whatever is changed behind the back of the books is named', async () => {
  const { db } = database
  const sql = db.$client
  const site = 'http://localhost:3000'
  const rates = { points: 300, cents: 20 }
  const fees = { platformPoints: 500, processing: rates, small: rates }
  const work = { db, payments: openTestGateway(db, site), fees, site, demo: false }
  const id = await makeCampaign(sql)
  const [paid, dropped] = await pledgeWith(sql, id, [
    { amount: 2_000, card: 'pays' },
    { amount: 3_000, card: 'declined' },
  ])
  for (const seconds of [3_601, 7 * 86_400, 7 * 86_400]) {
    await passTime(db, id, seconds)
    await settleEnded(work, id)
    while (await settleNextDue(work, id));
  }
  const wrong = async () => (await verifyBooks(db, id)).map(({ name }) => name)
  expect(await wrong()).toEqual([])
  const ofPledge = (pledge: typeof paid) => `project_id = ${id} and id = ${pledge?.pledgeId}`
  const ofCharge = `project_id = ${id} and pledge_id = ${paid?.pledgeId}`
  const damages: [change: string, back: string, checks: string[]][] = [
    [
      `update pledges set status = 'collected' where ${ofPledge(dropped)}`,
      `update pledges set status = 'dropped' where ${ofPledge(dropped)}`,
      ['charges of each pledge', 'collected pledges in the books', 'dropped pledges in the books'],
    ],
    [
      `update pledges set status = 'pledged' where ${ofPledge(dropped)}`,
      `update pledges set status = 'dropped' where ${ofPledge(dropped)}`,
      ['dropped pledges in the books', 'state of pledges after the end'],
    ],
    [
      `update charges set amount = 1 where ${ofCharge}`,
      `update charges set amount = 2000 where ${ofCharge}`,
      ['charges of each pledge'],
    ],
    [
      `insert into refunds (project_id, pledge_id, number, amount, reason, status, actor_id)
        select ${id}, ${paid?.pledgeId}, 1, 5, '', 'succeeded', creator_id from projects where id = ${id}`,
      `delete from refunds where project_id = ${id}`,
      ['refunds in the books'],
    ],
    [
      `insert into disputes (project_id, pledge_id, provider_ref, amount)
        values (${id}, ${paid?.pledgeId}, 'x', 5)`,
      `delete from disputes where project_id = ${id}`,
      ['disputes in the books'],
    ],
    [
      `update payouts set amount = amount + 1 where project_id = ${id}`,
      `update payouts set amount = amount - 1 where project_id = ${id}`,
      ['parts of each payout', 'payouts in the books'],
    ],
  ]
  for (const [change, back, checks] of damages) {
    await sql.unsafe(change)
    expect([change, await wrong()]).toEqual([change, checks])
    await sql.unsafe(back)
  }
  expect(await wrong()).toEqual([])
})
