import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { accounts } from '#db/schema/accounts'
import { blocks } from '#db/schema/contact'
import { collaborators } from '#db/schema/making'
import { people } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { requireAccess } from '#features/projects/reads/access'
import { AppError } from '#lib/errors'
import { type CollaboratorPart, collaboratorsMax, type Invited } from '../rules/people'
import type { Tx } from './versions'

type Person = Pick<Viewer, 'id'>

/**
 * Asks somebody to help. Whether there is such a person is not told, and neither is whether they
 * want to hear of the creator: asked again, an open invitation is changed, and told once. Throws
 * AppError as `requireAccess` does.
 */
export async function invite(
  db: Db,
  viewer: Person,
  { projectId, who, part }: { projectId: number; who: Invited; part: CollaboratorPart },
): Promise<void> {
  await db.transaction(async (tx) => {
    await requireAccess(tx, viewer, projectId, 'creator')
    const personId = await findInvited(tx, who, viewer)
    if (personId === undefined) return
    const [asked] = await tx
      .insert(collaborators)
      .values({ projectId, personId, ...part })
      .onConflictDoUpdate({
        target: [collaborators.projectId, collaborators.personId],
        set: part,
        setWhere: isNull(collaborators.acceptedAt),
      })
      .returning({ isNew: sql<boolean>`(xmax = 0)` })
    if (!asked?.isNew) return
    await recordEvent(tx, {
      kind: 'collaborator_invited',
      aboutProject: projectId,
      actorId: viewer.id,
      recipientId: personId,
    })
  })
}

/** Takes an invitation back that nobody has answered. Tells as little; throws the same. */
export async function withdrawInvitation(
  db: Db,
  viewer: Person,
  { projectId, who }: { projectId: number; who: Invited },
): Promise<void> {
  await db.transaction(async (tx) => {
    await requireAccess(tx, viewer, projectId, 'creator')
    const personId = await findInvited(tx, who, viewer)
    if (personId === undefined) return
    await tx
      .delete(collaborators)
      .where(and(isOf(projectId, personId), isNull(collaborators.acceptedAt)))
  })
}

/** Somebody with an account who is not the one who asks, and has not blocked them. */
async function findInvited(tx: Tx, who: Invited, viewer: Person): Promise<number | undefined> {
  const [row] = await tx
    .select({ personId: accounts.personId })
    .from(accounts)
    .innerJoin(people, eq(people.id, accounts.personId))
    .where(
      and(
        'email' in who ? eq(accounts.email, who.email) : eq(accounts.personId, who.personId),
        sql`${accounts.personId} <> ${viewer.id}`,
        isNull(people.deletedAt),
        sql`not exists (select from ${blocks} b
          where b.person_id = ${accounts.personId} and b.blocked_id = ${viewer.id})`,
      ),
    )
  return row?.personId
}

const isOf = (projectId: number, personId: number) =>
  and(eq(collaborators.projectId, projectId), eq(collaborators.personId, personId))

/**
 * Agrees to help; doing it twice changes nothing. Throws AppError project_not_found for whoever was
 * not asked, and wrong_state when as many help as may.
 */
export async function acceptInvitation(
  db: Db,
  viewer: Person,
  { projectId }: { projectId: number },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select from projects where id = ${projectId} for no key update`)
    const [others] = await tx
      .select({ count: sql<number>`count(*)::int` })
      .from(collaborators)
      .where(
        and(
          eq(collaborators.projectId, projectId),
          isNotNull(collaborators.acceptedAt),
          sql`${collaborators.personId} <> ${viewer.id}`,
        ),
      )
    if ((others?.count ?? 0) >= collaboratorsMax) {
      const detail = `${collaboratorsMax} people help with this project already, as many as may.`
      throw new AppError('wrong_state', { detail })
    }
    const [accepted] = await tx
      .update(collaborators)
      .set({ acceptedAt: sql`coalesce(${collaborators.acceptedAt}, now())` })
      .where(isOf(projectId, viewer.id))
      .returning({ personId: collaborators.personId })
    if (!accepted) throw new AppError('project_not_found')
    await announceChange(tx, [tags.project(projectId)])
  })
}

/** Says no to an invitation, or helps no longer; whoever does not help changes nothing. */
export async function leaveProject(
  db: Db,
  viewer: Person,
  { projectId }: { projectId: number },
): Promise<void> {
  await db.transaction((tx) => remove(tx, { projectId, personId: viewer.id }))
}

interface Helper {
  projectId: number
  personId: number
}

/** Changes what somebody is called and may do. Throws as `requireAccess` does; person_not_found. */
export async function changeCollaborator(
  db: Db,
  viewer: Person,
  { projectId, personId }: Helper,
  part: CollaboratorPart,
): Promise<void> {
  await db.transaction(async (tx) => {
    await requireAccess(tx, viewer, projectId, 'creator')
    const [changed] = await tx
      .update(collaborators)
      .set(part)
      .where(and(isOf(projectId, personId), isNotNull(collaborators.acceptedAt)))
      .returning({ personId: collaborators.personId })
    if (!changed) throw new AppError('person_not_found')
    await announceChange(tx, [tags.project(projectId)])
  })
}

/** Sends somebody away, at once; doing it twice changes nothing. Throws as `requireAccess` does. */
export async function removeCollaborator(db: Db, viewer: Person, helper: Helper): Promise<void> {
  await db.transaction(async (tx) => {
    await requireAccess(tx, viewer, helper.projectId, 'creator')
    await remove(tx, helper)
  })
}

async function remove(tx: Tx, { projectId, personId }: Helper): Promise<void> {
  const removed = await tx
    .delete(collaborators)
    .where(isOf(projectId, personId))
    .returning({ personId: collaborators.personId })
  if (removed.length > 0) await announceChange(tx, [tags.project(projectId)])
}
