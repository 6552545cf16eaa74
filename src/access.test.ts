import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { joined, type Visitor, visitor } from '#testing/visitor'

// Who may do what: every route that changes something, and every page that is somebody's own.

setDefaultTimeout(60_000)

let site: TestApp
let member: Visitor
let project: number
beforeAll(async () => {
  site = await testApp()
  member = await joined(site, 'Mem Ber')
  const [row] = await site.db.$client`
    select project_id as id from updates u join projects p on p.id = u.project_id
    where p.status = 'live' and u.number = 1 limit 1`
  project = Number(row?.['id'])
})
afterAll(() => site.close(), 30_000)

/** What each answers to somebody who sends an empty form: anonymous, and a member. */
const changes: Record<string, [anonymous: number, member: number]> = {
  'POST /sign-up': [422, 422],
  'POST /sign-up/confirm': [410, 410],
  'POST /sign-in': [422, 422],
  'POST /sign-in/code': [422, 422],
  'POST /sign-out': [303, 303],
  'POST /reset-password': [422, 422],
  'POST /reset-password/confirm': [422, 422],
  'POST /settings': [303, 422],
  'POST /settings/email': [303, 422],
  'POST /settings/email/confirm': [410, 410],
  'POST /settings/password': [303, 422],
  'POST /settings/second-step': [303, 422],
  'POST /settings/second-step/turn-off': [303, 422],
  'POST /settings/sessions': [303, 303],
  'POST /projects/:project/save': [303, 303],
  'POST /projects/:project/unsave': [303, 303],
  'POST /projects/:project/comments': [303, 422],
  'POST /projects/:project/comments/:comment/delete': [303, 404],
  'POST /projects/:project/updates/:number': [303, 422],
}

const ownPages = ['/settings', '/settings/second-step', '/saved']

const methods = ['POST', 'PUT', 'PATCH', 'DELETE']
const nameOf = ({ method, path }: { method: string; path: string }) =>
  `${method} ${path.replace(/\{[^}]*\}\}?/g, '')}`
const pathOf = (name: string) =>
  name
    .slice(name.indexOf(' ') + 1)
    .replace(':project', String(project))
    .replace(':comment', '999999999')
    .replace(':number', '1')

test('every route that changes something is in the table', () => {
  const routes = site.app.routes.filter(({ method }) => methods.includes(method)).map(nameOf)
  expect([...new Set(routes)].toSorted()).toEqual(Object.keys(changes).toSorted())
})

test.each(Object.entries(changes))('%s to nobody', async (name, [expected]) => {
  const answer = await visitor(site).post(pathOf(name), {})
  expect(answer.status).toBe(expected)
  if (expected === 303 && name !== 'POST /sign-out') {
    expect(answer.headers.get('location')).toBe('/sign-in')
  }
})

test.each(Object.keys(changes))('%s from another site', async (name) => {
  const answer = await member.post(pathOf(name), {}, { 'sec-fetch-site': 'cross-site' })
  expect(answer.status).toBe(403)
})

test.each(Object.entries(changes).filter(([name]) => name !== 'POST /sign-out'))(
  '%s to a member',
  async (name, [, expected]) => {
    expect((await member.post(pathOf(name), {})).status).toBe(expected)
  },
)

test.each(ownPages)('%s is for its owner', async (path) => {
  const answer = await visitor(site).get(path)
  expect([answer.status, answer.headers.get('location')]).toEqual([
    303,
    `/sign-in?next=${encodeURIComponent(path)}`,
  ])
  const own = await member.get(path)
  expect([own.status, own.headers.get('cache-control')]).toEqual([200, 'private, no-store'])
})

test('the outbox is shown by a demo alone', async () => {
  expect((await member.get('/outbox')).status).toBe(404)
})
