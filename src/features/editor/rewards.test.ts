import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDb, openDb } from '#db/client'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'
import { type TestDatabase, testDatabase } from '#testing/database'
import type { Visitor } from '#testing/visitor'

// What backers get: how it is written down, what stays as it was promised, and who may change it.

setDefaultTimeout(60_000)

let database: TestDatabase
let site: TestApp
let cast: Cast
let owner: Visitor
beforeAll(async () => {
  database = await testDatabase()
  site = await testApp(database)
  cast = await makeCast(site)
  owner = cast.owner
})
afterAll(() => site.close(), 30_000)

let project: number
let reward: number
const make = async (status: string) => {
  const made = await cast.makeProject(status)
  project = Number(made['project'])
  reward = Number(made['reward'])
}
beforeEach(() => make('draft'))

const root = (id = project) => `/projects/${id}/edit/rewards`
const newPath = (id = project) => `/projects/${id}/edit/new-reward`
const one = () => `${root()}/${reward}`

const versionOf = async () => {
  const [row] = await site.db.$client`select version from drafts where project_id = ${project}`
  return String(row?.['version'])
}
const rowOf = async (id = reward) => {
  const [row] = await site.db.$client`
    select * from rewards where project_id = ${project} and id = ${id}`
  return row as Record<string, unknown> | undefined
}
const names = async () => {
  const rows = await site.db.$client`
    select name from rewards where project_id = ${project} order by is_add_on, position`
  return rows.map(({ name }) => name as string)
}
const publicRewards = async () => {
  const answer = await site.get(`/api/v1/projects/${project}/rewards`)
  return ((await answer.json()) as { data: Record<string, unknown>[] }).data
}
const newest = async () => {
  const [row] = await site.db.$client`
    select max(id)::int as id from rewards where project_id = ${project}`
  return Number(row?.['id'])
}

const typed = {
  ...{ kind: 'reward', amount: '25', name: 'A lamp', description: 'Folded by hand.' },
  ...{ deliveryMonth: '2041-03', shipsTo: 'nobody' },
}
const save = async (fields: Record<string, string>, path = newPath(), by = owner) =>
  by.post(path, { version: await versionOf(), ...typed, ...fields })

