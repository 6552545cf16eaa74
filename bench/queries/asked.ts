import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { categories } from '#db/schema/projects'
import { findPlace, listCategories } from '#features/discover/reads/catalog'
import { listProjects } from '#features/discover/reads/lists'
import { findPerson } from '#features/people/reads/profiles'
import { findProject } from '#features/projects/reads/projects'
import { encodeCursor } from '#lib/cursor'
import type { PageStart, QueryKeys } from './keys'

/** One key, asked for as in 2018 and as our site asks for it. */
export interface Call {
  before: string
  after(db: Db): Promise<unknown>
}

export const queryIds = [
  'project-by-id',
  'user-by-id',
  'count-by-creator',
  'category-all',
  'category-first-12',
  'category-count',
  'place-all',
  'place-first-12',
  'place-count',
] as const
export type QueryId = (typeof queryIds)[number]

/** The one whose rows are all wanted; what is measured of the others are points and pages. */
export const streamed: QueryId = 'category-all'

/** What stands in our columns, in words. */
export const asked: Record<QueryId, string> = {
  'project-by-id': 'the project page, by primary key, with creator and category',
  'user-by-id': 'the person page, by primary key',
  'count-by-creator': "the counter in the person's row",
  'category-all': 'every listed project of the largest category, streamed',
  'category-first-12': 'the first page: live, most popular, 12 rows and a look at the 13th',
  'category-count': "the counter in the category's row",
  'place-all': 'a page of 12 anywhere in the list; nobody is sent a whole place at once',
  'place-first-12': 'the first page: live, most popular, 12 rows and a look at the 13th',
  'place-count': "the counter in the place's row",
}

const firstPage = { status: 'live', sort: 'popular' } as const

const countOfCategory = prepared((db) =>
  db
    .select({ projectsCount: categories.projectsCount })
    .from(categories)
    .where(eq(categories.slug, sql.placeholder('slug')))
    .prepare('count_of_category'),
)

/** The site's menu: all categories with their counters in one statement. */
export const readMenu: Call = {
  before: '',
  after: (db) => listCategories(db),
}

/** As text in SQL, for statements written the way 2018 wrote them. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'number') return String(value)
  const text = value instanceof Date ? value.toISOString() : String(value)
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

const ofCategory = (slug: string) => `from projects where category = ${literal(slug)}`
const ofPlace = ({ state, city }: PageStart) =>
  `from projects where state = ${literal(state)} and city = ${literal(city)}`

/** The calls of each query, one for every key drawn. The whole category has no `after` of its own. */
export function callsOf(keys: QueryKeys): Record<QueryId, Call[]> {
  const { projects, people, creators, categories: slugs, starts } = keys
  return {
    'project-by-id': projects.map((id) => ({
      before: `select * from projects where id = ${id}`,
      after: (db) => findProject(db, id),
    })),
    'user-by-id': people.map((id) => ({
      before: `select * from people where id = ${id}`,
      after: (db) => findPerson(db, id),
    })),
    'count-by-creator': creators.map((id) => ({
      before: `select count(*) from projects where creator_id = ${id}`,
      after: (db) => findPerson(db, id),
    })),
    'category-all': slugs.map((slug) => ({
      before: `select * ${ofCategory(slug)}`,
      after: async () => undefined,
    })),
    'category-first-12': slugs.map((slug) => ({
      before: `select * ${ofCategory(slug)} limit 12`,
      after: (db) => listProjects(db, { category: slug }, firstPage),
    })),
    'category-count': slugs.map((slug) => ({
      before: `select count(*) ${ofCategory(slug)}`,
      after: (db) => countOfCategory(db).execute({ slug }),
    })),
    'place-all': starts.map((start) => ({
      before: `select * ${ofPlace(start)}`,
      after: (db) => pageAfter(db, start),
    })),
    'place-first-12': starts.map((start) => ({
      before: `select * ${ofPlace(start)} limit 12`,
      after: (db) => listProjects(db, { place: start }, firstPage),
    })),
    'place-count': starts.map((start) => ({
      before: `select count(*) ${ofPlace(start)}`,
      after: (db) => findPlace(db, start.stateSlug, start.citySlug),
    })),
  }
}

/** The page after a project, among those of its place and status, newest first. */
export function pageAfter(db: Db, { state, city, status, id }: PageStart) {
  const after = encodeCursor({ sort: 'newest', key: String(id), id })
  return listProjects(db, { place: { state, city } }, { status, sort: 'newest', after })
}
