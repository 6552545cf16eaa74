import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { seededAt } from '#testing/database'
import { readPage } from '#testing/page'

setDefaultTimeout(60_000)

let site: TestApp
let sql: TestApp['db']['$client']

beforeAll(async () => {
  site = await testApp()
  sql = site.db.$client
})

afterAll(() => site.close())

/** Follows the one redirect to the address with the slug. */
async function page(path: string) {
  const response = await site.get(path)
  return readPage(
    response.status === 301 ? await site.get(response.headers.get('location') ?? '') : response,
  )
}

async function idOf(condition: string): Promise<number> {
  const [row] = await sql.unsafe(
    `select id from projects where ${condition} order by backers_count desc, id limit 1`,
  )
  return Number(row?.['id'])
}

const dayMs = 86_400_000

const inDays = (days: number) => new Date(+seededAt + days * dayMs).toISOString()

/** A live project of person 1 with nothing in it but its title; ends in 59 days. */
async function bareProject(title = 'Bare'): Promise<number> {
  const [row] = await sql`
    insert into projects (creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal, launched_at, ends_at)
      select 1, p.name, 'live', ${title}, 'Nothing yet', c.parent, c.slug, 'Ithaca', 'New York',
          'United States', 500000, ${inDays(-1)}::timestamptz, ${inDays(59)}::timestamptz
        from people p, categories c where p.id = 1 and c.parent = 'games' order by c.slug limit 1
      returning id`
  return Number(row?.['id'])
}

describe('by status', () => {
  test.each([
    [
      'live',
      ['Remind me', 'Back this project', 'to go', 'Support without a reward'],
      ['Nobody was charged'],
    ],
    ['successful', [' pledged $', 'to bring this project to life by'], ['Remind me', 'to go</dt>']],
    ['failed', ['did not reach its goal by', 'Nobody was charged.'], ['Remind me', 'to go</dt>']],
    ['canceled', ['The creator has canceled this project.'], ['Remind me', 'to go</dt>']],
    ['suspended', ['We have suspended this project.'], ['Remind me', 'to go</dt>']],
  ])('a %s project says so', async (status, shown, absent) => {
    const { text, html } = await page(`/projects/${await idOf(`status = '${status}'`)}`)
    const always = ['Story', 'Risks and challenges', 'Where the money goes', 'Rewards', '% funded']
    for (const words of [...shown, ...always]) expect(text).toContain(words)
    const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'))
    expect(absent.filter((words) => main.includes(words))).toEqual([])
    expect(html.includes('content="noindex"')).toBe(status === 'suspended')
  })

  test.each(['draft', 'submitted', 'rejected'])('a %s project is nowhere', async (status) => {
    const id = await bareProject()
    await sql`update projects set status = ${status} where id = ${id}`
    for (const path of ['', '/rewards', '/faqs', '/updates', '/comments', '/community']) {
      expect((await page(`/projects/${id}${path}`)).status).toBe(404)
    }
    for (const file of ['updates.atom', 'reminder.ics', 'updates/1']) {
      expect((await site.get(`/projects/${id}/${file}`)).status).toBe(404)
    }
    await sql`delete from projects where id = ${id}`
  })

  test('the rule of the money is told while it runs', async () => {
    const strict = await page(`/projects/${await idOf(`status = 'live' and all_or_nothing`)}`)
    expect(strict.text).toContain('All or nothing. This project will only be funded if it reaches')
    const flexible = await page(`/projects/${await idOf(`status = 'live' and not all_or_nothing`)}`)
    expect(flexible.text).toContain('Flexible funding. This project keeps what is pledged by')
  })

  test('a live project whose deadline has passed takes no pledges until it is settled', async () => {
    const id = await idOf(`status = 'live'`)
    site.setNow(new Date(+seededAt + 61 * dayMs))
    const { html } = await page(`/projects/${id}`)
    site.setNow(seededAt)
    const offers = ['Remind me', 'to go</dt>', 'Support without a reward']
    expect(offers.filter((words) => html.includes(words))).toEqual([])
  })

  test('a first project says so, a later one counts', async () => {
    const first = await idOf(`status = 'live' and creator_id in
      (select id from people where projects_count = 1)`)
    expect((await page(`/projects/${first}`)).text).toContain('First created')
    const later = await idOf(`status = 'successful' and creator_id in
      (select id from people where projects_count = 2)`)
    expect((await page(`/projects/${later}`)).text).toContain('2 created')
  })

  test('tabs carry the counts', async () => {
    const id = await idOf('faqs_count > 1 and updates_count > 1 and comments_count > 1')
    const [row] =
      await sql`select faqs_count, updates_count, comments_count from projects where id = ${id}`
    const { text } = await page(`/projects/${id}`)
    expect(text).toContain(
      `FAQ${row?.['faqs_count']}Updates${row?.['updates_count']}Comments${row?.['comments_count']}`,
    )
  })
})

