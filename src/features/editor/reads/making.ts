import { and, desc, eq, isNotNull, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { collaborators, drafts, projectTransitions } from '#db/schema/making'
import { people, projects } from '#db/schema/projects'

const madeMax = 200

export type Made = Awaited<ReturnType<typeof listMaking>>[number]

const madeColumns = {
  id: projects.id,
  status: projects.status,
  hiddenAt: projects.hiddenAt,
  title: projects.title,
  category: projects.category,
  image: projects.image,
  creatorId: projects.creatorId,
  creatorName: projects.creatorName,
  currency: projects.currency,
  pledged: projects.pledged,
  goal: projects.goal,
  endsAt: projects.endsAt,
  approvedAt: drafts.approvedAt,
  launchAt: drafts.launchAt,
  updatedAt: drafts.updatedAt,
}

/**
 * The projects somebody makes or helps to make, the newest first, with what they may do in each:
 * `permissions` is null in their own.
 */
export async function listMaking(db: Db, personId: number) {
  const [own, helped] = await Promise.all([
    db
      .select({ ...madeColumns, permissions: sql<null>`null` })
      .from(projects)
      .leftJoin(drafts, eq(drafts.projectId, projects.id))
      .where(eq(projects.creatorId, personId))
      .orderBy(desc(projects.id))
      .limit(madeMax),
    db
      .select({ ...madeColumns, permissions: collaborators.permissions })
      .from(collaborators)
      .innerJoin(projects, eq(projects.id, collaborators.projectId))
      .leftJoin(drafts, eq(drafts.projectId, projects.id))
      .where(and(eq(collaborators.personId, personId), isNotNull(collaborators.acceptedAt)))
      .orderBy(desc(collaborators.projectId))
      .limit(madeMax),
  ])
  return [...own, ...helped].toSorted((one, other) => other.id - one.id)
}

const transitionsMax = 200

export type Transition = Awaited<ReturnType<typeof listTransitions>>[number]

/** What has become of a project, the latest first; `actorName` is null where the clock did it. */
export async function listTransitions(db: Pick<Db, 'select'>, projectId: number) {
  return await db
    .select({
      number: projectTransitions.number,
      from: projectTransitions.fromStatus,
      to: projectTransitions.toStatus,
      actorName: people.name,
      reason: projectTransitions.reason,
      at: projectTransitions.createdAt,
    })
    .from(projectTransitions)
    .leftJoin(people, eq(people.id, projectTransitions.actorId))
    .where(eq(projectTransitions.projectId, projectId))
    .orderBy(desc(projectTransitions.number))
    .limit(transitionsMax)
}
