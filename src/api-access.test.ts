import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { endpoints } from '#app'
import type { Scope } from '#db/access-tokens'
import { scopes } from '#db/schema/accounts'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, type Permission, program } from '#testing/cast'

// Who may do what by the API: every endpoint that acts for somebody. A route that is missing here
// fails the first test.

setDefaultTimeout(60_000)

/**
 * The scope, and what is answered with it to the body of the API's page from: a member, a
 * collaborator without the permission, one with it alone, the owner, a member of staff.
 */
type Row = [scope: Scope, ...Statuses, Options?]
type Statuses = [number, number, number, number, number]
interface Options {
  needs?: Permission
  /** The state of the owner's project, which has one of everything in it. */
  on?: 'draft' | 'submitted' | 'live'
}

const everybody = (status: number): Statuses => [status, status, status, status, status]
const drafting: Options = { needs: 'edit', on: 'draft' }
const drafted: Options = { on: 'draft' }
const submitted: Options = { on: 'submitted' }
const speaking: Options = { needs: 'community' }

const table: Record<string, Row> = {
  'GET /projects/{id}/update-drafts': ['projects', 403, 403, 200, 200, 403, speaking],
  'GET /projects/{id}/update-drafts/{draft}': ['projects', 403, 403, 200, 200, 403, speaking],
  'POST /projects/{id}/update-drafts': ['projects', 403, 403, 201, 201, 403, speaking],
  'PUT /projects/{id}/update-drafts/{draft}': ['projects', 403, 403, 200, 200, 403, speaking],
  'DELETE /projects/{id}/update-drafts/{draft}': ['projects', 403, 403, 204, 204, 403, speaking],
  'POST /projects/{id}/update-drafts/{draft}/publish': [
    'projects',
    403,
    403,
    201,
    201,
    403,
    speaking,
  ],
  'PUT /projects/{id}/updates/{number}': ['projects', 403, 403, 204, 204, 403, speaking],
  'PUT /projects/{id}/updates/{number}/like': ['write', ...everybody(204)],
  'DELETE /projects/{id}/updates/{number}/like': ['write', ...everybody(204)],
  'POST /projects/{id}/comments': ['write', 403, 201, 201, 201, 201],
  'DELETE /projects/{id}/comments/{comment}': ['write', ...everybody(404)],
  'PUT /projects/{id}/comments/{comment}/pin': ['projects', 403, 403, 204, 204, 403, speaking],
  'DELETE /projects/{id}/comments/{comment}/pin': ['projects', 403, 403, 204, 204, 403, speaking],
  'GET /me': ['read', ...everybody(200)],
  'PATCH /me': ['write', ...everybody(200)],
  'GET /me/following': ['read', ...everybody(200)],
  'GET /me/blocked': ['read', ...everybody(200)],
  'PUT /people/{id}/follow': ['write', ...everybody(204)],
  'DELETE /people/{id}/follow': ['write', ...everybody(204)],
  'PUT /people/{id}/block': ['write', ...everybody(204)],
  'DELETE /people/{id}/block': ['write', ...everybody(204)],
  'GET /me/saved': ['read', ...everybody(200)],
  'POST /images': ['write', ...everybody(422)],
  'PUT /me/picture': ['write', ...everybody(204)],
  'PUT /projects/{id}/save': ['write', ...everybody(204)],
  'DELETE /projects/{id}/save': ['write', ...everybody(204)],
  'GET /me/cards': ['pledges', ...everybody(200)],
  'GET /me/pledges': ['pledges', ...everybody(200)],
  'GET /projects/{id}/pledge': ['pledges', ...everybody(404)],
  // With a card that is nobody’s.
  'POST /projects/{id}/pledge': ['pledges', ...everybody(422)],
  'PUT /projects/{id}/pledge': ['pledges', ...everybody(422)],
  'DELETE /projects/{id}/pledge': ['pledges', ...everybody(404)],
  'GET /me/conversations': ['messages', ...everybody(200)],
  'GET /projects/{id}/messages/{member}': ['messages', 404, 404, 200, 200, 404, speaking],
  'POST /projects/{id}/messages/{member}': ['messages', 404, 404, 201, 201, 404, speaking],
  'PUT /projects/{id}/messages/{member}/read': ['messages', 404, 404, 204, 204, 404, speaking],
  'GET /me/activity': ['read', ...everybody(200)],
  'PUT /me/activity/seen': ['write', ...everybody(204)],
  'GET /me/projects': ['projects', ...everybody(200)],
  'GET /projects/{id}/draft': ['projects', 404, 403, 200, 200, 404, drafting],
  'POST /projects': ['projects', ...everybody(201)],
  'PUT /projects/{id}/draft/basics': ['projects', 404, 403, 200, 200, 404, drafting],
  'PUT /projects/{id}/draft/funding': ['projects', 404, 403, 200, 200, 404, drafting],
  'PUT /projects/{id}/draft/story': ['projects', 404, 403, 200, 200, 404, drafting],
  'POST /projects/{id}/draft/rewards': ['projects', 404, 403, 201, 201, 404, drafting],
  'PUT /projects/{id}/draft/rewards/{reward}': ['projects', 404, 403, 204, 204, 404, drafting],
  'PATCH /projects/{id}/draft/rewards/{reward}': ['projects', 404, 403, 204, 204, 404, drafting],
  'DELETE /projects/{id}/draft/rewards/{reward}': ['projects', 404, 403, 204, 204, 404, drafting],
  'POST /projects/{id}/draft/faqs': ['projects', 404, 204, 204, 204, 404, drafted],
  'PUT /projects/{id}/draft/faqs/{position}': ['projects', 404, 204, 204, 204, 404, drafted],
  'DELETE /projects/{id}/draft/faqs/{position}': ['projects', 404, 204, 204, 204, 404, drafted],
  'POST /projects/{id}/submit': ['projects', 404, 403, 403, 422, 404, drafted],
  'POST /projects/{id}/withdraw': ['projects', 404, 403, 403, 204, 404, submitted],
  'POST /projects/{id}/launch': ['projects', 404, 403, 403, 409, 404, submitted],
  'PUT /projects/{id}/launch': ['projects', 404, 403, 403, 409, 404, submitted],
  'POST /projects/{id}/cancel': ['projects', 403, 403, 403, 204, 403],
  'DELETE /projects/{id}/draft': ['projects', 404, 403, 403, 204, 404, drafted],
  'GET /projects/{id}/collaborators': ['projects', 404, 403, 403, 200, 404, drafted],
  'PUT /projects/{id}/collaborators/{person}': ['projects', 404, 403, 403, 404, 404, drafted],
  'DELETE /projects/{id}/collaborators/{person}': ['projects', 404, 403, 403, 204, 404, drafted],
  'POST /projects/{id}/invitations': ['projects', 404, 403, 403, 204, 404, drafted],
  'DELETE /projects/{id}/invitations': ['projects', 404, 403, 403, 204, 404, drafted],
  'GET /me/invitations': ['projects', ...everybody(200)],
  'PUT /projects/{id}/invitation': ['projects', 404, 204, 204, 404, 404, drafted],
  'DELETE /projects/{id}/invitation': ['projects', ...everybody(204), drafted],
  'GET /projects/{id}/webhooks': ['projects', 403, 403, 403, 200, 403],
  'POST /projects/{id}/webhooks': ['projects', 403, 403, 403, 201, 403],
  'PUT /projects/{id}/webhooks/{webhook}': ['projects', 403, 403, 403, 204, 403],
  'DELETE /projects/{id}/webhooks/{webhook}': ['projects', 403, 403, 403, 204, 403],
  'POST /projects/{id}/webhooks/{webhook}/secret': ['projects', 403, 403, 403, 200, 403],
  'POST /projects/{id}/webhooks/{webhook}/ping': ['projects', 403, 403, 403, 204, 403],
  'GET /projects/{id}/webhooks/{webhook}/deliveries': ['projects', 403, 403, 403, 200, 403],
  'POST /projects/{id}/webhooks/{webhook}/deliveries/{delivery}/replay': [
    ...(['projects', 403, 403, 403, 204, 403] as const),
  ],
  'POST /reports': ['write', ...everybody(201)],
  'GET /projects/{id}/backer-report': ['projects', 403, 200, 200, 200, 200, { needs: 'numbers' }],
  'POST /projects/{id}/mark-backers': ['projects', 403, 403, 200, 200, 403, speaking],
  'PUT /projects/{id}/fulfilments/{pledge}': ['projects', 403, 403, 404, 404, 403, speaking],
  'GET /projects/{id}/survey': ['projects', 403, 403, 200, 200, 403, speaking],
  'PUT /projects/{id}/survey': ['projects', 403, 403, 204, 204, 403, speaking],
  'POST /projects/{id}/send-survey': ['projects', 403, 403, 409, 409, 403, speaking],
  'POST /projects/{id}/lock-survey': ['projects', 403, 403, 409, 409, 403, speaking],
  'GET /projects/{id}/own-reward': ['read', ...everybody(404)],
  'PUT /projects/{id}/answers': ['write', ...everybody(404)],
  'PUT /projects/{id}/received': ['write', ...everybody(404)],
  'GET /me/addresses': ['read', ...everybody(200)],
  'POST /me/addresses': ['write', ...everybody(201)],
  'PUT /me/addresses/{address}': ['write', ...everybody(404)],
  'DELETE /me/addresses/{address}': ['write', ...everybody(204)],
}

