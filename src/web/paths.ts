import { slugify } from '#lib/slug'

/** Every address of the site, so that rooms link to each other without importing each other. */

type Query = Record<string, string | number | undefined>

function withQuery(path: string, query: Query): string {
  let parameters: URLSearchParams | undefined
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue
    parameters ??= new URLSearchParams()
    parameters.set(name, String(value))
  }
  return parameters ? `${path}?${parameters}` : path
}

interface ProjectKey {
  id: number
  title: string
}

const projectRoot = ({ id, title }: ProjectKey) => {
  const slug = slugify(title)
  return `/projects/${id}${slug === '' ? '' : `-${slug}`}`
}

export const projectTabs = ['faqs', 'updates', 'comments', 'community', 'rewards'] as const
export type ProjectTab = (typeof projectTabs)[number]

type SettingsPart =
  | 'password'
  | 'email'
  | 'sessions'
  | 'second-step'
  | 'notifications'
  | 'blocked'
  | 'tokens'
  | 'privacy'
  | 'picture'

type Key = { id: number }

/** The pages of the editor, in the order in which they are filled in. */
export const editParts = [
  'basics',
  'funding',
  'story',
  'rewards',
  'faqs',
  'people',
  'launch',
] as const
export type EditPart = (typeof editParts)[number]

type ProjectAct = 'submit' | 'withdraw' | 'launch' | 'cancel' | 'delete'
type StaffPart = 'review' | 'reports' | 'log' | 'people' | 'books' | 'performance'

/** What somebody reports; `subject` is an update's number, or the id of a comment, message, person. */
type ReportQuery = {
  kind: 'project' | 'update' | 'comment' | 'message' | 'person'
  project?: number | undefined
  subject?: number | undefined
  member?: number | undefined
}

const imagePath = (hash: string, width: number) => `/images/${hash}/${width}.webp`

/** `image` is the hash of an uploaded picture. */
type Pictured = { id: number; image?: string | null | undefined }

// A fixed name beside a number would be looked up ten times as slowly: see src/http/guards.test.ts.
const draftRoot = (project: number, draft: number | 'new') =>
  draft === 'new' ? `/projects/${project}/new-update` : `/projects/${project}/drafts/${draft}`

