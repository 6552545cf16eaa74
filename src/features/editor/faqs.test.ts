import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'
import type { Visitor } from '#testing/visitor'

// Questions and their answers: in the order of their creator, without a gap, counted right.

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let owner: Visitor
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  owner = cast.owner
})
afterAll(() => site.close(), 30_000)

let project: number
const make = async (status: string) => {
  project = Number((await cast.makeProject(status))['project'])
}
beforeEach(() => make('live'))

const root = () => `/projects/${project}/edit/faqs`
const newPath = () => `/projects/${project}/edit/new-faq`
const versionOf = async () => {
  const [row] = await site.db.$client`select version from drafts where project_id = ${project}`
  return String(row?.['version'])
}
/** Positions and questions, and the count that is kept of them. */
const stored = async () => {
  const rows = await site.db.$client`
    select position, question from faqs where project_id = ${project} order by position`
  const [kept] = await site.db.$client`select faqs_count as n from projects where id = ${project}`
  expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => index + 1))
  expect(kept?.['n']).toBe(rows.length)
  return rows.map(({ question }) => question as string)
}
const typed = { question: 'When?', answer: 'Soon.' }
const send = async (path: string, fields: Record<string, string> = {}, by = owner) =>
  by.post(path === 'new' ? newPath() : `${root()}/${path}`, {
    version: await versionOf(),
    ...fields,
  })

test('questions are added, changed, moved and deleted without a gap', async () => {
  const added = await send('new', { question: '  Who  is 🪔 شمعة? ', answer: 'We\r\nare.' })
  expect([added.status, added.headers.get('location')]).toEqual([303, `${root()}?done=saved`])
  await send('new', typed)
  expect(await stored()).toEqual(['Why?', 'Who is 🪔 شمعة?', 'When?'])
  expect((await send('3/move', { to: 'up' })).headers.get('location')).toBe(`${root()}#question-2`)
  expect((await send('1/move', { to: 'up' })).status).toBe(303)
  expect((await send('3/move', { to: 'down' })).status).toBe(303)
  expect(await stored()).toEqual(['Why?', 'When?', 'Who is 🪔 شمعة?'])
  await send('2', { question: 'When now?', answer: 'Later.' })
  expect((await send('1/delete')).status).toBe(303)
  expect(await stored()).toEqual(['When now?', 'Who is 🪔 شمعة?'])
  for (const path of ['3', '3/move', '9999/delete']) {
    expect((await send(path, { ...typed, to: 'up' })).status).toBe(404)
  }
  const { location } = Object.fromEntries((await site.get(`/projects/${project}/faqs`)).headers)
  expect(await (await site.get(location ?? '')).text()).toContain('When now?')
})

test.each([
  [{ question: ' ' }, 'Please write the question.'],
  [{ question: 'x'.repeat(201) }, 'May have 200 characters at most.'],
  [{ answer: '\u0000' }, 'Please write the answer.'],
  [{ answer: 'x'.repeat(5_001) }, 'May have 5000 characters at most.'],
  [{ version: '' }, 'Nothing is saved yet'],
])('wrong input comes back: %j', async (wrong, said) => {
  const answer = await send('new', { ...typed, ...wrong })
  expect(answer.status).toBe(422)
  const page = await answer.text()
  expect(page).toContain(said)
  expect(page).toContain('question' in wrong ? 'Soon.' : 'When?')
  expect(await stored()).toEqual(['Why?'])
})

test('there are fifty at most', async () => {
  const { $client } = site.db
  await $client`insert into faqs select ${project}, n, 'Q' || n, 'A' from generate_series(2, 50) n`
  await $client`update projects set faqs_count = 50 where id = ${project}`
  const answer = await send('new', typed)
  expect([answer.status, await answer.text()]).toEqual([
    422,
    expect.stringContaining('A project has 50 questions at most.'),
  ])
  expect(await stored()).toHaveLength(50)
})

test('sent twice, or moved by two at once, nothing is there twice or lost', async () => {
  const version = await versionOf()
  const twice = [1, 2, 3].map(() => owner.post(newPath(), { ...typed, version }))
  expect((await Promise.all(twice)).map(({ status }) => status)).toEqual([303, 303, 303])
  expect(await stored()).toEqual(['Why?', 'When?'])
  const moving = { version: await versionOf(), to: 'down' }
  const moves = [1, 2].map(() => owner.post(`${root()}/1/move`, moving))
  expect((await Promise.all(moves)).map(({ status }) => status).toSorted()).toEqual([303, 409])
  expect(await stored()).toEqual(['When?', 'Why?'])
})

test('an edit finds its question again where others have moved it, and shows what is stored', async () => {
  await send('new', typed)
  const version = await versionOf()
  await send('2/move', { to: 'up' })
  const mine = { version, question: 'Why?', was: 'Why?', answer: 'My answer' }
  const page = await owner.post(`${root()}/1`, mine)
  const text = await page.text()
  expect(page.status).toBe(409)
  expect(text).toContain(`action="${root()}/2"`)
  for (const part of ['My answer', 'Why not?', `value="${await versionOf()}"`]) {
    expect(text).toContain(part)
  }
  await send('2/delete')
  const gone = await (await owner.post(`${root()}/1`, mine)).text()
  expect(gone).toContain(`action="${newPath()}"`)
  expect(await stored()).toEqual(['When?'])
})

test('for editors and those who care for the community, until the end', async () => {
  const { anonymous, member, staff, helperWith } = cast
  const actors = [
    ...[anonymous, member, staff, helperWith('numbers')],
    ...[helperWith('edit'), helperWith('community'), owner],
  ]
  const statuses = async (status: string) => {
    await make(status)
    const answers = []
    for (const who of actors)
      answers.push((await send('new', { ...typed, question: `${answers.length}` }, who)).status)
    return answers
  }
  expect(await statuses('draft')).toEqual([401, 404, 404, 403, 303, 303, 303])
  expect(await stored()).toEqual(['Why?', '4', '5', '6'])
  expect(await statuses('live')).toEqual([401, 403, 403, 403, 303, 303, 303])
  expect(await statuses('failed')).toEqual([401, 403, 403, 403, 409, 409, 409])
  expect((await cast.anonymous.get(root())).headers.get('location')).toContain('/sign-in?next=')
  expect(await (await owner.get(root())).text()).not.toContain('Add a question')
})
