import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { makeCampaign, pledgeWith } from '#testing/campaign'
import { type TestDatabase, testDatabase } from '#testing/database'
import { checkoutCommand, run } from '#testing/program'

setDefaultTimeout(60_000)

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close(), 30_000)

const settle = (...words: string[]) =>
  run([...checkoutCommand, 'settle', ...words], { env: { DATABASE_URL: database.url } })

test('settle says what it would do, then does it once, with several at once', async () => {
  const sql = database.db.$client
  const [won, lost] = [await makeCampaign(sql), await makeCampaign(sql, { goal: 1_000_000 })]
  await pledgeWith(sql, won, [
    { amount: 2_000, card: 'pays' },
    { amount: 3_000, card: 'declined' },
  ])
  await pledgeWith(sql, lost, [{ amount: 500, card: 'pays' }])
  await sql`update projects set ends_at = now() where id in (${won}, ${lost})`
  const statuses = async () => {
    const rows = await sql`select status from projects where id in (${won}, ${lost}) order by id`
    return rows.map(({ status }) => status)
  }

  const foreseen = await settle('--dry-run')
  expect(foreseen.exitCode).toBe(0)
  expect(foreseen.stdout).toContain(
    `${won} “A lamp”: is successful with $50 of $10; charge 2 pledges, $50\n`,
  )
  expect(foreseen.stdout).toContain(
    `${lost} “A lamp”: has failed with $5 of $10,000; let go of 1 pledge, $5\n`,
  )
  expect(await statuses()).toEqual(['live', 'live'])

  const done = await Promise.all([settle(), settle()])
  expect(done.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  const ended = done.map(({ stdout }) => Number(/^(\d+) projects? ended/.exec(stdout)?.[1]))
  expect(ended.reduce((sum, count) => sum + count)).toBe(2)
  expect(await statuses()).toEqual(['successful', 'failed'])
  const payments = await sql`select data from test_gateway where kind = 'payment'`
  expect(payments).toHaveLength(2)

  const again = await settle('--project', String(won), '--dry-run')
  expect(again.stdout).toBe(
    '0 projects to end and 0 projects to go on with. Nothing has been changed.\n',
  )
})

test('settle refuses what is no project', async () => {
  expect(await settle('--project', 'x')).toMatchObject({
    exitCode: 2,
    stderr: 'jumpstarter: --project takes the number of a project, not x.\n',
  })
  expect(await settle('--project', '999999')).toMatchObject({
    exitCode: 1,
    stderr: 'jumpstarter: There is no project 999999.\n',
  })
})
