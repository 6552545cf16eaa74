import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'

setDefaultTimeout(60_000)

const paths = ['/', '/discover', '/projects/1/faqs', '/api/v1/projects/1', '/search?q=game']
let site: TestApp
let tables: string[]

beforeAll(async () => {
  site = await testApp()
  const rows = await site.db.$client`select tablename from pg_tables
    where schemaname = 'public' and tablename <> 'schema_migrations'`
  tables = rows.map((row) => row['tablename'])
})

afterAll(() => site.close())

/** As a bulk seed does at its beginning and at its end. */
async function move(from: string, to: string): Promise<void> {
  await site.db.$client.begin(async (tx) => {
    for (const table of tables) await tx.unsafe(`alter table ${from}.${table} set schema ${to}`)
  })
}

async function statuses(): Promise<number[]> {
  const answers = await Promise.all([...paths, '/readyz'].map((path) => site.get(path)))
  await Promise.all(answers.map((answer) => answer.text()))
  return answers.map(({ status }) => status)
}

test('while a bulk seed has the tables the site is unavailable, and is back with them', async () => {
  const { $client } = site.db
  const [landing] = await statuses()
  expect(landing).toBe(200)
  await $client.unsafe('create schema seed; create table seed.structure ()')
  await move('public', 'seed')
  expect(await statuses()).toEqual(Array(paths.length + 1).fill(503))
  const problem = await site.get('/api/v1/projects/1')
  expect([problem.status, problem.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await problem.json()).toMatchObject({ type: 'urn:jumpstarter:unavailable' })
  expect(await (await site.get('/discover')).text()).toContain('Back in a moment')
  expect(await (await site.get('/readyz')).text()).toBe('the database is being filled\n')
  expect((await site.get('/healthz')).status).toBe(200)

  await move('seed', 'public')
  await $client.unsafe('drop schema seed cascade')
  expect((await statuses()).every((status) => status < 400)).toBe(true)
  expect(site.takeErrors().length).toBeGreaterThan(0)
})
