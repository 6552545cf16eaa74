import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createApp } from '#app'
import { verifyCounters } from '#db/verify'
import { type TestApp, testApp } from '#testing/app'
import { addCard, type CampaignWish, makeCampaign, pledgeWith } from '#testing/campaign'
import { type Member, signedIn } from '#testing/cast'
import { visitor } from '#testing/visitor'
import { passTime } from './writes/clock'
import { settleEnded } from './writes/deadline'
import { settleNextDue } from './writes/queue'
import { settlingOf } from './writes/settling'

// The pages of what comes after the deadline, as people use them.

setDefaultTimeout(60_000)

let site: TestApp
let creator: Member
let staff: Member
beforeAll(async () => {
  site = await testApp()
  creator = await signedIn(site, 'Cleo Creator')
  staff = await signedIn(site, 'Sam Staff', 'staff')
})
afterAll(() => site.close(), 30_000)

type Wishes = Parameters<typeof pledgeWith>[2]

/** A project of the creator with these pledges, which still runs. */
async function running(pledges: Wishes, wish: CampaignWish = {}) {
  const sql = site.db.$client
  const id = await makeCampaign(sql, { creatorId: creator.id, ...wish })
  return { id, pledges: await pledgeWith(sql, id, pledges) }
}

async function settled(pledges: Wishes, wish: CampaignWish = {}) {
  const project = await running(pledges, wish)
  await passTime(site.db, project.id, 3_601)
  await settleEnded(settlingOf(site.deps), project.id)
  await settleDue(project.id)
  return project
}

async function settleDue(id: number): Promise<void> {
  while (await settleNextDue(settlingOf(site.deps), id));
}

/** Somebody who is signed in as the backer of a pledge. */
async function backerOf(pledge: { backerId: number; pledgeId: number } | undefined) {
  const reader = visitor(site)
  const name = `Twin ${pledge?.backerId}`
  const twin = await signedIn(site, name)
  await site.db.$client`
    update sessions set person_id = ${pledge?.backerId ?? 0} where person_id = ${twin.id}`
  reader.cookies.set('session', twin.cookies.get('session') ?? '')
  return reader
}

const textOf = async (answer: Response | Promise<Response>) => (await answer).text()
type Told = { pledged: { amount: number }; books: Record<string, { amount: number }> | null }
const money = async (id: number): Promise<Record<string, number>> => {
  const answer = await site.get(`/api/v1/projects/${id}/money`)
  const { pledged, books } = (await answer.json()) as Told
  const amounts = Object.entries(books ?? {}).map(([name, { amount }]) => [name, amount])
  return { pledged: pledged.amount, ...Object.fromEntries(amounts) }
}

async function expectTrue(): Promise<void> {
  const all = await Array.fromAsync(verifyCounters(site.db))
  expect(all.filter(({ count }) => count > 0)).toEqual([])
}

describe('what a project has brought in', () => {
  test('is shown to its makers, and in short to everybody', async () => {
    const { id } = await settled([
      { amount: 2_500, card: 'pays' },
      { amount: 1_500, card: 'insufficient' },
    ])
    const page = await textOf(creator.get(`/projects/${id}/money`))
    for (const text of ['$40', '−$15', '$25', '−$1.25', '−$0.95', '$22.80']) {
      expect(page).toContain(`>${text}<`)
    }
    const file = await textOf(creator.get(`/projects/${id}/money.csv`))
    expect(file).toContain('Collected,25,USD')
    const open = await textOf(site.get(`/projects/${id}-a-lamp`))
    expect(open).toContain('What came of the pledges')
    expect(open).toContain('>$22.80<')
    expect(await money(id)).toMatchObject({ pledged: 4_000, collected: 2_500, errored: 1_500 })
  })

  test('is not there for what ended before there were books, and as pledged while it runs', async () => {
    const sql = site.db.$client
    const [old] = await sql`select id from projects where status = 'successful' order by id limit 1`
    const answer = await site.get(`/api/v1/projects/${old?.['id']}/money`)
    expect(((await answer.json()) as Told).books).toBeNull()
    const [live] = await sql`
      select id, pledged from projects where status = 'live' and pledged > 0 order by id limit 1`
    const { pledged, uncharged } = await money(Number(live?.['id']))
    expect([pledged, uncharged]).toEqual([Number(live?.['pledged']), Number(live?.['pledged'])])
  })
})

