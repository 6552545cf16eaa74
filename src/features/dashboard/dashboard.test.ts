import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'
import type { Visitor } from '#testing/visitor'
import { countedPledgesMax } from './reads/numbers'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
/** The seeded project with the most backers of those that run, now the owner's. */
let project: number

beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  const [row] = await site.db.$client`
    update projects set creator_id = ${cast.owner.id} where id = (
      select id from projects where status = 'live' order by backers_count desc limit 1)
    returning id`
  project = Number(row?.['id'])
})
afterAll(() => site.close(), 30_000)

const address = (what = '') => `/projects/${project}/dashboard${what}`
const text = async (reader: Visitor, path: string) => {
  const answer = await reader.get(path)
  expect(answer.status).toBe(200)
  return await answer.text()
}
/** The cells of the table under the chart of this name. */
function tableOf(html: string, id: string): string[][] {
  const table = html.split(`<table aria-labelledby="${id}">`)[1]?.split('</table>')[0] ?? ''
  return [...(table.split('<tbody>')[1] ?? '').matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) =>
      cell.replace(/<[^>]+>/g, ''),
    ),
  )
}
const numberOf = (cell = '') => Number(cell.replace(/[^\d.-]/g, ''))
const total = (rows: string[][], column: number) =>
  rows.reduce((all, row) => all + numberOf(row[column]), 0)

async function one(query: string): Promise<Record<string, number>> {
  const [row] = await site.db.$client.unsafe(query)
  return row as unknown as Record<string, number>
}

describe('the dashboard', () => {
  test('shows what the rows add up to', async () => {
    const html = await text(cast.owner, address())
    const truth = await one(`select count(*)::int as backers, sum(amount)::float8 as amount,
        (count(*) filter (where not backed_before))::int as new
      from pledges where project_id = ${project} and status <> 'canceled'`)
    const people = tableOf(html, 'backers')
    expect(truth['backers']).toBeGreaterThan(100)
    expect([total(people, 1), total(people, 2)]).toEqual([
      truth['new'] ?? 0,
      (truth['backers'] ?? 0) - (truth['new'] ?? 0),
    ])
    expect(Math.round(total(tableOf(html, 'amounts'), 1) * 100)).toBe(truth['amount'] ?? 0)
    const lines = tableOf(html, 'pledged')
    expect(Math.round(numberOf(lines.at(-1)?.[1]) * 100)).toBe(truth['amount'] ?? 0)
    const visits = await one(
      `select sum(visits)::int as all from project_visits where project_id = ${project}`,
    )
    expect(visits['all']).toBeGreaterThan(100)
    expect(total(tableOf(html, 'visits'), 1)).toBe(visits['all'] ?? 0)
    const savers = await one(`select count(*)::int as saves, (count(*) filter (where exists (
        select from pledges b where b.project_id = s.project_id and b.backer_id = s.person_id
          and b.created_at >= s.created_at and b.status <> 'canceled')))::int as converted
      from saves s where project_id = ${project}`)
    expect(numberOf(tableOf(html, 'people').at(-1)?.[1])).toBe(savers['saves'] ?? 0)
    expect(savers['converted']).toBeGreaterThan(0)
    expect(html).toContain(`<dt>saved it and became backers</dt><dd>${savers['converted']}</dd>`)
  })

  test('of some days shows just these', async () => {
    const whole = await text(cast.owner, address())
    const week = await text(cast.owner, address('?days=7'))
    expect(tableOf(week, 'amounts')).toEqual(tableOf(whole, 'amounts').slice(-7))
    expect(tableOf(week, 'pledged')).toEqual(tableOf(whole, 'pledged').slice(-7))
    expect(week).toContain('aria-current="page">Last 7 days')
    expect((await cast.owner.get(address('?days=8'))).status).toBe(400)
  })

  test('can be read without seeing the charts', async () => {
    const html = await text(cast.owner, address())
    const drawings = html.match(/<svg class="chart-drawing".*?<\/svg>/gs) ?? []
    expect(drawings).toHaveLength(5)
    for (const drawing of drawings) {
      expect(drawing).toMatch(/role="img" aria-labelledby="(\w+)-title \1-summary"/)
      expect(drawing).toMatch(/<title id="\w+-title">.+<\/title><desc id="\w+-summary">.+<\/desc>/)
      expect(drawing).not.toMatch(/NaN|Infinity|undefined|style=/)
    }
    expect(html.match(/<summary>As a table<\/summary>/g)).toHaveLength(5)
  })

  test('of a draft says there is nothing yet; of a first day it shows zeros', async () => {
    const draft = await cast.makeProject('draft')
    const path = `/projects/${draft['project']}/dashboard`
    expect(await text(cast.owner, path)).toContain('There is nothing to count yet.')
    const rows = (await text(cast.owner, `${path}.csv`)).trim().split('\r\n')
    expect(rows).toHaveLength(1)
    await site.db.$client`
      update projects set creator_id = ${cast.owner.id}, backers_count = 0, pledged = 0
      where id = (select min(id) from projects where backers_count = 0 and status = 'failed')`
    const [row] = await site.db.$client`
      select id from projects where creator_id = ${cast.owner.id} and status = 'failed'`
    const html = await text(cast.owner, `/projects/${row?.['id']}/dashboard`)
    expect(html).toContain('Nothing in these days.')
    expect(html).not.toMatch(/NaN|Infinity|undefined/)
  })

  test('is for its makers with that permission, and for staff', async () => {
    for (const what of ['', '.csv']) {
      const answers = async (status: string) => {
        const readers = [
          ...[cast.anonymous, cast.member, cast.helperWithout('numbers')],
          ...[cast.helperWith('numbers'), cast.owner, cast.staff],
        ]
        const made = await cast.makeProject(status)
        const path = `/projects/${made['project']}/dashboard${what}`
        return await Promise.all(readers.map(async (reader) => (await reader.get(path)).status))
      }
      expect(await answers('live')).toEqual([303, 403, 403, 200, 200, 200])
      expect(await answers('draft')).toEqual([303, 404, 403, 200, 200, 200])
    }
    expect((await cast.staff.get('/projects/999999999/dashboard')).status).toBe(404)
    expect((await cast.owner.get('/projects/none/dashboard')).status).toBe(404)
    const answer = await cast.owner.get(address())
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
  })
})

