import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { pledgeWriterOf } from '#features/pledges/writes/batch-writer'
import { within } from '#lib/within'
import { testApp } from '#testing/app'
import { type BackedSite, backedSite, placeOf } from '#testing/backing'
import { makeCampaign } from '#testing/campaign'
import { signedIn } from '#testing/cast'
import { type TestDatabase, testDatabase } from '#testing/database'
import { poolerPrograms, startPooler, type TestPooler } from '#testing/pgbouncer'
import { joined } from '#testing/visitor'
import { findPooler } from './pooler'

// The site by way of a real PgBouncer that has fewer connections to the database than one worker
// asks for: whoever comes next gets another of them.

setDefaultTimeout(240_000)

const backersAtOnce = 20
const readersAtOnce = 60

describe.each([
  ['1.18', false],
  ['1.24', true],
] as const)('PgBouncer %s in transaction mode', (version, keepsStatements) => {
  let database: TestDatabase
  let pooler: TestPooler
  let at: BackedSite

  beforeAll(async () => {
    database = await testDatabase()
    const settings = { default_pool_size: 3, server_round_robin: 1 }
    pooler = await startPooler(database.url, await poolerPrograms[version](), settings)
    const found = await findPooler(pooler.url)
    expect(found.pooler).toEqual({ mode: 'transaction', keepsStatements })
    const pooled = { ...database, url: pooler.url }
    at = await backedSite(
      await testApp(pooled, { databaseDirectUrl: database.url, pooler: found.pooler, poolMax: 8 }),
    )
  })
  afterAll(async () => {
    expect(await at?.close()).toEqual([])
    await pooler?.close()
  })

  test('pages for many at once', async () => {
    const [row] = await at.sql`select id from projects where status = 'live' limit 1`
    const paths = ['/', '/discover?sort=newest', '/discover?q=lamp', `/projects/${row?.['id']}`]
    const read = async (_: unknown, index: number) => {
      const answer = await at.site.get(paths[index % paths.length] ?? '', { redirect: 'follow' })
      return [answer.status, (await answer.text()).includes('</html>') || answer.status === 301]
    }
    const answers = await Promise.all(Array.from({ length: readersAtOnce }, read))
    expect(answers.filter(([status]) => Number(status) >= 400)).toEqual([])
    expect(answers.filter(([, isWhole]) => !isWhole)).toEqual([])
  })

  test('statements of every kind at once: each is answered', async () => {
    const kinds = [
      (n: string) => at.sql`select ${n}::int as n`,
      (n: string) => at.sql.unsafe(`select ${n} as n`),
      (n: string) => at.sql`select 1 where 1 = any(${`{${n},2}`}::int[])`,
      (n: string) =>
        at.sql.begin(async (tx) => {
          await tx`update people set city = city where id = ${n}`
          await tx`select ${n}::int`
        }),
      (n: string) => at.sql`select from nothing where n = ${n}`.catch(() => undefined),
    ]
    const ask = (_: unknown, index: number) => kinds[index % kinds.length]?.(`${index}`)
    for (let round = 0; round < 10; round++) {
      expect(await within(Promise.all(Array.from({ length: 300 }, ask)), 20_000)).toBe(true)
    }
  })

  test('joining by a mailed link and signing in again', async () => {
    const reader = await joined(at.site, 'Pia Pooled')
    expect((await reader.get('/settings')).status).toBe(200)
    await reader.post('/sign-out', {})
    expect((await reader.get('/settings')).status).toBe(303)
    const password = 'correct horse battery'
    await reader.post('/sign-in', { email: 'pia.pooled@example.test', password })
    expect((await reader.get('/settings')).status).toBe(200)
  })

  test('pledges of many at once, one form sent twice, a change, an end', async () => {
    const { project } = await at.begin()
    const backers = await Promise.all(Array.from({ length: backersAtOnce }, at.newBacker))
    const place = ({ backer, card }: (typeof backers)[number]) =>
      at.pledge(backer, project, { reward: 'none', bonus: '10' }, card)
    const answers = await Promise.all(backers.map(place))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]))
    expect(await at.pledgedOf(project)).toEqual([backersAtOnce * 1_000, backersAtOnce])
    const { backer, card } = await at.newBacker()
    const choosing = `/projects/${project}/pledges/new`
    const { path, fields } = await at.checkOut(backer, choosing, { reward: 'none', bonus: '25' })
    const form = { ...fields, card: String(card) }
    const twice = await Promise.all([backer.post(path, form), backer.post(path, form)])
    expect(twice.map(placeOf)).toEqual(Array(2).fill(`/projects/${project}/pledge?done=new`))
    const total = backersAtOnce * 1_000 + 2_500
    expect(await at.pledgedOf(project)).toEqual([total, backersAtOnce + 1])
  })

  test('an update is written, published and read, and numbers are taken out as a file', async () => {
    const owner = await signedIn(at.site, 'Olga Owner')
    const id = await makeCampaign(at.sql, { creatorId: owner.id })
    const text = { title: 'We are live', body: 'Thank you for **coming**.', audience: 'everyone' }
    const drafted = await owner.post(`/projects/${id}/new-update`, text)
    expect(drafted.status).toBe(303)
    const draft = new URL(placeOf(drafted), 'http://x').pathname
    const published = await owner.post(`${draft}/publish`, { version: '1' })
    expect(published.status).toBe(303)
    const shown = await at.site.get(`/projects/${id}-a-lamp/updates/1`)
    expect(await shown.text()).toContain('<strong>coming</strong>')
    const file = await owner.get(`/projects/${id}/backers.csv`)
    expect([file.status, file.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching('csv'),
    ])
    expect(await file.text()).toContain('backer')
  })

  test('a pledge is on the disk when it is answered, though its session would not wait', async () => {
    const { project } = await at.begin()
    const isOnDisk = async () => {
      const [row] = await database.db.$client`
        select pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() as flushed`
      return row?.['flushed']
    }
    const after = async (write: (index: number) => Promise<unknown>) => {
      const seen = []
      for (let index = 0; index < 10; index++) {
        await write(index)
        seen.push(await isOnDisk())
      }
      return seen
    }
    const backers = await Promise.all(Array.from({ length: 10 }, at.newBacker))
    const pledge = (index: number) => {
      const asked = {
        projectId: project,
        backerId: backers[index]?.backer.id ?? 0,
        key: `${index}`,
      }
      const writer = pledgeWriterOf(at.site.deps)
      return writer.place({
        ...{ ...asked, rewardId: null, addOns: [], bonus: 1_000, shipTo: null, anonymous: false },
        ...{ total: 1_000, cardId: null },
      })
    }
    const other = () => at.sql`update projects set city = city where id = ${project}`
    expect(await after(pledge)).toEqual(Array(10).fill(true))
    expect(await after(other)).toContain(false)
  })
})
