import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { verifyCounters } from '#db/verify'
import type { ProjectStatus } from '#features/projects/rules'
import { type TestApp, testApp } from '#testing/app'
import { joined, type Visitor } from '#testing/visitor'
import { approveProject, rejectProject, sendBackProject } from './writes/review'

// A project from its draft to its end: who moves it, when it may be moved, and what is counted.

setDefaultTimeout(60_000)

let site: TestApp
let ana: Visitor
let staffId: number
beforeAll(async () => {
  site = await testApp()
  site.setNow(new Date())
  ana = await joined(site, 'Ana Life')
  await joined(site, 'Sta Life')
  staffId = await personOf('sta.life@example.test')
})
afterAll(() => site.close(), 30_000)

beforeEach(async () => {
  await site.db.$client`
    update projects p set creator_id = o.id, creator_name = o.name from people o
    where o.id = 1 and p.status = 'draft'`
  await site.db.$client`delete from rate_limits`
})

async function personOf(email: string): Promise<number> {
  const [row] = await site.db.$client`select person_id from accounts where email = ${email}`
  return Number(row?.['person_id'])
}

let begun = 0
/** A draft with all that is asked for. */
async function makeWhole(): Promise<number> {
  begun++
  const basics = {
    ...{ title: `Chair ${begun}`, category: 'design/furniture', description: 'To sit on.' },
    ...{ city: 'Leeds', state: 'England', country: 'United Kingdom', tags: '' },
  }
  const answer = await ana.post('/start', basics)
  const id = Number(answer.headers.get('location')?.split('/')[2])
  const at = (part: string) => `/projects/${id}/edit/${part}`
  await ana.post(at('basics'), { ...basics, version: '1' })
  await ana.post(at('funding'), {
    ...{ goal: '500', currency: 'EUR', mode: 'flexible', durationDays: '30', version: '2' },
  })
  const texts = { story: 'It has four legs. '.repeat(20), risks: 'One may be short.' }
  await ana.post(at('story'), { ...texts, version: '3' })
  return id
}

const act = (id: number, verb: string, fields: Record<string, string> = {}) =>
  ana.post(`/projects/${id}/${verb}`, fields)
const submit = (id: number) => act(id, 'submit', { withoutRewards: 'yes' })
const launch = (id: number) => act(id, 'launch', { when: 'now' })
const cancel = (id: number) => act(id, 'cancel', { reason: 'The wood is gone.', sure: 'yes' })
const approve = (projectId: number) =>
  site.db.transaction((tx) => approveProject(tx, { projectId, staffId }))

const rowOf = async (id: number) => {
  const [row] = await site.db.$client`
    select p.status, p.launched_at, p.ends_at, d.approved_at, d.launch_at, d.version from projects p
    left join drafts d on d.project_id = p.id where p.id = ${id}`
  return row as Record<string, unknown>
}
const statusOf = async (id: number) => (await rowOf(id))['status'] as ProjectStatus
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

async function makeLive(): Promise<number> {
  const id = await makeWhole()
  await submit(id)
  await approve(id)
  await launch(id)
  expect(await statusOf(id)).toBe('live')
  return id
}

/** What of the stored counts disagrees with the rows. */
async function disagreements(): Promise<unknown[]> {
  const wrong: unknown[] = []
  for await (const check of verifyCounters(site.db)) if (check.count > 0) wrong.push(check)
  return wrong
}

test('from the draft to the launch and its end, counted at every step', async () => {
  const counts = async () => {
    const [row] = await site.db.$client`
      select (select live_count from categories where slug = 'design/furniture') as category,
        (select live_count from places where city = 'Leeds' and state = 'England') as place,
        (select projects_count from people where id = ${await personOf('ana.life@example.test')}) as person`
    return [row?.['category'], row?.['place'], row?.['person']].map(Number)
  }
  const id = await makeWhole()
  const [category = 0, place = 0, person = 0] = await counts()
  expect((await submit(id)).headers.get('location')).toEndWith('?done=submitted')
  expect((await submit(id)).status).toBe(409)
  expect((await launch(id)).status).toBe(409)
  await approve(id)
  await expect(approve(id)).rejects.toThrow()
  expect((await site.get(`/projects/${id}`)).status).toBe(404)
  const before = Date.now()
  expect((await launch(id)).headers.get('location')).toEndWith('?done=launched')
  expect((await launch(id)).status).toBe(409)
  const row = await rowOf(id)
  const [launched = 0, ends = 0] = [row['launched_at'], row['ends_at']].map((moment) =>
    new Date(String(moment)).getTime(),
  )
  expect(Math.abs(launched - before)).toBeLessThan(60_000)
  const days = (ends - launched) / 86_400_000
  expect(days).toBe(30)
  expect(await counts()).toEqual([category + 1, place + 1, person + 1])
  const page = await site.get((await site.get(`/projects/${id}`)).headers.get('location') ?? '')
  expect(page.status).toBe(200)
  const list = await (await site.get('/discover?sort=newest')).text()
  expect(list).toContain(`/projects/${id}-chair`)
  expect((await cancel(id)).headers.get('location')).toEndWith('?done=canceled')
  expect(await counts()).toEqual([category, place, person + 1])
  expect(await eventsOf(id)).toEqual(['project_approved', 'project_launched', 'project_canceled'])
  const line = ['→draft', 'draft→submitted', 'submitted→submitted', 'submitted→live']
  expect(await lineOf(id)).toEqual([...line, 'live→canceled'])
  const history = await (await ana.get(`/projects/${id}/history`)).text()
  expect(history).toContain('The wood is gone.')
  expect(await disagreements()).toEqual([])
})

