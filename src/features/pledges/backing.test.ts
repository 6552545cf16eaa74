import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { type BackedSite, backedSite, placeOf, textOf } from '#testing/backing'
import { addReward } from '#testing/campaign'
import type { Member } from '#testing/cast'
import { visitor } from '#testing/visitor'
import { pledgeWriterOf } from './writes/batch-writer'

// Backing a project by its pages, as a browser without scripts does.

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

test('a reward, an add-on, shipping and a bonus: each sum before it is confirmed, and after', async () => {
  const prices = { Germany: 450, France: 700 }
  const reward = await addReward(sql, project, { name: 'A big lamp' }, prices)
  const addOn = await addReward(sql, project, { name: 'A bulb', amount: 250, is_add_on: true })
  const choice = {
    ...{ reward: String(reward), [`add-${addOn}`]: '2', country: 'Germany', bonus: '5.50' },
  }

  const shown = await textOf(await backer.get(`${choosing()}?reward=${reward}`))
  expect(shown).toContain('Shipping comes on top')
  expect(shown).toContain('Germany ($4.50)')
  const unfinished = await backer.post(choosing(), { reward: String(reward) })
  expect(unfinished.status).toBe(422)
  expect(await textOf(unfinished)).toContain('Please choose where it is to be shipped.')

  const chosen = await backer.post(choosing(), choice)
  const page = await backer.get(placeOf(chosen))
  const text = await textOf(page)
  for (const line of [
    ...['A big lamp $20.00', '2 × A bulb $5.00', 'Shipping to Germany $4.50', 'Bonus $5.50'],
    ...['Total $35.00', 'To the creator $32.00', 'Jumpstarter’s fee $1.75'],
    ...['Payment processing $1.25', 'All or nothing: your card is charged', 'Pledge $35'],
  ]) {
    expect(text).toContain(line)
  }
  expect(await at.pledgedOf(project)).toEqual([0, 0])

  const done = await at.pledge(backer, project, choice, card)
  expect([done.status, placeOf(done)]).toEqual([303, `/projects/${project}/pledge?done=new`])
  expect([...(await rowsOf(backer.id))]).toEqual([
    {
      ...{ status: 'pledged', amount: 3_500, reward_id: reward, bonus: 550, shipping: 450 },
      ...{ ship_to: 'Germany', anonymous: false, card_id: card },
    },
  ])
  expect(await at.pledgedOf(project)).toEqual([3_500, 1])
  const own = await textOf(await backer.get(placeOf(done)))
  for (const line of ['Thank you', '2 × A bulb $5.00', 'Total $35.00', 'Visa ending in 4242']) {
    expect(own).toContain(line)
  }
  const mails = await at.mailsTo(backer)
  expect(mails.map(({ subject }) => subject)).toEqual(['You are backing A lamp'])
  expect(mails[0]?.text).toContain('2 × A bulb: $5')
  expect(mails[0]?.text).toContain('Total: $35')
  expect(await textOf(await backer.get('/pledges'))).toContain('$35 in 1 pledge')
  expect(await textOf(await backer.get(`/projects/${project}/pledge/receipt`))).toContain('$35.00')
  expect(await textOf(await backer.get(`/projects/${project}-a-lamp`))).toContain('See your pledge')
})

test('where somebody lives is where it goes, unless they choose another country', async () => {
  const reward = await addReward(sql, project, {}, { Germany: 450, France: 700 })
  await sql`update people set country = 'France' where id = ${backer.id}`
  const shown = await textOf(await backer.get(`${choosing()}?reward=${reward}`))
  expect(shown).toContain('Total $27.00')
  const other = `${choosing()}?reward=${reward}&country=Germany`
  expect(await textOf(await backer.get(other))).toContain('Total $24.50')
})

test('one form sent fifty times at once is one pledge with one receipt', async () => {
  const { path, fields } = await at.checkOut(backer, choosing(), { reward: 'none', bonus: '25' })
  const form = { ...fields, card: String(card) }
  const answers = await Promise.all(Array.from({ length: 50 }, () => backer.post(path, form)))
  expect(new Set(answers.map((answer) => `${answer.status} ${placeOf(answer)}`))).toEqual(
    new Set([`303 /projects/${project}/pledge?done=new`]),
  )
  expect(await rowsOf(backer.id)).toHaveLength(1)
  expect(await at.pledgedOf(project)).toEqual([2_500, 1])
  expect(await at.mailsTo(backer)).toHaveLength(1)
  // The back button: the same form once more, and then with something else in it.
  expect((await backer.post(path, form)).status).toBe(303)
  const other = await backer.post(path, { ...form, anonymous: '1' })
  expect(placeOf(other)).toBe(`/projects/${project}/pledge`)
  // Two windows: another form is another request.
  const second = await backer.post(path, { ...form, key: crypto.randomUUID() })
  expect(second.status).toBe(409)
  expect(await textOf(second)).toContain('You back this already')
  expect(await at.pledgedOf(project)).toEqual([2_500, 1])
})

