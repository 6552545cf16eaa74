import { and, desc, eq, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { accounts } from '#db/schema/accounts'
import { comments } from '#db/schema/community'
import { collaborators } from '#db/schema/making'
import { people } from '#db/schema/projects'
import { anybody, isReaderStaff, isUpdateForReader } from '#features/updates/reads'
import { cutPage } from '#lib/page'
import { pinnedThreadsMax, repliesPerThreadMax, threadsPageRows } from './rules'

interface Reply {
  id: number
  authorId: number
  authorName: string
  authorImage: string | null
  /** Null when staff has taken it down, and the reader is none of them. */
  body: string | null
  isHidden: boolean
  /** What they are called who help the creator; maybe ''. */
  helperTitle: string | null
  isStaff: boolean
  createdAt: string
}

const threadAuthor = alias(people, 'thread_author')

const shownBody = (comment: SQL) =>
  sql<string | null>`case when ${comment}.hidden_at is null or ${isReaderStaff}
    then ${comment}.body end`
const helperTitle = (comment: SQL) => sql<string | null>`(
  select h.title from ${collaborators} h where h.project_id = ${comment}.project_id
    and h.person_id = ${comment}.author_id and h.accepted_at is not null)`
// Not as `exists`, for which Postgres would rather look for staff among all accounts.
const isStaff = (comment: SQL) => sql<boolean>`coalesce((
  select s.role = 'staff' from ${accounts} s where s.person_id = ${comment}.author_id), false)`
const thread = sql`${comments}`
const reply = sql.raw('r')

const columns = {
  id: comments.id,
  authorId: comments.authorId,
  authorName: threadAuthor.name,
  authorImage: threadAuthor.image,
  body: shownBody(thread).as('shown_body'),
  isHidden: sql<boolean>`${comments.hiddenAt} is not null`.as('is_hidden'),
  helperTitle: helperTitle(thread).as('helper_title'),
  isStaff: isStaff(thread).as('is_staff'),
  isPinned: sql<boolean>`${comments.pinnedAt} is not null`.as('is_pinned'),
  createdAt: comments.createdAt,
  repliesCount: comments.repliesCount,
  replies: sql<Reply[]>`coalesce((
    select json_agg(reply) from (
      select r.id, r.author_id as "authorId", a.name as "authorName",
          a.image as "authorImage",
          ${shownBody(reply)} as body, r.hidden_at is not null as "isHidden",
          ${helperTitle(reply)} as "helperTitle", ${isStaff(reply)} as "isStaff",
          r.created_at as "createdAt"
        from comments r join people a on a.id = r.author_id
        where r.project_id = ${comments.projectId} and r.parent_id = ${comments.id}
        order by r.id
        limit ${sql.raw(String(repliesPerThreadMax))}
    ) reply
  ), '[]')`,
}

const threads = (db: Db) =>
  db.select(columns).from(comments).innerJoin(threadAuthor, eq(threadAuthor.id, comments.authorId))

const below = sql`${comments.id} < ${sql.placeholder('before')}`
const inProject = eq(comments.projectId, sql.placeholder('projectId'))
const isOfProject = and(inProject, isNull(comments.parentId), isNull(comments.updateNumber))

const threadsOfProject = prepared((db) =>
  threads(db)
    .where(and(isOfProject, isNull(comments.pinnedAt), below))
    .orderBy(desc(comments.id))
    .limit(threadsPageRows + 1)
    .prepare('threads_of_project'),
)

const pinnedOfProject = prepared((db) =>
  threads(db)
    .where(and(isOfProject, isNotNull(comments.pinnedAt)))
    .orderBy(desc(comments.pinnedAt))
    .limit(pinnedThreadsMax)
    .prepare('pinned_threads_of_project'),
)

const threadsOfUpdate = prepared((db) =>
  threads(db)
    .where(
      and(
        inProject,
        isNull(comments.parentId),
        // Beside the equality, so that the planner sees its partial index fits.
        sql`${comments.updateNumber} is not null`,
        eq(comments.updateNumber, sql.placeholder('updateNumber')),
        isUpdateForReader,
        below,
      ),
    )
    .orderBy(desc(comments.id))
    .limit(threadsPageRows + 1)
    .prepare('threads_of_update'),
)

export type Thread = Awaited<ReturnType<typeof listThreads>>['threads'][number]

/**
 * Twelve threads of a project or, with a number, of one of its updates as far as the reader may
 * read it: newest first below the id `before`, each with its replies, oldest first. `next` is the id
 * to go on from. Before the first page of a project's come those that are pinned.
 */
export async function listThreads(
  db: Db,
  key: { projectId: number; updateNumber?: number },
  { reader = anybody, before }: { reader?: number | undefined; before?: number | undefined } = {},
) {
  const from = { ...key, reader, before: before ?? Number.MAX_SAFE_INTEGER }
  const isOfUpdate = key.updateNumber !== undefined
  const [pinned, rows] = await Promise.all([
    isOfUpdate || before !== undefined ? [] : pinnedOfProject(db).execute({ ...key, reader }),
    (isOfUpdate ? threadsOfUpdate(db) : threadsOfProject(db)).execute(from),
  ])
  const { page, next } = cutPage(rows, threadsPageRows, (last) => last.id)
  return { threads: [...pinned, ...page], next }
}
