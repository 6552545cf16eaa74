import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { joined, type Visitor, visitor } from '#testing/visitor'

// A draft is begun, written and saved: what may be in it, by whom, and what is never lost.

setDefaultTimeout(60_000)

let site: TestApp
let ana: Visitor
let bea: Visitor
beforeAll(async () => {
  site = await testApp()
  site.setNow(new Date())
  ana = await joined(site, 'Ana Maker')
  bea = await joined(site, 'Bea Other')
})
afterAll(() => site.close(), 30_000)

// Nobody may have as many drafts as these tests make, nor make them as fast.
beforeEach(async () => {
  await site.db.$client`
    update projects p set creator_id = o.id, creator_name = o.name from people o
    where o.id = 1 and p.status = 'draft'`
  await site.db.$client`delete from rate_limits`
})

const begun = {
  ...{ title: 'A lamp that waits', category: 'design/furniture' },
  ...{ city: 'Leeds', state: 'England', country: 'United Kingdom' },
}

let titles = 0
/** Begins a project and returns its number. */
async function begin(maker: Visitor, fields: Record<string, string> = {}): Promise<number> {
  titles++
  const answer = await maker.post('/start', { ...begun, title: `Lamp ${titles}`, ...fields })
  const [, id] =
    /^\/projects\/(\d+)\/edit\/basics$/.exec(answer.headers.get('location') ?? '') ?? []
  if (!id) throw new Error(`not begun: ${answer.status} ${await answer.text()}`)
  return Number(id)
}

const rowOf = async (id: number) => {
  const [row] = await site.db.$client`
    select p.*, d.*, s.story, s.risks, s.budget, d.version as version from projects p
    left join drafts d on d.project_id = p.id left join stories s on s.project_id = p.id
    where p.id = ${id}`
  return row as Record<string, unknown>
}

const versionOf = async (id: number) => String((await rowOf(id))['version'] ?? 0)
const edit = (id: number, part: string) => `/projects/${id}/edit/${part}`
const jsonOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>
const asScript = { 'sec-fetch-site': 'same-origin', accept: 'application/json' }

const basics = { ...begun, description: 'It shines when you come home.', tags: 'light, Home' }
const funding = {
  ...{ goal: '12000', currency: 'USD', mode: 'all-or-nothing' },
  ...{ durationDays: '30', plannedEnd: '' },
}
const story = { story: 'Once there was a lamp. '.repeat(20), risks: 'It may break.' }

describe('a new project', () => {
  test('is a draft with all its rows, that others do not see', async () => {
    const id = await begin(ana, { title: 'Quiet lamp' })
    expect(await rowOf(id)).toMatchObject({ status: 'draft', title: 'Quiet lamp', version: 1 })
    expect(await rowOf(id)).toMatchObject({ category: 'design', subcategory: 'design/furniture' })
    const history = await (await ana.get(`/projects/${id}/history`)).text()
    expect(history).toContain('Begun')
    expect(history).toContain('Ana Maker')
    expect((await site.get(`/projects/${id}`)).status).toBe(404)
    expect(await (await ana.get('/making')).text()).toContain('Quiet lamp')
  })

  test('sent twice at once is one', async () => {
    const fields = { ...begun, title: 'Only once' }
    const answers = await Promise.all([1, 2].map(() => ana.post('/start', fields)))
    const places = answers.map(({ headers }) => headers.get('location'))
    expect(places[0]).toStartWith('/projects/')
    expect(places[1]).toBe(places[0] as string)
  })

  test.each([
    ['title', '', 'Please give a title.'],
    ['title', 'x'.repeat(61), 'May have 60 characters at most.'],
    ['category', 'design', 'Please choose one.'],
    ['category', 'no/such', 'Please choose one.'],
    ['city', 'Rest of the world', 'Is not the name of a place.'],
    ['city', '12345', 'Is not the name of a place.'],
    ['city', '<b>Leeds</b>', 'Has a character that no place has'],
    ['state', '', 'Please give a state or region.'],
    ['state', '東京', 'Please write it in Latin letters'],
    ['country', 'Rest', 'Please choose a country.'],
  ])('with the %s %p comes back filled in', async (field, text, sentence) => {
    const answer = await ana.post('/start', { ...begun, [field]: text })
    expect(answer.status).toBe(422)
    const page = await answer.text()
    expect(page).toContain(sentence)
    if (field !== 'title') expect(page).toContain('A lamp that waits')
  })

  test('takes the place as it is written here, and refuses it in another country', async () => {
    const [place] = await site.db.$client`
      select * from places where country = 'United States' limit 1`
    const typed = { city: String(place?.['city']).toUpperCase(), state: place?.['state'] }
    const id = await begin(ana, { ...typed, country: 'United States' })
    expect(await rowOf(id)).toMatchObject({ city: place?.['city'], country: 'United States' })
    const elsewhere = { ...begun, ...typed, country: 'France' }
    const answer = await ana.post('/start', elsewhere)
    expect([answer.status, (await answer.text()).includes('is in United States')]).toEqual([
      422,
      true,
    ])
  })

  test('is refused to who has too many, and to who may not submit', async () => {
    const cy = await joined(site, 'Cy Many')
    for (let count = 0; count < 20; count++) await begin(cy)
    await site.db.$client`delete from rate_limits`
    const answer = await cy.post('/start', { ...begun, title: 'One more' })
    expect([answer.status, (await answer.text()).includes('20 projects under way')]).toEqual([
      403,
      true,
    ])
    await site.db.$client`
      insert into restrictions (person_id, kind, reason, staff_id)
      select person_id, 'submit', 'Spam.', person_id from accounts where email = 'cy.many@example.test'`
    expect((await cy.get('/start')).status).toBe(403)
  })
})

