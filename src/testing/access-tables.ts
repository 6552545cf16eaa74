import type { Permission } from './cast'

// Who may do what: every route that changes something, and every page. A room's lines stand
// together; a route that is in no table fails the first test of src/access.test.ts.

/**
 * What is answered to: nobody, a member, a collaborator without the permission, one with it alone,
 * the owner, a member of staff. Without `needs`, collaborators have all permissions.
 */
export type Row = [...Statuses, Options?]
type Statuses = [number, number, number, number, number, number]
export interface Options {
  needs?: Permission
  /** The state of the owner's project, which has one of everything in it. */
  on?: 'draft' | 'submitted' | 'live' | 'failed'
  /** What stands for a part of the path, where it is not what the project has. */
  params?: Record<string, string>
  /** Instead of an empty form. */
  fields?: Record<string, string>
}

/** The same for everybody; for everybody who is signed in, others are asked to. */
export const everybody = (status: number): Statuses => [
  status,
  status,
  status,
  status,
  status,
  status,
]
const signedIn = (status: number): Statuses => [303, status, status, status, status, status]
/** Everybody but its owner may back a project. */
const backing = (status: number): Statuses => [status, status, status, status, 403, status]
/** Others need not know what there is. */
const ofStaff = (status: number): Statuses => [303, 404, 404, 404, 404, status]

/** Nobody else's, not even staff's; those who know of the project are told so. */
const ofCreator = (status: number): Statuses => [303, 403, 403, 403, status, 403]

const speaking: Options = { needs: 'community' }
const drafting: Options = { needs: 'edit', on: 'draft' }

/** What each route answers to an empty form. */
export const changes: Record<string, Row> = {
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

  // settlement
  'POST /projects/:project/money/refund': [303, 403, 403, 403, 404, 403],
  'POST /projects/:project/money/late': [303, 403, 403, 403, 422, 403],
  'POST /projects/:project/clock': everybody(404),
  'POST /projects/:project/pledge/payment': signedIn(404),
  'POST /projects/:project/pledge/payment/confirm': signedIn(404),

  // staff
  'POST /report': signedIn(404),
  'POST /staff/projects/:project/approve': ofStaff(409),
  'POST /staff/projects/:project/send-back': ofStaff(422),
  'POST /staff/projects/:project/reject': ofStaff(422),
  'POST /staff/projects/:project/pick': ofStaff(303),
  'POST /staff/projects/:project/unpick': ofStaff(303),
  'POST /staff/projects/:project/suspend': ofStaff(422),
  'POST /staff/projects/:project/hide': ofStaff(422),
  'POST /staff/projects/:project/show': ofStaff(422),
  'POST /staff/reports/:report/hide': ofStaff(422),
  'POST /staff/reports/:report/show': ofStaff(422),
  'POST /staff/reports/:report/dismiss': ofStaff(422),
  'POST /staff/people/:person/restrictions': ofStaff(422),
  'POST /staff/people/:person/restrictions/:kind/lift': [
    ...ofStaff(303),
    { params: { kind: 'comment' } },
  ],

  // pledges
  'POST /projects/:project/pledges/new': backing(422),
  'POST /projects/:project/pledges/checkout': [303, 422, 422, 422, 403, 422],
  'POST /projects/:project/pledges/guest': backing(422),
  'POST /projects/:project/pledge/change': signedIn(404),
  'POST /projects/:project/pledge/checkout': signedIn(404),
  'POST /projects/:project/pledge/cancel': signedIn(404),
  'POST /guests/claim': everybody(410),

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

  // fulfilment
  'POST /projects/:project/backers': [303, 403, 403, 422, 422, 403, speaking],
  'POST /projects/:project/backers/:pledge': [303, 403, 403, 404, 404, 403, speaking],
  'POST /projects/:project/survey/edit': [303, 403, 403, 303, 303, 403, speaking],
  'POST /projects/:project/survey/send': [303, 403, 403, 409, 409, 403, speaking],
  'POST /projects/:project/survey/lock': [303, 403, 403, 409, 409, 403, speaking],
  'POST /projects/:project/survey': signedIn(404),
  'POST /projects/:project/received': signedIn(404),
  'POST /settings/addresses': signedIn(422),
  'POST /settings/addresses/:address': signedIn(404),
  'POST /settings/addresses/:address/default': signedIn(404),
  'POST /settings/addresses/:address/remove': signedIn(303),

  // webhooks
  'POST /projects/:project/webhooks': ofCreator(422),
  'POST /projects/:project/webhooks/:webhook': ofCreator(422),
  'POST /projects/:project/webhooks/:webhook/ping': ofCreator(303),
  'POST /projects/:project/webhooks/:webhook/secret': ofCreator(200),
  'POST /projects/:project/webhooks/:webhook/enable': ofCreator(303),
  'POST /projects/:project/webhooks/:webhook/disable': ofCreator(303),
  'POST /projects/:project/webhooks/:webhook/remove': ofCreator(303),
  'POST /projects/:project/webhooks/:webhook/deliveries/:delivery/replay': ofCreator(303),

  // payments
  'POST /settings/cards/:card/default': signedIn(404),
  'POST /settings/cards/:card/remove': signedIn(404),
  'POST /test-gateway/cards/:setup': everybody(404),
  'POST /test-gateway/cards/:setup/confirm': everybody(404),
  'POST /test-gateway/payments/:payment': everybody(404),
  'POST /webhooks/:provider': everybody(404),

  // privacy
  'POST /settings/privacy/download': signedIn(422),
  'POST /settings/privacy/delete': signedIn(422),
}

