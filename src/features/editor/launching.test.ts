import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { verifyCounters } from '#db/verify'
import { type TestApp, testApp } from '#testing/app'
import { joined, type Visitor } from '#testing/visitor'
import { launchNextDue } from './writes/lifecycle'

// An approved project launches by itself: at its moment, once, and only while it may.

setDefaultTimeout(60_000)

let site: TestApp
let ana: Visitor
let me: number
beforeAll(async () => {
  site = await testApp()
  site.setNow(new Date())
  ana = await joined(site, 'Ana Sets')
  const [row] = await site.db.$client`
    select person_id from accounts where email = 'ana.sets@example.test'`
  me = Number(row?.['person_id'])
})
afterAll(() => site.close(), 30_000)

async function makeApproved(): Promise<number> {
  const [project] = await site.db.$client`
    insert into projects (creator_id, creator_name, status, title, description, category,
      subcategory, city, state, country, goal)
    select ${me}, 'Ana Sets', 'submitted', 'Clock', 'Tells the time.', 'design',
      'design/furniture', city, state, country, 50000
    from places limit 1 returning id`
  const id = Number(project?.['id'])
  await site.db.$client`
    insert into drafts (project_id, duration_days, approved_at) values (${id}, 30, now())`
  return id
}

const act = (id: number, verb: string, fields: Record<string, string> = {}) =>
  ana.post(`/projects/${id}/${verb}`, fields)
const launch = (id: number) => act(id, 'launch', { when: 'now' })

const rowOf = async (id: number) => {
  const [row] = await site.db.$client`
    select p.status, d.approved_at, d.launch_at from projects p
    join drafts d on d.project_id = p.id where p.id = ${id}`
  return row as Record<string, unknown>
}
const eventsOf = async (id: number) => {
  const rows = await site.db.$client`
    select kind from events where about_project = ${id} order by id`
  return rows.map(({ kind }) => kind as string)
}
const lineOf = async (id: number) => {
  const rows = await site.db.$client`
    select from_status, to_status from project_transitions where project_id = ${id} order by number`
  return rows.map((row) => `${row['from_status'] ?? ''}→${row['to_status']}`)
}

/** What of the stored counts disagrees with the rows. */
async function disagreements(): Promise<unknown[]> {
  const wrong: unknown[] = []
  for await (const check of verifyCounters(site.db)) if (check.count > 0) wrong.push(check)
  return wrong
}

const setLaunch = (id: number, at: string) => act(id, 'launch', { when: 'later', at })
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16)

test('happens once, however many ask', async () => {
  const ids = [await makeApproved(), await makeApproved()]
  for (const id of ids) {
    expect((await setLaunch(id, inDays(2))).headers.get('location')).toEndWith('?done=set')
  }
  expect(await launchNextDue(site.db)).toBe(false)
  await site.db.$client`
    update drafts set launch_at = now() - interval '1 second' where project_id = any(${ids})`
  const work = async () => {
    while (await launchNextDue(site.db));
  }
  await Promise.all([work(), work(), work(), work()])
  await work()
  for (const id of ids) {
    expect(await rowOf(id)).toMatchObject({ status: 'live', launch_at: null })
    expect(await eventsOf(id)).toEqual(['project_launched'])
    expect((await lineOf(id)).filter((line) => line === 'submitted→live')).toHaveLength(1)
  }
  expect(await disagreements()).toEqual([])
})

test.each([
  [inDays(-1), 'Must be in the future'],
  [inDays(181), 'Must be in the future, and within 180 days.'],
  ['', 'Please give a moment.'],
  ['soon', 'Is not a moment'],
])('is refused for %p', async (at, sentence) => {
  const id = await makeApproved()
  const answer = await setLaunch(id, at)
  expect([answer.status, (await rowOf(id))['launch_at']]).toEqual([422, null])
  expect(await answer.text()).toContain(sentence)
})

test('can be taken back, and is over when the project is withdrawn', async () => {
  const id = await makeApproved()
  await site.db.$client`update drafts set approved_at = null where project_id = ${id}`
  expect((await setLaunch(id, inDays(2))).status).toBe(409)
  await site.db.$client`update drafts set approved_at = now() where project_id = ${id}`
  await setLaunch(id, inDays(2))
  expect((await act(id, 'launch', { when: 'never' })).status).toBe(303)
  expect((await rowOf(id))['launch_at']).toBeNull()
  await setLaunch(id, inDays(2))
  await act(id, 'withdraw')
  expect(await rowOf(id)).toMatchObject({ status: 'draft', launch_at: null })
})

test('waits while its creator may not launch', async () => {
  const id = await makeApproved()
  await site.db.$client`
    insert into restrictions (person_id, kind, reason, staff_id)
    values (${me}, 'submit', 'Spam.', ${me})`
  await site.db.$client`update drafts set launch_at = now() where project_id = ${id}`
  expect(await launchNextDue(site.db)).toBe(false)
  expect((await launch(id)).status).toBe(403)
  await site.db.$client`delete from restrictions where person_id = ${me}`
  expect(await launchNextDue(site.db)).toBe(true)
  expect(await rowOf(id)).toMatchObject({ status: 'live' })
})

test('whose end has come too near waits for its creator', async () => {
  const id = await makeApproved()
  await site.db.$client`
    update drafts set duration_days = null, planned_end = now() + interval '3 hours',
      launch_at = now() - interval '1 hour' where project_id = ${id}`
  expect((await launch(id)).status).toBe(409)
  expect(await launchNextDue(site.db)).toBe(true)
  expect(await rowOf(id)).toMatchObject({ status: 'submitted', launch_at: null })
  expect(await launchNextDue(site.db)).toBe(false)
})