describe('saving', () => {
  test('keeps every part, with emoji and text from right to left, without control characters', async () => {
    const id = await begin(ana)
    const texts = { title: 'Lämpchen 🪔 مصباح', description: 'שלום\u0007 lamp 👩‍👧' }
    const first = await ana.post(edit(id, 'basics'), { ...basics, ...texts, version: '1' })
    expect([first.status, first.headers.get('location')]).toEqual([
      303,
      `${edit(id, 'basics')}?done=saved`,
    ])
    await ana.post(edit(id, 'funding'), { ...funding, version: '2' })
    const written = {
      ...story,
      'label-1': 'Wood',
      'amount-1': '1,000.50',
      'label-3': 'Light',
      'amount-3': '2',
    }
    await ana.post(edit(id, 'story'), { ...written, version: '3' })
    expect(await rowOf(id)).toMatchObject({
      ...{ title: 'Lämpchen 🪔 مصباح', description: 'שלום lamp 👩‍👧', tags: ['light', 'Home'] },
      ...{ goal: '1200000', currency: 'USD', all_or_nothing: true, duration_days: 30 },
      ...{ story: story.story.trim(), risks: 'It may break.', version: 4 },
      budget: [
        { label: 'Wood', amount: 100050 },
        { label: 'Light', amount: 200 },
      ],
    })
    for (const part of ['basics', 'funding', 'story', 'launch']) {
      const page = await ana.get(edit(id, part))
      expect([part, page.status]).toEqual([part, 200])
    }
    expect(await (await ana.get(edit(id, 'story'))).text()).toContain('1000.50')
  })

  test('an empty draft is whole enough to be kept', async () => {
    const id = await begin(ana)
    const none = { ...begun, title: '', description: '', tags: '' }
    expect((await ana.post(edit(id, 'basics'), { ...none, version: '1' })).status).toBe(303)
    const open = { ...funding, goal: '', durationDays: '' }
    expect((await ana.post(edit(id, 'funding'), { ...open, version: '2' })).status).toBe(303)
    expect((await ana.post(edit(id, 'story'), { version: '3' })).status).toBe(303)
    expect(await rowOf(id)).toMatchObject({ title: '', goal: '0', story: '', duration_days: null })
    expect(await (await ana.get(edit(id, 'launch'))).text()).toContain('6 things still missing')
    expect((await ana.get(`/projects/${id}/preview`)).status).toBe(200)
  })

  const year = new Date().getUTCFullYear()
  test.each([
    ['basics', 'title', 'x'.repeat(61), 'May have 60 characters at most.'],
    ['basics', 'description', 'x'.repeat(136), 'May have 135 characters at most.'],
    ['basics', 'tags', 'a,b,c,d,e,f', 'May be 5 tags at most.'],
    ['basics', 'tags', 'y'.repeat(31), 'A tag may have 30 characters.'],
    ['basics', 'city', '', 'Please give a city.'],
    ['funding', 'goal', 'much', 'Is not an amount'],
    ['funding', 'goal', '-5', 'Must not be below zero.'],
    ['funding', 'goal', '900000000000', 'Is larger than any goal here.'],
    ['funding', 'currency', 'ZZZ', 'Please choose one.'],
    ['funding', 'mode', '', 'Please choose one.'],
    ['funding', 'durationDays', '0', 'Must be a whole number from 1 to 60.'],
    ['funding', 'durationDays', '61', 'Must be a whole number from 1 to 60.'],
    ['funding', 'durationDays', '1.5', 'Must be a whole number from 1 to 60.'],
    ['funding', 'plannedEnd', `${year + 1}-01-10T10:00`, 'not both'],
    ['funding', 'plannedEnd', `${year + 1}-02-31T10:00`, 'Is not a moment'],
    ['funding', 'plannedEnd', `${year - 1}-01-10T10:00`, 'Must be in the future'],
    ['story', 'story', 'x'.repeat(35_001), 'May have 35000 characters at most.'],
    ['story', 'risks', 'x'.repeat(5_001), 'May have 5000 characters at most.'],
    ['story', 'amount-2', '5', 'Please say what it is for.'],
    ['story', 'label-2', 'Wood', 'Please give an amount.'],
    ['story', 'version', 'x', ''],
  ])('%s with a wrong %s comes back filled in', async (part, field, text, sentence) => {
    const id = await begin(ana)
    const fields = { basics, funding, story }[part] as Record<string, string>
    const sent = { ...fields, version: '1', [field]: text }
    const answer = await ana.post(edit(id, part), sent)
    expect(answer.status).toBe(422)
    const page = await answer.text()
    expect(page).toContain(sentence)
    expect(page).toContain('data-unsaved')
    const [, kept] = Object.entries(fields).find(([name]) => name !== field) ?? []
    expect(page).toContain(kept?.trim() as string)
    expect(await versionOf(id)).toBe('1')
    const told = await ana.post(edit(id, part), sent, asScript)
    expect([told.status, Object.keys((await jsonOf(told))['errors'] as object).length]).toEqual([
      422, 1,
    ])
  })

  test('35,000 characters of any language fit', async () => {
    const id = await begin(ana)
    const long = '漢'.repeat(35_000)
    const body = new FormData()
    body.set('version', '1')
    body.set('story', long)
    const headers = {
      ...{ 'sec-fetch-site': 'same-origin' },
      cookie: [...ana.cookies].map((pair) => pair.join('=')).join('; '),
    }
    const answer = await site.get(edit(id, 'story'), { method: 'POST', body, headers })
    expect(answer.status).toBe(303)
    expect((await rowOf(id))['story']).toBe(long)
  })

  test('by a script answers with the version to go on with, and makes no place of half a name', async () => {
    const id = await begin(ana)
    const first = await ana.post(edit(id, 'basics'), { ...basics, version: '1' }, asScript)
    expect(await first.json()).toEqual({ version: 2 })
    const half = { ...basics, city: 'Bradfo', title: 'Half', version: '2' }
    const second = await ana.post(edit(id, 'basics'), half, asScript)
    expect(await second.json()).toEqual({ version: 3, note: expect.stringContaining('press Save') })
    expect(await rowOf(id)).toMatchObject({ title: 'Half', city: 'Leeds' })
    const [place] = await site.db.$client`select from places where city = 'Bradfo'`
    expect(place).toBeUndefined()
  })

  test('in another currency sums keep their figures', async () => {
    const id = await begin(ana)
    await ana.post(edit(id, 'funding'), { ...funding, goal: '5000', currency: 'JPY', version: '1' })
    await ana.post(edit(id, 'story'), {
      ...story,
      'label-1': 'Wood',
      'amount-1': '700',
      version: '2',
    })
    await site.db.$client`
      insert into rewards
        (project_id, position, amount, name, description, delivery_month, ships_to)
      values (${id}, 1, 900, 'Lamp', '', '2030-01-01', 'nobody')`
    await ana.post(edit(id, 'funding'), { ...funding, goal: '5000', version: '3' })
    expect(await rowOf(id)).toMatchObject({
      goal: '500000',
      budget: [{ label: 'Wood', amount: 70000 }],
    })
    const [reward] = await site.db.$client`select amount from rewards where project_id = ${id}`
    expect(Number(reward?.['amount'])).toBe(90000)
  })

  test('a preview of the story saves nothing and is safe', async () => {
    const id = await begin(ana)
    const sent = { ...story, story: '**bold** <script>alert(1)</script>', version: '1' }
    const page = await (await ana.post(`${edit(id, 'story')}/preview`, sent)).text()
    expect(page).toContain('<strong>bold</strong>')
    expect(page).not.toContain('<script>alert')
    const told = await ana.post(`${edit(id, 'story')}/preview`, sent, asScript)
    expect((await jsonOf(told))['html']).toContain('<strong>bold</strong>')
    expect(await rowOf(id)).toMatchObject({ story: '', version: 1 })
  })
})

