import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, program, signedIn } from '#testing/cast'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let friend: Member
let owner: Awaited<ReturnType<typeof program>>
let friendly: typeof owner
let at: string
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  friend = await signedIn(site, 'Fri End')
  owner = await program(site, cast.owner.id, ['projects'])
  friendly = await program(site, friend.id, ['projects'])
  const { project } = await cast.makeProject('draft')
  await site.db.$client`delete from collaborators where project_id = ${project ?? 0}`
  at = `/projects/${project}`
})
afterAll(() => site.close(), 30_000)
beforeEach(async () => {
  await site.db.$client`delete from rate_limits`
})

const asked = { title: 'Illustrator', permissions: ['edit'] }
const jsonOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>
const dataOf = async (answer: Promise<Response>) =>
  (await jsonOf(await answer))['data'] as unknown[]

test('somebody is asked, agrees, is given more, and leaves', async () => {
  const body = { who: 'Fri.End@example.test', ...asked }
  expect((await owner('POST', `${at}/invitations`, body)).status).toBe(204)
  expect(await dataOf(owner('GET', `${at}/collaborators`))).toEqual([])
  const [own, ...others] = await dataOf(friendly('GET', '/me/invitations'))
  expect(others).toEqual([])
  expect(own).toMatchObject({ ...asked, project: { title: 'A lamp of paper', creator: 'Own Er' } })
  expect((await friendly('GET', `${at}/draft`)).status).toBe(404)

  expect((await friendly('PUT', `${at}/invitation`)).status).toBe(204)
  expect(await dataOf(friendly('GET', '/me/invitations'))).toEqual([])
  expect((await friendly('GET', `${at}/draft`)).status).toBe(200)
  expect((await friendly('GET', `${at}/collaborators`)).status).toBe(403)
  const change = { title: '', permissions: ['community', 'numbers'] }
  const path = `${at}/collaborators/${friend.id}`
  expect((await owner('PUT', path, change)).status).toBe(204)
  expect(await dataOf(owner('GET', `${at}/collaborators`))).toEqual([
    { id: friend.id, name: 'Fri End', url: `http://localhost:3000/people/${friend.id}`, ...change },
  ])
  expect((await friendly('GET', `${at}/draft`)).status).toBe(403)
  expect((await friendly('DELETE', `${at}/invitation`)).status).toBe(204)
  expect(await dataOf(owner('GET', `${at}/collaborators`))).toEqual([])
  expect((await owner('PUT', path, change)).status).toBe(404)
})

test('an invitation is taken back, and a helper sent away', async () => {
  const who = String(friend.id)
  await owner('POST', `${at}/invitations`, { who, ...asked })
  expect((await owner('DELETE', `${at}/invitations?who=${who}`)).status).toBe(204)
  expect((await friendly('PUT', `${at}/invitation`)).status).toBe(404)
  await owner('POST', `${at}/invitations`, { who, ...asked })
  await friendly('PUT', `${at}/invitation`)
  for (let times = 0; times < 2; times++) {
    expect((await owner('DELETE', `${at}/collaborators/${friend.id}`)).status).toBe(204)
  }
  expect((await friendly('GET', `${at}/draft`)).status).toBe(404)
})

test('what the page refuses is refused', async () => {
  for (const [body, field] of [
    [{ who: 'nobody', ...asked }, 'who'],
    [{ who: 'a@', ...asked }, 'who'],
    [{ who: '7', title: 'x'.repeat(41), permissions: ['edit'] }, 'title'],
    [{ who: '7', title: '', permissions: [] }, 'permissions'],
    [{ who: '7', permissions: ['everything'] }, 'permissions.0'],
  ] as const) {
    const answer = await owner('POST', `${at}/invitations`, body)
    expect([answer.status, (await jsonOf(answer))['field']]).toEqual([422, field])
  }
  const statuses: number[] = []
  for (let count = 0; count < 21; count++) {
    const body = { who: `nobody${count}@example.test`, ...asked }
    statuses.push((await owner('POST', `${at}/invitations`, body)).status)
  }
  expect(statuses.slice(-2)).toEqual([204, 429])
  await site.db.$client`insert into restrictions (person_id, kind, reason, staff_id)
    values (${cast.owner.id}, 'message', 'Spam', ${cast.staff.id})`
  const answer = await owner('POST', `${at}/invitations`, { who: '7', ...asked })
  expect(answer.status).toBe(403)
})
