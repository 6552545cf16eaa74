import { and, asc, desc, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { updates } from '#db/schema/community'
import { cutPage } from '#lib/page'

const columns = {
  number: updates.number,
  title: updates.title,
  body: updates.body,
  publishedAt: updates.publishedAt,
  likesCount: updates.likesCount,
  commentsCount: updates.commentsCount,
}

export const updatesPageRows = 12

const updatesOf = prepared((db) =>
  db
    .select(columns)
    .from(updates)
    .where(
      and(
        eq(updates.projectId, sql.placeholder('projectId')),
        // Numbers begin at 1 and follow time, so the number is the cursor.
        sql`${updates.number} < ${sql.placeholder('before')}::bigint`,
      ),
    )
    .orderBy(desc(updates.number))
    .limit(updatesPageRows + 1)
    .prepare('updates_of_project'),
)

export type Update = NonNullable<Awaited<ReturnType<typeof findUpdate>>['update']>

/** Twelve updates, newest first, below `before`; `next` is the number to go on from. */
export async function listUpdates(db: Db, projectId: number, before = Number.MAX_SAFE_INTEGER) {
  const rows = await updatesOf(db).execute({ projectId, before })
  const { page, next } = cutPage(rows, updatesPageRows, (last) => last.number)
  return { updates: page, next }
}

const updateWithNeighbours = prepared((db) =>
  db
    .select(columns)
    .from(updates)
    .where(
      and(
        eq(updates.projectId, sql.placeholder('projectId')),
        sql`${updates.number} between ${sql.placeholder('number')}::int - 1 and ${sql.placeholder('number')}::int + 1`,
      ),
    )
    .orderBy(asc(updates.number))
    .limit(3)
    .prepare('update_with_neighbours'),
)

/** One update with the titles of those before and after it. */
export async function findUpdate(db: Db, projectId: number, number: number) {
  const rows = await updateWithNeighbours(db).execute({ projectId, number })
  return {
    update: rows.find((row) => row.number === number),
    previous: rows.find((row) => row.number === number - 1),
    next: rows.find((row) => row.number === number + 1),
  }
}