describe('two tabs', () => {
  test('the second save shows both texts, overwrites nothing, and may be repeated knowingly', async () => {
    const id = await begin(ana)
    const save = (fields: Record<string, string>) =>
      ana.post(edit(id, 'story'), { ...story, ...fields })
    expect((await save({ story: 'The first tab wrote this.', version: '1' })).status).toBe(303)
    const second = await save({ story: 'The second tab wrote that.', version: '1' })
    expect(second.status).toBe(409)
    const page = await second.text()
    expect(page).toContain('The first tab wrote this.')
    expect(page).toContain('The second tab wrote that.')
    expect(page).toContain('data-autosave="off"')
    expect(page).toContain('name="version" value="2"')
    expect((await rowOf(id))['story']).toBe('The first tab wrote this.')
    const told = await ana.post(edit(id, 'story'), { ...story, version: '1' }, asScript)
    expect(told.status).toBe(409)
    expect((await save({ story: 'The second tab wrote that.', version: '2' })).status).toBe(303)
    expect((await rowOf(id))['story']).toBe('The second tab wrote that.')
  })

  test('of ten saves at once one is taken', async () => {
    const id = await begin(ana)
    const saves = Array.from({ length: 10 }, (_, number) =>
      ana.post(edit(id, 'story'), { ...story, story: `Tab ${number}`, version: '1' }),
    )
    const statuses = (await Promise.all(saves)).map(({ status }) => status)
    expect(statuses.toSorted()).toEqual([303, ...Array.from({ length: 9 }, () => 409)])
    expect(await versionOf(id)).toBe('2')
  })
})