/** Mailboxes and providers send it from where they are: a key or a signature is the proof. */
export const fromAnywhere = ['POST /unsubscribe', 'POST /webhooks/:provider']

/** It leaves nobody signed in, so it has a test of its own. */
export const leaving = 'POST /sign-out'

/** Pages that are somebody's own, or a project's makers', and what they answer to whom. */
export const ownPages: Record<string, Row> = {
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

  // settlement
  '/projects/:project/money': [303, 403, 403, 200, 200, 200, { needs: 'numbers' }],
  '/projects/:project/money.csv': [303, 403, 403, 200, 200, 200, { needs: 'numbers' }],
  '/projects/:project/money/refund': [303, 403, 403, 403, 404, 403],
  '/projects/:project/clock': everybody(404),
  '/projects/:project/pledge/payment': signedIn(404),

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
  '/staff/books': ofStaff(200),
  '/staff/performance': ofStaff(200),

  // pledges
  '/pledges': signedIn(200),
  '/projects/:project/pledges/new': backing(200),
  '/projects/:project/pledges/checkout': backing(422),
  '/projects/:project/pledge': signedIn(404),
  '/projects/:project/pledge/change': signedIn(404),
  '/projects/:project/pledge/checkout': signedIn(404),
  '/projects/:project/pledge/cancel': signedIn(404),
  '/projects/:project/pledge/receipt': signedIn(404),
  '/guests': everybody(410),
  '/guests/claim': everybody(410),

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

  // webhooks
  '/projects/:project/webhooks': ofCreator(200),
  '/projects/:project/webhooks/:webhook': ofCreator(200),

  // payments
  '/settings/cards': signedIn(200),
  '/settings/cards/new': signedIn(303),
  '/test-gateway/cards/:setup': everybody(404),
  '/test-gateway/cards/:setup/confirm': everybody(404),
  '/test-gateway/payments/:payment': everybody(404),

  // fulfilment
  '/projects/:project/backers': [303, 403, 200, 200, 200, 200, { needs: 'numbers' }],
  '/projects/:project/backers.csv': [303, 403, 200, 200, 200, 200, { needs: 'numbers' }],
  '/projects/:project/backers/:pledge': [303, 403, 403, 404, 404, 403, speaking],
  '/projects/:project/survey/edit': [303, 403, 403, 200, 200, 403, speaking],
  '/projects/:project/survey': signedIn(404),
  '/settings/addresses': signedIn(200),
  '/settings/addresses/:address': signedIn(404),

  // privacy
  '/settings/privacy': signedIn(200),
}

/** What everybody may read, by the beginning of its name. */
export const publicPages = [
  ...['/', '/healthz', '/readyz', '/version', '/robots.txt', '/sitemap.xml'],
  '/.well-known/security.txt',
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
    '/performance',
  ],
  ...['/people/:id', '/people/:id/backed'],
  ...['/projects/:project', '/projects/:project/rewards', '/projects/:project/faqs'],
  ...['/projects/:project/reminder.ics', '/projects/:project/community'],
  ...['/projects/:project/live', '/test-cards', '/settings/cards/added'],
  ...['/projects/:project/updates', '/projects/:project/updates.atom'],
  ...['/projects/:project/updates/:number', '/projects/:project/comments'],
]
