import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '#testing/database'
import { svgOf } from '../page/report'
import { literal, pageAfter, queryIds } from './asked'
import { drawKeys, findLargest } from './keys'
import { measureCold } from './measure'
import { measureQueries, type QueriesMeasured } from './queries'
import { judge, markdownReport, notes, reportRows, textReport } from './report'
import { selectWhole } from './stream'

/** The nine queries on a small database: that all are asked and told, never how long they take. */

let database: TestDatabase
let measured: QueriesMeasured
const said: string[] = []

beforeAll(async () => {
  database = await testDatabase()
  const { db, url } = database
  const say = (line: string) => void said.push(line)
  measured = await measureQueries({ db, urls: { unix: url }, quick: false, say })
}, 60_000)

afterAll(async () => {
  await database.close()
})

test('there are nine rows as the design has them, with numbers', () => {
  expect(measured.rows.map(({ id }) => id)).toEqual([...queryIds])
  for (const row of measured.rows) {
    const { before_ms, after_hot_ms, client_unix_ms } = row
    for (const figure of [before_ms, after_hot_ms, client_unix_ms]) {
      expect(figure).toBeGreaterThan(0)
      expect(figure).toBeFinite()
    }
    expect([row.after_cold_ms, row.client_tcp_ms]).toEqual([null, null])
  }
  expect(measured.scale).toMatchObject({ projects: 400, people: 2_000 })
  expect(said.at(-1)).toStartWith('place-count: as in 2018')
})

test('each read sends its statements once more for the cold run', async () => {
  expect(measured.cold.map(({ id }) => id)).toEqual([...queryIds])
  for (const { statements } of measured.cold) {
    expect(statements.length).toBeGreaterThan(0)
    expect(await measureCold(database.url, statements.slice(0, 2))).toBeGreaterThan(0)
  }
})

test('a whole list holds every listed project, as many as COPY sends', async () => {
  const { category, place } = await findLargest(database.db)
  const [counted] = await database.db.$client`
    select count(*) filter (where category = ${category.name})::int as category,
      count(*) filter (where city || ', ' || state = ${place.name})::int as place
    from projects where is_listed(status)`
  const whole = new Map(measured.rows.map((row) => [row.id, row.whole]))
  expect(whole.get('category-all')?.rows).toBe(counted?.['category'])
  expect(whole.get('place-all')?.rows).toBe(counted?.['place'])
  expect(whole.get('category-all')?.ratio).toBeGreaterThan(0)
  const rows = await database.db.$client.unsafe(selectWhole(category))
  expect(new Set(rows.map((row) => row['category']))).toEqual(new Set([category.name]))
})

test('a page after a project goes on where it stands', async () => {
  const { starts } = await drawKeys(database.db, 30)
  for (const start of starts) {
    const { projects } = await pageAfter(database.db, start)
    const [older] = await database.db.$client`
      select count(*)::int as count from projects
      where state = ${start.state} and city = ${start.city} and status = ${start.status}
        and id < ${start.id}`
    expect(projects.length).toBe(Math.min(12, older?.['count']))
    expect(projects.every(({ id }) => id < start.id)).toBe(true)
  }
})

test('the JSON has what 2018 published beside ours', () => {
  const rows = reportRows(measured.rows) as Record<string, Record<string, unknown>>[]
  expect(rows[4]).toMatchObject({
    id: 'category-first-12',
    published_2018: { postgres_before_ms: 4.083, postgres_after_ms: 4.021, mongodb_after_ms: 2 },
  })
  expect(JSON.parse(JSON.stringify(rows))).toEqual(rows)
})

test('budgets are met or missed', () => {
  const [first] = measured.rows
  if (!first) throw new Error('no rows')
  const at = (ms: number) => judge([{ ...first, after_hot_ms: ms }]).map(({ met }) => met)
  expect(at(0.1)).toEqual([true, true])
  expect(at(0.11)).toEqual([false, false])
  const streamed = measured.rows.find(({ id }) => id === 'category-all')
  if (!streamed?.whole) throw new Error('nothing was streamed')
  const by = (ratio: number | null) => {
    const rows = [{ ...streamed, whole: { ...streamed.whole, ratio } } as typeof streamed, first]
    return judge(rows)[0]?.met
  }
  expect([0.8, 0.79, null].map(by)).toEqual([true, false, false])
})

test('terminal, page and chart tell of all nine, and of what is missing', async () => {
  const context = { measured, missing: ['Cold was not measured.'] }
  const budgets = judge(measured.rows)
  for (const text of [textReport(context, budgets), markdownReport(context, budgets)]) {
    for (const id of queryIds) expect(text).toContain(id)
  }
  expect(notes(context)).toContain('Cold was not measured.')
  const { svg } = await svgOf('queries', { rows: reportRows(measured.rows), scale: measured.scale })
  for (const id of queryIds) expect(svg).toContain(`>${id}</text>`)
})

test('literals are quoted', () => {
  expect([5, null, "it's", 'a\\b'].map(literal)).toEqual(['5', 'null', "'it''s'", "E'a\\\\b'"])
})