describe('a refund', () => {
  test('is asked for by a form, once however often it is sent', async () => {
    const { id, pledges } = await settled([{ amount: 2_500, card: 'pays' }])
    const pledge = String(pledges[0]?.pledgeId)
    const path = `/projects/${id}/money/refund`
    expect(await textOf(creator.get(`${path}?pledge=${pledge}`))).toContain('At most $25')
    const fields = { pledge, number: '1', amount: '10.00', reason: '<b>Broken</b> 💡' }
    const wrong: [Record<string, string>, string][] = [
      [{ amount: '0' }, 'Must be above zero.'],
      [{ amount: '-1' }, 'Must not be below zero.'],
      [{ amount: '10.001' }, 'USD'],
      [{ amount: '25.01' }, 'At most $25 can be given back.'],
      [{ reason: ' ' }, 'Please give a reason'],
      [{ reason: 'x'.repeat(501) }, 'May have 500 characters.'],
      [{ number: '2' }, 'Another refund was made meanwhile'],
    ]
    for (const [change, sentence] of wrong) {
      const answer = await creator.post(path, { ...fields, ...change })
      expect([change, answer.status]).toEqual([change, 422])
      expect(await answer.text()).toContain(sentence)
    }
    expect((await money(id))['refunded']).toBe(0)
    const answers = await Promise.all([1, 2, 3].map(() => creator.post(path, fields)))
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303])
    expect((await money(id))['refunded']).toBe(1_000)
    const shown = await textOf(creator.get(`/projects/${id}/money?done=refunded`))
    expect(shown).toContain('The refund is on its way')
    expect(shown).toContain('&lt;b&gt;Broken&lt;/b&gt; 💡')
    expect((await creator.post(path, { ...fields, pledge: '999999999' })).status).toBe(404)
    expect((await staff.post(path, fields)).status).toBe(403)
    await expectTrue()
  })
})

describe('a payment that failed', () => {
  test('is made good with another card, and not with somebody else’s', async () => {
    const { id, pledges } = await settled([{ amount: 2_500, card: 'declined' }])
    const [pledge] = pledges
    const backer = await backerOf(pledge)
    const path = `/projects/${id}/pledge/payment`
    const page = await textOf(backer.get(path))
    expect(page).toContain('The bank declined the card.')
    const [old] = await site.db.$client`
      select id from cards where person_id = ${pledge?.backerId ?? 0}`
    expect((await backer.post(path, {})).status).toBe(422)
    const again = await backer.post(path, { card: String(old?.['id']) })
    expect(again.status).toBe(422)
    const foreign = await addCard(site.db.$client, creator.id, 'pays')
    expect((await backer.post(path, { card: String(foreign) })).status).toBe(404)
    const card = String(await addCard(site.db.$client, pledge?.backerId ?? 0, 'pays'))
    const answers = await Promise.all([1, 2].map(() => backer.post(path, { card })))
    expect(answers.map(({ status }) => status)).toEqual([303, 303])
    expect(await textOf(backer.get(path))).toContain('It is paid. Thank you!')
    expect(await money(id)).toMatchObject({ collected: 2_500, errored: 0 })
    expect((await creator.get(path)).status).toBe(404)
    await expectTrue()
  })

  test('is confirmed at the bank', async () => {
    const { id, pledges } = await settled([{ amount: 2_500, card: 'confirm' }])
    const backer = await backerOf(pledges[0])
    const path = `/projects/${id}/pledge/payment`
    expect(await textOf(backer.get(path))).toContain('Confirm it with your bank')
    const place = (await backer.post(`${path}/confirm`, {})).headers.get('location') ?? ''
    const bank = new URL(place, 'http://localhost').pathname
    expect(bank).toStartWith('/test-gateway/payments/')
    const back = (await backer.post(bank, { answer: 'confirm' })).headers.get('location') ?? ''
    expect((await backer.get(back)).headers.get('location')).toBe(path)
    expect(await textOf(backer.get(path))).toContain('It is paid. Thank you!')
    expect((await money(id))['collected']).toBe(2_500)
    await expectTrue()
  })
})