describe('other people', () => {
  const parts = ['basics', 'funding', 'story', 'launch', 'story/preview', 'launch/share']
  test.each(parts)('do not know of %s of a draft', async (part) => {
    const id = await begin(ana)
    for (const path of [edit(id, part), edit(999_999_999, part), '/projects/x/edit/basics']) {
      if (!part.includes('/')) expect((await bea.get(path)).status).toBe(404)
      if (part !== 'launch') {
        expect((await bea.post(path, { ...basics, version: '1' })).status).toBe(404)
      }
    }
    expect(await versionOf(id)).toBe('1')
    expect((await bea.get(`/projects/${id}/history`)).status).toBe(404)
  })

  test('with the permission may edit, but not move', async () => {
    const id = await begin(ana)
    await site.db.$client`
      insert into collaborators (project_id, person_id, permissions, accepted_at)
      select ${id}, person_id, '{edit}', now() from accounts where email = 'bea.other@example.test'`
    expect((await bea.post(edit(id, 'story'), { ...story, version: '1' })).status).toBe(303)
    expect(await (await bea.get('/making')).text()).toContain('You are helping Ana Maker')
    const launch = await (await bea.get(edit(id, 'launch'))).text()
    expect(launch).toContain('Only Ana Maker may submit')
    for (const act of ['submit', 'withdraw', 'launch', 'cancel', 'delete']) {
      const answer = await bea.post(`/projects/${id}/${act}`, { sure: 'yes', when: 'now' })
      expect([act, answer.status]).toEqual([act, 403])
    }
    const only = await begin(ana)
    await site.db.$client`
      insert into collaborators (project_id, person_id, permissions, accepted_at)
      select ${only}, person_id, '{numbers}', now() from accounts where email = 'bea.other@example.test'`
    expect((await bea.get(edit(only, 'story'))).status).toBe(403)
    expect((await bea.get(`/projects/${only}/preview`)).status).toBe(200)
  })
})

test('the preview opens to whoever has the link, until it is taken back', async () => {
  const id = await begin(ana, { title: 'Secret lamp' })
  const path = `/projects/${id}/preview`
  const share = (how: string) => ana.post(`${edit(id, 'launch')}/share`, { share: how })
  const keyOf = async () => String((await rowOf(id))['preview_key'])
  expect((await visitor(site).get(path)).status).toBe(404)
  expect((await visitor(site).get(`${path}?key=null`)).status).toBe(404)
  expect((await share('yes')).status).toBe(303)
  const first = await keyOf()
  const answer = await visitor(site).get(`${path}?key=${first}`)
  const page = await answer.text()
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-store'])
  expect(page).toContain('Secret lamp')
  expect(page).toContain('noindex')
  expect(page).not.toContain('Back to the editor')
  await share('yes')
  expect((await visitor(site).get(`${path}?key=${first}`)).status).toBe(404)
  expect((await visitor(site).get(`${path}?key=${await keyOf()}`)).status).toBe(200)
  expect((await bea.get(path)).status).toBe(404)
  const last = await keyOf()
  await share('no')
  expect((await visitor(site).get(`${path}?key=${last}`)).status).toBe(404)
})
