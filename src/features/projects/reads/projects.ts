import { asc, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { coalesced, coalescedByPair, pairsAsked } from '#db/coalesce'
import { perPool, prepared } from '#db/prepared'
import { pledges } from '#db/schema/backing'
import { faqs, saves } from '#db/schema/community'
import { blocks, follows } from '#db/schema/contact'
import { collaborators, type Permission, permissions } from '#db/schema/making'
import { settlements } from '#db/schema/payments'
import { ledgerBalances } from '#db/schema/pledging'
import { categories, people, projects, stories } from '#db/schema/projects'
import { type Balance, booksOf } from '#features/ledger/rules/books'
import type { Ties } from '#features/people/reads/profiles'
import { AppError } from '#lib/errors'
import { hasLaunched, hasPublicPage } from '../rules'

/** Far above what the editor allows; a bound for what one page can be made to carry. */
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
  image: projects.image,
}

/** Of a project that was successful: until when it takes late pledges, or did; null for never. */
const lateUntil = sql<Date | null>`case when ${projects.status} = 'successful' then (
  select s.late_until from ${settlements} s where s.project_id = ${projects.id}) end`
  .mapWith((at: string): Date | null => new Date(at))
  .as('late_until')

const ownColumns = {
  ...cardColumns,
  lateUntil,
  tags: projects.tags,
  allOrNothing: projects.allOrNothing,
  updatesCount: projects.updatesCount,
  commentsCount: projects.commentsCount,
  faqsCount: projects.faqsCount,
  savesCount: projects.savesCount,
  hiddenAt: projects.hiddenAt,
}

const projectColumns = {
  ...ownColumns,
  creatorProjectsCount: people.projectsCount,
  creatorImage: people.image,
}

const storyColumns = { story: stories.story, risks: stories.risks, budget: stories.budget }

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
type Catalogue = ReadonlyMap<string, CategoryEntry>
const readCatalogue = (db: Db) => allCategories(db).execute({ limit: categoriesMax })
const catalogues = perPool((): { reading?: Promise<Catalogue> | undefined } => ({}))

/**
 * Categories and subcategories by slug. They come with migrations, so a process reads them once: to
 * join them for their names would take longer than the list. Counts are those of that moment.
 */
