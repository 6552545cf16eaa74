import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, signedIn } from '#testing/cast'
import { type TestDatabase, testDatabase } from '#testing/database'
import { openHost } from '#testing/hosts'

setDefaultTimeout(60_000)

let database: TestDatabase
let site: TestApp
let cast: Cast
let second: Member
beforeAll(async () => {
  database = await testDatabase()
  site = await testApp(database)
  cast = await makeCast(site)
  second = await signedIn(site, 'Sec Ond', 'staff')
})
afterAll(() => site.close(), 30_000)

const make = async (status: string) => Number((await cast.makeProject(status))['project'])
const at = (id: number, act = '') => `/staff/projects/${id}${act && `/${act}`}`
const rowOf = async (id: number) => {
  const [row] = await site.db.$client`
    select p.status, p.featured_at, d.approved_at from projects p
    left join drafts d on d.project_id = p.id where p.id = ${id}`
  return row
}
const actsOn = async (id: number) =>
  (
    await site.db.$client`
      select act, reason from audit_log where about_project = ${id} order by id`
  ).map(({ act, reason }) => [act, reason])
const eventsOn = async (id: number) =>
  (
    await site.db.$client`
      select kind, recipient_id, reason from events where about_project = ${id} order by id`
  ).map((row) => [row['kind'], Number(row['recipient_id']), row['reason']])

test('the queue shows what waits for a decision, oldest first, and no more what was approved', async () => {
  const [one, two] = [await make('submitted'), await make('submitted')]
  const links = async () => {
    let html = ''
    let path: string | undefined = '/staff/review'
    while (path) {
      const page = await (await cast.staff.get(path)).text()
      html += page
      path = /href="([^"]+)" rel="next"/.exec(page)?.[1]?.replaceAll('&amp;', '&')
    }
    return [...html.matchAll(/href="\/staff\/projects\/(\d+)"/g)].map(([, id]) => Number(id))
  }
  const before = await links()
  expect(before).toEqual(before.toSorted((a, b) => a - b))
  expect(before.slice(-2)).toEqual([one, two])
  expect((await cast.staff.post(at(one, 'approve'), { seen: '0' })).status).toBe(303)
  expect(await links()).toEqual(before.filter((id) => id !== one))
})

test('an approved project waits for its creator, who is told', async () => {
  const id = await make('submitted')
  const page = await (await cast.staff.get(at(id))).text()
  for (const text of ['A lamp of paper', 'It folds.', 'A story', `/projects/${id}/preview`]) {
    expect(page).toContain(text)
  }
  expect((await cast.staff.post(at(id, 'approve'), { seen: '0' })).status).toBe(303)
  expect(await rowOf(id)).toMatchObject({ status: 'submitted', approved_at: expect.any(String) })
  expect(await actsOn(id)).toEqual([['approve', '']])
  expect(await eventsOn(id)).toEqual([['project_approved', cast.owner.id, '']])
  expect(await (await cast.staff.get(at(id))).text()).toContain('Approved, not launched yet')
})

test.each([
  ['send-back', 'send_back', 'draft', 'project_sent_back'],
  ['reject', 'reject', 'rejected', 'project_rejected'],
])('%s needs a reason, which its creator is told', async (name, act, status, event) => {
  const id = await make('submitted')
  for (const [reason, sentence] of [
    ['   ', 'Please say why.'],
    ['é'.repeat(1_001), 'May have 1000 characters at most.'],
  ] as const) {
    const answer = await cast.staff.post(at(id, name), { reason, seen: '0' })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(sentence)
  }
  expect(await actsOn(id)).toEqual([])
  const reason = 'The story says nothing of who makes it. שלום 👩‍🚀'
  expect((await cast.staff.post(at(id, name), { reason, seen: '0' })).status).toBe(303)
  expect((await rowOf(id))?.['status']).toBe(status)
  expect(await actsOn(id)).toEqual([[act, reason]])
  expect(await eventsOn(id)).toEqual([[event, cast.owner.id, reason]])
  expect(await (await cast.staff.get(at(id))).text()).toContain(reason)
})

