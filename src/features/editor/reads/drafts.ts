import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { rewards } from '#db/schema/backing'
import { drafts } from '#db/schema/making'
import { people, projects, stories } from '#db/schema/projects'
import { findCatalogue, withCategoryNames } from '#features/projects/reads/projects'
import { AppError } from '#lib/errors'

const draftById = prepared((db) =>
  db
    .select({
      id: projects.id,
      status: projects.status,
      hiddenAt: projects.hiddenAt,
      title: projects.title,
      description: projects.description,
      creatorId: projects.creatorId,
      creatorName: projects.creatorName,
      creatorProjectsCount: people.projectsCount,
      creatorImage: people.image,
      category: projects.category,
      subcategory: projects.subcategory,
      city: projects.city,
      state: projects.state,
      country: projects.country,
      tags: projects.tags,
      image: projects.image,
      currency: projects.currency,
      goal: projects.goal,
      allOrNothing: projects.allOrNothing,
      pledged: projects.pledged,
      backersCount: projects.backersCount,
      updatesCount: projects.updatesCount,
      commentsCount: projects.commentsCount,
      faqsCount: projects.faqsCount,
      savesCount: projects.savesCount,
      launchedAt: projects.launchedAt,
      endsAt: projects.endsAt,
      isOver: sql<boolean>`coalesce(${projects.endsAt} <= now(), false)`.as('is_over'),
      featuredAt: projects.featuredAt,
      story: sql<string>`coalesce(${stories.story}, '')`.as('story'),
      risks: sql<string>`coalesce(${stories.risks}, '')`.as('risks'),
      budget: sql<{ label: string; amount: number }[]>`coalesce(${stories.budget}, '[]')`.as(
        'budget',
      ),
      version: sql<number>`coalesce(${drafts.version}, 0)`.as('version'),
      durationDays: drafts.durationDays,
      plannedEnd: drafts.plannedEnd,
      launchAt: drafts.launchAt,
      approvedAt: drafts.approvedAt,
      previewKey: drafts.previewKey,
      updatedAt: drafts.updatedAt,
      rewardsCount: sql<number>`(select count(*)::int from ${rewards} r
        where r.project_id = ${projects.id} and not r.is_add_on)`.as('rewards_count'),
    })
    .from(projects)
    .innerJoin(people, eq(people.id, projects.creatorId))
    .leftJoin(stories, eq(stories.projectId, projects.id))
    .leftJoin(drafts, eq(drafts.projectId, projects.id))
    .where(eq(projects.id, sql.placeholder('projectId')))
    .prepare('draft_by_id'),
)

export type Draft = Awaited<ReturnType<typeof requireDraft>>

/**
 * A project as its makers see it, whatever its state. Its `version` is 0 while nothing of it has
 * been saved in the editor. Who may see it is for the caller to ask.
 */
export async function requireDraft(db: Db, projectId: number) {
  const [draft] = await withCategoryNames(db, draftById(db).execute({ projectId }))
  if (!draft) throw new AppError('project_not_found')
  return draft
}

export interface CategoryChoice {
  slug: string
  name: string
  children: { slug: string; name: string }[]
}

/** Categories with their subcategories, in the order in which a form offers them. */
export async function listCategoryChoices(db: Db): Promise<CategoryChoice[]> {
  const rows = [...(await findCatalogue(db)).values()]
  const inOrder = rows.toSorted((one, other) => one.number - other.number)
  return inOrder
    .filter(({ slug }) => !slug.includes('/'))
    .map(({ slug, name }) => ({
      ...{ slug, name },
      children: inOrder.filter((child) => child.slug.startsWith(`${slug}/`)),
    }))
}
