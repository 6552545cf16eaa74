import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { comments, updates } from '#db/schema/community'
import { projects } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { AppError } from '#lib/errors'
import { isBacker } from './reads'

type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

interface Place {
  projectId: number
  /** Below this update, otherwise on the project itself. */
  updateNumber?: number | undefined
}

/** Backers, the creator and staff may. */
export async function mayComment(
  db: Pick<Db, 'select'>,
  viewer: Pick<Viewer, 'id' | 'role'>,
  project: { id: number; creatorId: number },
): Promise<boolean> {
  if (viewer.id === project.creatorId || viewer.role === 'staff') return true
  return await isBacker(db, viewer.id, project.id)
}

/**
 * Says something below a project or one of its updates, or answers a comment there; returns its
 * number. Sent twice in a row, it stands there once. Throws AppError forbidden, or
 * comment_not_found for an answer to what is not there or is an answer itself.
 */
export async function postComment(
  db: Db,
  viewer: Pick<Viewer, 'id' | 'role'>,
  project: { id: number; creatorId: number },
  said: { body: string; parent?: number | undefined; updateNumber?: number | undefined },
): Promise<number> {
  if (!(await mayComment(db, viewer, project))) throw new AppError('forbidden')
  const place: Place = { projectId: project.id, updateNumber: said.updateNumber }
  return await db.transaction(async (tx) => {
    // Whoever else writes below this project waits, so that what is counted is there.
    await tx.execute(sql`select from projects where id = ${project.id} for update`)
    if (said.parent !== undefined) await requireThread(tx, place, said.parent)
    const before = await lastBy(tx, viewer.id, place)
    const parentId = said.parent ?? null
    if (before?.body === said.body && before.parentId === parentId) return before.id
    const [row] = await tx
      .insert(comments)
      .values({ ...place, authorId: viewer.id, body: said.body, parentId })
      .returning({ id: comments.id })
    await count(tx, place, parentId, 1)
    return row?.id ?? 0
  })
}

/** Takes one's own comment back. Throws AppError comment_answered when somebody has answered it. */
export async function deleteComment(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  { projectId, id }: { projectId: number; id: number },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select from projects where id = ${projectId} for update`)
    const [row] = await tx
      .select({
        updateNumber: comments.updateNumber,
        parentId: comments.parentId,
        authorId: comments.authorId,
        repliesCount: comments.repliesCount,
      })
      .from(comments)
      .where(and(eq(comments.projectId, projectId), eq(comments.id, id)))
    if (row?.authorId !== viewer.id) throw new AppError('comment_not_found')
    if (row.repliesCount > 0) throw new AppError('comment_answered')
    await tx.delete(comments).where(and(eq(comments.projectId, projectId), eq(comments.id, id)))
    const place = { projectId, updateNumber: row.updateNumber ?? undefined }
    await count(tx, place, row.parentId, -1)
  })
}

const inPlace = ({ projectId, updateNumber }: Place) =>
  and(
    eq(comments.projectId, projectId),
    updateNumber === undefined
      ? isNull(comments.updateNumber)
      : eq(comments.updateNumber, updateNumber),
  )

async function requireThread(tx: Tx, place: Place, id: number): Promise<void> {
  const [thread] = await tx
    .select({ id: comments.id })
    .from(comments)
    .where(and(inPlace(place), eq(comments.id, id), isNull(comments.parentId)))
  if (!thread) throw new AppError('comment_not_found')
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
