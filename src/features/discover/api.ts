import { z } from 'zod'
import type { Db } from '#db/client'
import { findPerson } from '#features/people/reads/profiles'
import { ofPerson } from '#features/people/rules'
import { projectSummary, toProjectSummary } from '#features/projects/parts/json'
import { endpoint, type MakeAbsolute, noInput, type Samples } from '#http/api'
import { found } from '#http/input'
import {
  address,
  count,
  describeAfter,
  idDigitsMax,
  numberAfter,
  pageOf,
  toCursor,
} from '#http/json'
import { AppError } from '#lib/errors'
import { slugify } from '#lib/slug'
import { paths } from '#web/paths'
import {
  type Category,
  findPlace,
  listCategories,
  listPlaces,
  type Place,
  placesMax,
} from './reads/catalog'
import { listBacked, listProjects } from './reads/lists'
import { searchPagesMax, searchProjects } from './reads/search'
import { suggest } from './reads/suggestions'
import { listQuery, requireKnown, searchQuery } from './rules'

const { shape } = listQuery

/** The filters of `/discover`, without their defaults, so that `q` can tell what was given. */
const projectsQuery = z
  .strictObject({
    category: shape.category.describe('A category or subcategory, such as `games/video-games`.'),
    state: shape.state.describe('Together with `city`, as the project has it.'),
    city: shape.city.describe('Together with `state`, as the project has it.'),
    status: shape.status.in.describe('`live` when left out.'),
    sort: shape.sort.in.describe('`popular` when left out.'),
    q: searchQuery.shape.q
      .unwrap()
      .optional()
      .describe(
        'Words to search for, best match first, in every status; goes with `after` only, for at ' +
          `most ${searchPagesMax} pages.`,
      ),
    after: describeAfter(shape.after),
  })
  .superRefine(({ q, after, ...filters }, context) => {
    const given = Object.entries(filters).find(([, value]) => value !== undefined)
    if (q !== undefined && given) {
      context.addIssue({ code: 'custom', path: [given[0]], message: 'does not go with “q”' })
    }
    if (!filters.state !== !filters.city) {
      const missing = filters.state ? 'city' : 'state'
      context.addIssue({
        code: 'custom',
        path: [missing],
        message: 'is missing: “state” and “city” name a place together',
      })
    }
  })

const counts = {
  projectsCount: count.describe('Live and ended.'),
  liveCount: count,
}

const subcategory = z
  .object({ slug: z.string(), url: address, name: z.string(), ...counts })
  .meta({ id: 'Subcategory' })

const category = z
  .object({ ...subcategory.shape, subcategories: z.array(subcategory) })
  .meta({ id: 'Category' })

const place = z
  .object({ url: address, city: z.string(), state: z.string(), country: z.string(), ...counts })
  .meta({ id: 'Place' })

const suggestions = z
  .object({
    projects: z.array(projectSummary.pick({ id: true, title: true, url: true })),
    categories: z.array(subcategory.pick({ slug: true, name: true, url: true })),
    places: z.array(place.pick({ city: true, state: true, url: true })),
  })
  .meta({ id: 'Suggestions' })

const toSubcategory = (
  { slug, name, projectsCount, liveCount }: Category,
  url: MakeAbsolute,
): z.input<typeof subcategory> => ({
  slug,
  url: url(paths.category(slug)),
  name,
  projectsCount,
  liveCount,
})

const toCategory = (
  row: Category,
  all: Category[],
  url: MakeAbsolute,
): z.input<typeof category> => ({
  ...toSubcategory(row, url),
  subcategories: all
    .filter(({ parent }) => parent === row.slug)
    .map((child) => toSubcategory(child, url)),
})

const toPlace = (row: Place, url: MakeAbsolute): z.input<typeof place> => ({
  url: url(paths.place(row.stateSlug, row.citySlug)),
  city: row.city,
  state: row.state,
  country: row.country,
  projectsCount: row.projectsCount,
  liveCount: row.liveCount,
})

async function requireCategory(db: Db, slug: string) {
  const all = await listCategories(db)
  const row = all.find((candidate) => candidate.slug === slug)
  return { all, row: found(row, new AppError('category_not_found')) }
}

const slug = (description: string) => z.string().describe(description)

