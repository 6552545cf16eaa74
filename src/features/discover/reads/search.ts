import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { projects } from '#db/schema/projects'
import { cardColumns, withCategoryNames } from '#features/projects/reads/projects'
import { decodeCursor, encodeCursor } from '#lib/cursor'
import { cutPage } from '#lib/page'
import { searchable } from '#lib/text'
import { pageRows } from '../rules'

/** Nobody turns more pages than this; whoever has to should add a word. */
export const searchPagesMax = 40

const number = (value: number) => sql.raw(String(value))
/** So many of the best known projects are an answer; with fewer the less known are asked too. */
const enough = number(200)
/** Rows read in an index of the well known: the heap is what costs, a page for each. */
const candidatesMax = number(2_000)
/** Titles that are read for the words, some five microseconds each. */
const titlesMax = number(1_000)
/** Of the less known, which differ little in popularity: as many as there are titles read. */
const othersMax = titlesMax
const depthMax = number(searchPagesMax * pageRows)
/** Above every popularity, so that a title with the words comes before all that have none. */
const inTitle = sql.raw('1099511627776')

/**
 * The words as three questions. `exact` is what was typed. `words` is what an index without positions
 * can be asked: of a phrase that all of its words are there; a phrase that must not be there leaves
 * nobody out yet. What would have to read every project, as `-this` alone would, asks for nothing.
 */
const query = sql`
  select exact, exact::text ~ '<' as has_phrase,
      case when querytree(loose) in ('', 'T') then ''::tsquery else loose end as words
    from websearch_to_tsquery('english', ${sql.placeholder('text')}) exact,
      regexp_replace(
        regexp_replace(exact::text, '!\\([^()]*<[^()]*\\)', '!''~''', 'g'),
        '<(->|[0-9]+>)', '&', 'g') flat,
      cast(flat as tsquery) loose`

const found = (from: string) => sql`(select count(*) from ${sql.raw(from)})`

/**
 * Candidates in one of three indexes. The words are a subselect, for one plan whatever is searched:
 * the indexes first, never the table. `reach` is written out, or a partial index would not fit.
 */
const candidates = (reach: string, fewBefore = sql`true`, rowsMax = candidatesMax) => sql`
  select id, popularity, title from projects
    where search @@ (select words from query) and ${sql.raw(reach)} and is_listed(status)
      and hidden_at is null
      and ${fewBefore}
    limit ${rowsMax}`

/**
 * Of a word that many have, the indexes give the oldest, because a bitmap has no order but the
 * table's, or the well known alone: the most popular live ones that have it are candidates too,
 * where they are not already.
 */
const popularNow = sql`
  select id, popularity, title from (
    select id, popularity, title, search from projects
      where listing_key(shelf, popularity) between listing_key(shelf_of(0, 'live'), 0)
        and listing_key(shelf_of(0, 'live'), 1099511627775)
      order by listing_key(shelf, popularity) desc, id desc
      limit ${titlesMax}) live
    where search @@ (select words from query)
      and id not in (
        select id from famous union all select id from known union all select id from others)
      and (${found('famous')} + ${found('known')} >= ${enough}
        or ${found('others')} = ${othersMax})`

/** As the words of a project are folded, but with their positions. */
const exactWords = sql`to_tsvector('english', regexp_replace(normalize(translate(
  title || ' ' || description || ' ' || creator_name || ' ' || city || ' ' || state || ' ' || country
    || ' ' || translate(subcategory, '/-', '  '), '’', ''''), NFD), '[\\u0300-\\u036f]', '', 'g'))`

/** Titles with the words first, then by popularity; as a whole number it can stand in a cursor. */
const ranked = sql`
  select id,
      (search_words(title) @@ (select words from query))::int * ${inTitle} + greatest(popularity, 0)
        as rank
    from (
      select * from famous union all select * from known union all select * from others
        union all select * from popular_now
        order by popularity desc, id desc limit ${titlesMax}) best`

/** Phrases are looked for in the texts themselves, from the best on, no further than is shown. */
const deep = sql`
  select id, rank from (select * from ranked order by rank desc, id desc) ranked
    where not (select has_phrase from query) or (
      select ${exactWords} @@ (select exact from query) from projects where id = ranked.id)
    order by rank desc, id desc
    limit ${depthMax}`

const matches = sql`(
  with query as materialized (${query}),
    famous as materialized (${candidates('reach >= 2')}),
    known as materialized (
      ${candidates('reach >= 1 and reach < 2', sql`${found('famous')} < ${enough}`)}),
    others as materialized (
      ${candidates(
        'reach = 0',
        sql`${found('famous')} + ${found('known')} < ${enough}`,
        othersMax,
      )}),
    popular_now as materialized (${popularNow}),
    ranked as (${ranked})
  select id, rank from (${deep}) deep
    where (rank, id) < (${sql.placeholder('key')}::bigint, ${sql.placeholder('id')}::bigint)
    order by rank desc, id desc
    limit ${number(pageRows + 1)}
) as matches`

const searchPage = prepared((db) =>
  db
    .select({ ...cardColumns, rank: sql<string>`matches.rank`.as('rank') })
    .from(projects)
    .innerJoin(matches, sql`matches.id = ${projects.id}`)
    .orderBy(sql`matches.rank desc, matches.id desc`)
    .limit(sql.placeholder('limit'))
    .prepare('search_projects'),
)

/**
 * Projects by words in title, blurb, creator, place and category, best match first: a bounded
 * number of candidates from the well known ones down, ranked; `searchPagesMax` pages at most.
 */
export async function searchProjects(db: Db, text: string, after?: string) {
  const cursor = after ? decodeCursor(after, 'search') : undefined
  const { key, id } = cursor ?? { key: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER }
  // As the search column is folded: `montreal` finds Montréal, and `Montréal` does too.
  const limit = pageRows + 1
  const found = searchPage(db).execute({ text: searchable(text), key, id, limit })
  const rows = await withCategoryNames(db, found)
  const { page, next } = cutPage(rows, pageRows, (last) =>
    encodeCursor({ sort: 'search', key: last.rank, id: last.id }),
  )
  return { projects: page, next }
}
