import { and, asc, desc, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { accounts } from '#db/schema/accounts'
import { pledges } from '#db/schema/backing'
import { updateLikes, updates } from '#db/schema/community'
import { blocks } from '#db/schema/contact'
import { collaborators, updateDrafts } from '#db/schema/making'
import { people, projects } from '#db/schema/projects'
import { AppError } from '#lib/errors'
import { cutPage } from '#lib/page'
import { draftsMax, editMinutes, takenDown } from './rules'

/** Number of a reader who is not signed in: nobody's. */
export const anybody = 0

const projectId = sql.placeholder('projectId')
const reader = sql.placeholder('reader')

/** Staff sees what it has hidden, marked as such. */
export const isReaderStaff = sql<boolean>`exists (select from ${accounts} a
  where a.person_id = ${reader} and a.role = 'staff')`

/** Whether the reader backs the project, makes it, helps with it, or is staff. */
const isInside = sql<boolean>`(
  exists (select from ${projects} p where p.id = ${projectId} and p.creator_id = ${reader})
  or exists (select from ${collaborators} c where c.project_id = ${projectId}
    and c.person_id = ${reader} and c.accepted_at is not null)
  or exists (select from ${pledges} b where b.backer_id = ${reader}
    and b.project_id = ${projectId} and b.status <> 'canceled')
  or ${isReaderStaff})`

/** The database gives the body to nobody whom it is not for. */
const isForReader = sql<boolean>`(${updates.audience} = 'everyone' or ${isInside})`

/** The same for what stands below the update `updateNumber`. */
export const isUpdateForReader = sql<boolean>`exists (select from ${updates}
  where ${updates.projectId} = ${projectId} and ${updates.number} = ${sql.placeholder('updateNumber')}
    and ${isForReader})`

const columns = {
  number: updates.number,
  title: sql<string>`case when ${updates.hiddenAt} is null or ${isReaderStaff} then ${updates.title}
    else ${sql.raw(`'${takenDown}'`)} end`.as('title'),
  /** Null when it is hidden, or for others. */
  body: sql<
    string | null
  >`case when (${updates.hiddenAt} is null or ${isReaderStaff}) and ${isForReader}
    then ${updates.body} end`.as('body'),
  audience: updates.audience,
  isForReader: isForReader.as('is_for_reader'),
  isHidden: sql<boolean>`${updates.hiddenAt} is not null`.as('is_hidden'),
  isEdited: sql<boolean>`${updates.editedAt} is not null`.as('is_edited'),
  publishedAt: updates.publishedAt,
  likesCount: updates.likesCount,
  commentsCount: updates.commentsCount,
  /** Null for the creator, as is the name. */
  authorId: updates.authorId,
  authorName: people.name,
  authorImage: people.image,
}

const withAuthors = (db: Db) =>
  db.select(columns).from(updates).leftJoin(people, eq(people.id, updates.authorId))

export const updatesPageRows = 12

const updatesOf = prepared((db) =>
  withAuthors(db)
    .where(
      and(
        eq(updates.projectId, projectId),
        // Numbers begin at 1 and follow time, so the number is the cursor.
        sql`${updates.number} < ${sql.placeholder('before')}::bigint`,
      ),
    )
    .orderBy(desc(updates.number))
    .limit(updatesPageRows + 1)
    .prepare('updates_of_project'),
)

export type Update = Awaited<ReturnType<typeof listUpdates>>['updates'][number]

/**
 * Twelve updates as a reader may see them, newest first, below `before`; `next` is the number to go
 * on from.
 */
export async function listUpdates(
  db: Db,
  projectId: number,
  {
    reader = anybody,
    before = Number.MAX_SAFE_INTEGER,
  }: { reader?: number | undefined; before?: number | undefined } = {},
) {
  const rows = await updatesOf(db).execute({ projectId, reader, before })
  const { page, next } = cutPage(rows, updatesPageRows, (last) => last.number)
  return { updates: page, next }
}

const number = sql.placeholder('number')

const ownColumns = {
  isLiked:
    sql<boolean>`exists (select from ${updateLikes} l where l.project_id = ${updates.projectId}
    and l.update_number = ${updates.number} and l.person_id = ${reader})`.as('is_liked'),
  /** Minutes for which it may still be changed; 0 or less when it no longer may. */
  minutesLeft: sql<number>`ceil(${sql.raw(String(editMinutes))}
    - extract(epoch from now() - ${updates.publishedAt}) / 60)::int`.as('minutes_left'),
}

const updateWithNeighbours = prepared((db) =>
  db
    .select({ ...columns, ...ownColumns })
    .from(updates)
    .leftJoin(people, eq(people.id, updates.authorId))
    .where(
      and(
        eq(updates.projectId, projectId),
        sql`${updates.number} between ${number}::int - 1 and ${number}::int + 1`,
      ),
    )
    .orderBy(asc(updates.number))
    .limit(3)
    .prepare('update_with_neighbours'),
)

export type OneUpdate = NonNullable<Awaited<ReturnType<typeof findUpdate>>['update']>

/** One update as a reader may see it, with the titles of those before and after it. */
export async function findUpdate(
  db: Db,
  projectId: number,
  number: number,
  { reader = anybody }: { reader?: number | undefined } = {},
) {
  const rows = await updateWithNeighbours(db).execute({ projectId, number, reader })
  return {
    update: rows.find((row) => row.number === number),
    previous: rows.find((row) => row.number === number - 1),
    next: rows.find((row) => row.number === number + 1),
  }
}

/** An update that this person may read. Throws AppError update_not_found or forbidden. */
export async function requireReadable(
  db: Db,
  key: { projectId: number; number: number },
  reader: number,
) {
  const { update } = await findUpdate(db, key.projectId, key.number, { reader })
  if (!update) throw new AppError('update_not_found')
  if (update.isHidden || !update.isForReader) throw new AppError('forbidden')
  return update
}

const standingOf = prepared((db) =>
  db
    .select({
      isInside: isInside.as('is_inside'),
      mayManage: sql<boolean>`(${projects.creatorId} = ${reader} or exists (
        select from ${collaborators} c where c.project_id = ${projects.id}
          and c.person_id = ${reader} and c.accepted_at is not null
          and 'community' = any(c.permissions)))`.as('may_manage'),
      isBlocked: sql<boolean>`exists (select from ${blocks} b
        where b.person_id = ${projects.creatorId} and b.blocked_id = ${reader})`.as('is_blocked'),
    })
    .from(projects)
    .where(eq(projects.id, projectId))
    .prepare('standing_of_reader'),
)

export type Standing = Awaited<ReturnType<typeof findStanding>>

/**
 * How somebody stands to a project: `isInside` are its backers and makers, and staff; they may read
 * what is not for everyone, and comment unless the creator has blocked them. Who `mayManage` posts
 * updates and pins comments.
 */
export async function findStanding(db: Db, reader: number, projectId: number) {
  const [standing] = await standingOf(db).execute({ projectId, reader })
  return standing ?? { isInside: false, mayManage: false, isBlocked: false }
}

const draftColumns = {
  id: updateDrafts.id,
  version: updateDrafts.version,
  title: updateDrafts.title,
  body: updateDrafts.body,
  audience: updateDrafts.audience,
  authorId: updateDrafts.authorId,
  authorName: people.name,
  updatedAt: updateDrafts.updatedAt,
}

export type Draft = NonNullable<Awaited<ReturnType<typeof findDraft>>>

/** What has not been published yet, last saved first; whoever asks may see it. */
export async function listDrafts(db: Db, projectId: number) {
  const { body: _, ...shown } = draftColumns
  return await db
    .select(shown)
    .from(updateDrafts)
    .innerJoin(people, eq(people.id, updateDrafts.authorId))
    .where(eq(updateDrafts.projectId, projectId))
    .orderBy(desc(updateDrafts.updatedAt))
    .limit(draftsMax)
}

/** One of them; undefined when there is none. */
export async function findDraft(db: Db, projectId: number, id: number) {
  const [draft] = await db
    .select(draftColumns)
    .from(updateDrafts)
    .innerJoin(people, eq(people.id, updateDrafts.authorId))
    .where(and(eq(updateDrafts.projectId, projectId), eq(updateDrafts.id, id)))
  return draft
}

/** What may still be changed of a published update, and `edition`, which two windows compare. */
export async function findEdition(
  db: Pick<Db, 'select'>,
  { projectId, number }: { projectId: number; number: number },
) {
  const [row] = await db
    .select({
      number: updates.number,
      title: updates.title,
      body: updates.body,
      audience: updates.audience,
      edition: sql<string>`coalesce(extract(epoch from ${updates.editedAt})::text, '')`,
      isOpen: sql<boolean>`${updates.hiddenAt} is null and ${updates.publishedAt} >
        clock_timestamp() - make_interval(mins => ${editMinutes})`,
      minutesLeft: ownColumns.minutesLeft,
    })
    .from(updates)
    .where(and(eq(updates.projectId, projectId), eq(updates.number, number)))
  return row
}
