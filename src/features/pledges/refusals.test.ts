import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { type BackedSite, backedSite, textOf } from '#testing/backing'
import { addReward, makeCampaign } from '#testing/campaign'
import type { Member } from '#testing/cast'

// What cannot be pledged, by the pages: why, and that nothing came of it.

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

describe('what is forged or wrong', () => {
  test.each([
    ['0', 'A pledge is $1 at least.'],
    ['-5', 'Must not be below zero.'],
    ['10000.01', 'A pledge is $10,000 at most.'],
    ['5.0005', 'May have 2 digits after the point.'],
    ['99999999999999999999', 'Is larger than any amount here.'],
  ])('an amount of %s comes back with the reason', async (bonus, reason) => {
    const answer = await backer.post(choosing(), { reward: 'none', bonus })
    expect(answer.status).toBe(422)
    const html = await answer.text()
    expect(html).toContain(reason)
    expect(html).toContain(`value="${bonus}"`)
  })

  test('another price is shown anew, and nothing is done before that is confirmed', async () => {
    const reward = await addReward(sql, project)
    const { path, fields } = await at.checkOut(backer, choosing(), { reward: String(reward) })
    const forged = await backer.post(path, { ...fields, total: '1', card: String(card) })
    expect(forged.status).toBe(409)
    expect(await textOf(forged)).toContain('it comes to $20 now')
    expect(await rowsOf(backer.id)).toHaveLength(0)
  })

  test.each<[string, Record<string, string>, number]>([
    ['a reward that is none', { reward: '999999999' }, 422],
    ['half a form', { total: '' }, 422],
    ['no card', { card: '' }, 422],
    ['a card that is none', { card: '999999999' }, 422],
    ['no key', { key: '' }, 422],
    ['an amount of nothing', { bonus: '0', total: '0' }, 422],
    ['an amount below zero', { bonus: '-5', total: '-500' }, 422],
    ['an endless amount', { bonus: '1e999', total: '9'.repeat(15) }, 422],
  ])('%s is refused', async (_, given, status) => {
    const { path, fields } = await at.checkOut(backer, choosing(), { reward: 'none', bonus: '5' })
    const answer = await backer.post(path, { ...fields, card: String(card), ...given })
    expect(answer.status).toBe(status)
    expect(await rowsOf(backer.id)).toHaveLength(0)
  })

  test('somebody else’s card does not pay', async () => {
    const { card: theirs } = await at.newBacker()
    const answer = await at.pledge(backer, project, { reward: 'none', bonus: '5' }, theirs)
    expect(answer.status).toBe(422)
    expect(await textOf(answer)).toContain('Please choose one of your cards')
    expect(await at.pledgedOf(project)).toEqual([0, 0])
  })
})

describe('a project that takes no pledges', () => {
  test.each([
    ['has ended', (sql) => sql`ends_at = now() - interval '1 second'`, 'This project has ended'],
    ['was canceled', (sql) => sql`status = 'canceled'`, 'This project was canceled'],
    ['is suspended', (sql) => sql`status = 'suspended'`, 'This project is suspended'],
  ] as [string, (given: typeof sql) => ReturnType<typeof sql>, string][])(
    'because it %s says so at each step',
    async (_, change, title) => {
      const { path, fields } = await at.checkOut(backer, choosing(), { reward: 'none', bonus: '5' })
      await sql`update projects set ${change(sql)} where id = ${project}`
      at.site.setNow(new Date())
      for (const answer of [
        await backer.get(choosing()),
        await backer.post(choosing(), { reward: 'none', bonus: '5' }),
        await backer.post(path, { ...fields, card: String(card) }),
        await backer.post(path, {}),
      ]) {
        expect(answer.status).toBe(409)
        expect(await textOf(answer)).toContain(title)
      }
      expect(await rowsOf(backer.id)).toHaveLength(0)
      // These are no states a project comes to by itself in the middle of a test.
      await sql`update projects set status = 'live', ends_at = now() + interval '1 hour'
        where id = ${project}`
    },
  )

  test('of one’s own, or of somebody who has blocked one', async () => {
    const { backer: creator } = await at.newBacker()
    project = await makeCampaign(sql, { creatorId: creator.id })
    const own = await creator.get(choosing())
    expect([own.status, await textOf(own)]).toEqual([
      403,
      expect.stringContaining('This is your own project'),
    ])
    const { path, fields } = await at.checkOut(backer, choosing(), { reward: 'none', bonus: '5' })
    await sql`insert into blocks (person_id, blocked_id) values (${creator.id}, ${backer.id})`
    const blocked = await backer.post(path, { ...fields, card: String(card) })
    expect(blocked.status).toBe(403)
    expect(await rowsOf(backer.id)).toHaveLength(0)
  })

  test('and none that is nowhere', async () => {
    expect((await backer.get('/projects/999999999/pledges/new')).status).toBe(404)
    await sql`update projects set status = 'draft' where id = ${project}`
    expect((await backer.get(choosing())).status).toBe(404)
    await sql`update projects set status = 'live' where id = ${project}`
  })
})
