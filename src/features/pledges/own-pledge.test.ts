import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { type BackedSite, backedSite, formOf, placeOf, textOf } from '#testing/backing'
import { addCard, addReward, makeCampaign } from '#testing/campaign'
import type { Member } from '#testing/cast'
import { mailedPath, visitor } from '#testing/visitor'

// What becomes of a pledge that stands, and pledges without an account.

setDefaultTimeout(60_000)

let at: BackedSite
let sql: BackedSite['sql']
let project: number
let backer: Member
let card: number

beforeAll(async () => {
  at = await backedSite()
  sql = at.sql
})
afterAll(async () => expect(await at.close()).toEqual([]), 60_000)
beforeEach(async () => {
  const begun = await at.begin()
  project = begun.project
  backer = begun.backer
  card = begun.card
})

const choosing = () => `/projects/${project}/pledges/new`
const rowsOf = (backerId: number) => sql`
  select status, amount::int, reward_id::int, bonus::int, shipping::int, ship_to, anonymous,
    card_id::int from pledges where project_id = ${project} and backer_id = ${backerId}`

describe('a pledge that stands', () => {
  test('changes reward, amount, country and name, and is mailed again', async () => {
    const reward = await addReward(sql, project, {}, { Germany: 450, France: 700 })
    await at.pledge(backer, project, { reward: 'none', bonus: '25' }, card)
    const change = `/projects/${project}/pledge/change`
    expect(await (await backer.get(change)).text()).toContain('value="25"')
    const choice = { reward: String(reward), country: 'France', bonus: '', anonymous: '1' }
    const { path, fields } = await at.checkOut(backer, change, choice)
    const second = await addCard(sql, backer.id, 'pays')
    const form = { ...fields, card: String(second) }
    const answers = await Promise.all([backer.post(path, form), backer.post(path, form)])
    expect(answers.map(placeOf)).toEqual(Array(2).fill(`/projects/${project}/pledge?done=change`))
    expect([...(await rowsOf(backer.id))]).toEqual([
      {
        ...{ status: 'pledged', amount: 2_700, reward_id: reward, bonus: 0, shipping: 700 },
        ...{ ship_to: 'France', anonymous: true, card_id: second },
      },
    ])
    expect(await at.pledgedOf(project)).toEqual([2_700, 1])
    const mails = await at.mailsTo(backer)
    expect(mails.map(({ subject }) => subject)).toEqual([
      'You are backing A lamp',
      'Your pledge to A lamp has changed',
    ])
    const community = await visitor(at.site).get(`/projects/${project}/community`)
    expect(await community.text()).not.toContain(`/people/${backer.id}"`)
  })

  test('to a reward that is gone meanwhile stays as it was', async () => {
    const reward = await addReward(sql, project, { quantity: 1 })
    const other = await at.newBacker()
    await at.pledge(other.backer, project, { reward: String(reward) }, other.card)
    await at.pledge(backer, project, { reward: 'none', bonus: '25' }, card)
    const answer = await backer.post(`/projects/${project}/pledge/change`, {
      reward: String(reward),
    })
    expect(answer.status).toBe(409)
    expect(await answer.text()).toContain(`/projects/${project}/pledge/change?reward=none`)
    expect(await at.pledgedOf(project)).toEqual([4_500, 2])
  })

  test('is canceled once, gives back what it held, and may come again', async () => {
    const reward = await addReward(sql, project, { quantity: 1 })
    await at.pledge(backer, project, { reward: String(reward) }, card)
    const asking = await backer.get(`/projects/${project}/pledge/cancel`)
    const key = /name="key" value="([^"]+)"/.exec(await asking.text())?.[1] ?? ''
    for (let times = 0; times < 2; times++) {
      const answer = await backer.post(`/projects/${project}/pledge/cancel`, { key })
      expect(placeOf(answer)).toBe(`/projects/${project}/pledge?done=cancel`)
    }
    expect(await at.pledgedOf(project)).toEqual([0, 0])
    expect((await at.mailsTo(backer)).map(({ subject }) => subject)).toEqual([
      'You are backing A lamp',
      'Your pledge to A lamp is canceled',
    ])
    expect((await at.pledge(backer, project, { reward: String(reward) }, card)).status).toBe(303)
    expect(await at.pledgedOf(project)).toEqual([2_000, 1])
  })

  test('is not taken back on the last day where the project would fall short', async () => {
    project = await makeCampaign(sql, { goal: 2_500, endsIn: 86_000 })
    await at.pledge(backer, project, { reward: 'none', bonus: '25' }, card)
    const answer = await backer.post(`/projects/${project}/pledge/cancel`, { key: 'a' })
    expect(answer.status).toBe(409)
    expect(await textOf(answer)).toContain('Within 24 hours of the end')
    const { path, fields } = await at.checkOut(backer, `/projects/${project}/pledge/change`, {
      reward: 'none',
      bonus: '5',
    })
    const lower = await backer.post(path, { ...fields, card: String(card) })
    expect(lower.status).toBe(409)
    expect(await at.pledgedOf(project)).toEqual([2_500, 1])
  })

  test('is nobody else’s to see or change', async () => {
    await at.pledge(backer, project, { reward: 'none', bonus: '25' }, card)
    const { backer: other } = await at.newBacker()
    for (const path of ['', '/change', '/checkout', '/cancel', '/receipt']) {
      expect((await other.get(`/projects/${project}/pledge${path}`)).status).toBe(404)
      const nobody = await visitor(at.site).get(`/projects/${project}/pledge${path}`)
      expect([nobody.status, placeOf(nobody)]).toEqual([
        303,
        expect.stringMatching(/^\/sign-in\?next=/),
      ])
    }
    const key = { key: 'a' }
    expect((await other.post(`/projects/${project}/pledge/cancel`, key)).status).toBe(404)
    expect(await at.pledgedOf(project)).toEqual([2_500, 1])
  })
})

