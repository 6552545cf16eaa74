import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { makeCast, program } from '#testing/cast'
import { joined, visitor } from '#testing/visitor'
import { securityHeaders } from './security-headers'

// What holds of answers that are hard to come by as well, and of what is logged about them.

setDefaultTimeout(60_000)

let site: TestApp
beforeAll(async () => {
  site = await testApp()
})
afterAll(() => site.close(), 30_000)

const post = (path: string, body: URLSearchParams | string, headers: Record<string, string> = {}) =>
  site.get(path, { method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin', ...headers } })

const form = (fields: Record<string, string>) => new URLSearchParams(fields)

const asked: [status: number, ask: () => Promise<Response>][] = [
  [200, () => site.get('/assets/nothing.css').then(() => site.get('/favicon.svg'))],
  [303, () => site.get('/settings')],
  [401, () => site.get('/api/v1/me')],
  [403, () => post('/sign-out', form({}), { 'sec-fetch-site': 'cross-site' })],
  [413, () => post('/sign-in', form({ email: 'x'.repeat(300_000) }))],
  [415, () => post('/api/v1/reports', 'x').then(asStaff)],
  [422, () => post('/sign-in', form({}))],
  [429, tooOften],
  [503, withoutPeople],
]

async function asStaff(): Promise<Response> {
  const cast = await makeCast(site)
  const act = await program(site, cast.staff.id, ['write'])
  return await act('POST', '/reports', 'x', { 'content-type': 'text/plain' })
}

async function tooOften(): Promise<Response> {
  const fields = { email: 'often@example.test', password: 'not this one' }
  let answer = await post('/sign-in', form(fields))
  for (let times = 0; times < 12 && answer.status !== 429; times++) {
    answer = await post('/sign-in', form(fields))
  }
  return answer
}

async function withoutPeople(): Promise<Response> {
  const { $client } = site.db
  await $client`alter table people rename to people_away`
  const answer = await site.get('/people/1')
  await $client`alter table people_away rename to people`
  expect(site.takeErrors()).toHaveLength(1)
  return answer
}

test.each(asked)('the headers that guard a page are on a %i too', async (status, ask) => {
  const answer = await ask()
  expect(answer.status).toBe(status)
  for (const name of Object.keys(securityHeaders)) {
    expect([name, answer.headers.get(name)]).toEqual([name, expect.any(String)])
  }
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  const type = answer.headers.get('content-type')
  if (type?.startsWith('text/')) expect(type).toMatch(/charset=utf-8/i)
})

test('what a statement was given is not logged when it fails', async () => {
  const { $client } = site.db
  await joined(site, 'Log Ged')
  await $client`alter table outbox rename column text to text_away`
  const fields = { name: 'Canary Name', email: 'canary@example.test', password: 'canary password' }
  const answer = await visitor(site).post('/sign-up', fields)
  await $client`alter table outbox rename column text_away to text`
  expect(answer.status).toBe(500)
  const [error = ''] = site.takeErrors()
  expect(error).toContain('Failed query: insert into')
  expect(error).toContain('does not exist')
  expect(error).not.toMatch(/canary|argon2id/i)
})