test('whoever reads with the page open hears of the launch within a second', async () => {
  const id = await makeWhole()
  await submit(id)
  await approve(id)
  const heard: string[] = []
  const { unlisten } = await site.db.$client.listen('jumpstarter_changes', (text) => {
    heard.push(text)
  })
  await launch(id)
  await Bun.sleep(500)
  await unlisten()
  expect(heard.join()).toContain(String(id))
})

describe('what is incomplete', () => {
  test('is not taken, and says what is missing', async () => {
    const answer = await ana.post('/start', {
      ...{ title: 'Not yet', category: 'design/furniture' },
      ...{ city: 'Leeds', state: 'England', country: 'United Kingdom' },
    })
    const id = Number(answer.headers.get('location')?.split('/')[2])
    const refused = await submit(id)
    expect([refused.status, await statusOf(id)]).toEqual([422, 'draft'])
    const page = await refused.text()
    expect(page).toContain('5 things still missing')
    expect(page).toContain(`/projects/${id}/edit/funding#goal`)
  })

  test('without rewards has to be said so', async () => {
    const id = await makeWhole()
    const refused = await act(id, 'submit')
    expect([refused.status, await statusOf(id)]).toEqual([422, 'draft'])
    expect(await refused.text()).toContain('offer one, or say that you offer none')
    await submit(id)
    expect(await statusOf(id)).toBe('submitted')
  })

  test('a draft changed between is still what was looked at', async () => {
    const id = await makeWhole()
    const answers = await Promise.all([submit(id), submit(id), submit(id)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409, 409])
    expect((await lineOf(id)).filter((line) => line === 'draft→submitted')).toHaveLength(1)
  })
})

describe('the review', () => {
  test('in it nothing can be changed, and it can be taken back', async () => {
    const id = await makeWhole()
    await submit(id)
    const { version } = await rowOf(id)
    const changed = { story: 'Other', risks: 'x', version: String(version) }
    expect((await ana.post(`/projects/${id}/edit/story`, changed)).status).toBe(409)
    await approve(id)
    expect((await act(id, 'delete', { sure: 'yes' })).status).toBe(409)
    expect((await act(id, 'withdraw')).status).toBe(303)
    expect(await rowOf(id)).toMatchObject({ status: 'draft', approved_at: null })
    expect((await launch(id)).status).toBe(409)
  })

  test('sends it back with a note, or rejects it with a reason', async () => {
    const id = await makeWhole()
    await submit(id)
    const note = 'Please say more about the wood.'
    await site.db.transaction((tx) => sendBackProject(tx, { projectId: id, staffId, note }))
    expect(await statusOf(id)).toBe('draft')
    const page = await (await ana.get(`/projects/${id}/edit/launch`)).text()
    expect(page).toContain(note)
    await submit(id)
    const reason = 'Chairs are not for here.'
    await site.db.transaction((tx) => rejectProject(tx, { projectId: id, staffId, reason }))
    expect(await statusOf(id)).toBe('rejected')
    expect(await eventsOf(id)).toEqual(['project_sent_back', 'project_rejected'])
    for (const verb of ['submit', 'withdraw', 'launch', 'cancel', 'delete']) {
      const fields = { sure: 'yes', when: 'now', reason: 'x', withoutRewards: 'yes' }
      expect([verb, (await act(id, verb, fields)).status]).toEqual([verb, 409])
    }
    expect(await disagreements()).toEqual([])
  })

  test('only what is in it can be approved', async () => {
    const id = await makeWhole()
    await expect(approve(id)).rejects.toThrow()
    const live = await makeLive()
    await expect(approve(live)).rejects.toThrow()
    await expect(approve(999_999_999)).rejects.toThrow()
  })
})

