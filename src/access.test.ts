import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast, type Permission } from '#testing/cast'
import type { Visitor } from '#testing/visitor'

// Who may do what: every route that changes something, and every page. A room's lines stand
// together; a route that is in no table fails the first test.

setDefaultTimeout(60_000)

/**
 * What is answered to: nobody, a member, a collaborator without the permission, one with it alone,
 * the owner, a member of staff. Without `needs`, collaborators have all permissions.
 */
type Row = [...Statuses, Options?]
type Statuses = [number, number, number, number, number, number]
interface Options {
  needs?: Permission
  /** The state of the owner's project, which has one of everything in it. */
  on?: 'draft' | 'submitted' | 'live' | 'failed'
  /** What stands for a part of the path, where it is not what the project has. */
  params?: Record<string, string>
  /** Instead of an empty form. */
  fields?: Record<string, string>
}

/** The same for everybody; for everybody who is signed in, others are asked to. */
const everybody = (status: number): Statuses => [status, status, status, status, status, status]
const signedIn = (status: number): Statuses => [303, status, status, status, status, status]
/** Others need not know what there is. */
const ofStaff = (status: number): Statuses => [303, 404, 404, 404, 404, status]

const speaking: Options = { needs: 'community' }
const drafting: Options = { needs: 'edit', on: 'draft' }