export function findCatalogue(db: Db): Promise<Catalogue> {
  const known = catalogues(db)
  if (known.reading) return known.reading
  const reading = readCatalogue(db).then((rows) => new Map(rows.map((row) => [row.slug, row])))
  known.reading = reading
  reading.catch(() => delete known.reading)
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

const ids = sql.placeholder('ids')

const projectsByIds = prepared((db) =>
  db
    .select(projectColumns)
    .from(projects)
    .innerJoin(people, eq(people.id, projects.creatorId))
    .where(sql`${projects.id} = any(${ids})`)
    .prepare('projects_by_ids'),
)

const projectById = coalesced(
  (db, ids) => withCategoryNames(db, projectsByIds(db).execute({ ids })),
  ({ id }) => id,
)

export type Project = NonNullable<Awaited<ReturnType<typeof findProject>>>

/** A project that has launched; drafts and what staff has hidden are found by nobody. */
export async function findProject(db: Db, id: number) {
  const [project] = await projectById(db, id)
  return project && hasPublicPage(project) ? project : undefined
}

/** The same, or the refusal project_not_found. */
export async function requireProject(db: Db, id: number): Promise<Project> {
  const project = await findProject(db, id)
  if (!project) throw new AppError('project_not_found')
  return project
}

/** For those who back it, who find it also when staff has hidden it. Throws project_not_found. */
export async function requireBackedProject(db: Db, id: number): Promise<Project> {
  const [project] = await projectById(db, id)
  if (!project || !hasLaunched(project.status)) throw new AppError('project_not_found')
  return project
}

/** Far above what the editor allows, as ever. */
const collaboratorsMax = 50

export interface Helper {
  id: number
  name: string
  /** What they are called beside it; may be empty. */
  title: string
}

/** Inside the one statement of the page: there are few, and most projects have none. */
const helpers = sql<Helper[]>`(
  select coalesce(jsonb_agg(h), '[]') from (
    select p.id, p.name, c.title from ${collaborators} c join ${people} p on p.id = c.person_id
    where c.project_id = ${projects.id} and c.accepted_at is not null
    order by c.accepted_at limit ${sql.raw(String(collaboratorsMax))}) h)`.as('helpers')

/** What the books say of a project that is being paid for, or was; null of others. */
const balances = sql<Balance[] | null>`case when ${projects.status} = 'successful' then (
  select jsonb_agg(jsonb_build_object('account', b.account, 'debits', b.debits, 'credits', b.credits))
    from ${ledgerBalances} b where b.project_id = ${projects.id}) end`.as('balances')

const campaignsByIds = prepared((db) =>
  db
    .select({ ...projectColumns, ...storyColumns, helpers, balances })
    .from(projects)
    .innerJoin(people, eq(people.id, projects.creatorId))
    .leftJoin(stories, eq(stories.projectId, projects.id))
    .where(sql`${projects.id} = any(${ids})`)
    .prepare('campaigns_by_ids'),
)

const campaignById = coalesced(
  (db, ids) => withCategoryNames(db, campaignsByIds(db).execute({ ids })),
  ({ id }) => id,
)

export type Story = NonNullable<NonNullable<Awaited<ReturnType<typeof findCampaign>>>['story']>

/** A launched project with those who help, and its story, undefined where none was written. */
export async function findCampaign(db: Db, id: number) {
  const [project] = await campaignById(db, id)
  if (!project || !hasPublicPage(project)) return undefined
  const { story, risks, budget, helpers, balances } = project
  return {
    project,
    helpers,
    books: balances && booksOf(balances, project.pledged),
    story: story === null ? undefined : { story, risks: risks ?? '', budget: budget ?? [] },
  }
}

const recordsByIds = prepared((db) =>
  db
    .select({ ...ownColumns, ...storyColumns })
    .from(projects)
    .leftJoin(stories, eq(stories.projectId, projects.id))
    .where(sql`${projects.id} = any(${ids})`)
    .prepare('project_records_by_ids'),
)

const recordById = coalesced(
  (db, ids) => recordsByIds(db).execute({ ids }),
  ({ id }) => id,
)

/** The same as it is stored: names of nothing else, and null for the story where there is none. */
export async function findProjectRecord(db: Db, id: number) {
  const [record] = await recordById(db, id)
  return record && hasPublicPage(record) ? record : undefined
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

/** What one reader has to do with a project. */
export interface ProjectTies extends Ties {
  isSaved: boolean
  /** Also with a pledge that came to nothing. */
  isBacked: boolean
  permissions: readonly Permission[]
}

/** `limit 1` and `offset 0`: each is looked up, never all of them read to be hashed. */
const projectTiesOf = prepared((db) =>
  db
    .select({
      viewerId: sql<number>`asked.viewer_id`.mapWith(Number).as('viewer_id'),
      projectId: sql<number>`asked.project_id`.mapWith(Number).as('project_id'),
      isSaved: sql<boolean>`exists (select from ${saves} s where s.project_id = asked.project_id
        and s.person_id = asked.viewer_id offset 0)`.as('is_saved'),
      isBacked: sql<boolean>`exists (select from ${pledges} p where p.project_id = asked.project_id
        and p.backer_id = asked.viewer_id and p.status <> 'canceled' offset 0)`.as('is_backed'),
      isFollowed: sql<boolean>`exists (select from ${follows} f where f.creator_id
        = maker.creator_id and f.follower_id = asked.viewer_id offset 0)`.as('is_followed'),
      hasBlocked: sql<boolean>`exists (select from ${blocks} b where b.blocked_id
        = maker.creator_id and b.person_id = asked.viewer_id offset 0)`.as('has_blocked'),
      creatorId: sql<number>`maker.creator_id`.mapWith(Number).as('creator_id'),
      given: collaborators.permissions,
    })
    .from(pairsAsked('viewer_id', 'project_id'))
    .innerJoin(
      sql`lateral (select creator_id from ${projects} where id = asked.project_id limit 1) maker`,
      sql`true`,
    )
    .leftJoin(
      collaborators,
      sql`${collaborators.projectId} = asked.project_id
        and ${collaborators.personId} = asked.viewer_id and ${collaborators.acceptedAt} is not null`,
    )
    .prepare('project_ties_of'),
)

const tiesOf = coalescedByPair(
  (db, pairs) => projectTiesOf(db).execute(pairs),
  ({ viewerId, projectId }) => [viewerId, projectId],
)

/** What this reader has to do with a project, in one statement; undefined where there is none. */
export async function findProjectTies(
  db: Db,
  viewerId: number,
  projectId: number,
): Promise<ProjectTies | undefined> {
  const [row] = await tiesOf(db, viewerId, projectId)
  if (!row) return undefined
  const { isSaved, isBacked, isFollowed, hasBlocked, creatorId, given } = row
  const held = creatorId === viewerId ? permissions : (given ?? [])
  return { isSaved, isBacked, isFollowed, hasBlocked, permissions: held }
}
