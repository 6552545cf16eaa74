import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import {
  addressOf,
  type Backed,
  elmStreet,
  page,
  questions,
  refused,
  sent,
  testBacked,
} from '#testing/backed'
import { mailedPath, visitor } from '#testing/visitor'

setDefaultTimeout(60_000)

let backed: Backed
let site: Backed['site']
let cast: Backed['cast']
let ada: Backed['ada']
let bob: Backed['bob']
beforeAll(async () => {
  backed = await testBacked()
  ;({ site, cast, ada, bob } = backed)
})
afterAll(() => backed.site.close(), 30_000)
beforeEach(async () => {
  await backed.site.db.$client`delete from rate_limits`
})

describe('a survey', () => {
  test('is written, sent once, answered, changed and locked', async () => {
    const { project, pledges } = await backed.fund()
    const at = `/projects/${project}/survey`
    expect(await page(ada, at)).toContain('Nothing so far.')
    await sent(cast.owner, `${at}/edit`, questions)
    const form = await page(cast.owner, `${at}/edit`)
    expect(form).toContain('value="Which colour?"')
    expect(form).toContain('Red\nBlue</textarea>')
    // Nobody has seen it yet.
    expect(await page(ada, at)).toContain('Nothing so far.')
    expect((await ada.post(at, {})).status).toBe(409)
    await sent(cast.owner, `${at}/send`)
    await sent(cast.owner, `${at}/send`)
    const [events] = await site.db.$client`
      select count(*)::int as count from events where kind = 'survey_sent' and about_project = ${project}`
    expect(events?.['count']).toBe(1)
    expect((await cast.owner.post(`${at}/edit`, questions)).status).toBe(409)

    const address = await addressOf(ada)
    const asked = await page(ada, at)
    expect(asked).toContain('Which colour?')
    expect(asked).toContain('A word to engrave (if you like)')
    expect(asked).toMatch(new RegExp(`<input[^>]* checked=""[^>]*value="${address}"`))
    const wrong = await refused(ada, at, { address, 'answer-1': 'Green', 'answer-2': 'Ada 🌻' })
    expect(wrong).toContain('Please choose one of these.')
    expect(wrong).toContain('Ada 🌻</textarea>')
    expect(await refused(ada, at, { 'answer-1': 'Red' })).toContain('Please say where')
    const others = await addressOf(bob)
    expect(await refused(ada, at, { address: others, 'answer-1': 'Red' })).toContain(
      'Please choose one of your addresses.',
    )
    const answers = { address, 'answer-1': 'Red', 'answer-2': 'Ada 🌻' }
    expect(await sent(ada, at, answers)).toBe(`${at}?done=answered`)
    await sent(ada, at, { ...answers, 'answer-1': 'Blue' })
    expect(await page(ada, at)).toContain('Change what I answered')
    // What was given to the creator stays as it was given.
    await sent(ada, `/settings/addresses/${address}`, { ...elmStreet, line1: 'Oak Road 2' })
    const backer = await page(cast.owner, `/projects/${project}/backers/${pledges.ada}`)
    expect(backer).toContain('<span>Elm Street 1</span>')
    expect(backer).toContain('<dd dir="auto">Blue</dd>')

    await sent(cast.owner, `${at}/lock`)
    await sent(cast.owner, `${at}/lock`)
    expect((await ada.post(at, answers)).status).toBe(409)
    expect(await page(ada, at)).toContain('so this stays as it is')
    // Whoever has not answered still can, once.
    await sent(bob, at, { address: others, 'answer-1': 'Red' })
    expect((await bob.post(at, { address: others, 'answer-1': 'Red' })).status).toBe(409)
  })

  test('says what is wrong with its questions, and keeps what was typed', async () => {
    const { project } = await backed.fund()
    const html = await refused(cast.owner, `/projects/${project}/survey/edit`, {
      ...{ 'question-1': 'x'.repeat(301), 'question-2': 'Size?', 'choices-2': 'One' },
      ...{ 'choices-3': 'A\nB', 'question-4': 'Fine?', 'choices-4': 'Yes\nNo' },
    })
    expect(html).toContain('May have 300 characters at most.')
    expect(html).toContain('Please give two answers at least.')
    expect(html).toContain('Please say what these answer.')
    expect(html).toContain('value="Fine?"')
    expect((await cast.owner.post(`/projects/${project}/survey/send`, {})).status).toBe(422)
  })

  test('goes out after a campaign that ended well, to those who have paid', async () => {
    const { project } = await backed.fund({ paid: false })
    const at = `/projects/${project}/survey`
    await sent(cast.owner, `${at}/edit`, questions)
    expect(await page(cast.owner, `${at}/edit`)).toContain('once the campaign has ended well')
    expect((await cast.owner.post(`${at}/send`, {})).status).toBe(409)
    const made = await backed.survey()
    await site.db.$client`
      update pledges set status = 'dropped' where project_id = ${made.project} and id = ${made.pledges.ada}`
    expect(await page(ada, `/projects/${made.project}/survey`)).toContain('Nothing so far.')
    expect((await ada.post(`/projects/${made.project}/survey`, {})).status).toBe(409)
    const stranger = await ada.get(
      `/projects/${(await cast.makeProject('live'))['project']}/survey`,
    )
    expect(stranger.status).toBe(404)
  })
})

test('a guest who has paid is asked too, and answers with an address of their own', async () => {
  const { project, pledges } = await backed.fund()
  const { $client } = site.db
  const [person] = await $client`insert into people (name) values ('Gus Guest') returning id`
  const guest = Number(person?.['id'])
  await $client`insert into guests (person_id, email) values (${guest}, 'gus@example.test')`
  await $client`
    update pledges set backer_id = ${guest} where project_id = ${project} and id = ${pledges.bob}`
  const at = `/projects/${project}/survey`
  const reader = visitor(site)
  expect((await reader.get(at)).status).toBe(303)
  await sent(cast.owner, `${at}/edit`, questions)
  await sent(cast.owner, `${at}/send`)
  const link = await reader.get(await mailedPath(site, 'gus@example.test'))
  expect(link.headers.get('location')).toBe(at)
  const address = await addressOf(reader)
  await sent(reader, at, { address, 'answer-1': 'Blue' })
  expect(await page(reader, at)).toContain('Change what I answered')
  await sent(reader, `/projects/${project}/received`)
})