describe('rewards', () => {
  let id: number

  beforeAll(async () => {
    id = await bareProject('Rewarding')
    const reward = {
      project_id: id,
      description: 'Described',
      delivery_month: '2041-03-01',
      ships_to: 'nobody',
      quantity: null,
      backers_count: 0,
      opens_at: null,
      closes_at: null,
    }
    const rows = [
      { ...reward, position: 1, amount: 500, name: 'Untouched' },
      { ...reward, position: 2, amount: 600, name: 'Nearly gone', quantity: 40, backers_count: 37 },
      { ...reward, position: 3, amount: 700, name: 'Gone', quantity: 5, backers_count: 5 },
      { ...reward, position: 4, amount: 800, name: 'Early', opens_at: inDays(3) },
      { ...reward, position: 5, amount: 900, name: 'Late', closes_at: inDays(-1) },
      {
        ...reward,
        position: 6,
        amount: 1050,
        name: 'Parcel',
        ships_to: 'some',
        backers_count: 1234,
      },
      { ...reward, position: 7, amount: 120_000, name: 'World', ships_to: 'anywhere', quantity: 1 },
    ]
    const inserted = await sql`insert into rewards ${sql(rows)} returning id, name`
    const parcel = inserted.find((row) => row['name'] === 'Parcel')?.['id']
    await sql`insert into reward_items ${sql([
      { project_id: id, reward_id: parcel, position: 2, name: 'Sticker', quantity: 3 },
      { project_id: id, reward_id: parcel, position: 1, name: 'Book', quantity: 1 },
    ])}`
    await sql`insert into reward_shipping ${sql([
      { project_id: id, reward_id: parcel, country: 'Portugal', price: 450 },
      { project_id: id, reward_id: parcel, country: 'Spain', price: 0 },
    ])}`
  })

  /** Text of each reward on the page, in its order. */
  async function rewards(path: string): Promise<string[]> {
    const { text } = await page(path)
    return text.split(/(?=Pledge \$)/).slice(1)
  }

  test.each(['', '/rewards'])('on %s: those to be had first, then the rest', async (tab) => {
    const names = (await rewards(`/projects/${id}${tab}`)).map(
      (text) => /or more(.*?)Described/.exec(text)?.[1],
    )
    expect(names).toEqual(['Untouched', 'Nearly gone', 'Early', 'Parcel', 'World', 'Gone', 'Late'])
  })

  test('each says what state it is in', async () => {
    const [untouched, nearly, early, parcel, world, gone, late] = await rewards(
      `/projects/${id}/rewards`,
    )
    expect(untouched).toContain('Pledge $5 or more')
    expect(untouched).toContain('Backers0')
    expect(untouched).not.toMatch(/Limited|gone/)
    expect(nearly).toContain('Limited (3 left of 40)')
    expect(early).toContain('Opens May 19, 2040')
    expect(parcel).toContain('Includes')
    expect(parcel).toContain('Book3 × Sticker')
    expect(parcel).toContain('Ships toSpain, Portugal')
    expect(parcel).toContain('Spain freePortugal $4.50')
    expect(parcel).toContain('Backers1,234')
    expect(parcel).toContain('Estimated deliveryMarch 2041')
    expect(world).toContain('Anywhere in the world')
    expect(world).toContain('Limited (1 left of 1)')
    expect(gone).toContain('All gone!')
    expect(late).toContain('Closed May 15, 2040')
  })

  test('after the end all are closed, and those gone still say so', async () => {
    await sql`update projects set status = 'successful' where id = ${id}`
    const all = (await rewards(`/projects/${id}/rewards`)).join()
    await sql`update projects set status = 'live' where id = ${id}`
    expect(all).not.toMatch(/Limited|Opens/)
    expect(all).toContain('All gone!')
  })
})

