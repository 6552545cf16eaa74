import { and, asc, desc, eq, isNotNull, isNull } from 'drizzle-orm'
import type { Db } from '#db/client'
import { collaborators } from '#db/schema/making'
import { people, projects } from '#db/schema/projects'
import { collaboratorsMax } from '../rules/people'

export type Collaborator = Awaited<ReturnType<typeof listCollaborators>>[number]

/** Who helps with a project: those who have agreed, the first of them first. */
export async function listCollaborators(db: Db, projectId: number) {
  return await db
    .select({
      id: people.id,
      name: people.name,
      image: people.image,
      title: collaborators.title,
      permissions: collaborators.permissions,
    })
    .from(collaborators)
    .innerJoin(people, eq(people.id, collaborators.personId))
    .where(and(eq(collaborators.projectId, projectId), isNotNull(collaborators.acceptedAt)))
    .orderBy(asc(collaborators.acceptedAt), asc(collaborators.personId))
    .limit(collaboratorsMax)
}

const invitationColumns = {
  id: projects.id,
  projectTitle: projects.title,
  status: projects.status,
  creatorId: projects.creatorId,
  creatorName: projects.creatorName,
  title: collaborators.title,
  permissions: collaborators.permissions,
  acceptedAt: collaborators.acceptedAt,
}

export type Invitation = NonNullable<Awaited<ReturnType<typeof findInvitation>>>

/** What somebody was asked to help with, whether they have agreed or not. */
export async function findInvitation(db: Db, personId: number, projectId: number) {
  const [row] = await db
    .select(invitationColumns)
    .from(collaborators)
    .innerJoin(projects, eq(projects.id, collaborators.projectId))
    .where(and(eq(collaborators.projectId, projectId), eq(collaborators.personId, personId)))
  return row
}

const invitationsMax = 50

/** What somebody was asked to help with and has not answered, the latest project first. */
export async function listInvitations(db: Db, personId: number) {
  return await db
    .select(invitationColumns)
    .from(collaborators)
    .innerJoin(projects, eq(projects.id, collaborators.projectId))
    .where(and(eq(collaborators.personId, personId), isNull(collaborators.acceptedAt)))
    .orderBy(desc(collaborators.projectId))
    .limit(invitationsMax)
}