describe('a project that ends before its time', () => {
  test.each(['canceled', 'suspended'])('lets everybody go when it is %s', async (status) => {
    const { id } = await running([
      { amount: 2_500, card: 'pays' },
      { amount: 500, card: 'pays' },
    ])
    const answer =
      status === 'canceled'
        ? await creator.post(`/projects/${id}/cancel`, { reason: 'Too soon', sure: 'yes' })
        : await staff.post(`/staff/projects/${id}/suspend`, { reason: 'Not theirs' })
    expect(answer.status).toBe(303)
    await passTime(site.db, id, 30 * 86_400)
    expect(await settleEnded(settlingOf(site.deps), id)).toBe(0)
    await settleDue(id)
    const released = { pledged: 3_000, uncharged: 0, dropped: 3_000, collected: 0, owed: 0 }
    expect(await money(id)).toMatchObject(released)
    const charges = await site.db.$client`select from charges where project_id = ${id}`
    expect(charges).toHaveLength(0)
    await expectTrue()
  })
})

describe('staff', () => {
  test('reads the books, and is told which line was changed', async () => {
    const { id } = await settled([{ amount: 2_500, card: 'pays' }])
    const path = `/staff/books?project=${id}`
    expect(await textOf(staff.get('/staff/books'))).toContain(`project=${id}"`)
    expect(await textOf(staff.get(`${path}&check=yes`))).toContain('All of it agrees.')
    const tamper = (amount: number) =>
      site.db.$client.unsafe(`alter table ledger disable trigger all;
        update ledger set amount = ${amount} where project_id = ${id} and number = 2;
        alter table ledger enable trigger all`)
    await tamper(2_600)
    const page = await textOf(staff.get(`${path}&check=yes`))
    expect(page).toContain('These books are wrong.')
    expect(page.replace(/<!-- -->/g, '')).toContain(
      `hash of each line: line 2 in the books of project ${id}`,
    )
    expect(page.match(/class="books-broken"/g)).toHaveLength(1)
    await tamper(2_500)
    expect((await staff.get('/staff/books?project=999999999')).status).toBe(404)
    await expectTrue()
  })
})

describe('the clock of a demo', () => {
  test('takes a project through all of it', async () => {
    const { id } = await running([
      { amount: 2_500, card: 'pays' },
      { amount: 1_500, card: 'expired' },
    ])
    const config = { ...site.deps.config, demo: true }
    const app = createApp({ ...site.deps, config }, { ready: true })
    const demo: TestApp = {
      ...site,
      app,
      get: async (path, init) => app.fetch(new Request(config.baseUrl + path, init)),
    }
    const reader = visitor(demo)
    reader.cookies.set('session', creator.cookies.get('session') ?? '')
    const path = `/projects/${id}/clock`
    const press = async (moment: string) => {
      expect((await reader.post(path, { moment })).status).toBe(303)
      await settleEnded(settlingOf(site.deps), id)
      await settleDue(id)
      return await textOf(reader.get(path))
    }
    expect(await textOf(reader.get(path))).toContain('Go to its end')
    expect(await press('end')).toContain('Go to the next reminder')
    expect(await press('reminder')).toContain('Could not be charged yet')
    expect(await press('lastTry')).toContain('Dropped')
    expect(await press('payout')).toContain('There is nothing more to wait for.')
    expect((await reader.post(path, { moment: 'noon' })).status).toBe(400)
    expect(await money(id)).toMatchObject({ dropped: 1_500, paidOut: 2_280, owed: 0 })
    const stranger = visitor(demo)
    expect((await stranger.get(path)).status).toBe(303)
    expect((await creator.get(path)).status).toBe(404)
    await expectTrue()
  })
})