export const discoverApi = [
  endpoint({
    id: 'listProjects',
    path: '/projects',
    summary: 'Projects, filtered and sorted, or found by words',
    params: noInput,
    query: projectsQuery,
    answer: pageOf(projectSummary),
    sample: () => ({}),
    handle: async ({ deps: { db }, query, url }) => {
      const { category, state, city, status = 'live', sort = 'popular', q, after } = query
      const place = state && city ? { state, city } : undefined
      const [page, categories] = await Promise.all([
        q === undefined
          ? listProjects(db, { category, place }, { status, sort, after })
          : searchProjects(db, q, after),
        category ? listCategories(db) : [],
      ])
      if (category) requireKnown(category, categories)
      return { data: page.projects.map((row) => toProjectSummary(row, url)), next: page.next }
    },
  }),

  endpoint({
    id: 'getSuggestions',
    path: '/suggestions',
    summary: 'What somebody who is typing may be looking for',
    description:
      'At most eight projects with a hundred backers or more, four categories and four places: the ' +
      'last word may be unfinished. Nothing for fewer than two characters.',
    params: noInput,
    query: z.strictObject({
      q: searchQuery.shape.q.unwrap().optional().describe('What has been typed so far.'),
    }),
    answer: suggestions,
    sample: () => ({}),
    handle: async ({ deps, query, url }) => {
      const { projects, categories, places } = await suggest(deps.db, query.q ?? '')
      return {
        projects: projects.map((row) => ({ ...row, url: url(paths.project(row)) })),
        categories: categories.map(({ slug, name }) => ({
          ...{ slug, name },
          url: url(paths.category(slug)),
        })),
        places: places.map(({ city, state, stateSlug, citySlug }) => ({
          ...{ city, state },
          url: url(paths.place(stateSlug, citySlug)),
        })),
      }
    },
  }),

  endpoint({
    id: 'listCategories',
    path: '/categories',
    summary: 'Categories with their subcategories',
    description: 'All on one page. Counts are of projects that anyone can see.',
    params: noInput,
    query: noInput,
    answer: pageOf(category),
    sample: () => ({}),
    handle: async ({ deps, url }) => {
      const all = await listCategories(deps.db)
      const data = all
        .filter(({ parent }) => parent === null)
        .map((row) => toCategory(row, all, url))
      return { data, next: null }
    },
  }),

  endpoint({
    id: 'getCategory',
    path: '/categories/{slug}',
    summary: 'One category with its subcategories',
    params: z.strictObject({ slug: slug('Such as `games`.') }),
    missing: { slug: 'category_not_found' },
    query: noInput,
    answer: category,
    sample: (samples: Samples) => ({ slug: samples.category }),
    handle: async ({ deps, params, url }) => {
      const { row, all } = await requireCategory(deps.db, params.slug)
      return toCategory(row, all, url)
    },
  }),

  endpoint({
    id: 'getSubcategory',
    path: '/categories/{slug}/{subcategory}',
    summary: 'One subcategory',
    params: z.strictObject({
      slug: slug('The category, such as `games`.'),
      subcategory: slug('The subcategory’s own part, such as `video-games`.'),
    }),
    missing: { slug: 'category_not_found', subcategory: 'category_not_found' },
    query: noInput,
    answer: subcategory,
    sample: (samples: Samples) => ({ slug: samples.category, subcategory: samples.subcategory }),
    handle: async ({ deps, params, url }) => {
      const { row } = await requireCategory(deps.db, `${params.slug}/${params.subcategory}`)
      return toSubcategory(row, url)
    },
  }),

  endpoint({
    id: 'listPlaces',
    path: '/places',
    summary: 'Places projects come from, those with the most live projects first',
    description: `The busiest ${placesMax}, on one page.`,
    params: noInput,
    query: noInput,
    answer: pageOf(place),
    sample: () => ({}),
    handle: async ({ deps, url }) => {
      const rows = await listPlaces(deps.db, placesMax)
      return { data: rows.map((row) => toPlace(row, url)), next: null }
    },
  }),

  endpoint({
    id: 'getPlace',
    path: '/places/{state}/{city}',
    summary: 'One place',
    params: z.strictObject({
      state: slug('As in the place’s `url`, such as `ile-de-france`.'),
      city: slug('As in the place’s `url`, such as `paris`.'),
    }),
    missing: { state: 'place_not_found', city: 'place_not_found' },
    query: noInput,
    answer: place,
    sample: ({ state, city }: Samples) => ({ state, city }),
    handle: async ({ deps, params, url }) => {
      const row = await findPlace(deps.db, params.state, params.city)
      return toPlace(found(row, new AppError('place_not_found')), url)
    },
  }),

  endpoint({
    id: 'listProjectsOfPerson',
    path: '/people/{id}/projects',
    summary: 'Projects a person has created, newest first',
    ...ofPerson,
    query: z.strictObject({ after: describeAfter(shape.after) }),
    answer: pageOf(projectSummary),
    handle: async ({ deps: { db }, params, query, url }) => {
      const [person, page] = await Promise.all([
        findPerson(db, params.id),
        listProjects(
          db,
          { creatorId: params.id },
          { status: 'all', sort: 'newest', after: query.after },
        ),
      ])
      found(person, new AppError('person_not_found'))
      return { data: page.projects.map((row) => toProjectSummary(row, url)), next: page.next }
    },
  }),

  endpoint({
    id: 'listProjectsBackedByPerson',
    path: '/people/{id}/backed',
    summary: 'Projects a person has backed under their name, newest first',
    ...ofPerson,
    query: z.strictObject({ after: numberAfter(idDigitsMax) }),
    answer: pageOf(projectSummary),
    handle: async ({ deps: { db }, params, query, url }) => {
      const [person, page] = await Promise.all([
        findPerson(db, params.id),
        listBacked(db, params.id, query.after),
      ])
      found(person, new AppError('person_not_found'))
      const data = page.projects.map((row) => toProjectSummary(row, url))
      return { data, next: toCursor(page.next) }
    },
  }),
]

/** Things around the project with the most backers; undefined while there is none. */
export async function findSamples(db: Db): Promise<Samples | undefined> {
  const { projects } = await listProjects(db, {}, { status: 'all', sort: 'most-backed', rows: 1 })
  const [project] = projects
  if (!project) return undefined
  const [category = '', subcategory = ''] = project.subcategory.split('/')
  return {
    project: project.id,
    update: 1,
    person: project.creatorId,
    category,
    subcategory,
    state: slugify(project.state),
    city: slugify(project.city),
  }
}