describe('a limited reward', () => {
  test('is set aside for 15 minutes, which others see', async () => {
    const reward = await addReward(sql, project, { quantity: 1 })
    const chosen = await backer.post(choosing(), { reward: String(reward) })
    const text = await textOf(await backer.get(placeOf(chosen)))
    expect(text).toMatch(/set aside for you for another (15|14) minutes , until \d\d:\d\d UTC/)
    const { backer: other } = await at.newBacker()
    expect(await textOf(await other.get(choosing()))).toContain('set aside for others just now')
    const refused = await other.post(choosing(), { reward: String(reward) })
    expect(refused.status).toBe(409)
    expect(await textOf(refused)).toContain('That is all gone')
    // Coming back makes it no longer.
    const until = () => sql`select expires_at from reward_holds where reward_id = ${reward}`
    const [before] = await until()
    await backer.post(choosing(), { reward: String(reward) })
    expect([...(await until())]).toEqual([{ expires_at: before?.['expires_at'] }])
  })

  test('that was chosen before signing in is set aside after it, without another press', async () => {
    const reward = await addReward(sql, project, { quantity: 1 })
    const reader = visitor(at.site)
    const chosen = await reader.post(choosing(), { reward: String(reward) })
    const html = await (await reader.get(placeOf(chosen))).text()
    const next = /href="\/sign-in\?next=([^"]+coming[^"]+)"/.exec(html)?.[1] ?? ''
    const going = decodeURIComponent(next)
    expect(going).toContain('coming=1')
    // Nobody else can make somebody set it aside: a link alone does not.
    expect(await textOf(await backer.get(going))).toContain('Set it aside for me')
    for (const [name, value] of backer.cookies) reader.cookies.set(name, value)
    const gone = await reader.get(going)
    expect([gone.status, placeOf(gone)]).toEqual([303, going.replace('&coming=1', '')])
    expect(await textOf(await reader.get(placeOf(gone)))).toContain('set aside for you for another')
    expect(reader.cookies.has('chosen')).toBe(false)
  })

  test('comes back when that lapses, and whoever had it may still be in time', async () => {
    const reward = await addReward(sql, project, { quantity: 1 })
    const { path, fields } = await at.checkOut(backer, choosing(), { reward: String(reward) })
    await sql`update reward_holds set expires_at = now() - interval '1 second'
      where reward_id = ${reward}`
    const again = await textOf(await backer.get(`${path}?reward=${reward}`))
    expect(again).toContain('Set it aside for me')
    expect((await backer.post(path, { ...fields, card: String(card) })).status).toBe(303)
    expect(await rowsOf(backer.id)).toHaveLength(1)
  })

  test('that somebody else has taken meanwhile says so, with what is left', async () => {
    const reward = await addReward(sql, project, { quantity: 1, name: 'The only lamp' })
    const other = await addReward(sql, project, { name: 'A plain lamp', position: 2 })
    const { path, fields } = await at.checkOut(backer, choosing(), { reward: String(reward) })
    await sql`update reward_holds set expires_at = now() - interval '1 second'
      where reward_id = ${reward}`
    const faster = await at.newBacker()
    const first = await at.pledge(faster.backer, project, { reward: String(reward) }, faster.card)
    expect(first.status).toBe(303)

    const late = await backer.post(path, { ...fields, card: String(card) })
    expect(late.status).toBe(409)
    const html = await late.text()
    expect(html).toContain('Nothing was charged.')
    expect(html).toContain(`/projects/${project}/pledges/new?reward=${other}`)
    expect(html).not.toContain(`pledges/new?reward=${reward}"`)
    expect(await rowsOf(backer.id)).toEqual([] as never)
    expect(await at.mailsTo(backer)).toEqual([])
  })
})

test('when too many wait, whoever comes is told to come again, and nobody is lost', async () => {
  const { path, fields } = await at.checkOut(backer, choosing(), { reward: 'none', bonus: '5' })
  const release = Promise.withResolvers<void>()
  const locked = Promise.withResolvers<void>()
  const lock = sql.begin(async (tx) => {
    await tx`select from projects where id = ${project} for update`
    locked.resolve()
    await release.promise
  })
  await locked.promise
  const writer = pledgeWriterOf(at.site.deps)
  const asked = {
    ...{ rewardId: null, addOns: [], bonus: 500, shipTo: null, anonymous: false },
    ...{ total: 500, cardId: null },
  }
  const people = (await sql`select id from people order by id limit 600`).map(({ id }) =>
    Number(id),
  )
  const place = (projectId: number, backerId: number, key: string) =>
    writer.place({ ...asked, projectId, backerId, key })
  // The first batch waits for the project; all others wait for the batch.
  const first = place(project, people[0] as number, 'first')
  await Bun.sleep(100)
  const waiting = Array.from({ length: 5_000 }, (_, index) =>
    place(1_000_000_000 + index, people[index % 600] as number, `key ${index}`),
  )
  const refused = await backer.post(path, { ...fields, card: String(card) })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await textOf(refused)).toContain('Many people at the door')
  release.resolve()
  await lock
  expect((await first).outcome).toBe('taken')
  const outcomes = new Set((await Promise.all(waiting)).map(({ outcome }) => outcome))
  expect([...outcomes]).toEqual(['project_not_found'])
  expect((await backer.post(path, { ...fields, card: String(card) })).status).toBe(303)
  expect(await at.pledgedOf(project)).toEqual([1_000, 2])
  // What it logs names the request that was refused.
  expect(at.site.takeErrors()).toHaveLength(1)
  const report = at.site.deps.meter?.report() ?? []
  const counted = (outcome: string) =>
    report.find(([name, [label]]) => name === 'jumpstarter_pledges' && label === outcome)?.[2]
  expect([counted('busy'), counted('project_not_found')]).toEqual([[1], [5_000]])
})