test('of two who decide at once one does, and the other reads what has happened', async () => {
  const id = await make('submitted')
  const answers = await Promise.all([
    cast.staff.post(at(id, 'approve'), { seen: '0' }),
    second.post(at(id, 'reject'), { reason: 'It is not new.', seen: '0' }),
  ])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409])
  const late = answers.find(({ status }) => status === 409)
  expect(await late?.text()).toMatch(/The last act of staff: .*(approved|rejected)/)
  expect(await actsOn(id)).toHaveLength(1)
  // The same twice: the button pressed again, or the page sent again.
  expect((await cast.staff.post(at(id, 'approve'), { seen: '0' })).status).toBe(409)
  expect(await actsOn(id)).toHaveLength(1)
})

test('a decision about what was submitted anew meanwhile is not taken', async () => {
  const id = await make('submitted')
  await cast.staff.post(at(id, 'send-back'), { reason: 'Say more.', seen: '0' })
  await site.db.$client`update projects set status = 'submitted' where id = ${id}`
  expect((await second.post(at(id, 'approve'), { seen: '0' })).status).toBe(409)
  const seen = /name="seen" value="(\d+)"/.exec(await (await second.get(at(id))).text())?.[1] ?? ''
  expect((await second.post(at(id, 'approve'), { seen })).status).toBe(303)
})

test('a pick is on the front page for everybody within a second', async () => {
  const id = await make('live')
  // The seeded ones were picked in what is the future of the database's clock.
  await site.db.$client`update projects set featured_at = now() where featured_at is not null`
  const { url } = database
  const host = await openHost({ databaseUrl: url, changesUrl: url, redisUrl: null })
  const path = `/projects/${id}-a-lamp-of-paper`
  const shows = async (page: string, text: string) =>
    (await (await host.get(page)).text()).includes(text)
  const seen = async () => [await shows('/', path), await shows(path, 'Staff pick')]
  expect(await seen()).toEqual([false, false])
  for (let times = 0; times < 2; times++) {
    expect((await cast.staff.post(at(id, 'pick'), {})).status).toBe(303)
  }
  await Bun.sleep(1_000)
  expect(await seen()).toEqual([true, true])
  await host.close()
  expect(await actsOn(id)).toEqual([['pick', '']])
  for (let times = 0; times < 2; times++) await cast.staff.post(at(id, 'unpick'), {})
  expect((await rowOf(id))?.['featured_at']).toBeNull()
  expect(await actsOn(id)).toHaveLength(2)
  const draft = await make('draft')
  expect((await cast.staff.post(at(draft, 'pick'), {})).status).toBe(409)
})

test('a suspended project says so, leaves all lists and stays as it is', async () => {
  const id = await make('live')
  const reason = 'It is sold elsewhere already.'
  expect((await cast.staff.post(at(id, 'suspend'), { reason: '' })).status).toBe(422)
  expect((await cast.staff.post(at(id, 'suspend'), { reason })).status).toBe(303)
  expect((await cast.staff.post(at(id, 'suspend'), { reason })).status).toBe(409)
  expect(await actsOn(id)).toEqual([['suspend', reason]])
  expect(await eventsOn(id)).toEqual([['project_suspended', cast.owner.id, reason]])
  const page = await site.get((await site.get(`/projects/${id}`)).headers.get('location') ?? '')
  expect(await page.text()).toContain('We have suspended this project.')
  const discover = await (await site.get('/discover?sort=newest')).text()
  expect(discover).not.toContain(`/projects/${id}-`)
})

test('nobody of staff decides about what they have a part in', async () => {
  const id = await make('submitted')
  await site.db.$client`update projects set creator_id = ${second.id} where id = ${id}`
  expect((await second.post(at(id, 'approve'), { seen: '0' })).status).toBe(403)
  const live = await make('live')
  await site.db.$client`
    insert into collaborators (project_id, person_id, permissions, accepted_at)
    values (${live}, ${second.id}, '{numbers}', now())`
  for (const act of ['pick', 'suspend']) {
    expect((await second.post(at(live, act), { reason: 'Mine.' })).status).toBe(403)
  }
  expect([...(await actsOn(id)), ...(await actsOn(live))]).toEqual([])
})

test.each(['999999999', '0', '-1', '1e3', 'x', '99999999999999999999'])(
  'there is no project %s',
  async (id) => {
    expect((await cast.staff.get(`/staff/projects/${id}`)).status).toBe(404)
    for (const act of ['approve', 'reject', 'pick', 'suspend']) {
      const answer = await cast.staff.post(`/staff/projects/${id}/${act}`, {
        reason: 'Forged.',
        seen: '0',
      })
      expect(answer.status).toBe(404)
    }
  },
)
