import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '#testing/database'
import { databaseScale, markdownTable, median, percentile, textTable, writeReport } from './report'

const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-report-'))
let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await database.close()
  rmSync(directory, { recursive: true, force: true })
})

test('the middle and the shares of some values', () => {
  expect(median([5, 1, 3])).toBe(3)
  expect(median([1, 2, 3, 10])).toBe(2.5)
  expect(percentile([0, 10], 0.95)).toBeCloseTo(9.5)
  expect(median([])).toBeNaN()
})

test('tables put figures to the right', () => {
  const rows = [
    ['home', '1,200'],
    ['search', '–'],
  ]
  expect(textTable(['page', 'per s'], rows)).toBe(
    ['page    per s', '──────  ─────', 'home    1,200', 'search      –'].join('\n'),
  )
  expect(markdownTable(['page', 'per s'], [['a|b', '1']])).toBe(
    ['| page | per s |', '| --- | ---: |', '| a\\|b | 1 |'].join('\n'),
  )
})

test('the scale is that of the rows', async () => {
  const [counted] = await database.db.$client`select count(*)::int as pledges from pledges`
  expect(await databaseScale(database.db)).toEqual({
    ...{ projects: 400, people: 2_000 },
    pledges: counted?.['pledges'],
  })
})

test('a report says when, where and of what', async () => {
  const report = {
    ...{ bench: 'thing', command: 'jumpstarter bench thing', versions: { postgres: '18.4' } },
    ...{ scale: { projects: 1, people: 2, pledges: 3_000 }, rows: [{ id: 'a', ms: 1 }] },
    notes: ['Mind the gap.'],
  }
  const files = { markdown: '# Thing', svg: '<svg/>' }
  const paths = await writeReport(join(directory, 'new'), report, files)
  expect(paths.map((path) => path.split('/').at(-1))).toEqual([
    ...['thing.json', 'thing.md', 'thing.svg'],
  ])
  const [json = '', markdown = ''] = paths
  const written = await Bun.file(json).json()
  expect(written).toMatchObject(report)
  expect(written.date).toMatch(/^\d{4}-\d\d-\d\dT/)
  expect(Object.keys(written.machine)).toEqual(['cpu', 'cores', 'memory_gb', 'kernel'])
  const page = await Bun.file(markdown).text()
  expect(page).toStartWith('# Thing\n\n- Mind the gap.\n\nMeasured on ')
  expect(page).toContain('3,000 pledges')
})