test('a reward is written down whole, and shown to its makers and backers', async () => {
  const answer = await save({
    ...{ amount: '1,250.50', quantity: '40', perBackerMax: '2', shipsTo: 'anywhere' },
    ...{
      name: '  A  lamp 🪔 \u202bشمعة ',
      opensAt: '2040-06-01T10:00',
      closesAt: '2040-06-05T10:00',
    },
    ...{ 'item-1': 'Lamp', 'item-3': 'Bulb', 'item-3-number': '2' },
    ...{ 'country-1': 'uk', 'country-1-number': '0', worldPrice: '12' },
  })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${root()}?done=saved`])
  const id = await newest()
  expect(await rowOf(id)).toMatchObject({
    ...{ amount: '125050', name: 'A lamp 🪔 \u202bشمعة', quantity: 40, per_backer_max: 2 },
    ...{ is_add_on: false, ships_to: 'anywhere', position: 2, backers_count: 0 },
    ...{ opens_at: '2040-06-01 10:00:00+00', image: null },
  })
  const { $client } = site.db
  expect([
    ...(await $client`select name, quantity from reward_items where reward_id = ${id} order by position`),
  ]).toEqual([
    { name: 'Lamp', quantity: 1 },
    { name: 'Bulb', quantity: 2 },
  ])
  expect([
    ...(await $client`select country, price from reward_shipping where reward_id = ${id} order by price`),
  ]).toEqual([
    { country: 'United Kingdom', price: '0' },
    { country: 'Rest of the world', price: '1200' },
  ])
  const list = await (await owner.get(`${root()}?done=saved`)).text()
  expect(list).toContain('The reward is saved.')
  expect(list).toContain('$1,250.50')
  const form = await (await owner.get(`${root()}/${id}`)).text()
  for (const value of ['1250.50', 'United Kingdom', '2040-06-01T10:00']) {
    expect(form).toContain(`value="${value}"`)
  }
  await save({ amount: '30', name: 'Another' }, `${root()}/${id}`)
  expect(await rowOf(id)).toMatchObject({ amount: '3000', name: 'Another', quantity: null })
  expect(await $client`select from reward_items where reward_id = ${id}`).toHaveLength(0)
})

test('a picture needs words, and stays when something else was wrong', async () => {
  const image = 'ab'.repeat(16)
  const { $client } = site.db
  await $client`insert into images (hash, width, height, uploader_id)
    values (${image}, 10, 10, ${cast.owner.id}) on conflict do nothing`
  await $client`update rewards set image = ${image}, image_alt = 'A lamp' where id = ${reward}`
  const wordless = await save({ imageAlt: '' }, one())
  expect([wordless.status, await wordless.text()]).toEqual([
    422,
    expect.stringContaining('Please say in a few words what the picture shows'),
  ])
  expect((await save({ imageAlt: 'Lit' }, one())).status).toBe(303)
  expect(await rowOf()).toMatchObject({ image, image_alt: 'Lit' })
  expect((await save({ imageAlt: '', 'image-remove': 'yes' }, one())).status).toBe(303)
  expect(await rowOf()).toMatchObject({ image: null, image_alt: '' })
})

test('rewards are moved, copied and deleted', async () => {
  await save({ name: 'Second' })
  await save({ name: 'Third' })
  await save({ name: 'Bulb', kind: 'add-on' })
  const third = (await newest()) - 1
  const act = async (path: string, fields: Record<string, string> = {}) =>
    (await owner.post(path, { version: await versionOf(), ...fields })).status
  expect(await act(`${root()}/${third}/move`, { to: 'up' })).toBe(303)
  expect(await names()).toEqual(['One lamp', 'Third', 'Second', 'Bulb'])
  expect(await act(`${root()}/${third}/move`, { to: 'up' })).toBe(303)
  // At the top it stays, and a reward does not get among the add-ons.
  expect(await act(`${root()}/${third}/move`, { to: 'up' })).toBe(303)
  expect(await act(`${root()}/${third - 1}/move`, { to: 'down' })).toBe(303)
  expect(await names()).toEqual(['Third', 'One lamp', 'Second', 'Bulb'])
  expect(await act(`${root()}/${third}/move`, { to: 'left' })).toBe(422)
  const copy = await (await owner.get(`${newPath()}?copy=${third}`)).text()
  expect(copy).toContain('value="Third"')
  expect(copy).toContain('A new reward')
  expect(await act(`${root()}/${third}/delete`)).toBe(303)
  expect(await act(`${root()}/${third}/delete`)).toBe(404)
  expect(await names()).toEqual(['One lamp', 'Second', 'Bulb'])
})

test('a form sent twice is saved once', async () => {
  const version = await versionOf()
  const send = (path: string, fields = {}) => owner.post(path, { ...typed, version, ...fields })
  const answers = await Promise.all([1, 2, 3].map(() => send(newPath())))
  expect(answers.map(({ status }) => status)).toEqual([303, 303, 303])
  expect(await names()).toEqual(['One lamp', 'A lamp'])
  const now = await versionOf()
  const again = { version: now, name: 'Changed' }
  const both = await Promise.all([send(one(), again), send(one(), again)])
  expect(both.map(({ status }) => status)).toEqual([303, 303])
  expect(await versionOf()).toBe(String(Number(now) + 1))
  const deleting = { version: await versionOf() }
  const deleted = await Promise.all([1, 2].map(() => owner.post(`${one()}/delete`, deleting)))
  expect(deleted.map(({ status }) => status).toSorted()).toEqual([303, 409])
})

test('of two who edit at once, the second sees what is stored before it is replaced', async () => {
  const version = await versionOf()
  await save({ name: 'Theirs', 'item-1': 'Their item' }, one())
  const answer = await owner.post(one(), { ...typed, version, name: 'Mine' })
  const page = await answer.text()
  expect(answer.status).toBe(409)
  for (const text of ['Theirs', 'value="Mine"', 'Their item', `value="${await versionOf()}"`]) {
    expect(page).toContain(text)
  }
  expect(await rowOf()).toMatchObject({ name: 'Theirs' })
  const added = await owner.post(newPath(), { ...typed, version, name: 'New' })
  expect([added.status, await added.text()]).toEqual([409, expect.stringContaining('value="New"')])
  expect((await save({ name: 'Mine' }, one())).status).toBe(303)
  expect((await owner.post(`${one()}/move`, { version, to: 'up' })).status).toBe(409)
})

test('after the launch a quantity only rises, and what nobody took stays open', async () => {
  await make('live')
  await site.db.$client`update rewards set quantity = 50 where id = ${reward}`
  const fewer = await save({ quantity: '49' }, one())
  expect([fewer.status, await fewer.text()]).toEqual([
    422,
    expect.stringContaining('May only rise after the launch: it is 50 now.'),
  ])
  expect((await save({ quantity: '60', name: 'Renamed' }, one())).status).toBe(303)
  expect((await save({ quantity: '' }, one())).status).toBe(303)
  expect(await (await save({ quantity: '60' }, one())).text()).toContain('Was unlimited')
  expect((await save({ name: 'Late' })).status).toBe(303)
  expect((await publicRewards()).map(({ name }) => name)).toEqual(['A lamp', 'Late'])
})

test('a reward somebody has taken keeps all but its picture, and there may be more of it', async () => {
  await make('live')
  const { $client } = site.db
  await $client`update rewards set quantity = 50, backers_count = 3 where id = ${reward}`
  const page = await (await owner.get(one())).text()
  expect(page).toContain('3 backers counted on this reward')
  expect(page).not.toContain('name="amount"')
  const version = await versionOf()
  const short = (fields: Record<string, string>) => owner.post(one(), { version, ...fields })
  expect((await short({ quantity: '49' })).status).toBe(422)
  expect((await short({ quantity: '2' })).status).toBe(422)
  expect((await short({ quantity: '70' })).status).toBe(303)
  // Sent twice.
  expect((await short({ quantity: '70' })).status).toBe(303)
  expect(await rowOf()).toMatchObject({ quantity: 70, amount: '2500', name: 'One lamp' })
  const whole = await save({ name: 'Other' }, one())
  expect([whole.status, await whole.text()]).toEqual([
    409,
    expect.stringContaining('A reward that has been taken stays as it is'),
  ])
  const deleting = await owner.post(`${one()}/delete`, { version: await versionOf() })
  expect(deleting.status).toBe(409)
  // Nobody has it any more, but a canceled pledge names it.
  await $client`update rewards set backers_count = 0 where id = ${reward}`
  await $client`insert into pledges (project_id, backer_id, reward_id, amount, status, backed_before, city, country)
    values (${project}, ${cast.other.id}, ${reward}, 2500, 'canceled', false, '', '')`
  expect((await owner.post(`${one()}/delete`, { version: await versionOf() })).status).toBe(409)
  expect(await rowOf()).toBeDefined()
})

test('whoever pledges at the same moment gets the reward they saw', async () => {
  await make('live')
  const backing = openDb(database.url, { max: 1, applicationName: 'jumpstarter test' })
  try {
    const taken = Promise.withResolvers<void>()
    const commit = Promise.withResolvers<void>()
    const pledging = backing.$client.begin(async (sql) => {
      await sql`insert into pledges (project_id, backer_id, reward_id, amount, backed_before, city, country)
        values (${project}, ${cast.other.id}, ${reward}, 2500, false, '', '')`
      await sql`update rewards set backers_count = backers_count + 1
        where project_id = ${project} and id = ${reward}`
      taken.resolve()
      await commit.promise
    })
    await taken.promise
    const version = await versionOf()
    const editing = owner.post(one(), { ...typed, version, amount: '99' })
    const deleting = owner.post(`${one()}/delete`, { version })
    const hasWaited = await Promise.race([editing, deleting, Bun.sleep(300)])
    commit.resolve()
    await pledging
    const [edited, deleted] = await Promise.all([editing, deleting])
    expect(hasWaited).toBeUndefined()
    expect([edited.status, deleted.status]).toEqual([409, 409])
    expect(await rowOf()).toMatchObject({ amount: '2500', name: 'One lamp', backers_count: 1 })
  } finally {
    await closeDb(backing)
  }
})

test.each([['submitted'], ['rejected'], ['failed'], ['successful'], ['canceled'], ['suspended']])(
  'of a project that is %s nothing changes',
  async (status) => {
    await make(status)
    const page = await (await owner.get(root())).text()
    expect(page).not.toContain('Add a reward')
    expect((await owner.get(one())).status).toBe(303)
    expect((await save({})).status).toBe(409)
    expect((await save({}, one())).status).toBe(409)
    expect((await owner.post(`${one()}/delete`, { version: await versionOf() })).status).toBe(409)
    expect(await names()).toEqual(['One lamp'])
  },
)

test('once its time is over a live project is frozen too', async () => {
  await make('live')
  await site.db.$client`
    update projects set launched_at = now() - interval '2 days', ends_at = now() where id = ${project}`
  expect((await save({})).status).toBe(409)
})

test('drafts are for their makers, and editing for those who may', async () => {
  const path = root()
  const statuses = async (of: string) =>
    Promise.all(
      [
        ...[cast.anonymous, cast.member, cast.staff, cast.helperWithout('edit')],
        ...[cast.helperWith('edit'), owner],
      ].map(async (who) => (await who.get(of)).status),
    )
  expect(await statuses(path)).toEqual([303, 404, 404, 403, 200, 200])
  const { helperWith } = cast
  expect(
    (await save({ name: 'Helped' }, newPath(Number(path.split('/')[2])), helperWith('edit')))
      .status,
  ).toBe(303)
  for (const who of [cast.member, cast.staff]) {
    expect((await save({}, newPath(Number(path.split('/')[2])), who)).status).toBe(404)
  }
  expect((await save({}, one(), cast.helperWithout('edit'))).status).toBe(403)
  await make('live')
  expect(await statuses(root())).toEqual([303, 403, 403, 403, 200, 200])
  const own = { project, reward }
  await make('live')
  // A reward of another project is not found in this one.
  expect((await save({}, `${root()}/${own.reward}`)).status).toBe(404)
  expect((await owner.get(`${root()}/999999999`)).status).toBe(404)
})

test('add-ons stand in a list of their own for everybody', async () => {
  await make('live')
  await save({ name: 'Spare bulb', kind: 'add-on', amount: '5' })
  const { location } = Object.fromEntries((await site.get(`/projects/${project}`)).headers)
  const page = await (await site.get(location ?? '')).text()
  expect(page.indexOf('One lamp')).toBeLessThan(page.indexOf('Add-ons'))
  expect(page.indexOf('Add-ons')).toBeLessThan(page.indexOf('Spare bulb'))
  expect(page).toContain('Add for $5')
  const data = await publicRewards()
  expect(data[1]).toMatchObject({
    name: 'Spare bulb',
    isAddOn: true,
    perBackerMax: 10,
    image: null,
  })
  expect(data[0]).toMatchObject({ isAddOn: false, perBackerMax: 1 })
})
