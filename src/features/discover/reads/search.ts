import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { categories, projects } from '#db/schema/projects'
import { cardColumns } from '#features/projects/reads'
import { decodeCursor, encodeCursor } from '#lib/cursor'
import { cutPage } from '#lib/page'
import { withoutAccents } from '#lib/text'
import { pageRows } from '../rules'

const searchPage = prepared((db) => {
  // As a whole number it is the same in the list and in the cursor.
  const rank = sql<string>`(ts_rank_cd(${projects.search}, query.query) * 1000000000)::bigint`
  return db
    .select({ ...cardColumns, rank: rank.as('rank') })
    .from(projects)
    .innerJoin(categories, eq(categories.slug, projects.subcategory))
    .innerJoin(sql`websearch_to_tsquery('english', ${sql.placeholder('text')}) as query`, sql`true`)
    .where(
      and(
        sql`${projects.search} @@ query.query`,
        sql`is_listed(${projects.status})`,
        sql`(${rank}, ${projects.id}) < (${sql.placeholder('key')}::bigint, ${sql.placeholder('id')}::bigint)`,
      ),
    )
    .orderBy(sql`rank desc, ${projects.id} desc`)
    .limit(pageRows + 1)
    .prepare('search_projects')
})

/** Projects by words in title, blurb, creator, place and category, best match first. */
export async function searchProjects(db: Db, text: string, after?: string) {
  const cursor = after ? decodeCursor(after, 'search') : undefined
  const { key, id } = cursor ?? { key: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER }
  // As the search column is folded: `montreal` finds Montréal, and `Montréal` does too.
  const rows = await searchPage(db).execute({ text: withoutAccents(text), key, id })
  const { page, next } = cutPage(rows, pageRows, (last) =>
    encodeCursor({ sort: 'search', key: last.rank, id: last.id }),
  )
  return { projects: page, next }
}
