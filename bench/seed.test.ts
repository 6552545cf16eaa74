import { expect, setDefaultTimeout, test } from 'bun:test'
import { migrate } from '#db/migrations'
import { seedBulk } from '#seed/bulk/bulk'
import { emptyDatabase, seededAt } from '#testing/database'
import { measureBareLoad, sizesOf } from './seed'

setDefaultTimeout(60_000)

test('the bare load takes time, tells how far it is, and leaves no database behind', async () => {
  const { db, url, close } = await emptyDatabase()
  await migrate(db)
  const scale = {
    projects: 20_000,
    people: 200_000,
    pledges: 200_000,
    community: false,
    at: seededAt,
  }
  const phases = new Set<string>()
  const seconds = await measureBareLoad(db, {
    url,
    sessions: 3,
    settings: {},
    scale,
    onProgress: ({ phase, fraction }) => {
      phases.add(phase)
      expect(fraction).toBeLessThanOrEqual(1)
    },
  })
  expect(seconds).toBeGreaterThan(0)
  const [row] = await db.$client`select count(*)::int from pg_database where datname like '%bare'`
  expect(row?.['count']).toBe(0)
  await close()
})

test('sizes are those of the tables, the largest first', async () => {
  const { db, close } = await emptyDatabase()
  await migrate(db)
  const scale = { projects: 3_000, people: 30_000, pledges: 30_000, community: false, at: seededAt }
  await seedBulk(db.$client, scale, {}, () => {})
  const { tables, gb, postgres } = await sizesOf(db)
  expect(tables.map(({ table }) => table)).toContain('people')
  const sizes = tables.map(({ heap_gb, indexes_gb }) => heap_gb + indexes_gb)
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  expect(gb).toBeGreaterThan(0)
  expect(postgres).toMatch(/^\d+/)
  await close()
})
