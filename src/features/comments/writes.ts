import { and, desc, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { comments, updates } from '#db/schema/community'
import { blocks } from '#db/schema/contact'
import { projects } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { requireAccess } from '#features/projects/reads/access'
import { findStanding, requireReadable } from '#features/updates/reads'
import { AppError } from '#lib/errors'
import { blockedSentence, pinnedThreadsMax } from './rules'

type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

interface Place {
  projectId: number
  /** Below this update, otherwise on the project itself. */
  updateNumber?: number | undefined
}

export interface CommentKey {
  projectId: number
  id: number
}

const isComment = ({ projectId, id }: CommentKey) =>
  and(eq(comments.projectId, projectId), eq(comments.id, id))

/**
 * Says something below a project or one of its updates, or answers a comment there; returns its
 * number. Sent twice in a row, it stands there once. Throws AppError forbidden, blocked,
 * update_not_found, or comment_not_found for an answer to what is not there, was taken down, or is
 * an answer itself.
 */
export async function postComment(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  project: { id: number },
  said: { body: string; parent?: number | undefined; updateNumber?: number | undefined },
): Promise<number> {
  const { body, parent, updateNumber } = said
  const place: Place = { projectId: project.id, updateNumber }
  const [standing] = await Promise.all([
    findStanding(db, viewer.id, project.id),
    updateNumber && requireReadable(db, { ...place, number: updateNumber }, viewer.id),
  ])
  if (standing.isBlocked) throw new AppError('blocked', { detail: blockedSentence })
  if (!standing.isInside) throw new AppError('forbidden')
  return await db.transaction(async (tx) => {
    // Whoever else writes below this project waits, so that what is counted is there.
    await lockProject(tx, project.id)
    if (parent !== undefined) {
      await requireUnblocked(tx, await requireThread(tx, place, parent), viewer.id)
    }
    const before = await lastBy(tx, viewer.id, place)
    const parentId = parent ?? null
    if (before?.body === body && before.parentId === parentId) return before.id
    const [row] = await tx
      .insert(comments)
      .values({ ...place, authorId: viewer.id, body, parentId })
      .returning({ id: comments.id })
    const subject = row?.id ?? 0
    await count(tx, place, parentId, 1)
    await recordEvent(tx, {
      kind: 'comment_posted',
      aboutProject: project.id,
      subject,
      actorId: viewer.id,
    })
    return subject
  })
}

const lockProject = (tx: Tx, id: number) =>
  tx.execute(sql`select from projects where id = ${id} for update`)

/**
 * Takes one's own comment back, and returns the number of the update it stood below, if any. Throws
 * AppError comment_not_found, also when staff has hidden it, or comment_answered.
 */
export async function deleteComment(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  { projectId, id }: CommentKey,
): Promise<number | undefined> {
  return await db.transaction(async (tx) => {
    await lockProject(tx, projectId)
    const [row] = await tx
      .select({
        updateNumber: comments.updateNumber,
        parentId: comments.parentId,
        authorId: comments.authorId,
        repliesCount: comments.repliesCount,
      })
      .from(comments)
      .where(and(isComment({ projectId, id }), isNull(comments.hiddenAt)))
    if (row?.authorId !== viewer.id) throw new AppError('comment_not_found')
    if (row.repliesCount > 0) throw new AppError('comment_answered')
    await tx.delete(comments).where(isComment({ projectId, id }))
    const place = { projectId, updateNumber: row.updateNumber ?? undefined }
    await count(tx, place, row.parentId, -1)
    return place.updateNumber
  })
}

const inPlace = ({ projectId, updateNumber }: Place) =>
  and(
    eq(comments.projectId, projectId),
    updateNumber === undefined
      ? isNull(comments.updateNumber)
      : eq(comments.updateNumber, updateNumber),
  )

/** The author of a comment that may be answered. */
async function requireThread(tx: Tx, place: Place, id: number): Promise<number> {
  const [thread] = await tx
    .select({ authorId: comments.authorId })
    .from(comments)
    .where(
      and(
        inPlace(place),
        eq(comments.id, id),
        isNull(comments.parentId),
        isNull(comments.hiddenAt),
      ),
    )
  if (!thread) throw new AppError('comment_not_found')
  return thread.authorId
}

async function requireUnblocked(tx: Tx, personId: number, blockedId: number): Promise<void> {
  const rows = await tx
    .select({ personId: blocks.personId })
    .from(blocks)
    .where(and(eq(blocks.personId, personId), eq(blocks.blockedId, blockedId)))
  const detail = 'Whoever has written this has blocked you, so you cannot answer.'
  if (rows.length > 0) throw new AppError('blocked', { detail })
}

// A button pressed twice, or a page sent again: among so many of the latest.
const latestMax = 20

async function lastBy(tx: Tx, authorId: number, place: Place) {
  const latest = tx
    .select()
    .from(comments)
    .where(inPlace(place))
    .orderBy(desc(comments.id))
    .limit(latestMax)
    .as('latest')
  const [row] = await tx
    .select({ id: latest.id, body: latest.body, parentId: latest.parentId })
    .from(latest)
    .where(eq(latest.authorId, authorId))
    .orderBy(desc(latest.id))
    .limit(1)
  return row
}

/** Counts one more or less where it stands and what it answers, and says that pages are old. */
async function count(tx: Tx, place: Place, parentId: number | null, by: 1 | -1): Promise<void> {
  const { projectId, updateNumber } = place
  if (parentId !== null) {
    await tx
      .update(comments)
      .set({ repliesCount: sql`${comments.repliesCount} + ${by}` })
      .where(and(eq(comments.projectId, projectId), eq(comments.id, parentId)))
  }
  if (updateNumber === undefined) {
    await tx
      .update(projects)
      .set({ commentsCount: sql`${projects.commentsCount} + ${by}` })
      .where(eq(projects.id, projectId))
  } else {
    await tx
      .update(updates)
      .set({ commentsCount: sql`${updates.commentsCount} + ${by}` })
      .where(and(eq(updates.projectId, projectId), eq(updates.number, updateNumber)))
  }
  await announceChange(tx, [tags.project(projectId)])
}

/**
 * Has a thread of the project stand before all others. Throws AppError comment_not_found, also for
 * an answer or what stands below an update, wrong_state when too many are pinned, and as
 * `requireAccess` does.
 */
export async function pinComment(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  key: CommentKey,
): Promise<void> {
  await requireAccess(db, viewer, key.projectId, 'community')
  await db.transaction(async (tx) => {
    await lockProject(tx, key.projectId)
    await requireThread(tx, { projectId: key.projectId }, key.id)
    const pinned = await tx
      .select({ id: comments.id })
      .from(comments)
      .where(
        and(
          inPlace({ projectId: key.projectId }),
          isNull(comments.parentId),
          isNotNull(comments.pinnedAt),
        ),
      )
      .limit(pinnedThreadsMax)
    if (pinned.some(({ id }) => id === key.id)) return
    if (pinned.length === pinnedThreadsMax) {
      const detail = `${pinnedThreadsMax} comments are pinned already. Unpin one of them first.`
      throw new AppError('wrong_state', { detail })
    }
    await change(tx, key, { pinnedAt: sql`now()` })
  })
}

/** The reverse; what is not pinned stays as it is. Throws AppError as `requireAccess` does. */
export async function unpinComment(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  key: CommentKey,
): Promise<void> {
  await requireAccess(db, viewer, key.projectId, 'community')
  await db.transaction((tx) => change(tx, key, { pinnedAt: null }))
}

/**
 * Takes a comment down, in a transaction of staff's, and tells its author why. Its place, its
 * answers and all counts stay. What is hidden already stays as it is. Throws AppError
 * comment_not_found.
 */
export async function hideComment(
  tx: Tx,
  staff: Pick<Viewer, 'id'>,
  { reason, ...key }: CommentKey & { reason: string },
): Promise<void> {
  const comment = await requireComment(tx, key)
  if (comment.isHidden) return
  await change(tx, key, { hiddenAt: sql`now()`, pinnedAt: null })
  await recordEvent(tx, {
    kind: 'comment_hidden',
    aboutProject: key.projectId,
    subject: key.id,
    actorId: staff.id,
    recipientId: comment.authorId,
    reason,
  })
}

/** Shows it again. Throws AppError comment_not_found. */
export async function unhideComment(
  tx: Tx,
  _staff: Pick<Viewer, 'id'>,
  key: CommentKey,
): Promise<void> {
  await requireComment(tx, key)
  await change(tx, key, { hiddenAt: null })
}

async function requireComment(tx: Tx, key: CommentKey) {
  const [comment] = await tx
    .select({
      authorId: comments.authorId,
      isHidden: sql<boolean>`${comments.hiddenAt} is not null`,
    })
    .from(comments)
    .where(isComment(key))
    .for('update')
  if (!comment) throw new AppError('comment_not_found')
  return comment
}

type Marks = Partial<Record<'pinnedAt' | 'hiddenAt', SQL | null>>

async function change(tx: Tx, key: CommentKey, marks: Marks): Promise<void> {
  await tx.update(comments).set(marks).where(isComment(key))
  await announceChange(tx, [tags.project(key.projectId)])
}
