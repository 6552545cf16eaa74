import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { timeLeft } from '#lib/time'
import { type TestApp, testApp } from '#testing/app'
import { seededAt } from '#testing/database'
import { readPage } from '#testing/page'

// What was wrong with the Jumpstarter of 2018 and must not come back. Of its seven bugs these are
// the ones that show when reading; pledges and the cache bring their own tests.

setDefaultTimeout(60_000)

const dayMs = 86_400_000

let site: TestApp
let id: number
let address: string

beforeAll(async () => {
  site = await testApp()
  const { $client } = site.db
  const [row] = await $client`
    select id from projects where status = 'live' and faqs_count > 0 order by id limit 1`
  id = Number(row?.['id'])
  const endsAt = new Date(+seededAt + 59 * dayMs)
  await $client`update projects
    set launched_at = ${seededAt.toISOString()}, ends_at = ${endsAt.toISOString()} where id = ${id}`
  await $client`update pledges set reward_id = null where project_id = ${id}`
  await $client`update rewards set backers_count = 0, quantity = null, closes_at = null where project_id = ${id}`
  address = (await site.get(`/projects/${id}`)).headers.get('location') ?? ''
})

afterAll(() => site.close())

describe('1. ids were written into the SQL', () => {
  test.each([
    "1'%20or%20'1'='1",
    '1%20or%201=1',
    '1;drop%20table%20projects',
    '1)%20union%20select%201--',
    '-1',
  ])('%s is no project', async (attack) => {
    for (const tab of ['', '/faqs', '/updates', '/comments', '/community', '/rewards']) {
      expect((await site.get(`/projects/${attack}${tab}`)).status).toBe(404)
    }
    expect((await site.get(address)).status).toBe(200)
  })

  test('what comes after the number and a hyphen is decoration, not a condition', async () => {
    const response = await site.get(`/projects/${id}-1%20or%201=1`)
    expect([response.status, response.headers.get('location')]).toEqual([301, address])
  })
})

describe('4. “All gone!” was never shown', () => {
  test('it is, as soon as the last one is taken, and not before', async () => {
    const { $client } = site.db
    const stock = async (quantity: number, taken: number) => {
      await $client`update rewards set quantity = ${quantity}, backers_count = ${taken}
        where project_id = ${id} and position = 1`
      return (await readPage(await site.get(address))).text
    }
    expect(await stock(40, 37)).toContain('Limited (3 left of 40)')
    expect(await stock(40, 39)).toContain('Limited (1 left of 40)')
    const gone = await stock(40, 40)
    expect(gone).toContain('All gone!')
    expect(gone).not.toContain('Limited')
    await $client`update rewards set quantity = null, backers_count = 0 where project_id = ${id}`
  })
})

describe('5. rewards without backers were missing from the list', () => {
  test('every reward is listed, though nobody has taken one', async () => {
    const rows = await site.db.$client`
      select id, backers_count from rewards where project_id = ${id}`
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.every((row) => row['backers_count'] === 0)).toBe(true)
    for (const path of [address, `${address}/rewards`]) {
      const { html } = await readPage(await site.get(path))
      const listed = [...html.matchAll(/id="reward-(\d+)"/g)].map((match) => Number(match[1]))
      expect(listed.toSorted()).toEqual(rows.map((row) => Number(row['id'])).toSorted())
    }
  })
})

describe('6. “days to go” was taken modulo a month', () => {
  test.each([29, 30, 31, 45, 59, 60])('%i days stay that many', (days) => {
    const endsAt = new Date(+seededAt + days * dayMs)
    expect(timeLeft(endsAt, { now: seededAt })).toEqual({ amount: days, unit: 'days' })
  })

  test('the page and the cards say 59', async () => {
    const { html } = await readPage(await site.get(address))
    expect(html).toMatch(/>days<\/span> to go<\/dt><dd[^>]*>59<\/dd>/)
    expect((await readPage(await site.get(`${address}/faqs`))).text).toContain('59 days to go')
  })
})

describe('7. “remind me” had nothing behind it', () => {
  test('the button leads to a calendar entry that rings 48 hours before the end', async () => {
    const { links, text } = await readPage(await site.get(address))
    expect(text).toContain('Remind me')
    const reminder = links.find((href) => href.endsWith('/reminder.ics')) ?? ''
    const response = await site.get(reminder)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/calendar; charset=utf-8',
    ])
    const rings = new Date(+seededAt + 57 * dayMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
    const calendar = await response.text()
    expect(calendar).toContain(`DTSTART:${rings}`)
    expect(calendar).toContain('BEGIN:VALARM')
  })
})
