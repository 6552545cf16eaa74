import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { takePledges } from '#features/pledges/writes/take-pledges'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, signedIn } from '#testing/cast'
import type { Visitor } from '#testing/visitor'
import { addressesMax } from './rules/addresses'
import { chunkRowsMax } from './rules/backers'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let ada: Member
let bob: Member
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  ada = await signedIn(site, 'Ada Backer')
  bob = await signedIn(site, 'Bob Backer')
})
afterAll(() => site.close(), 30_000)
beforeEach(async () => {
  await site.db.$client`delete from rate_limits`
})

interface Made {
  project: string
  reward: string
  pledges: Record<'ada' | 'bob', number>
}

/** A project of the owner that Ada took the reward of, and Bob backed without one; both have paid. */
async function funded({ paid = true } = {}): Promise<Made> {
  const made = await cast.makeProject('live')
  const project = made['project'] ?? ''
  const reward = made['reward'] ?? ''
  const common = { projectId: Number(project), addOns: [], shipTo: null, cardId: null }
  const results = await takePledges(site.db.$client, [
    {
      ...{ ...common, backerId: ada.id, key: `ada ${project}`, rewardId: Number(reward) },
      ...{ bonus: 0, anonymous: true, total: 2_500 },
    },
    {
      ...{ ...common, backerId: bob.id, key: `bob ${project}`, rewardId: null },
      ...{ bonus: 700, anonymous: false, total: 700 },
    },
  ])
  const [first, second] = results.map(({ pledgeId }) => Number(pledgeId))
  if (paid) {
    await site.db.$client`update projects set status = 'successful' where id = ${project}`
    await site.db.$client`update pledges set status = 'collected' where project_id = ${project}`
  }
  return { project, reward, pledges: { ada: first ?? 0, bob: second ?? 0 } }
}

const page = async (reader: Visitor, path: string, status = 200) => {
  const answer = await reader.get(path)
  expect(answer.status).toBe(status)
  return (await answer.text()).replaceAll('<!-- -->', '')
}
const sent = async (reader: Visitor, path: string, fields: Record<string, string> = {}) => {
  const answer = await reader.post(path, fields)
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}
const refused = async (
  reader: Visitor,
  path: string,
  fields: Record<string, string>,
  status = 422,
) => {
  const answer = await reader.post(path, fields)
  expect(answer.status).toBe(status)
  return (await answer.text()).replaceAll('<!-- -->', '')
}

const elmStreet = {
  ...{ name: 'Ada Lovelace 🌻', line1: 'Elm Street 1', city: 'Lyon', postcode: '69001' },
  ...{ country: 'France', state: '', line2: '', phone: '+33 1' },
}
async function addressOf(reader: Visitor): Promise<string> {
  await sent(reader, '/settings/addresses', elmStreet)
  const book = await page(reader, '/settings/addresses')
  return /\/settings\/addresses\/(\d+)"/.exec(book)?.[1] ?? ''
}

const questions = {
  ...{ wantsAddress: 'on', 'question-1': 'Which colour?', 'choices-1': 'Red\nBlue\n\nRed' },
  ...{ 'required-1': 'on', 'question-2': 'A word to engrave' },
}
async function surveyed(): Promise<Made> {
  const made = await funded()
  await sent(cast.owner, `/projects/${made.project}/survey/edit`, questions)
  await sent(cast.owner, `/projects/${made.project}/survey/send`)
  return made
}

