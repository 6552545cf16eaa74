import { and, asc, desc, eq, gt, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { blocks, follows } from '#db/schema/contact'
import { people } from '#db/schema/projects'
import { decodeCursor, encodeCursor } from '#lib/cursor'
import { cutPage } from '#lib/page'
import { tiesPageRows } from '../rules'

/** Whether one of two has blocked the other. */
export async function areBlocked(
  db: Pick<Db, 'select'>,
  one: number,
  other: number,
): Promise<boolean> {
  const rows = await db
    .select({ personId: blocks.personId })
    .from(blocks)
    .where(
      sql`(${blocks.personId}, ${blocks.blockedId}) in ((${one}, ${other}), (${other}, ${one}))`,
    )
    .limit(1)
  return rows.length > 0
}

const sort = 'followed'
/** Finer than a Date: a page must begin where the one before it ended. */
const followedAt = sql<string>`(extract(epoch from ${follows.createdAt}) * 1000000)::bigint::text`

/** Whom somebody follows, the latest first. Throws AppError invalid_cursor. */
export async function listFollowed(db: Db, followerId: number, after?: string) {
  const from = after === undefined ? undefined : decodeCursor(after, sort)
  const below =
    from &&
    sql`(${follows.createdAt}, ${follows.creatorId}) <
      (timestamptz 'epoch' + ${from.key}::bigint * interval '1 microsecond', ${from.id})`
  const rows = await db
    .select({
      id: people.id,
      name: people.name,
      image: people.image,
      projectsCount: people.projectsCount,
      key: followedAt.as('key'),
    })
    .from(follows)
    .innerJoin(people, eq(people.id, follows.creatorId))
    .where(and(eq(follows.followerId, followerId), below))
    .orderBy(desc(follows.createdAt), desc(follows.creatorId))
    .limit(tiesPageRows + 1)
  return cutPage(rows, tiesPageRows, ({ key, id }) => encodeCursor({ sort, key, id }))
}

/** Whom somebody has blocked, by their numbers above `after`. */
export async function listBlocked(db: Db, personId: number, after = 0) {
  const rows = await db
    .select({ id: people.id, name: people.name, image: people.image })
    .from(blocks)
    .innerJoin(people, eq(people.id, blocks.blockedId))
    .where(and(eq(blocks.personId, personId), gt(blocks.blockedId, after)))
    .orderBy(asc(blocks.blockedId))
    .limit(tiesPageRows + 1)
  return cutPage(rows, tiesPageRows, ({ id }) => id)
}
