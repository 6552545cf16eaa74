import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { verifyCounters } from '#db/verify'
import { plainMoment } from '#lib/time'
import { type BackedSite, backedSite, placeOf, textOf } from '#testing/backing'
import { addCard, addReward, makeCampaign, pledgeWith } from '#testing/campaign'
import { type Member, signedIn } from '#testing/cast'
import { passTime } from './writes/clock'
import { settleEnded } from './writes/deadline'
import { settleNextDue } from './writes/queue'
import { settlingOf } from './writes/settling'

// Late pledges, from the creator who opens them to the payout of what they bring in.

setDefaultTimeout(60_000)

const day = 86_400

let at: BackedSite
let sql: BackedSite['sql']
let creator: Member
beforeAll(async () => {
  at = await backedSite()
  sql = at.sql
  creator = await signedIn(at.site, 'Cleo Creator')
})
afterAll(async () => expect(await at.close()).toEqual([]), 60_000)

const settleDue = async (id: number) => {
  while (await settleNextDue(settlingOf(at.site.deps), id));
}

async function later(id: number, days: number): Promise<void> {
  await passTime(at.site.db, id, days * day)
  await settleDue(id)
}

/** A project of the creator that has just ended, with one pledge of 30.00 and two lamps left. */
async function ended(amount = 3_000) {
  const id = await makeCampaign(sql, { creatorId: creator.id })
  const lamp = await addReward(sql, id, { quantity: 2 })
  await pledgeWith(sql, id, [{ amount, card: 'pays' }])
  await passTime(at.site.db, id, 3_601)
  await settleEnded(settlingOf(at.site.deps), id)
  await settleDue(id)
  return { id, lamp }
}

const inDays = (days: number) => plainMoment(new Date(Date.now() + days * day * 1_000))
const open = (id: number, days: number) =>
  creator.post(`/projects/${id}/money/late`, { when: 'later', until: inDays(days) })
const close = (id: number) => creator.post(`/projects/${id}/money/late`, { when: 'now' })

const project = async (id: number) => textOf(await at.site.get(`/projects/${id}-a-lamp`))
const statusOf = async (id: number, backer: Member) => {
  const [row] = await sql`
    select status from pledges where project_id = ${id} and backer_id = ${backer.id}`
  return row?.['status']
}
const payoutsOf = async (id: number) => {
  const rows = await sql`
    select amount::int, status from payouts where project_id = ${id} order by number`
  return rows.map(({ amount, status }) => [amount, status])
}

async function expectTrue(): Promise<void> {
  const all = await Array.fromAsync(verifyCounters(at.site.db))
  expect(all.filter(({ count }) => count > 0)).toEqual([])
}