/** What each route answers to an empty form. */
const changes: Record<string, Row> = {
  // people
  'POST /sign-up': everybody(422),
  'POST /sign-up/confirm': everybody(410),
  'POST /sign-in': everybody(422),
  'POST /sign-in/code': everybody(422),
  'POST /reset-password': everybody(422),
  'POST /reset-password/confirm': everybody(422),
  'POST /settings': signedIn(422),
  'POST /settings/email': signedIn(422),
  'POST /settings/email/confirm': everybody(410),
  'POST /settings/password': signedIn(422),
  'POST /settings/second-step': signedIn(422),
  'POST /settings/second-step/turn-off': signedIn(422),
  'POST /settings/sessions': signedIn(303),
  'POST /settings/tokens': signedIn(422),
  'POST /settings/tokens/revoke': signedIn(303),

  // editor
  'POST /start': signedIn(422),
  'POST /projects/:project/edit/basics': [303, 404, 403, 422, 422, 404, drafting],
  'POST /projects/:project/edit/funding': [303, 404, 403, 422, 422, 404, drafting],
  'POST /projects/:project/edit/story': [303, 404, 403, 422, 422, 404, drafting],
  'POST /projects/:project/edit/new-reward': [303, 404, 403, 422, 422, 404, drafting],
  'POST /projects/:project/edit/rewards/:reward': [303, 404, 403, 422, 422, 404, drafting],
  'POST /projects/:project/edit/rewards/:reward/move': [303, 404, 403, 422, 422, 404, drafting],
  'POST /projects/:project/edit/rewards/:reward/delete': [303, 404, 403, 422, 422, 404, drafting],
  'POST /projects/:project/edit/new-faq': [303, 404, 422, 422, 422, 404, { on: 'draft' }],
  'POST /projects/:project/edit/faqs/:position': [303, 404, 422, 422, 422, 404, { on: 'draft' }],
  'POST /projects/:project/edit/faqs/:position/move': [
    303,
    404,
    422,
    422,
    422,
    404,
    { on: 'draft' },
  ],
  'POST /projects/:project/edit/faqs/:position/delete': [
    ...([303, 404, 422, 422, 422, 404] as const),
    { on: 'draft' },
  ],
  'POST /projects/:project/edit/people': [303, 404, 403, 403, 422, 404, { on: 'draft' }],
  'POST /projects/:project/edit/withdraw-invitation': [
    303,
    404,
    403,
    403,
    422,
    404,
    { on: 'draft' },
  ],
  'POST /projects/:project/edit/people/:person': [303, 404, 403, 403, 404, 404, { on: 'draft' }],
  'POST /projects/:project/edit/people/:person/remove': [
    ...([303, 404, 403, 403, 303, 404] as const),
    { on: 'draft' },
  ],
  'POST /projects/:project/invitation/accept': [303, 404, 303, 303, 404, 404, { on: 'draft' }],
  'POST /projects/:project/invitation/leave': signedIn(303),
  'POST /projects/:project/edit/story/preview': [303, 404, 403, 200, 200, 404, drafting],
  'POST /projects/:project/edit/launch/share': [303, 404, 403, 422, 422, 404, drafting],
  'POST /projects/:project/submit': [303, 404, 403, 403, 422, 404, { on: 'draft' }],
  'POST /projects/:project/withdraw': [303, 404, 403, 403, 303, 404, { on: 'submitted' }],
  'POST /projects/:project/launch': [303, 404, 403, 403, 422, 404, { on: 'submitted' }],
  'POST /projects/:project/cancel': [303, 403, 403, 403, 422, 403],
  'POST /projects/:project/delete': [303, 404, 403, 403, 422, 404, { on: 'draft' }],

  // updates
  'POST /projects/:project/new-update': [303, 403, 403, 422, 422, 403, speaking],
  'POST /projects/:project/new-update/preview': [303, 403, 403, 422, 422, 403, speaking],
  'POST /projects/:project/drafts/:draft': [303, 403, 403, 422, 422, 403, speaking],
  'POST /projects/:project/drafts/:draft/preview': [
    ...([303, 403, 403, 422, 422, 403] as const),
    speaking,
  ],
  'POST /projects/:project/drafts/:draft/publish': [
    ...([303, 403, 403, 409, 409, 403] as const),
    speaking,
  ],
  'POST /projects/:project/drafts/:draft/delete': [
    ...([303, 403, 403, 303, 303, 403] as const),
    speaking,
  ],
  'POST /projects/:project/updates/:number/edit': [303, 403, 403, 422, 422, 403, speaking],
  'POST /projects/:project/updates/:number/like': signedIn(303),
  'POST /projects/:project/updates/:number/unlike': signedIn(303),

  // comments
  'POST /projects/:project/comments': signedIn(422),
  'POST /projects/:project/comments/:comment/delete': signedIn(404),
  'POST /projects/:project/comments/:comment/pin': [303, 403, 403, 303, 303, 403, speaking],
  'POST /projects/:project/comments/:comment/unpin': [303, 403, 403, 303, 303, 403, speaking],
  'POST /projects/:project/updates/:number': signedIn(422),

  // staff
  'POST /report': signedIn(404),
  'POST /staff/projects/:project/approve': ofStaff(409),
  'POST /staff/projects/:project/send-back': ofStaff(422),
  'POST /staff/projects/:project/reject': ofStaff(422),
  'POST /staff/projects/:project/pick': ofStaff(303),
  'POST /staff/projects/:project/unpick': ofStaff(303),
  'POST /staff/projects/:project/suspend': ofStaff(422),
  'POST /staff/reports/:report/hide': ofStaff(422),
  'POST /staff/reports/:report/show': ofStaff(422),
  'POST /staff/reports/:report/dismiss': ofStaff(422),
  'POST /staff/people/:person/restrictions': ofStaff(422),
  'POST /staff/people/:person/restrictions/:kind/lift': [
    ...ofStaff(303),
    { params: { kind: 'comment' } },
  ],

  // saves
  'POST /projects/:project/save': signedIn(303),
  'POST /projects/:project/unsave': signedIn(303),

  // people, and what is between them
  'POST /people/:person/follow': signedIn(303),
  'POST /people/:person/unfollow': signedIn(303),
  'POST /people/:person/block': signedIn(303),
  'POST /people/:person/unblock': signedIn(303),

  // images
  'POST /images': signedIn(422),
  'POST /settings/picture': signedIn(303),

  // messages
  'POST /projects/:project/messages/:member': [303, 404, 404, 422, 422, 404, speaking],

  // activity
  'POST /settings/notifications': signedIn(303),
  'POST /unsubscribe': everybody(404),

  // privacy
  'POST /settings/privacy/download': signedIn(422),
  'POST /settings/privacy/delete': signedIn(422),
}

/** Mailboxes send it from where they are: the key in its address is the proof. */
const fromAnywhere = 'POST /unsubscribe'

/** It leaves nobody signed in, so it has a test of its own. */
const leaving = 'POST /sign-out'

