import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { joined, visitor } from '#testing/visitor'
import { remind } from './writes'

setDefaultTimeout(60_000)

let site: TestApp
let id: number
let path: string
beforeAll(async () => {
  site = await testApp()
  const [row] = await site.db.$client`
    select id from projects where status = 'live' and ends_at > now() + interval '5 days' limit 1`
  id = Number(row?.['id'])
  path = (await site.get(`/projects/${id}`)).headers.get('location') ?? ''
})
afterAll(() => site.close(), 30_000)

const savesCount = async () => {
  const [row] = await site.db.$client`select saves_count as n from projects where id = ${id}`
  return Number(row?.['n'])
}

test('a project is saved once, listed, and let go', async () => {
  const before = await savesCount()
  const ana = await joined(site, 'Ana Save')
  expect(await (await ana.get('/saved')).text()).toContain('Nothing saved yet.')
  for (let times = 0; times < 2; times++) {
    const answer = await ana.post(`/projects/${id}/save`, {})
    expect([answer.status, answer.headers.get('location')]).toEqual([303, path])
  }
  expect(await savesCount()).toBe(before + 1)
  expect(await (await ana.get(path)).text()).toContain('aria-pressed="true"')
  expect(await (await ana.get('/saved')).text()).toContain(path)
  for (let times = 0; times < 2; times++) await ana.post(`/projects/${id}/unsave`, {})
  expect(await savesCount()).toBe(before)
  expect(await (await ana.get(path)).text()).toContain('aria-pressed="false"')
})

test('who is not signed in is asked to, and gets a calendar entry without', async () => {
  const answer = await visitor(site).post(`/projects/${id}/save`, {})
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sign-in'])
  expect(await (await site.get(path)).text()).toContain('reminder.ics')
})

test('what cannot be found cannot be saved', async () => {
  const ana = await joined(site, 'Bea Save')
  const [draft] = await site.db.$client`select id from projects where status = 'draft' limit 1`
  for (const wrong of ['999999999', 'x', draft?.['id'] ?? '0']) {
    expect((await ana.post(`/projects/${wrong}/save`, {})).status).toBe(404)
  }
})

test('a reminder goes out once, two days before the end, however often the job runs', async () => {
  const cy = await joined(site, 'Cy Save')
  await cy.post(`/projects/${id}/save`, {})
  const { $client } = site.db
  const due = async () => {
    const [row] = await $client`
      select s.remind_at = p.ends_at - interval '48 hours' as ok from saves s
      join projects p on p.id = s.project_id join accounts a on a.person_id = s.person_id
      where a.email = 'cy.save@example.test'`
    return row?.['ok']
  }
  expect(await due()).toBe(true)
  await remind(site.db, 'http://site.test')
  const mails = () => $client<{ subject: string; text: string }[]>`
    select subject, text from outbox where event like 'reminder %' and recipient = 'cy.save@example.test'`
  expect(await mails()).toHaveLength(0)
  await $client`update saves set remind_at = now() where project_id = ${id}`
  await Promise.all([1, 2, 3].map(() => remind(site.db, 'http://site.test')))
  await $client`update saves set remind_at = now() where project_id = ${id}`
  await remind(site.db, 'http://site.test')
  const sent = await mails()
  expect(sent).toHaveLength(1)
  expect(sent[0]?.text).toContain(`http://site.test${path}`)
  expect(await due()).toBeNull()
})