describe('without an account', () => {
  test('a mailed link leads on, and an account comes later', async () => {
    const guest = visitor(at.site)
    const chosen = await guest.post(choosing(), { reward: 'none', bonus: '12' })
    const who = await textOf(await guest.get(placeOf(chosen)))
    expect(who).toContain('Who is backing?')
    expect(who).toContain('Total $12.00')
    const email = `guest${project}@example.test`
    const asked = { reward: 'none', bonus: '12', name: 'Gus Guest', email }
    const path = `/projects/${project}/pledges/guest`
    const wrong = await guest.post(path, { ...asked, email: 'nowhere' })
    expect(wrong.status).toBe(422)
    expect((await guest.post(path, asked)).status).toBe(200)
    expect(await at.pledgedOf(project)).toEqual([0, 0])

    const entered = await guest.get(await mailedPath(at.site, email))
    expect(await textOf(await guest.get(placeOf(entered)))).toContain('Add a card')
    const [person] = await sql`select person_id from guests where email = ${email}`
    const id = Number(person?.['person_id'])
    const card = await addCard(sql, id, 'pays')
    const fields = await formOf(await guest.get(placeOf(entered)))
    const form = { ...fields, card: String(card) }
    const done = await guest.post(`/projects/${project}/pledges/checkout`, form)
    expect(placeOf(done)).toBe(`/projects/${project}/pledge?done=new`)
    expect(await at.pledgedOf(project)).toEqual([1_200, 1])
    expect(await textOf(await guest.get(placeOf(done)))).toContain('Make an account of it')

    // The receipt opens it in another browser, too.
    const elsewhere = visitor(at.site)
    const opened = await elsewhere.get(await mailedPath(at.site, email))
    expect(await textOf(await elsewhere.get(placeOf(opened)))).toContain('Total $12.00')
    const claimed = await elsewhere.post('/guests/claim', { password: 'correct horse battery' })
    expect(placeOf(claimed)).toBe('/pledges')
    expect(await textOf(await elsewhere.get('/pledges'))).toContain('$12 in 1 pledge')
    // From now on it takes the password.
    expect((await guest.get(`/projects/${project}/pledge`)).status).toBe(303)
  })

  test('an address that has an account is told by mail, and nobody else learns of it', async () => {
    const [account] = await sql`select email from accounts where person_id = ${backer.id}`
    const email = String(account?.['email'])
    const guest = visitor(at.site)
    const path = `/projects/${project}/pledges/guest`
    const asked = { reward: 'none', bonus: '12', name: 'Eve', email }
    const answer = await guest.post(path, asked)
    expect([answer.status, await textOf(answer)]).toEqual([
      200,
      expect.stringContaining('We have written to'),
    ])
    expect(await mailedPath(at.site, email)).toStartWith('/sign-in?next=')
  })

  test('a card is added as by anybody', async () => {
    const guest = visitor(at.site)
    const email = `card${project}@example.test`
    const asked = { reward: 'none', bonus: '12', name: 'Gus Guest', email }
    await guest.post(`/projects/${project}/pledges/guest`, asked)
    await guest.get(await mailedPath(at.site, email))
    const answer = await guest.get('/settings/cards/new?to=/pledges')
    expect([answer.status, placeOf(answer)]).toEqual([
      303,
      expect.stringMatching(/^\/test-gateway\/cards\//),
    ])
  })
})