describe('late pledges', () => {
  test('are charged at once, and paid out after the rest', async () => {
    const { id, lamp } = await ended()
    const { backer, card } = await at.newBacker()
    const choosing = `/projects/${id}/pledges/new`
    expect((await backer.get(choosing)).status).toBe(409)
    expect(await project(id)).not.toContain('Make a late pledge')
    await later(id, 14)
    // 5 % and 3 % + 0.20 of 30.00.
    expect(await payoutsOf(id)).toEqual([[2_740, 'paid']])

    const opened = await open(id, 30)
    expect([opened.status, placeOf(opened)]).toEqual([303, `/projects/${id}/money?done=late`])
    await settleDue(id)
    expect(await textOf(await creator.get(placeOf(opened)))).toContain('They are open until')
    const shown = await project(id)
    for (const text of [
      'Late pledges are open until',
      'Make a late pledge',
      'Choose this reward',
    ]) {
      expect(shown).toContain(text)
    }
    const told = (await (await at.site.get(`/api/v1/projects/${id}`)).json()) as {
      lateUntil: string
    }
    expect(told.lateUntil).toStartWith(inDays(30))

    const chosen = await backer.post(choosing, { reward: String(lamp) })
    expect(await textOf(await backer.get(placeOf(chosen)))).toContain(
      'your card is charged at once',
    )
    const done = await at.pledge(backer, id, { reward: String(lamp) }, card)
    expect([done.status, placeOf(done)]).toEqual([303, `/projects/${id}/pledge?done=new`])
    for (const [path, form] of [
      ['change', { reward: 'none', bonus: '9' }],
      ['cancel', { key: crypto.randomUUID() }],
    ] as const) {
      expect((await backer.post(`/projects/${id}/pledge/${path}`, form)).status).toBe(409)
    }
    await expectTrue()
    await settleDue(id)
    expect(await statusOf(id, backer)).toBe('collected')
    expect(await textOf(await backer.get(`/projects/${id}/pledge`))).toContain(
      'Your card was charged',
    )
    const [mail] = await at.mailsTo(backer)
    expect(mail?.text).toContain('your card is charged at once')
    const after = await project(id)
    for (const text of ['2 backers pledged $50', 'late pledges included', '1 left of 2']) {
      expect(after).toContain(text)
    }
    expect(await textOf(await backer.get(choosing))).toContain('You back this already')

    await later(id, 13)
    expect(await payoutsOf(id)).toHaveLength(1)
    await later(id, 1)
    // 5 % and 3 % + 0.20 of 20.00.
    expect(await payoutsOf(id)).toEqual([
      [2_740, 'paid'],
      [1_820, 'paid'],
    ])
    const file = await (await creator.get(`/projects/${id}/money.csv`)).text()
    for (const line of ['Pledged,50,', 'Collected,50,', 'Paid out,-45.6,', 'Payout 2,18.2,']) {
      expect(file).toContain(line)
    }
    await expectTrue()

    // Thirty days have passed: they are over.
    await later(id, 17)
    const tooLate = await at.newBacker()
    expect((await tooLate.backer.get(choosing)).status).toBe(409)
    expect(await project(id)).not.toContain('Make a late pledge')
    await later(id, 30)
    const [settlement] = await sql`select due_at from settlements where project_id = ${id}`
    expect(settlement?.['due_at']).toBeNull()
    await expectTrue()
  })

  test('that cannot be charged have a week of their own, and hold up no payout', async () => {
    const { id } = await ended()
    await open(id, 40)
    await later(id, 10)
    const { backer } = await at.newBacker()
    const card = await addCard(sql, backer.id, 'insufficient')
    await at.pledge(backer, id, { reward: 'none', bonus: '10' }, card)
    await settleDue(id)
    expect(await statusOf(id, backer)).toBe('errored')
    const mend = `/projects/${id}/pledge/payment`
    expect(await textOf(await backer.get(mend))).toContain('After that your pledge is dropped.')
    await later(id, 4)
    expect(await payoutsOf(id)).toEqual([[2_740, 'paid']])
    await later(id, 2)
    expect(await statusOf(id, backer)).toBe('errored')
    await expectTrue()
    await later(id, 1)
    expect(await statusOf(id, backer)).toBe('dropped')
    const subjects = (await at.mailsTo(backer)).map(({ subject }) => subject)
    expect(subjects).toEqual([
      'You are backing A lamp',
      ...Array.from({ length: 3 }, () => 'Your pledge to A lamp could not be charged'),
      'Your pledge to A lamp was dropped',
    ])
    const tries = await sql`select attempt from charges where project_id = ${id} and attempt > 1`
    expect(tries).toHaveLength(1)
    expect(await project(id)).toContain('Dropped −$10')
    await expectTrue()
  })

  test('take back somebody whose pledge was dropped', async () => {
    const { id, lamp } = await ended()
    const { backer, card } = await at.newBacker()
    const empty = await addCard(sql, backer.id, 'insufficient')
    await open(id, 40)
    await at.pledge(backer, id, { reward: String(lamp) }, empty)
    await settleDue(id)
    await later(id, 7)
    expect(await statusOf(id, backer)).toBe('dropped')
    expect(await at.pledgedOf(id)).toEqual([5_000, 2])

    expect(await textOf(await backer.get(`/projects/${id}/pledge`))).toContain('Back it again')
    const wish = { reward: String(lamp), bonus: '7' }
    const done = await at.pledge(backer, id, wish, card)
    expect([done.status, placeOf(done)]).toEqual([303, `/projects/${id}/pledge?done=new`])
    expect(await statusOf(id, backer)).toBe('pledged')
    expect(await at.pledgedOf(id)).toEqual([5_700, 2])
    expect(await project(id)).toContain('1 left of 2')
    await expectTrue()
    await settleDue(id)
    expect(await statusOf(id, backer)).toBe('collected')
    expect(await textOf(await backer.get(`/projects/${id}/pledges/new`))).toContain(
      'You back this already',
    )
    await expectTrue()
  })

  test('take nobody back once they are closed', async () => {
    const { id } = await ended()
    const { backer, card } = await at.newBacker()
    const empty = await addCard(sql, backer.id, 'insufficient')
    await open(id, 9)
    await at.pledge(backer, id, { reward: 'none', bonus: '10' }, empty)
    await settleDue(id)
    await later(id, 7)
    const choice = { reward: 'none', bonus: '10' }
    const { path, fields } = await at.checkOut(backer, `/projects/${id}/pledges/new`, choice)
    await close(id)
    at.site.setNow(new Date())
    expect((await backer.post(path, { ...fields, card: String(card) })).status).toBe(409)
    expect(await statusOf(id, backer)).toBe('dropped')
    expect(await textOf(await backer.get(`/projects/${id}/pledge`))).not.toContain('Back it again')
    await expectTrue()
  })

  test('are closed whenever the creator likes, also to a form that is open', async () => {
    const { id, lamp } = await ended()
    await open(id, 5)
    const { backer, card } = await at.newBacker()
    const choice = { reward: String(lamp) }
    const { path, fields } = await at.checkOut(backer, `/projects/${id}/pledges/new`, choice)
    expect(placeOf(await close(id))).toBe(`/projects/${id}/money?done=late-over`)
    const refused = await backer.post(path, { ...fields, card: String(card) })
    expect(refused.status).toBe(409)
    expect(await textOf(refused)).toContain('pledges can no longer be made')
    expect(await statusOf(id, backer)).toBeUndefined()
    expect(await at.pledgedOf(id)).toEqual([3_000, 1])
    at.site.setNow(new Date())
    expect(await textOf(await creator.get(`/projects/${id}/money`))).toContain('They are closed')
  })

  test('are for three months after a success, and for nothing else', async () => {
    const { id } = await ended()
    for (const days of [-1, 91]) {
      const refused = await open(id, days)
      expect(refused.status).toBe(422)
      expect(await textOf(refused)).toContain('at most 90 days after the end of the campaign')
    }
    const path = `/projects/${id}/money/late`
    expect((await creator.post(path, { when: 'later', until: 'soon' })).status).toBe(422)
    const failed = await ended(900)
    const running = await makeCampaign(sql, { creatorId: creator.id })
    for (const other of [failed.id, running]) {
      expect((await open(other, 5)).status).toBe(409)
      expect(await textOf(await creator.get(`/projects/${other}/money`))).not.toContain(
        'Late pledges',
      )
    }
    await sql`update settlements set late_until = now() + interval '1 day' where project_id = ${failed.id}`
    const wrong = await Array.fromAsync(verifyCounters(at.site.db))
    expect(wrong.filter(({ count }) => count > 0).map(({ name }) => name)).toEqual([
      'late pledges of each project',
    ])
    await sql`update settlements set late_until = null where project_id = ${failed.id}`
  })
})
