import { asc, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { rewards } from '#db/schema/backing'
import { faqs } from '#db/schema/community'
import { categories, people, projects, stories } from '#db/schema/projects'
import { AppError } from '#lib/errors'
import { hasPublicPage } from './rules'

/** Far above what the editor allows; a bound for what one page can be made to carry. */
const rewardsMax = 100
const faqsMax = 100

/** What every list shows of a project; `withCategoryNames` adds the name of the category. */
export const cardColumns = {
  id: projects.id,
  status: projects.status,
  title: projects.title,
  description: projects.description,
  creatorId: projects.creatorId,
  creatorName: projects.creatorName,
  category: projects.category,
  subcategory: projects.subcategory,
  city: projects.city,
  state: projects.state,
  country: projects.country,
  currency: projects.currency,
  goal: projects.goal,
  pledged: projects.pledged,
  backersCount: projects.backersCount,
  launchedAt: projects.launchedAt,
  endsAt: projects.endsAt,
  featuredAt: projects.featuredAt,
}

const projectColumns = {
  ...cardColumns,
  creatorProjectsCount: people.projectsCount,
  tags: projects.tags,
  allOrNothing: projects.allOrNothing,
  updatesCount: projects.updatesCount,
  commentsCount: projects.commentsCount,
  faqsCount: projects.faqsCount,
  savesCount: projects.savesCount,
}

const allCategories = prepared((db) =>
  db
    .select({
      slug: categories.slug,
      name: categories.name,
      number: categories.number,
      projectsCount: categories.projectsCount,
    })
    .from(categories)
    .limit(sql.placeholder('limit'))
    .prepare('category_catalogue'),
)

const categoriesMax = 1_000
type CategoryEntry = Awaited<ReturnType<typeof readCatalogue>>[number]
const readCatalogue = (db: Db) => allCategories(db).execute({ limit: categoriesMax })
const catalogues = new WeakMap<Db, Promise<Map<string, CategoryEntry>>>()

/**
 * Categories and subcategories by slug. They come with migrations, so a process reads them once: to
 * join them for their names would take longer than the list. Counts are those of that moment.
 */
export function findCatalogue(db: Db): Promise<ReadonlyMap<string, CategoryEntry>> {
  const known = catalogues.get(db)
  if (known) return known
  const reading = readCatalogue(db).then((rows) => new Map(rows.map((row) => [row.slug, row])))
  catalogues.set(db, reading)
  reading.catch(() => catalogues.delete(db))
  return reading
}

/** Adds what category and subcategory are called; one newer than the process is its slug. */
export async function withCategoryNames<Row extends { category: string; subcategory: string }>(
  db: Db,
  rows: Promise<Row[]>,
) {
  const [catalogue, known] = await Promise.all([findCatalogue(db), rows])
  const nameOf = (slug: string) => catalogue.get(slug)?.name ?? slug
  return known.map((row) => ({
    ...row,
    categoryName: nameOf(row.category),
    subcategoryName: nameOf(row.subcategory),
  }))
}

const projectById = prepared((db) =>
  db
    .select(projectColumns)
    .from(projects)
    .innerJoin(people, eq(people.id, projects.creatorId))
    .where(eq(projects.id, sql.placeholder('id')))
    .prepare('project_by_id'),
)

export type Project = NonNullable<Awaited<ReturnType<typeof findProject>>>

/** A project that has launched; drafts and their like are found by nobody. */
export async function findProject(db: Db, id: number) {
  const [project] = await withCategoryNames(db, projectById(db).execute({ id }))
  return project && hasPublicPage(project.status) ? project : undefined
}

/** The same, or the refusal project_not_found. */
export async function requireProject(db: Db, id: number): Promise<Project> {
  const project = await findProject(db, id)
  if (!project) throw new AppError('project_not_found')
  return project
}

const storyOf = prepared((db) =>
  db
    .select({ story: stories.story, risks: stories.risks, budget: stories.budget })
    .from(stories)
    .where(eq(stories.projectId, sql.placeholder('projectId')))
    .prepare('story_of_project'),
)

export type Story = NonNullable<Awaited<ReturnType<typeof findStory>>>

export async function findStory(db: Db, projectId: number) {
  const [story] = await storyOf(db).execute({ projectId })
  return story
}

const rewardsOf = prepared((db) =>
  db
    .select({
      id: rewards.id,
      amount: rewards.amount,
      name: rewards.name,
      description: rewards.description,
      deliveryMonth: rewards.deliveryMonth,
      shipsTo: rewards.shipsTo,
      quantity: rewards.quantity,
      opensAt: rewards.opensAt,
      closesAt: rewards.closesAt,
      backersCount: rewards.backersCount,
      // Written out: drizzle names no table where there is only one, and inside the subselect a
      // bare project_id would be the subselect's own.
      items: sql<{ name: string; quantity: number }[]>`coalesce((
        select json_agg(
            json_build_object('name', i.name, 'quantity', i.quantity) order by i.position)
          from reward_items i
          where i.project_id = rewards.project_id and i.reward_id = rewards.id
      ), '[]')`,
      shipping: sql<{ country: string; price: number }[]>`coalesce((
        select json_agg(
            json_build_object('country', s.country, 'price', s.price) order by s.price, s.country)
          from reward_shipping s
          where s.project_id = rewards.project_id and s.reward_id = rewards.id
      ), '[]')`,
    })
    .from(rewards)
    .where(eq(rewards.projectId, sql.placeholder('projectId')))
    .orderBy(asc(rewards.amount), asc(rewards.position))
    .limit(rewardsMax)
    .prepare('rewards_of_project'),
)

export type Reward = Awaited<ReturnType<typeof listRewards>>[number]

/** Every reward, cheapest first, also those nobody has taken. */
export function listRewards(db: Db, projectId: number) {
  return rewardsOf(db).execute({ projectId })
}

const faqsOf = prepared((db) =>
  db
    .select({ position: faqs.position, question: faqs.question, answer: faqs.answer })
    .from(faqs)
    .where(eq(faqs.projectId, sql.placeholder('projectId')))
    .orderBy(asc(faqs.position))
    .limit(faqsMax)
    .prepare('faqs_of_project'),
)

export function listFaqs(db: Db, projectId: number) {
  return faqsOf(db).execute({ projectId })
}