describe('the address book', () => {
  test('takes addresses, one of them used first', async () => {
    const eve = await signedIn(site, 'Eve Book')
    expect(await page(eve, '/settings/addresses')).toContain('Your first address')
    const first = await addressOf(eve)
    // Twice is once.
    await sent(eve, '/settings/addresses', elmStreet)
    await sent(eve, '/settings/addresses', { ...elmStreet, line1: 'Oak Road 2' })
    const book = await page(eve, '/settings/addresses')
    expect(book.match(/class="postal"/g)).toHaveLength(2)
    expect(book.split('Used first')[0]).toContain('Elm Street 1')
    const second = [...book.matchAll(/addresses\/(\d+)"/g)].map(([, id]) => id).at(-1) ?? ''
    await sent(eve, `/settings/addresses/${second}/default`)
    expect((await page(eve, '/settings/addresses')).split('Used first')[0]).toContain('Oak Road 2')
    expect(await page(eve, `/settings/addresses/${first}`)).toContain('value="Elm Street 1"')
    await sent(eve, `/settings/addresses/${first}`, { ...elmStreet, line1: 'Elm Street 9' })
    expect(await page(eve, '/settings/addresses')).toContain('Elm Street 9')
    await sent(eve, `/settings/addresses/${second}/remove`)
    await sent(eve, `/settings/addresses/${second}/remove`)
    const left = await page(eve, '/settings/addresses')
    expect(left.match(/class="postal"/g)).toHaveLength(1)
    expect(left.split('Used first')[0]).toContain('Elm Street 9')
  })

  test('gives back what is wrong, and is nobody else’s', async () => {
    const wrong = { ...elmStreet, line1: ' ', country: 'Atlantis', city: 'x'.repeat(121) }
    const html = await refused(ada, '/settings/addresses', wrong)
    expect(html).toContain('Please give street and number.')
    expect(html).toContain('Please choose a country of the list.')
    expect(html).toContain('May have 120 characters at most.')
    expect(html).toContain('value="Ada Lovelace 🌻"')
    const id = await addressOf(ada)
    for (const path of [`/settings/addresses/${id}`, `/settings/addresses/${id}/default`]) {
      expect((await bob.post(path, elmStreet)).status).toBe(404)
    }
    expect((await bob.get(`/settings/addresses/${id}`)).status).toBe(404)
    await sent(bob, `/settings/addresses/${id}/remove`)
    expect(await page(ada, '/settings/addresses')).toContain('Elm Street 1')
  })

  test('holds so many', async () => {
    const max = await signedIn(site, 'Max Book')
    await site.db.$client`
      insert into addresses (person_id, name, line1, city, country)
      select ${max.id}, 'Max', 'Street ' || n, 'Lyon', 'France' from generate_series(1, ${addressesMax}::int) n`
    expect(await page(max, '/settings/addresses')).toContain('Remove one first')
    expect(await refused(max, '/settings/addresses', elmStreet)).toContain(
      'as many as one may have',
    )
  })

  test('leads back to the survey that asked, and nowhere else', async () => {
    const next = (path: string) => `/settings/addresses?next=${encodeURIComponent(path)}`
    expect(await sent(ada, next('/projects/1/survey'), elmStreet)).toBe('/projects/1/survey')
    expect(await sent(ada, next('https://evil.example'), elmStreet)).toBe('/')
  })
})

describe('a survey', () => {
  test('is written, sent once, answered, changed and locked', async () => {
    const { project, pledges } = await funded()
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
    const { project } = await funded()
    const html = await refused(cast.owner, `/projects/${project}/survey/edit`, {
      ...{ 'question-1': 'x'.repeat(301), 'question-2': 'Size?', 'choices-2': 'One' },
      ...{ 'choices-3': 'A\nB', 'question-4': 'Fine?', 'choices-4': 'Yes\nNo' },
    })
    expect(html).toContain('May have 300 characters at most.')
    expect(html).toContain('Please give two answers at least.')
    expect(html).toContain('Please say what these answer.')
    expect(html).toContain('value="Fine?"')
    expect((await cast.owner.post(`/projects/${project}/survey/send`, {})).status).toBe(409)
  })

  test('goes out after a campaign that ended well, to those who have paid', async () => {
    const { project } = await funded({ paid: false })
    const at = `/projects/${project}/survey`
    await sent(cast.owner, `${at}/edit`, questions)
    expect(await page(cast.owner, `${at}/edit`)).toContain('once the campaign has ended well')
    expect((await cast.owner.post(`${at}/send`, {})).status).toBe(409)
    const made = await surveyed()
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

describe('the backer report', () => {
  test('has everybody, narrowed by every filter, and adds them up', async () => {
    const { project, reward, pledges } = await surveyed()
    await site.db.$client`
      update pledges set ship_to = 'France' where project_id = ${project} and id = ${pledges.ada}`
    const address = await addressOf(ada)
    await sent(ada, `/projects/${project}/survey`, { address, 'answer-1': 'Red' })
    const backers = `/projects/${project}/backers`
    const all = await page(cast.owner, backers)
    expect(all).toContain('<strong>2 backers</strong> with $32.00')
    const narrowed = async (query: string) => {
      const html = await page(cast.owner, `${backers}?${query}`)
      return ['Ada Backer', 'Bob Backer'].filter((name) => html.includes(`>${name}</a>`))
    }
    expect(await narrowed(`reward=${reward}`)).toEqual(['Ada Backer'])
    expect(await narrowed('reward=none')).toEqual(['Bob Backer'])
    expect(await narrowed('status=errored')).toEqual([])
    expect(await narrowed('country=FRANCE')).toEqual(['Ada Backer'])
    expect(await narrowed('answered=no')).toEqual(['Bob Backer'])
    expect(await narrowed('answered=yes&fulfilment=none')).toEqual(['Ada Backer'])
    expect(await page(cast.owner, `${backers}?status=dropped`)).toContain(
      'Nobody fits all of this.',
    )
    expect((await cast.owner.get(`${backers}?status=rich`)).status).toBe(400)
    const csv = await page(cast.owner, `${backers}.csv?answered=yes`)
    expect(csv.trim().split('\r\n')).toHaveLength(2)
    expect(csv).toContain('Elm Street 1')
    expect(csv).toContain('Which colour?')
  })

  test('marks those who are ticked, or all whom the filter finds, but nobody twice', async () => {
    const { project, pledges } = await funded()
    const backers = `/projects/${project}/backers`
    expect(
      await sent(cast.owner, backers, { mark: 'preparing', [`pledge-${pledges.ada}`]: 'on' }),
    ).toBe(`${backers}?marked=1`)
    expect(await page(cast.owner, `${backers}?fulfilment=preparing`)).toContain('1 backer</strong>')
    await sent(cast.owner, `${backers}/${pledges.ada}`, {
      status: 'sent',
      tracking: 'https://x.test/1',
    })
    expect(await page(ada, `/projects/${project}/survey`)).toContain('<a href="https://x.test/1"')
    await sent(ada, `/projects/${project}/received`)
    await sent(ada, `/projects/${project}/received`)
    // What has come stays so, whatever its makers say.
    await sent(cast.owner, backers, { mark: 'sent', all: 'on' })
    await sent(cast.owner, `${backers}/${pledges.ada}`, {
      status: 'sent',
      tracking: 'javascript:alert(1)',
    })
    expect(await page(cast.owner, `${backers}?fulfilment=received`)).toContain('>Ada Backer</a>')
    expect(await page(cast.owner, `${backers}?fulfilment=sent`)).toContain('>Bob Backer</a>')
    expect(await page(ada, `/projects/${project}/survey`)).not.toContain('href="javascript:')
    expect(await sent(cast.owner, backers, { mark: 'none', all: 'on', answered: 'yes' })).toBe(
      `${backers}?answered=yes&marked=0`,
    )
    expect(await refused(cast.owner, backers, {})).toContain('Please say what to mark them as.')
    const long = { status: 'lost', tracking: 'x'.repeat(201) }
    const html = await refused(cast.owner, `${backers}/${pledges.bob}`, long)
    expect(html).toContain('Please choose one of these.')
    expect(html).toContain('May have 200 characters at most.')
  })

  test('marks nobody who has not paid, nor anybody of another project', async () => {
    const unpaid = await funded({ paid: false })
    const other = await funded()
    const backers = `/projects/${unpaid.project}/backers`
    const ticked = { [`pledge-${unpaid.pledges.ada}`]: 'on', [`pledge-${other.pledges.ada}`]: 'on' }
    expect(await sent(cast.owner, backers, { mark: 'sent', ...ticked })).toContain('marked=0')
    expect(await page(cast.owner, `${backers}/${unpaid.pledges.ada}`)).toContain(
      'before the pledge',
    )
    const one = { status: 'sent', tracking: '' }
    expect((await cast.owner.post(`${backers}/${unpaid.pledges.ada}`, one)).status).toBe(409)
    expect((await cast.owner.post(`${backers}/${other.pledges.ada}`, one)).status).toBe(404)
    expect((await ada.post(`/projects/${unpaid.project}/received`, {})).status).toBe(409)
    expect((await cast.member.post(`/projects/${other.project}/received`, {})).status).toBe(404)
  })

  test('hides who is anonymous and where they live from whoever does not deliver', async () => {
    const { project, pledges } = await surveyed()
    const address = await addressOf(ada)
    await sent(ada, `/projects/${project}/survey`, { address, 'answer-1': 'Red' })
    const counting = cast.helperWith('numbers')
    for (const reader of [counting, cast.staff]) {
      const html = await page(reader, `/projects/${project}/backers`)
      expect(html).toContain('Anonymous')
      expect(html).not.toContain('Ada Backer')
      const csv = await page(reader, `/projects/${project}/backers.csv`)
      expect(csv).toContain(`${pledges.ada},Anonymous,no,`)
      expect(csv).not.toMatch(/Elm Street|Which colour|Ada/)
    }
    expect((await counting.get(`/projects/${project}/backers/${pledges.ada}`)).status).toBe(403)
  })

  test('runs no formula in a spreadsheet', async () => {
    const { project } = await funded()
    await sent(cast.owner, `/projects/${project}/survey/edit`, { 'question-1': '@SUM(A1)?' })
    await sent(cast.owner, `/projects/${project}/survey/send`)
    await sent(ada, `/projects/${project}/survey`, {
      'answer-1': '=HYPERLINK("http://evil.example")',
    })
    await sent(bob, `/projects/${project}/survey`, { 'answer-1': '+1,-1' })
    const csv = await page(cast.owner, `/projects/${project}/backers.csv`)
    expect(csv).toContain(`,'@SUM(A1)?\r\n`)
    expect(csv).toContain(`,"'=HYPERLINK(""http://evil.example"")"\r\n`)
    expect(csv).toContain(`,"'+1,-1"\r\n`)
  })
})

describe('a project with very many backers', () => {
  const pledged = 2 * chunkRowsMax + 345
  let big: number

  beforeAll(async () => {
    const made = await cast.makeProject('successful')
    big = Number(made['project'])
    await site.db.$client`
      with made as (
        insert into people (name) select 'Backer ' || n from generate_series(1, ${pledged}::int) n
        returning id)
      insert into pledges (project_id, backer_id, amount, backed_before, city, country, status)
        select ${big}, id, 200, false, 'Here', 'Utopia', 'collected' from made order by id`
  })

  test('is a file as it is read: a chunk at a time, and no more when nobody wants it', async () => {
    let reads = 0
    const before = site.deps.db.$client.options.debug
    site.deps.db.$client.options.debug = (_connection, query) => {
      if (query.includes('walked as materialized')) reads += 1
    }
    try {
      const path = `/projects/${big}/backers.csv`
      const cut = (await cast.owner.get(path)).body?.getReader()
      await cut?.read()
      expect(reads).toBe(0)
      await cut?.read()
      expect(reads).toBe(1)
      await cut?.cancel()
      const rows = (await page(cast.owner, path)).trim().split('\r\n')
      expect(rows).toHaveLength(pledged + 1)
      expect(new Set(rows.map((line) => line.split(',')[0])).size).toBe(pledged + 1)
      expect(reads).toBe(1 + Math.ceil(pledged / chunkRowsMax))
    } finally {
      site.deps.db.$client.options.debug = before
    }
  })

  test('is listed page by page, and marked as a whole', async () => {
    const seen = new Set<string>()
    let path: string | undefined = `/projects/${big}/backers?fulfilment=none`
    for (let pages = 0; path && pages < 3; pages++) {
      const html: string = await page(cast.owner, path)
      const names = [...html.matchAll(/>(Backer \d+)<\/a>/g)].map(([, name]) => name ?? '')
      expect(names).toHaveLength(50)
      for (const name of names) seen.add(name)
      path = /href="([^"]*after=\d+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen.size).toBe(150)
    expect(
      await sent(cast.owner, `/projects/${big}/backers`, { mark: 'sent', all: 'on' }),
    ).toContain(`marked=${pledged}`)
  })
})
