import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, signedIn } from '#testing/cast'
import { countQueries } from '#testing/waves'

// Who helps with a project: asked by its creator, agreed to by themselves, and gone at once.

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let owner: Member
let names = 0
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  owner = cast.owner
})
afterAll(() => site.close(), 30_000)

let project: number
let friend: Member
const friendEmail = () => `friend.${names}@example.test`
const make = async (status: string) => {
  project = Number((await cast.makeProject(status))['project'])
  // Those whom the cast brings along are not what is looked at here.
  await site.db.$client`delete from collaborators where project_id = ${project}`
}
beforeEach(async () => {
  await site.db.$client`delete from rate_limits`
  await make('draft')
  names++
  friend = await signedIn(site, `Friend ${names}`)
})

const root = () => `/projects/${project}/edit/people`
const withdrawPath = () => `/projects/${project}/edit/withdraw-invitation`
const invitation = () => `/projects/${project}/invitation`
const ask = (who: string, fields: Record<string, string> = {}) =>
  owner.post(root(), { who, title: 'Illustrator', edit: 'yes', ...fields })
const rowsOf = async () => {
  const rows = await site.db.$client`
    select person_id::int as id, permissions, title, accepted_at is not null as accepted
    from collaborators where project_id = ${project} order by person_id`
  return [...rows]
}
const invitedEvents = async () => {
  const rows = await site.db.$client`
    select actor_id::int as actor, recipient_id::int as recipient from events
    where kind = 'collaborator_invited' and about_project = ${project}`
  return [...rows]
}

test('somebody is asked by address or number, agrees, helps, is shown, and is sent away at once', async () => {
  const edit = `/projects/${project}/edit/rewards`
  expect((await friend.get(edit)).status).toBe(404)
  const answer = await ask(` FRIEND.${names}@example.test `, { numbers: 'yes' })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${root()}?done=invited`])
  expect(await rowsOf()).toEqual([
    { id: friend.id, permissions: ['edit', 'numbers'], title: 'Illustrator', accepted: false },
  ])
  expect(await invitedEvents()).toEqual([{ actor: owner.id, recipient: friend.id }])
  // Until they have agreed they may do nothing, and nobody sees whether they were found.
  expect((await friend.get(edit)).status).toBe(404)
  expect(await (await owner.get(root())).text()).not.toContain(`Friend ${names}`)
  expect(await (await friend.get('/making')).text()).toContain(invitation())
  expect(await (await friend.get(invitation())).text()).toContain('You are asked to help')
  for (let times = 0; times < 2; times++) {
    expect((await friend.post(`${invitation()}/accept`, {})).status).toBe(303)
  }
  expect((await friend.get(edit)).status).toBe(200)
  expect(await (await friend.get(invitation())).text()).toContain('Leave the project')
  expect(await (await owner.get(root())).text()).toContain(`Friend ${names}`)
  const change = { title: 'Painter', community: 'yes' }
  expect((await owner.post(`${root()}/${friend.id}`, change)).status).toBe(303)
  expect(await rowsOf()).toEqual([
    { id: friend.id, permissions: ['community'], title: 'Painter', accepted: true },
  ])
  expect((await friend.get(edit)).status).toBe(403)
  for (let times = 0; times < 2; times++) {
    expect((await owner.post(`${root()}/${friend.id}/remove`, {})).status).toBe(303)
  }
  expect((await friend.get(`/projects/${project}/edit/faqs`)).status).toBe(404)
  expect((await friend.get(invitation())).status).toBe(404)
  expect((await owner.post(`${root()}/${friend.id}`, change)).status).toBe(404)
})

test('whether there is somebody is told to nobody', async () => {
  await site.db.$client`
    insert into blocks (person_id, blocked_id) values (${cast.other.id}, ${owner.id})`
  const asked = [
    ...[friendEmail(), 'nobody@example.test', String(friend.id), '1', '999999999'],
    ...[`http://localhost:3000/people/${friend.id}`, 'own.er@example.test', String(cast.other.id)],
  ]
  const pages = new Set<string>()
  for (const who of asked) {
    const answer = await ask(who)
    expect([who, answer.status]).toEqual([who, 303])
    pages.add(await (await owner.get(answer.headers.get('location') ?? '')).text())
    const back = await owner.post(withdrawPath(), { who })
    expect([who, back.status]).toEqual([who, 303])
    pages.add(await (await owner.get(answer.headers.get('location') ?? '')).text())
  }
  expect(pages.size).toBe(1)
  expect(await rowsOf()).toEqual([])
  // Only those who could be found were asked: themselves and those who block them were not.
  expect(new Set((await invitedEvents()).map(({ recipient }) => recipient))).toEqual(
    new Set([friend.id]),
  )
})

