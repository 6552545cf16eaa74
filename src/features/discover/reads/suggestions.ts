import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { places } from '#db/schema/projects'
import { slugify } from '#lib/slug'
import { searchable } from '#lib/text'
import { listCategories } from './catalog'

// What somebody may be about to type, asked for at every key: few rows out of few.

const projectsMax = 8
const categoriesMax = 4
const placesMax = 4
const charactersMin = 2
/** Whoever has typed more words than these has found it or will not. */
const wordsMax = 8
/** With so many among the best known the less known are not asked. */
const enough = sql.raw('50')
const candidatesMax = sql.raw('500')
/** Of these, the most popular whose titles are read for the words: that is most of the work. */
const titlesMax = sql.raw('200')
/** Cities are suggested from among those with the most live projects. */
const busiestPlaces = sql.raw('2000')

/**
 * All words but the last as they are searched for, and the last as the beginning of one: as typed,
 * for `photogr`, and as its stem, for `photography`. They are letters and digits alone.
 */
const query = sql`
  select plainto_tsquery('english', ${sql.placeholder('words')}) &&
    (to_tsquery('simple', ${sql.placeholder('prefix')}) ||
      to_tsquery('english', ${sql.placeholder('prefix')})) as words`

const candidates = (reach: string, fewBefore = sql`true`) => sql`
  select id, popularity, title from projects
    where search @@ (select words from query) and ${sql.raw(reach)} and is_listed(status)
      and hidden_at is null and ${fewBefore}
    limit ${candidatesMax}`

const suggestedProjects = prepared((db) =>
  db
    .select({ id: sql<number>`id::float8`, title: sql<string>`title` })
    .from(
      sql`(
        with query as materialized (${query}),
          famous as materialized (${candidates('reach >= 2')}),
          known as materialized (
            ${candidates(
              'reach >= 1 and reach < 2',
              sql`(select count(*) from famous) < ${enough}`,
            )})
        select id, title from (
            select * from famous union all select * from known
              order by popularity desc, id desc limit ${titlesMax}) best
          order by search_words(title) @@ (select words from query) desc, popularity desc, id desc
          limit ${sql.raw(String(projectsMax))}) as suggested`,
    )
    .limit(sql.placeholder('limit'))
    .prepare('suggested_projects'),
)

const suggestedPlaces = prepared((db) => {
  const busiest = db
    .select({
      state: places.state,
      city: places.city,
      stateSlug: places.stateSlug,
      citySlug: places.citySlug,
      liveCount: places.liveCount,
    })
    .from(places)
    .orderBy(
      sql`${places.liveCount} desc, ${places.state} desc, ${places.city} desc limit ${busiestPlaces}`,
    )
    .as('busiest')
  return db
    .select()
    .from(busiest)
    .where(sql`'-' || ${busiest.citySlug} like '%-' || ${sql.placeholder('prefix')}::text || '%'`)
    .orderBy(sql`${busiest.liveCount} desc, ${busiest.state} desc, ${busiest.city} desc`)
    .limit(sql.placeholder('limit'))
    .prepare('suggested_places')
})

/**
 * Well known projects with all of the words, in the title first, the most popular of each; and
 * categories and cities with a word that begins like this. Nothing for fewer than two characters.
 */
export async function suggest(db: Db, text: string) {
  const words =
    searchable(text)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  const slug = slugify(text)
  if (words.join('').length < charactersMin) return { projects: [], categories: [], places: [] }
  const [found, categories, cities] = await Promise.all([
    suggestProjects(db, words.slice(0, wordsMax)),
    listCategories(db),
    slug === '' ? [] : suggestedPlaces(db).execute({ prefix: slug, limit: placesMax }),
  ])
  return {
    projects: found,
    categories: categories
      .filter(({ name }) => slug !== '' && `-${slugify(name)}`.includes(`-${slug}`))
      .slice(0, categoriesMax),
    places: cities,
  }
}

function suggestProjects(db: Db, words: string[]) {
  const last = words.at(-1) ?? ''
  return suggestedProjects(db).execute({
    words: words.slice(0, -1).join(' '),
    // One letter begins a tenth of all words: the others say more without it.
    prefix: last.length >= charactersMin ? `'${last}':*` : '',
    limit: projectsMax,
  })
}
