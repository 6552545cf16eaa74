import { and, desc, eq, isNull, ne, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges } from '#db/schema/backing'
import { comments } from '#db/schema/community'
import { people } from '#db/schema/projects'
import { cutPage } from '#lib/page'
import { repliesPerThreadMax, threadsPageRows } from './rules'

interface Reply {
  id: number
  authorId: number
  authorName: string
  body: string
  createdAt: string
}

const threadAuthor = alias(people, 'thread_author')

const columns = {
  id: comments.id,
  authorId: comments.authorId,
  authorName: threadAuthor.name,
  body: comments.body,
  createdAt: comments.createdAt,
  repliesCount: comments.repliesCount,
  replies: sql<Reply[]>`coalesce((
    select json_agg(reply) from (
      select r.id, r.author_id as "authorId", a.name as "authorName", r.body, r.created_at as "createdAt"
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

const threadsOfProject = prepared((db) =>
  threads(db)
    .where(and(inProject, isNull(comments.parentId), isNull(comments.updateNumber), below))
    .orderBy(desc(comments.id))
    .limit(threadsPageRows + 1)
    .prepare('threads_of_project'),
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
        below,
      ),
    )
    .orderBy(desc(comments.id))
    .limit(threadsPageRows + 1)
    .prepare('threads_of_update'),
)

export type Thread = Awaited<ReturnType<typeof listThreads>>['threads'][number]

/**
 * Twelve threads of a project or, with a number, of one of its updates: newest first below the id
 * `before`, each with its replies, oldest first. `next` is the id to go on from.
 */
export async function listThreads(
  db: Db,
  key: { projectId: number; updateNumber?: number },
  before = Number.MAX_SAFE_INTEGER,
) {
  const rows =
    key.updateNumber === undefined
      ? await threadsOfProject(db).execute({ ...key, before })
      : await threadsOfUpdate(db).execute({ ...key, before })
  const { page, next } = cutPage(rows, threadsPageRows, (last) => last.id)
  return { threads: page, next }
}

/** Whether somebody backs a project: what they have canceled does not count. */
export async function isBacker(db: Pick<Db, 'select'>, personId: number, projectId: number) {
  const rows = await db
    .select({ id: pledges.id })
    .from(pledges)
    .where(
      and(
        eq(pledges.backerId, personId),
        eq(pledges.projectId, projectId),
        ne(pledges.status, 'canceled'),
      ),
    )
    .limit(1)
  return rows.length > 0
}
