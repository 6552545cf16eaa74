import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { tell } from '#features/activity/writes/tell'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, signedIn } from '#testing/cast'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let second: Member
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  second = await signedIn(site, 'Sec Ond', 'staff')
})
afterAll(() => site.close(), 30_000)

const at = ({ id }: { id: number }, act = '') => `/staff/people/${id}${act && `/${act}`}`
const reason = 'Three advertisements in a day.'
const everything = { comment: 'on', message: 'on', submit: 'on', pledge: 'on', report: 'on' }

const restrictionsOf = async ({ id }: Member) =>
  (
    await site.db.$client`
      select kind, reason, until - created_at as days from restrictions
      where person_id = ${id} order by kind`
  ).map((row) => [row['kind'], row['days']])
const actsOn = async ({ id }: Member) =>
  (
    await site.db.$client`
      select act, reason from audit_log where about_person = ${id} order by id`
  ).map((row) => [row['act'], row['reason']])

test('whoever is restricted is refused, and told why and until when', async () => {
  const eve = await signedIn(site, 'Eve Spam')
  const answer = await cast.staff.post(at(eve, 'restrictions'), {
    ...everything,
    days: '7',
    reason,
  })
  expect(answer.status).toBe(303)
  const [row] = await site.db.$client`
    select to_char(until at time zone 'utc', 'FMMonth FMDD, YYYY') as day
    from restrictions where person_id = ${eve.id} limit 1`
  const live = await cast.makeProject('live')
  const own = await cast.makeProject('draft')
  await site.db.$client`
    update projects set creator_id = ${eve.id} where id = ${own['project'] ?? ''}`
  const tries: [string, Record<string, string>, string][] = [
    [`/projects/${live['project']}/comments`, { body: 'Hm.' }, 'write comments'],
    [`/projects/${live['project']}/messages/${eve.id}`, { body: 'Hello' }, 'send messages'],
    [`/projects/${own['project']}/submit`, {}, 'submit or launch projects'],
    [`/report?kind=project&project=${live['project']}`, { reason: 'spam' }, 'report anything'],
  ]
  for (const [path, fields, what] of tries) {
    const refused = await eve.post(path, fields)
    expect([path, refused.status]).toEqual([path, 403])
    const html = await refused.text()
    expect(html).toContain(`You may not ${what} until ${row?.['day']} at`)
    expect(html).toContain(`The reason: ${reason}`)
  }
  const settings = await (await eve.get('/settings')).text()
  expect(settings.match(/You may not/g)).toHaveLength(5)
  const [event] = await site.db.$client`
    select actor_id, reason from events where kind = 'person_restricted' and recipient_id = ${eve.id}`
  expect(event?.['reason']).toEndWith(`for 7 days. ${reason}`)
})

test('a restriction ends by itself, by the clock of the database', async () => {
  const gus = await signedIn(site, 'Gus Later')
  await cast.staff.post(at(gus, 'restrictions'), { report: 'on', days: '1', reason })
  const path = `/report?kind=person&subject=${cast.other.id}`
  expect((await gus.get(path)).status).toBe(403)
  const set = (until: string) => site.db.$client`
    update restrictions set until = now() + ${until}::interval where person_id = ${gus.id}`
  await set('1 hour')
  expect((await gus.get(path)).status).toBe(403)
  await set('-1 second')
  expect((await gus.get(path)).status).toBe(200)
  expect(await (await gus.get('/settings')).text()).not.toContain('You may not')
  expect(await (await cast.staff.get(at(gus))).text()).not.toContain('Lift it')
})

test('it is lifted before its time, once, and set anew for longer', async () => {
  const hal = await signedIn(site, 'Hal Lift')
  const set = (fields: Record<string, string>) =>
    cast.staff.post(at(hal, 'restrictions'), { reason, ...fields })
  // Sent twice it is done once, for longer it is not the same.
  for (let times = 0; times < 2; times++) await set({ comment: 'on', message: 'on', days: '7' })
  expect(await restrictionsOf(hal)).toEqual([
    ['comment', '7 days'],
    ['message', '7 days'],
  ])
  await set({ comment: 'on', days: 'lifted' })
  expect(await restrictionsOf(hal)).toEqual([
    ['comment', null],
    ['message', '7 days'],
  ])
  for (let times = 0; times < 2; times++) {
    expect((await second.post(at(hal, 'restrictions/comment/lift'), {})).status).toBe(303)
  }
  expect(await restrictionsOf(hal)).toEqual([['message', '7 days']])
  expect(await actsOn(hal)).toEqual([
    ['restrict', `No comments, no messages for 7 days. ${reason}`],
    ['restrict', `No comments until it is lifted. ${reason}`],
    ['lift', 'Comments'],
  ])
  // They are told once, in their activity and by mail.
  while (await tell(site.db, 'http://localhost:3000'));
  const html = await (await hal.get('/activity')).text()
  expect(html.match(/has given something back to your account/g)).toHaveLength(1)
  const mails = await site.db.$client`
    select text from outbox where recipient = 'hal.lift@example.test' order by id desc limit 1`
  expect(mails[0]?.['text']).toContain('has given something back to your account')
  expect(mails[0]?.['text']).toContain('Comments.')
})

test('it answers the report it came from', async () => {
  const ida = await signedIn(site, 'Ida Said')
  await cast.member.post(`/report?kind=person&subject=${ida.id}`, { reason: 'harassment' })
  const [row] = await site.db.$client`select max(id) as id from reports`
  const about = String(row?.['id'])
  expect(await (await cast.staff.get(`/staff/reports/${about}`)).text()).toContain(
    `name="about" value="${about}"`,
  )
  const fields = { message: 'on', days: '30', reason, about }
  expect((await cast.staff.post(at(ida, 'restrictions'), fields)).status).toBe(303)
  const [report] = await site.db.$client`select outcome from reports where id = ${about}`
  expect(report?.['outcome']).toBe('acted')
  // Somebody else comes to it later.
  expect((await second.post(at(ida, 'restrictions'), fields)).status).toBe(409)
  expect(await restrictionsOf(ida)).toEqual([['message', '30 days']])
})

test.each([
  [{ days: '7', reason }, 'Please choose at least one.'],
  [{ comment: 'on', reason }, 'Please choose one.'],
  [{ comment: 'on', days: '365', reason }, 'Please choose one.'],
  [{ comment: 'on', days: '7', reason: ' ' }, 'Please say why.'],
  [{ comment: 'on', days: '7', reason: 'é'.repeat(1_001) }, 'May have 1000 characters at most.'],
])('a restriction with %o comes back filled in', async (fields, sentence) => {
  const answer = await cast.staff.post(
    at(cast.member, 'restrictions'),
    fields as Record<string, string>,
  )
  const html = await answer.text()
  expect(answer.status).toBe(422)
  expect(html).toContain(sentence)
  expect(html).toContain(fields.reason.trim())
  expect(await restrictionsOf(cast.member)).toEqual([])
})

test('staff cannot be restricted, nor whoever is not there', async () => {
  const fields = { comment: 'on', days: '7', reason }
  for (const person of [second, cast.staff]) {
    expect((await cast.staff.post(at(person, 'restrictions'), fields)).status).toBe(403)
  }
  // Made by the seed, without an account.
  for (const id of ['999999999', '1', '0', 'x']) {
    const answer = await cast.staff.post(`/staff/people/${id}/restrictions`, fields)
    expect(answer.status).toBe(404)
  }
  expect((await cast.staff.post(at(cast.member, 'restrictions/vote/lift'), {})).status).toBe(404)
})