describe('files', () => {
  const lines = async (reader: Visitor, what: string) =>
    (await text(reader, address(`.csv?what=${what}`))).trim().split('\r\n')

  test('have everything, in UTF-8 that spreadsheets know', async () => {
    const answer = await cast.owner.get(address('.csv?what=sources'))
    expect(answer.headers.get('content-type')).toStartWith('text/csv')
    expect(answer.headers.get('content-disposition')).toContain(`project-${project}-sources.csv`)
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
    const sources = await lines(cast.owner, 'sources')
    const visits = await one(
      `select sum(visits)::int as all from project_visits where project_id = ${project}`,
    )
    const counted = sources.slice(1).reduce((all, line) => all + Number(line.split(',')[2]), 0)
    expect(counted).toBe(visits['all'] ?? 0)
    const rewards = await one(
      `select count(*)::int as rows from rewards where project_id = ${project}`,
    )
    expect(await lines(cast.owner, 'rewards')).toHaveLength((rewards['rows'] ?? 0) + 1)
    expect((await lines(cast.owner, 'days')).length).toBeGreaterThan(2)
  })

  test('of something else there are none', async () => {
    expect((await cast.owner.get(address('.csv?what=everything'))).status).toBe(400)
  })
})

describe('a project with more pledges than are counted', () => {
  const pledged = countedPledgesMax + 2_345
  let big: number

  beforeAll(async () => {
    const [row] = await site.db.$client`
      insert into projects (creator_id, creator_name, status, title, description, category,
          subcategory, city, state, country, goal, launched_at, ends_at, backers_count, pledged)
        select ${cast.owner.id}, 'Own Er', 'live', 'Big', 'Words', category, subcategory, city,
            state, country, 100000, '2040-05-01', '2040-06-01', ${pledged}, ${pledged * 200}
          from projects where id = 1
        returning id`
    big = Number(row?.['id'])
    await site.db.$client`
      with made as (
        insert into people (name) select 'Backer ' || n from generate_series(1, ${pledged}::int) n
        returning id)
      insert into pledges (project_id, backer_id, amount, backed_before, city, country, created_at)
        select ${big}, id, 200, false, 'Here', 'Utopia',
          timestamptz '2040-05-01' + interval '12 days' * row_number() over (order by id) / ${pledged}
        from made order by id`
  })

  test('says what it leaves out, and its line still ends at what was pledged', async () => {
    const html = await text(cast.owner, `/projects/${big}/dashboard`)
    expect(html.replaceAll('<!-- -->', '')).toContain(
      'Counted over the latest 10,000 of 12,345 pledges, the first of them on May 3',
    )
    const lines = tableOf(html, 'pledged')
    expect(lines[0]?.[0]).toBe('May 3')
    expect(numberOf(lines.at(-1)?.[1])).toBe(pledged * 2)
    expect(total(tableOf(html, 'backers'), 1)).toBe(countedPledgesMax)
  })
})
