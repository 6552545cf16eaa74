import { and, desc, eq, inArray, isNull, lt } from 'drizzle-orm'
import type { Db } from '#db/client'
import { saves } from '#db/schema/community'
import { projects } from '#db/schema/projects'
import { cardColumns, withCategoryNames } from '#features/projects/reads/projects'
import { listedStatuses } from '#features/projects/rules'
import { cutPage } from '#lib/page'
import { savedRowsMax } from './rules'

/** What somebody has saved, the newest projects first; `after` is the number of the last one seen. */
export async function listSaved(db: Db, personId: number, after?: number) {
  const rows = db
    .select(cardColumns)
    .from(saves)
    .innerJoin(projects, eq(projects.id, saves.projectId))
    .where(
      and(
        eq(saves.personId, personId),
        inArray(projects.status, [...listedStatuses]),
        isNull(projects.hiddenAt),
        after ? lt(saves.projectId, after) : undefined,
      ),
    )
    .orderBy(desc(saves.projectId))
    .limit(savedRowsMax + 1)
  return cutPage(await withCategoryNames(db, rows), savedRowsMax, ({ id }) => id)
}