let site: TestApp
let cast: Cast
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
})
afterAll(() => site.close(), 30_000)
beforeEach(async () => {
  await site.db.$client`delete from rate_limits`
})

const own = endpoints.filter(({ scope }) => scope !== undefined)
const nameOf = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${path}`

test('every endpoint that acts for somebody is in the table, and every other only reads', () => {
  expect(own.map(nameOf).toSorted()).toEqual(Object.keys(table).toSorted())
  const open = endpoints.filter(({ scope }) => scope === undefined)
  expect(open.filter(({ method }) => method !== 'get')).toEqual([])
})

/** The path about a project that nobody has touched yet. */
async function pathOn(name: string, { on = 'live' }: Options): Promise<string> {
  const path = name.slice(name.indexOf(' ') + 1)
  if (!path.includes('{')) return path
  const made: Record<string, string> = await cast.makeProject(on)
  const names: Record<string, string> = path.startsWith('/people/')
    ? { id: 'person' }
    : { id: 'project' }
  const filled = path.replace(/\{(\w+)\}/g, (_, part) => String(made[names[part] ?? part]))
  if (name === 'DELETE /projects/{id}/invitations') return `${filled}?who=ana@example.test`
  // A version is asked for in the query where there is no body.
  return /^DELETE .*draft\/\w+\//.test(name) ? `${filled}?version=1` : filled
}

/** What the page about the API shows, for the project as it was made. */
function bodyOf(name: string): object | undefined {
  const example = own.find((each) => nameOf(each) === name)?.bodyExample
  if (typeof example !== 'object' || example === null) return undefined
  // Of a project that was just made, at the moment of the test.
  const now = { version: 1, deliveryMonth: '2040-12' }
  return Object.fromEntries(
    Object.entries(example).map(([field, value]) => [
      field,
      field in now ? now[field as keyof typeof now] : value,
    ]),
  )
}

test.each(Object.entries(table))('%s', async (name, row) => {
  const [scope, ...rest] = row
  const options = rest[5] ?? {}
  const { needs } = options
  const method = name.slice(0, name.indexOf(' '))
  const body = bodyOf(name)
  const path = await pathOn(name, options)

  const init = { method, ...(body ? { body: JSON.stringify(body) } : {}) }
  const headers = { 'content-type': 'application/json' }
  const anonymous = await site.get(`/api/v1${path}`, { ...init, headers })
  expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="Jumpstarter"',
  ])
  const cookie = [...cast.owner.cookies].map((pair) => pair.join('=')).join('; ')
  const byCookie = await site.get(`/api/v1${path}`, { ...init, headers: { ...headers, cookie } })
  expect(byCookie.status).toBe(401)

  const others = scopes.filter((each) => each !== scope)
  const narrow = await (await program(site, cast.owner.id, others))(method, path, body)
  expect([narrow.status, narrow.headers.get('www-authenticate')]).toEqual([
    403,
    `Bearer realm="Jumpstarter", error="insufficient_scope", scope="${scope}"`,
  ])

  const helpers = [needs ? cast.helperWithout(needs) : cast.helperWith(), cast.helperWith(needs)]
  const actors: Member[] = [cast.member, ...helpers, cast.owner, cast.staff]
  const statuses = []
  for (const { id } of actors) {
    const act = await program(site, id, [scope])
    const key = { 'idempotency-key': 'test' }
    statuses.push((await act(method, await pathOn(name, options), body, key)).status)
  }
  expect(statuses).toEqual(rest.slice(0, 5) as number[])
})
