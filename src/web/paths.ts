import { slugify } from '#lib/slug'

/** Every address of the site, so that rooms link to each other without importing each other. */

type Query = Record<string, string | number | undefined>

function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return text === '' ? path : `${path}?${text}`
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
  settingsOf: (part: 'password' | 'email' | 'sessions' | 'second-step') => `/settings/${part}`,
  turnOffSecondStep: () => '/settings/second-step/turn-off',
  confirmEmail: (query: Query = {}) => withQuery('/settings/email/confirm', query),
  outbox: () => '/outbox',
  newestFeed: () => '/feeds/newest.atom',
  projectPicture: ({ category, id }: { category: string; id: number }) =>
    `/pictures/projects/${category}/${id}.svg`,
  avatar: ({ id }: { id: number }) => `/pictures/people/${id}.svg`,
  api: () => '/api',
  openapi: () => '/api/v1/openapi.json',
  apiProject: ({ id }: { id: number }) => `/api/v1/projects/${id}`,
}
