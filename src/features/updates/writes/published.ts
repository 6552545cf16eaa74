import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { updateLikes, updates } from '#db/schema/community'
import { projects } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { AppError } from '#lib/errors'
import { findEdition, requireReadable } from '../reads'
import { editMinutes } from '../rules'
import { requireWriter } from './drafts'

type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'delete' | 'execute'>
type Author = Pick<Viewer, 'id'>

export interface UpdateKey {
  projectId: number
  number: number
}

const isUpdate = ({ projectId, number }: UpdateKey) =>
  and(eq(updates.projectId, projectId), eq(updates.number, number))

/**
 * Changes what an update says, within half an hour after it was published. Throws AppError
 * update_not_found, wrong_state when it is too late, edited_meanwhile when `edition` is not the
 * one that stands there.
 */
export async function editUpdate(
  db: Db,
  viewer: Author,
  key: UpdateKey,
  { edition, ...text }: { title: string; body: string; edition: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    await requireWriter(tx, viewer, key.projectId)
    await tx.execute(sql`select from updates
      where project_id = ${key.projectId} and number = ${key.number} for update`)
    const before = requireOpen(await findEdition(tx, key))
    if (before.title === text.title && before.body === text.body) return
    if (before.edition !== edition) throw new AppError('edited_meanwhile')
    await tx
      .update(updates)
      .set({ ...text, editedAt: sql`clock_timestamp()` })
      .where(isUpdate(key))
    await announceChange(tx, [tags.project(key.projectId)])
  })
}

/** Throws AppError update_not_found, or wrong_state when it can no longer be changed. */
export function requireOpen<Edition extends { isOpen: boolean }>(edition: Edition | undefined) {
  if (!edition) throw new AppError('update_not_found')
  if (edition.isOpen) return edition
  const detail = `An update can be changed for ${editMinutes} minutes after it is published.`
  throw new AppError('wrong_state', { detail })
}

/** Somebody likes an update that they may read. Doing it twice changes nothing. */
export async function likeUpdate(db: Db, viewer: Author, key: UpdateKey): Promise<void> {
  await requireReadable(db, key, viewer.id)
  await db.transaction(async (tx) => {
    const added = await tx
      .insert(updateLikes)
      .values({ projectId: key.projectId, updateNumber: key.number, personId: viewer.id })
      .onConflictDoNothing()
      .returning({ personId: updateLikes.personId })
    if (added.length > 0) await countLike(tx, key, 1)
  })
}

/** The reverse. */
export async function unlikeUpdate(db: Db, viewer: Author, key: UpdateKey): Promise<void> {
  await requireReadable(db, key, viewer.id)
  await db.transaction(async (tx) => {
    const removed = await tx
      .delete(updateLikes)
      .where(
        and(
          eq(updateLikes.projectId, key.projectId),
          eq(updateLikes.updateNumber, key.number),
          eq(updateLikes.personId, viewer.id),
        ),
      )
      .returning({ personId: updateLikes.personId })
    if (removed.length > 0) await countLike(tx, key, -1)
  })
}

async function countLike(tx: Tx, key: UpdateKey, by: 1 | -1): Promise<void> {
  await tx
    .update(updates)
    .set({ likesCount: sql`${updates.likesCount} + ${by}` })
    .where(isUpdate(key))
  await announceChange(tx, [tags.project(key.projectId)])
}

/**
 * Takes an update down, in a transaction of staff's, and tells its author why. Its place and its
 * comments stay. What is hidden already stays as it is. Throws AppError update_not_found.
 */
export async function hideUpdate(
  tx: Tx,
  staff: Author,
  { reason, ...key }: UpdateKey & { reason: string },
): Promise<void> {
  const authorId = await requireAuthor(tx, key)
  const hidden = await tx
    .update(updates)
    .set({ hiddenAt: sql`now()` })
    .where(and(isUpdate(key), isNull(updates.hiddenAt)))
    .returning({ number: updates.number })
  if (hidden.length === 0) return
  await recordEvent(tx, {
    kind: 'update_hidden',
    aboutProject: key.projectId,
    subject: key.number,
    actorId: staff.id,
    recipientId: authorId,
    reason,
  })
  await announceChange(tx, [tags.project(key.projectId)])
}

/** Shows it again. */
export async function unhideUpdate(tx: Tx, _staff: Author, key: UpdateKey): Promise<void> {
  await requireAuthor(tx, key)
  await tx
    .update(updates)
    .set({ hiddenAt: null })
    .where(and(isUpdate(key), isNotNull(updates.hiddenAt)))
  await announceChange(tx, [tags.project(key.projectId)])
}

async function requireAuthor(tx: Tx, key: UpdateKey): Promise<number> {
  const [row] = await tx
    .select({
      id: sql<number>`coalesce(${updates.authorId}, ${projects.creatorId})`.mapWith(Number),
    })
    .from(updates)
    .innerJoin(projects, eq(projects.id, updates.projectId))
    .where(isUpdate(key))
  if (!row) throw new AppError('update_not_found')
  return row.id
}