/** Pages that are somebody's own, or a project's makers', and what they answer to whom. */
const ownPages: Record<string, Row> = {
  // people
  '/settings': signedIn(200),
  '/settings/second-step': signedIn(200),
  '/settings/tokens': signedIn(200),
  '/outbox': everybody(404),

  // images
  '/images': signedIn(200),
  '/settings/picture': signedIn(200),

  // editor
  '/making': signedIn(200),
  '/start': signedIn(200),
  '/projects/:project/edit': [303, 404, 403, 303, 303, 404, drafting],
  '/projects/:project/edit/basics': [303, 404, 403, 200, 200, 404, drafting],
  '/projects/:project/edit/funding': [303, 404, 403, 200, 200, 404, drafting],
  '/projects/:project/edit/story': [303, 404, 403, 200, 200, 404, drafting],
  '/projects/:project/edit/rewards': [303, 404, 403, 200, 200, 404, drafting],
  '/projects/:project/edit/new-reward': [303, 404, 403, 200, 200, 404, drafting],
  '/projects/:project/edit/rewards/:reward': [303, 404, 403, 200, 200, 404, drafting],
  '/projects/:project/edit/faqs': [303, 404, 200, 200, 200, 404, { on: 'draft' }],
  '/projects/:project/edit/new-faq': [303, 404, 200, 200, 200, 404, { on: 'draft' }],
  '/projects/:project/edit/faqs/:position': [303, 404, 200, 200, 200, 404, { on: 'draft' }],
  '/projects/:project/edit/people': [303, 404, 403, 403, 200, 404, { on: 'draft' }],
  '/projects/:project/edit/people/:person': [303, 404, 403, 403, 404, 404, { on: 'draft' }],
  '/projects/:project/invitation': [303, 404, 200, 200, 404, 404, { on: 'draft' }],
  '/projects/:project/edit/launch': [303, 404, 403, 200, 200, 404, drafting],
  '/projects/:project/history': [303, 404, 200, 200, 200, 200, { on: 'draft' }],
  '/projects/:project/preview': [404, 404, 200, 200, 200, 200, { on: 'draft' }],

  // updates
  '/projects/:project/drafts': [303, 403, 403, 200, 200, 403, speaking],
  '/projects/:project/new-update': [303, 403, 403, 200, 200, 403, speaking],
  '/projects/:project/drafts/:draft': [303, 403, 403, 200, 200, 403, speaking],
  '/projects/:project/drafts/:draft/preview': [303, 403, 403, 200, 200, 403, speaking],
  '/projects/:project/updates/:number/edit': [303, 403, 403, 200, 200, 403, speaking],

  // staff
  '/report': signedIn(404),
  '/report/thanks': signedIn(200),
  '/staff': ofStaff(200),
  '/staff/review': ofStaff(200),
  '/staff/reports': ofStaff(200),
  '/staff/log': ofStaff(200),
  '/staff/people': ofStaff(200),
  '/staff/projects/:project': ofStaff(200),
  '/staff/reports/:report': ofStaff(200),
  '/staff/people/:person': ofStaff(200),

  // saves
  '/saved': signedIn(200),

  // people, and what is between them
  '/following': signedIn(200),
  '/settings/blocked': signedIn(200),

  // messages
  '/messages': signedIn(200),
  '/projects/:project/messages': [303, 403, 403, 200, 200, 403, speaking],
  '/projects/:project/messages/:member': [303, 404, 404, 200, 200, 404, speaking],

  // activity
  '/activity': signedIn(200),
  '/settings/notifications': signedIn(200),
  '/unsubscribe': everybody(404),

  // dashboard
  '/projects/:project/dashboard': [303, 403, 403, 200, 200, 200, { needs: 'numbers' }],
  '/projects/:project/dashboard.csv': [303, 403, 403, 200, 200, 200, { needs: 'numbers' }],

  // privacy
  '/settings/privacy': signedIn(200),
}

/** What everybody may read, by the beginning of its name. */
const publicPages = [
  ...['/', '/healthz', '/readyz', '/version', '/robots.txt', '/sitemap.xml'],
  ...['/assets/:name', '/favicon.svg', '/feeds/newest.atom', '/sitemap-pages.xml'],
  ...['/sitemaps/:file', '/pictures/people/:file', '/pictures/projects/:category/:file'],
  ...['/images/:hash/:file'],
  ...['/sign-up', '/sign-up/confirm', '/sign-in', '/sign-in/code'],
  ...['/reset-password', '/reset-password/confirm', '/settings/email/confirm'],
  ...[
    '/discover',
    '/categories/:slug/:sub?',
    '/places',
    '/places/:state/:city',
    '/search',
    '/api',
    '/goodbye',
  ],
  ...['/people/:id', '/people/:id/backed'],
  ...['/projects/:project', '/projects/:project/rewards', '/projects/:project/faqs'],
  ...['/projects/:project/reminder.ics', '/projects/:project/community'],
  ...['/projects/:project/live'],
  ...['/projects/:project/updates', '/projects/:project/updates.atom'],
  ...['/projects/:project/updates/:number', '/projects/:project/comments'],
]