describe('after the launch', () => {
  test('terms and place stay, and the rest can be reworded', async () => {
    const id = await makeLive()
    const { version } = await rowOf(id)
    const at = (part: string) => `/projects/${id}/edit/${part}`
    const terms = { goal: '1', currency: 'USD', mode: 'flexible', version: String(version) }
    expect((await ana.post(at('funding'), terms)).status).toBe(409)
    const page = await (await ana.get(at('funding'))).text()
    expect(page).toContain('€500')
    expect(page).not.toContain('name="goal"')
    const words = { title: 'Chair, renamed', description: 'Still to sit on.', tags: 'wood' }
    const moved = { city: 'Paris', category: 'games/tabletop', version: String(version) }
    expect((await ana.post(at('basics'), { ...words, ...moved })).status).toBe(303)
    const [row] = await site.db.$client`select title, city, category from projects where id = ${id}`
    expect(row).toEqual({ title: 'Chair, renamed', city: 'Leeds', category: 'design' })
    const fresh = String(Number(version) + 1)
    const empty = { title: '', description: 'x', tags: '', version: fresh }
    expect((await ana.post(at('basics'), empty)).status).toBe(422)
    expect((await ana.post(at('story'), { story: '', risks: '', version: fresh })).status).toBe(422)
    const address = (await site.get(`/projects/${id}`)).headers.get('location') ?? ''
    expect(await (await site.get(address)).text()).not.toContain('makers-bar')
    expect(await (await ana.get(address)).text()).toContain(`/projects/${id}/edit/basics`)
  })

  test('canceling asks for a reason and whether it is meant, and freezes everything', async () => {
    const id = await makeLive()
    expect((await act(id, 'cancel', { reason: 'Why not' })).status).toBe(422)
    expect((await act(id, 'cancel', { sure: 'yes' })).status).toBe(422)
    expect((await act(id, 'withdraw')).status).toBe(409)
    expect((await act(id, 'delete', { sure: 'yes' })).status).toBe(409)
    const answers = await Promise.all([cancel(id), cancel(id)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409])
    expect(await eventsOf(id)).toContain('project_canceled')
    const { version } = await rowOf(id)
    const words = { title: 'New', description: 'x', tags: '', version: String(version) }
    const late = await ana.post(`/projects/${id}/edit/basics`, {
      ...{ ...words, category: 'design/furniture' },
      ...{ city: 'Leeds', state: 'England', country: 'United Kingdom' },
    })
    expect(late.status).toBe(409)
    expect((await ana.get(`/projects/${id}/edit/basics`)).status).toBe(200)
    expect(await disagreements()).toEqual([])
  })

  test('one whose time is over is neither canceled nor changed', async () => {
    const id = await makeLive()
    await site.db.$client`
      update projects set launched_at = now() - interval '9 days',
        ends_at = now() - interval '1 minute' where id = ${id}`
    expect((await cancel(id)).status).toBe(409)
    expect(await statusOf(id)).toBe('live')
    const { version } = await rowOf(id)
    const words = { title: 'Late', description: 'x', tags: '', version: String(version) }
    expect((await ana.post(`/projects/${id}/edit/basics`, words)).status).toBe(409)
    expect(await (await ana.get(`/projects/${id}/edit/basics`)).text()).not.toContain(
      'name="title"',
    )
  })
})

test('a draft is deleted with all that is inside, by its creator alone', async () => {
  const id = await makeWhole()
  expect((await act(id, 'delete')).status).toBe(422)
  expect((await act(id, 'delete', { sure: 'yes' })).headers.get('location')).toBe(
    '/making?done=deleted',
  )
  expect(await rowOf(id)).toBeUndefined()
  expect(await lineOf(id)).toEqual(['→draft'])
  expect((await act(id, 'delete', { sure: 'yes' })).status).toBe(404)
})

test('a seeded project, which has no draft yet, can be edited by its creator', async () => {
  const [seeded] = await site.db.$client`
    select p.id from projects p left join drafts d on d.project_id = p.id
    where p.status = 'live' and d.project_id is null and p.ends_at > now() limit 1`
  const id = Number(seeded?.['id'])
  const me = await personOf('ana.life@example.test')
  await site.db.$client`update projects set creator_id = ${me} where id = ${id}`
  for (const part of ['basics', 'funding', 'story', 'launch']) {
    expect([part, (await ana.get(`/projects/${id}/edit/${part}`)).status]).toEqual([part, 200])
  }
  const words = { title: 'Seeded, renamed', description: 'x', tags: '', version: '0' }
  expect((await ana.post(`/projects/${id}/edit/basics`, words)).status).toBe(303)
  expect((await ana.post(`/projects/${id}/edit/basics`, words)).status).toBe(409)
})