test('asked again, an invitation changes, and is told once; what was agreed to stays', async () => {
  await Promise.all([1, 2, 3].map(() => ask(friendEmail())))
  await ask(friendEmail(), { title: 'Other', edit: '', community: 'yes' })
  expect(await invitedEvents()).toHaveLength(1)
  expect(await rowsOf()).toMatchObject([{ title: 'Other', permissions: ['community'] }])
  await friend.post(`${invitation()}/accept`, {})
  await ask(friendEmail(), { title: 'Boss', numbers: 'yes' })
  await owner.post(withdrawPath(), { who: friendEmail() })
  expect(await rowsOf()).toMatchObject([{ title: 'Other', accepted: true }])
})

test('who was asked may decline, and who helps may leave', async () => {
  await ask(friendEmail())
  for (let times = 0; times < 2; times++) {
    expect((await friend.post(`${invitation()}/leave`, {})).status).toBe(303)
  }
  expect(await rowsOf()).toEqual([])
  expect((await friend.post(`${invitation()}/accept`, {})).status).toBe(404)
  await ask(friendEmail())
  await friend.post(`${invitation()}/accept`, {})
  await friend.post(`${invitation()}/leave`, {})
  expect((await friend.get(`/projects/${project}/edit/rewards`)).status).toBe(404)
})

test.each([
  [{ who: '' }, 'Please give an e-mail address'],
  [{ who: 'ana' }, 'Please give an e-mail address'],
  [{ who: 'ana@' }, 'Is no e-mail address'],
  [{ title: 'x'.repeat(41) }, 'May have 40 characters at most.'],
  [{ edit: '' }, 'Please choose at least one.'],
  [{ edit: 'maybe' }, 'Please choose at least one.'],
])('a wrong invitation comes back: %j', async (wrong, said) => {
  const answer = await ask('1', wrong)
  const page = await answer.text()
  expect(answer.status).toBe(422)
  expect(page).toContain(said)
  if (!('title' in wrong)) expect(page).toContain('value="Illustrator"')
  expect(await rowsOf()).toEqual([])
})

test('as many help as may, and not one more', async () => {
  const { $client } = site.db
  await $client`
    insert into collaborators (project_id, person_id, permissions, accepted_at)
    select ${project}, id, '{edit}', now() from people where id < 100 order by id limit 19`
  const rival = await signedIn(site, `Rival ${names}`)
  await ask(String(friend.id))
  await ask(String(rival.id))
  const both = [friend, rival].map((who) => who.post(`${invitation()}/accept`, {}))
  expect((await Promise.all(both)).map(({ status }) => status).toSorted()).toEqual([303, 409])
})

test('inviting is for the creator alone', async () => {
  const { anonymous, member, staff } = cast
  await ask(friendEmail(), { community: 'yes', numbers: 'yes' })
  await friend.post(`${invitation()}/accept`, {})
  for (const path of [root(), withdrawPath(), `${root()}/${friend.id}/remove`]) {
    const fields = { who: '1', edit: 'yes' }
    const statuses = []
    for (const who of [anonymous, member, staff, friend]) {
      statuses.push((await who.post(path, fields)).status)
    }
    expect([path, statuses]).toEqual([path, [401, 404, 404, 403]])
  }
  expect((await member.get(invitation())).status).toBe(404)
  expect(await rowsOf()).toHaveLength(1)
})

test('those who help stand on the page of the project, in the same statements', async () => {
  await make('live')
  const { location = '' } = Object.fromEntries((await site.get(`/projects/${project}`)).headers)
  const page = async () => (await site.get(location)).text()
  await ask(friendEmail())
  expect(await page()).not.toContain(`Friend ${names}`)
  await friend.post(`${invitation()}/accept`, {})
  expect(await page()).toContain(`href="/people/${friend.id}">Friend ${names}</a> (Illustrator)`)
  expect((await countQueries(site.db, page)).waves).toBe(1)
})