let site: TestApp
let cast: Cast
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
})
afterAll(() => site.close(), 30_000)

const isApi = (path: string) => path.startsWith('/api/')
const plainPath = (path: string) => path.replace(/:(\w+)\{.*?\}(?=\/|\?|$)/g, ':$1')
const routes = (methods: string[]) =>
  site.app.routes.filter(({ method, path }) => methods.includes(method) && !path.includes('*'))

test('every page and every route that changes something is in a table', () => {
  const changing = routes(['POST', 'PUT', 'PATCH', 'DELETE']).filter(({ path }) => !isApi(path))
  const names = changing.map(({ method, path }) => `${method} ${plainPath(path)}`)
  expect([...new Set(names)].toSorted()).toEqual([...Object.keys(changes), leaving].toSorted())
  const pages = routes(['GET']).flatMap(({ path }) => (isApi(path) ? [] : [plainPath(path)]))
  const known = [...Object.keys(ownPages), ...publicPages]
  expect([...new Set(pages)].filter((path) => !known.includes(path))).toEqual([])
  expect(known.filter((path) => !pages.includes(path))).toEqual([])
})

const optionsOf = (row: Row): Options => row[6] ?? {}

function actors({ needs }: Options): Visitor[] {
  const { anonymous, member, owner, staff } = cast
  const helpers = [needs ? cast.helperWithout(needs) : cast.helperWith(), cast.helperWith(needs)]
  return [anonymous, member, ...helpers, owner, staff]
}

/** The answers to everybody, each about a project of its own. */
async function ask(
  row: Row,
  path: string,
  request: (actor: Visitor, path: string) => Promise<Response>,
): Promise<Response[]> {
  const { on = 'live', params } = optionsOf(row)
  const answers = []
  for (const actor of actors(optionsOf(row))) {
    const made = path.includes(':') ? await cast.makeProject(on) : {}
    const known: Record<string, string | undefined> = { ...made, ...params }
    const filled = path.replace(/:(\w+)/g, (_, name: string) => known[name] ?? `no-${name}`)
    answers.push(await request(actor, filled))
  }
  return answers
}

const statusesOf = (answers: Response[]) => answers.map(({ status }) => status)

describe('what changes something', () => {
  test.each(Object.entries(changes))('%s', async (name, row) => {
    const [method = '', path = ''] = name.split(' ')
    expect(method).toBe('POST')
    const { fields = {} } = optionsOf(row)
    const answers = await ask(row, path, (actor, at) => actor.post(at, fields))
    expect(statusesOf(answers)).toEqual(row.slice(0, 6) as number[])
    if (row[0] === 303) expect(answers[0]?.headers.get('location')).toBe('/sign-in')
  })

  test.each(Object.entries(changes))('%s from another site', async (name, row) => {
    const path = name.slice(name.indexOf(' ') + 1)
    const elsewhere = { 'sec-fetch-site': 'cross-site' }
    const answers = await ask(row, path, (actor, at) => actor.post(at, {}, elsewhere))
    expect(statusesOf(answers)).toEqual(everybody(name === fromAnywhere ? 404 : 403))
  })

  test(leaving, async () => {
    const path = '/sign-out'
    const from = { 'sec-fetch-site': 'same-site' }
    expect((await cast.anonymous.post(path, {}, from)).status).toBe(403)
    expect((await cast.anonymous.post(path, {})).status).toBe(303)
  })
})

describe('what is somebody’s own', () => {
  test.each(Object.entries(ownPages))('%s', async (path, row) => {
    const answers = await ask(row, path, (actor, at) => actor.get(at))
    expect(statusesOf(answers)).toEqual(row.slice(0, 6) as number[])
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 200 && index > 0) {
        expect(answer.headers.get('cache-control')).toBe('private, no-store')
      }
    }
    if (row[0] === 303) expect(answers[0]?.headers.get('location')).toStartWith('/sign-in?next=')
  })
})
