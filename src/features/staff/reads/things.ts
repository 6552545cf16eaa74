import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { comments, updates } from '#db/schema/community'
import { messages } from '#db/schema/contact'
import { people, projects } from '#db/schema/projects'
import type { ReportedKind } from '#db/schema/trust'
import { messagesBefore, type ThingKey } from '../rules'

type Reader = Pick<Db, 'select'>

/** Something that can be reported, as it stands now, whoever may see it. */
export interface Thing {
  key: ThingKey
  /** Where it stands; null for a person. */
  project: {
    id: number
    title: string
    status: (typeof projects.$inferSelect)['status']
    hiddenAt: Date | null
  } | null
  creatorId: number | null
  author: { id: number; name: string }
  text: string
  hiddenAt: Date | null
  /** Of a comment: the update it is below, and whether that is for backers alone. */
  updateNumber: number | null
  forBackers: boolean
  /** What was said before it, the oldest first. */
  before: { author: string; text: string }[]
}

type Row = Omit<Thing, 'key' | 'project' | 'author'> & {
  projectId: number | null
  title: string | null
  status: (typeof projects.$inferSelect)['status'] | null
  projectHiddenAt: Date | null
  authorId: number
  authorName: string
}

const ofProject = {
  projectId: projects.id,
  title: projects.title,
  status: projects.status,
  projectHiddenAt: projects.hiddenAt,
  creatorId: projects.creatorId,
}
const ofAuthor = { authorId: people.id, authorName: people.name }
const nothing = {
  hiddenAt: sql<null>`null`.as('hidden_at'),
  updateNumber: sql<null>`null`.as('update_number'),
  forBackers: sql<boolean>`false`.as('for_backers'),
  before: sql<[]>`'[]'::json`.as('before'),
}

/** A thing by its key; undefined when there is no such thing, or no longer. One statement. */
export async function findThing(db: Reader, key: ThingKey): Promise<Thing | undefined> {
  const [row] = await reads[key.kind](db, key)
  if (!row) return undefined
  const { projectId, title, status, projectHiddenAt, authorId, authorName, ...rest } = row
  const project =
    projectId !== null && title !== null && status !== null
      ? { id: projectId, title, status, hiddenAt: projectHiddenAt }
      : null
  return { ...rest, key, project, author: { id: authorId, name: authorName } }
}

const reads: Record<ReportedKind, (db: Reader, key: ThingKey) => Promise<Row[]>> = {
  project: (db, { projectId }) =>
    db
      .select({
        ...ofProject,
        ...ofAuthor,
        ...nothing,
        text: sql<string>`${projects.title} || E'\n\n' || ${projects.description}`.as('text'),
      })
      .from(projects)
      .innerJoin(people, eq(people.id, projects.creatorId))
      .where(eq(projects.id, projectId ?? 0)),

  update: (db, { projectId, subject }) =>
    db
      .select({
        ...ofProject,
        ...ofAuthor,
        ...nothing,
        text: sql<string>`${updates.title} || E'\n\n' || ${updates.body}`.as('text'),
        hiddenAt: updates.hiddenAt,
        updateNumber: updates.number,
        forBackers: sql<boolean>`${updates.audience} = 'backers'`.as('for_backers'),
      })
      .from(updates)
      .innerJoin(projects, eq(projects.id, updates.projectId))
      .innerJoin(people, sql`${people.id} = coalesce(${updates.authorId}, ${projects.creatorId})`)
      .where(
        and(eq(updates.projectId, projectId ?? 0), sql`${updates.number} = ${subject}::bigint`),
      ),

  comment: (db, { projectId, subject }) =>
    db
      .select({
        ...ofProject,
        ...ofAuthor,
        text: comments.body,
        hiddenAt: comments.hiddenAt,
        updateNumber: comments.updateNumber,
        forBackers: sql<boolean>`coalesce(${updates.audience} = 'backers', false)`.as(
          'for_backers',
        ),
        before: sql<Thing['before']>`coalesce((
          select json_agg(json_build_object('author', a.name, 'text', c.body))
          from ${comments} c join ${people} a on a.id = c.author_id
          where c.project_id = ${comments.projectId} and c.id = ${comments.parentId}), '[]')`.as(
          'before',
        ),
      })
      .from(comments)
      .innerJoin(projects, eq(projects.id, comments.projectId))
      .innerJoin(people, eq(people.id, comments.authorId))
      .leftJoin(
        updates,
        and(eq(updates.projectId, comments.projectId), eq(updates.number, comments.updateNumber)),
      )
      .where(and(eq(comments.projectId, projectId ?? 0), eq(comments.id, subject))),

  message: (db, { projectId, memberId, subject }) =>
    db
      .select({
        ...ofProject,
        ...ofAuthor,
        ...nothing,
        text: messages.body,
        before: sql<Thing['before']>`coalesce((
          select json_agg(json_build_object('author', e.name, 'text', e.body) order by e.id)
          from (
            select m.id, a.name, m.body from ${messages} m join ${people} a on a.id = m.author_id
            where m.project_id = ${messages.projectId} and m.member_id = ${messages.memberId}
              and m.id < ${messages.id}
            order by m.id desc limit ${sql.raw(String(messagesBefore))}) e), '[]')`.as('before'),
      })
      .from(messages)
      .innerJoin(projects, eq(projects.id, messages.projectId))
      .innerJoin(people, eq(people.id, messages.authorId))
      .where(
        and(
          eq(messages.projectId, projectId ?? 0),
          eq(messages.memberId, memberId ?? 0),
          eq(messages.id, subject),
        ),
      ),

  person: (db, { subject }) =>
    db
      .select({
        ...ofAuthor,
        ...nothing,
        projectId: sql<null>`null`.as('project_id'),
        title: sql<null>`null`.as('title'),
        status: sql<null>`null`.as('status'),
        projectHiddenAt: sql<null>`null`.as('project_hidden_at'),
        creatorId: sql<null>`null`.as('creator_id'),
        text: sql<string>`${people.name} || E'\n\n' || ${people.bio}`.as('text'),
      })
      .from(people)
      .where(and(eq(people.id, subject), sql`${people.deletedAt} is null`)),
}
