import { and, eq, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { updates } from '#db/schema/community'
import { updateDrafts } from '#db/schema/making'
import { projects } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { type Access, requireAccess } from '#features/projects/reads/access'
import { isListed } from '#features/projects/rules'
import { AppError } from '#lib/errors'
import { type DraftText, draftsMax, missingIn } from '../rules'

type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'delete' | 'execute'>
type Author = Pick<Viewer, 'id'>

export interface DraftKey {
  projectId: number
  id: number
}

/**
 * Who may write updates of a project, while it may have some: from its launch on. Throws AppError
 * project_not_found, forbidden or wrong_state.
 */
export async function requireWriter(
  db: Pick<Db, 'select'>,
  viewer: Author,
  projectId: number,
): Promise<Access> {
  const access = await requireAccess(db, viewer, projectId, 'community')
  const { status, hiddenAt } = access.project
  if (!isListed(status) || hiddenAt) throw new AppError('wrong_state')
  return access
}

const isDraft = ({ projectId, id }: DraftKey) =>
  and(eq(updateDrafts.projectId, projectId), eq(updateDrafts.id, id))

/**
 * Begins a draft and returns its number; sent twice in a row, it is begun once. Throws AppError
 * wrong_state when there are too many.
 */
export async function beginDraft(
  db: Db,
  viewer: Author,
  projectId: number,
  text: DraftText,
): Promise<number> {
  await requireWriter(db, viewer, projectId)
  return await db.transaction(async (tx) => {
    await lockProject(tx, projectId)
    const drafts = await tx
      .select({
        id: updateDrafts.id,
        isSame: sql<boolean>`${updateDrafts.version} = 1 and ${updateDrafts.authorId} = ${viewer.id}
          and ${updateDrafts.title} = ${text.title} and ${updateDrafts.body} = ${text.body}
          and ${updateDrafts.audience} = ${text.audience}`,
      })
      .from(updateDrafts)
      .where(eq(updateDrafts.projectId, projectId))
      .limit(draftsMax)
    const same = drafts.find(({ isSame }) => isSame)
    if (same) return same.id
    if (drafts.length === draftsMax) {
      const detail = `There are ${draftsMax} drafts already. Publish or delete one of them first.`
      throw new AppError('wrong_state', { detail })
    }
    const [row] = await tx
      .insert(updateDrafts)
      .values({ ...text, projectId, authorId: viewer.id })
      .returning({ id: updateDrafts.id })
    return row?.id ?? 0
  })
}

/**
 * Saves a draft over the `version` that was opened, and returns the one it has now. Throws AppError update_not_found, or
 * edited_meanwhile when it has been saved since with another text.
 */
export async function saveDraft(
  db: Db,
  viewer: Author,
  key: DraftKey & { version: number },
  text: DraftText,
): Promise<number> {
  await requireWriter(db, viewer, key.projectId)
  return await db.transaction(async (tx) => {
    const draft = await lockDraft(tx, key)
    if (!draft) throw new AppError('update_not_found')
    if (isSameText(draft, text)) return draft.version
    if (draft.version !== key.version) throw new AppError('edited_meanwhile')
    const version = draft.version + 1
    await tx
      .update(updateDrafts)
      .set({ ...text, version, updatedAt: sql`now()` })
      .where(isDraft(key))
    return version
  })
}

const isSameText = (one: DraftText, other: DraftText) =>
  one.title === other.title && one.body === other.body && one.audience === other.audience

/** Throws a draft away; one that is gone already stays so. */
export async function deleteDraft(db: Db, viewer: Author, key: DraftKey): Promise<void> {
  await requireWriter(db, viewer, key.projectId)
  await db.delete(updateDrafts).where(isDraft(key))
}

/**
 * Publishes the `version` of a draft that was looked at, and returns the update's number; of a
 * button pressed twice the same one. Throws AppError edited_meanwhile, update_not_found, or
 * invalid_input when title or text are missing.
 */
export async function publishDraft(
  db: Db,
  viewer: Author,
  key: DraftKey & { version: number },
): Promise<number> {
  const { projectId } = key
  return await db.transaction(async (tx) => {
    const { project } = await requireWriter(tx, viewer, projectId)
    const draft = await lockDraft(tx, key)
    if (!draft) return await justPublished(tx, projectId)
    if (draft.version !== key.version) throw new AppError('edited_meanwhile')
    if (missingIn(draft)) throw new AppError('invalid_input', { detail: 'It is not finished.' })
    await lockProject(tx, projectId)
    const { title, body, audience } = draft
    const authorId = draft.authorId === project.creatorId ? null : draft.authorId
    const number = sql`(select coalesce(max(number), 0) + 1 from updates
      where project_id = ${projectId})`
    const publishedAt = sql`clock_timestamp()`
    const [published] = await tx
      .insert(updates)
      .values({ projectId, number, title, body, audience, authorId, publishedAt })
      .returning({ number: updates.number })
    const subject = published?.number ?? 0
    await tx.delete(updateDrafts).where(isDraft(key))
    await tx
      .update(projects)
      .set({ updatesCount: sql`${projects.updatesCount} + 1` })
      .where(eq(projects.id, projectId))
    await recordEvent(tx, {
      kind: 'update_published',
      aboutProject: projectId,
      subject,
      actorId: viewer.id,
    })
    await announceChange(tx, [tags.project(projectId)])
    return subject
  })
}

/** Whoever else writes below this project waits, so that numbers and counts are right. */
async function lockProject(tx: Tx, projectId: number): Promise<void> {
  await tx.execute(sql`select from projects where id = ${projectId} for update`)
}

async function lockDraft(tx: Tx, key: DraftKey) {
  const [draft] = await tx.select().from(updateDrafts).where(isDraft(key)).for('update')
  return draft
}

/** The draft is gone: what the first press of the button made of it. */
async function justPublished(tx: Tx, projectId: number): Promise<number> {
  const [row] = await tx
    .select({ number: sql<number | null>`max(${updates.number})` })
    .from(updates)
    .where(
      and(
        eq(updates.projectId, projectId),
        sql`${updates.publishedAt} > clock_timestamp() - interval '1 minute'`,
      ),
    )
  if (!row?.number) throw new AppError('update_not_found')
  return row.number
}