export const paths = {
  home: () => '/',
  discover: (query: Query = {}) => withQuery('/discover', query),
  category: (slug: string, query: Query = {}) => withQuery(`/categories/${slug}`, query),
  place: (stateSlug: string, citySlug: string, query: Query = {}) =>
    withQuery(`/places/${stateSlug}/${citySlug}`, query),
  places: () => '/places',
  placeOf: ({ state, city }: { state: string; city: string }) =>
    `/places/${slugify(state)}/${slugify(city)}`,
  search: (query: Query = {}) => withQuery('/search', query),
  project: projectRoot,
  projectTab: (project: ProjectKey, tab: ProjectTab, query: Query = {}) =>
    withQuery(`${projectRoot(project)}/${tab}`, query),
  update: (project: ProjectKey, number: number) => `${projectRoot(project)}/updates/${number}`,
  updatesFeed: ({ id }: { id: number }) => `/projects/${id}/updates.atom`,
  newProject: () => '/start',
  making: () => '/making',
  edit: (project: Key, part: EditPart = 'basics') => `/projects/${project.id}/edit/${part}`,
  storyPreview: ({ id }: Key) => `/projects/${id}/edit/story/preview`,
  sharePreview: ({ id }: Key) => `/projects/${id}/edit/launch/share`,
  editReward: ({ id }: Key, reward: number | 'new') =>
    reward === 'new' ? `/projects/${id}/edit/new-reward` : `/projects/${id}/edit/rewards/${reward}`,
  editPerson: ({ id }: Key, person: number) => `/projects/${id}/edit/people/${person}`,
  withdrawInvitation: ({ id }: Key) => `/projects/${id}/edit/withdraw-invitation`,
  /** What somebody was asked to help with, and how to leave it. */
  invitation: ({ id }: Key) => `/projects/${id}/invitation`,
  editFaq: ({ id }: Key, position: number | 'new') =>
    position === 'new' ? `/projects/${id}/edit/new-faq` : `/projects/${id}/edit/faqs/${position}`,
  preview: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/preview`, query),
  history: ({ id }: Key) => `/projects/${id}/history`,
  /** What is done to a project as a whole, each by a form. */
  projectAct: ({ id }: Key, act: ProjectAct) => `/projects/${id}/${act}`,
  dashboard: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/dashboard`, query),
  dashboardFile: ({ id }: Key, query: Query = {}) =>
    withQuery(`/projects/${id}/dashboard.csv`, query),
  /** Where the project's figures come from while they change. */
  projectLive: ({ id }: Key) => `/projects/${id}/live`,
  backers: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/backers`, query),
  backersFile: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/backers.csv`, query),
  backer: ({ id }: Key, pledge: number) => `/projects/${id}/backers/${pledge}`,
  /** What a backer is asked, and where their reward is. */
  survey: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/survey`, query),
  surveyAct: ({ id }: Key, act: 'edit' | 'send' | 'lock') => `/projects/${id}/survey/${act}`,
  received: ({ id }: Key) => `/projects/${id}/received`,
  addresses: (query: Query = {}) => withQuery('/settings/addresses', query),
  address: (address: number) => `/settings/addresses/${address}`,
  addressAct: (address: number, act: 'remove' | 'default') =>
    `/settings/addresses/${address}/${act}`,
  webhooks: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/webhooks`, query),
  webhook: ({ id }: Key, webhook: number, query: Query = {}) =>
    withQuery(`/projects/${id}/webhooks/${webhook}`, query),
  webhookAct: (
    { id }: Key,
    webhook: number,
    act: 'ping' | 'secret' | 'enable' | 'disable' | 'remove',
  ) => `/projects/${id}/webhooks/${webhook}/${act}`,
  replayDelivery: ({ id }: Key, webhook: number, delivery: number) =>
    `/projects/${id}/webhooks/${webhook}/deliveries/${delivery}/replay`,
  updateDrafts: ({ id }: Key) => `/projects/${id}/drafts`,
  updateDraft: ({ id }: Key, draft: number | 'new', query: Query = {}) =>
    withQuery(draftRoot(id, draft), query),
  updateDraftAct: ({ id }: Key, draft: number | 'new', act: 'preview' | 'publish' | 'delete') =>
    `${draftRoot(id, draft)}/${act}`,
  editUpdate: ({ id }: Key, number: number) => `/projects/${id}/updates/${number}/edit`,
  likeUpdate: ({ id }: Key, number: number) => `/projects/${id}/updates/${number}/like`,
  unlikeUpdate: ({ id }: Key, number: number) => `/projects/${id}/updates/${number}/unlike`,
  pinComment: ({ id }: Key, comment: number) => `/projects/${id}/comments/${comment}/pin`,
  unpinComment: ({ id }: Key, comment: number) => `/projects/${id}/comments/${comment}/unpin`,
  messages: (query: Query = {}) => withQuery('/messages', query),
  projectMessages: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/messages`, query),
  conversation: ({ id }: Key, member: number) => `/projects/${id}/messages/${member}`,
  activity: (query: Query = {}) => withQuery('/activity', query),
  following: (query: Query = {}) => withQuery('/following', query),
  follow: ({ id }: Key) => `/people/${id}/follow`,
  unfollow: ({ id }: Key) => `/people/${id}/unfollow`,
  block: ({ id }: Key) => `/people/${id}/block`,
  unblock: ({ id }: Key) => `/people/${id}/unblock`,
  unsubscribe: (query: Query = {}) => withQuery('/unsubscribe', query),
  report: (query: ReportQuery) => withQuery('/report', query),
  reported: (about: { project?: number; person?: number }) => withQuery('/report/thanks', about),
  staff: (part?: StaffPart, query: Query = {}) =>
    withQuery(part ? `/staff/${part}` : '/staff', query),
  /** What the site does, in short, for everybody. */
  performance: () => '/performance',
  staffProject: ({ id }: Key) => `/staff/projects/${id}`,
  staffPerson: ({ id }: Key) => `/staff/people/${id}`,
  staffReport: (report: number) => `/staff/reports/${report}`,
  images: () => '/images',
  image: imagePath,
  /** Choosing what to back a project with; `pledgeCheckout` is where it is confirmed. */
  newPledge: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/pledges/new`, query),
  pledgeCheckout: ({ id }: Key, query: Query = {}) =>
    withQuery(`/projects/${id}/pledges/checkout`, query),
  /** Somebody’s own pledge. */
  pledge: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/pledge`, query),
  pledgePart: (
    { id }: Key,
    part: 'change' | 'checkout' | 'cancel' | 'receipt',
    query: Query = {},
  ) => withQuery(`/projects/${id}/pledge/${part}`, query),
  pledges: (query: Query = {}) => withQuery('/pledges', query),
  /** Where somebody pays what could not be charged. */
  mendPledge: ({ id }: Key, query: Query = {}) =>
    withQuery(`/projects/${id}/pledge/payment`, query),
  /** What a project has brought in, for its makers. */
  money: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/money`, query),
  moneyFile: ({ id }: Key) => `/projects/${id}/money.csv`,
  refund: ({ id }: Key, query: Query = {}) => withQuery(`/projects/${id}/money/refund`, query),
  latePledges: ({ id }: Key) => `/projects/${id}/money/late`,
  /** In a demo: moves a project nearer to what comes next. */
  clock: ({ id }: Key) => `/projects/${id}/clock`,
  /** Where somebody without an account asks for a link by which they go on. */
  pledgeGuest: ({ id }: Key) => `/projects/${id}/pledges/guest`,
  enterAsGuest: (query: Query = {}) => withQuery('/guests', query),
  claimGuest: (query: Query = {}) => withQuery('/guests/claim', query),
  deleteComment: ({ id }: { id: number }, comment: number) =>
    `/projects/${id}/comments/${comment}/delete`,
  save: ({ id }: { id: number }) => `/projects/${id}/save`,
  unsave: ({ id }: { id: number }) => `/projects/${id}/unsave`,
  saved: (query: Query = {}) => withQuery('/saved', query),
  reminder: ({ id }: { id: number }) => `/projects/${id}/reminder.ics`,
  person: ({ id }: { id: number }, query: Query = {}) => withQuery(`/people/${id}`, query),
  personBacked: ({ id }: { id: number }, query: Query = {}) =>
    withQuery(`/people/${id}/backed`, query),
  signUp: (query: Query = {}) => withQuery('/sign-up', query),
  confirmSignUp: (query: Query = {}) => withQuery('/sign-up/confirm', query),
  signIn: (query: Query = {}) => withQuery('/sign-in', query),
  signInCode: (query: Query = {}) => withQuery('/sign-in/code', query),
  signOut: () => '/sign-out',
  reset: () => '/reset-password',
  confirmReset: (query: Query = {}) => withQuery('/reset-password/confirm', query),
  settings: (query: Query = {}) => withQuery('/settings', query),
  settingsOf: (part: SettingsPart) => `/settings/${part}`,
  turnOffSecondStep: () => '/settings/second-step/turn-off',
  download: () => '/settings/privacy/download',
  deleteAccount: () => '/settings/privacy/delete',
  goodbye: () => '/goodbye',
  revokeToken: () => '/settings/tokens/revoke',
  confirmEmail: (query: Query = {}) => withQuery('/settings/email/confirm', query),
  cards: (query: Query = {}) => withQuery('/settings/cards', query),
  /** Leads to the provider's page for a card and from there to `to`, with `card=ID` in its query. */
  newCard: (query: { to?: string } = {}) => withQuery('/settings/cards/new', query),
  cardAdded: (query: Query = {}) => withQuery('/settings/cards/added', query),
  cardAct: (card: number, act: 'remove' | 'default') => `/settings/cards/${card}/${act}`,
  testCards: () => '/test-cards',
  gatewayCard: (setup: string) => `/test-gateway/cards/${setup}`,
  decideGatewayCard: (setup: string) => `/test-gateway/cards/${setup}/confirm`,
  gatewayPayment: (payment: string) => `/test-gateway/payments/${payment}`,
  providerWebhook: (provider: string) => `/webhooks/${provider}`,
  outbox: () => '/outbox',
  newestFeed: () => '/feeds/newest.atom',
  /** The picture its creator has given it, or the drawn one. */
  projectPicture: ({ category, id, image }: Pictured & { category: string }) =>
    image ? imagePath(image, 1024) : `/pictures/projects/${category}/${id}.svg`,
  /** Their own picture, or the drawn one. */
  avatar: ({ id, image }: Pictured) =>
    image ? imagePath(image, 320) : `/pictures/people/${id}.svg`,
  api: () => '/api',
  openapi: () => '/api/v1/openapi.json',
  apiProject: ({ id }: { id: number }) => `/api/v1/projects/${id}`,
}