describe('with nothing in it', () => {
  let id: number

  beforeAll(async () => {
    id = await bareProject('Empty')
  })

  test.each([
    ['', 'No story yet.'],
    ['/rewards', 'This project offers no rewards.'],
    ['/faqs', 'No questions yet.'],
    ['/updates', 'No updates yet.'],
    ['/comments', 'No comments yet.'],
    ['/community', 'No backers yet.'],
  ])('%s says: %s', async (tab, words) => {
    const { status, text, h1 } = await page(`/projects/${id}${tab}`)
    expect([status, h1.length]).toEqual([200, 1])
    expect(text).toContain(words)
    expect(text).toMatch(/59 days to go|days to go59/)
  })

  test('an update without comments, and one that is not there', async () => {
    await sql`insert into updates (project_id, number, title, body, published_at)
      values (${id}, 1, 'First', 'Words', ${inDays(0)})`
    expect((await page(`/projects/${id}/updates/1`)).text).toContain(
      'No comments on this update yet.',
    )
    expect((await page(`/projects/${id}/updates/2`)).status).toBe(404)
    await sql`delete from updates where project_id = ${id}`
  })

  test('a title without Latin letters has no slug and no detour', async () => {
    const named = await bareProject('東京')
    const response = await site.get(`/projects/${named}`)
    expect(response.status).toBe(200)
    expect((await readPage(response)).canonical).toBe(
      `${site.deps.config.baseUrl}/projects/${named}`,
    )
    expect((await site.get(`/projects/${named}-x`)).headers.get('location')).toBe(
      `/projects/${named}`,
    )
  })
})

test('what people write is shown as text, never as markup', async () => {
  const evil = '<script>alert(1)</script><img src=x onerror=alert(1)>'
  const id = await bareProject(evil)
  const story = `${evil}\n\n[a](javascript:alert(1)) [b](data:text/html,x) ![c](http://x.test/c.png)\n\n<b>bold</b>`
  await sql`update projects set description = ${evil} where id = ${id}`
  await sql`insert into stories (project_id, story, risks, budget) values (${id}, ${story}, ${evil}, '[]')`
  await sql`insert into faqs (project_id, position, question, answer) values (${id}, 1, ${evil}, ${evil})`
  await sql`insert into comments (project_id, author_id, body) values (${id}, 1, ${evil})`
  for (const tab of ['', '/faqs', '/comments']) {
    const { html, text } = await page(`/projects/${id}${tab}`)
    expect(html).not.toMatch(
      /<script>alert|<img src=x|javascript:|data:text|<b>bold|x\.test\/c\.png"/,
    )
    expect(text).toContain('<script>alert(1)</script>')
  }
})

test('the reminder rings two days before the end, or soon', async () => {
  const id = await bareProject('Ringing; loudly, twice')
  const response = await site.get(`/projects/${id}/reminder.ics`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/calendar; charset=utf-8')
  expect(response.headers.get('content-disposition')).toContain(`reminder-${id}.ics`)
  const calendar = (await response.text()).replaceAll('\r\n ', '')
  expect(calendar).toContain(
    'SUMMARY:Ringing\\; loudly\\, twice ends July 14\\, 2040 at 12:00 PM UTC\r\n',
  )
  expect(calendar).toContain('DTSTART:20400712T120000Z\r\n')
  expect(calendar).toContain('BEGIN:VALARM')
  await sql`update projects set ends_at = ${inDays(1 / 12)} where id = ${id}`
  expect(await (await site.get(`/projects/${id}/reminder.ics`)).text()).toContain(
    'DTSTART:20400516T130000Z',
  )
  // Never after the end, however late it is asked for.
  await sql`update projects set ends_at = ${inDays(1 / 48)} where id = ${id}`
  expect(await (await site.get(`/projects/${id}/reminder.ics`)).text()).toContain(
    'DTSTART:20400516T121500Z',
  )
  await sql`update projects set status = 'canceled' where id = ${id}`
  expect((await site.get(`/projects/${id}/reminder.ics`)).status).toBe(404)
})
