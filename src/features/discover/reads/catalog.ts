import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { categories, places } from '#db/schema/projects'

const categoryColumns = {
  slug: categories.slug,
  parent: categories.parent,
  name: categories.name,
  projectsCount: categories.projectsCount,
  liveCount: categories.liveCount,
}

const allCategories = prepared((db) =>
  db
    .select(categoryColumns)
    .from(categories)
    .orderBy(sql`${categories.parent} nulls first, ${categories.position}`)
    .limit(1_000)
    .prepare('all_categories'),
)

export type Category = Awaited<ReturnType<typeof listCategories>>[number]

/** Categories and, after them, their subcategories, each with its counts. */
export function listCategories(db: Db) {
  return allCategories(db).execute()
}

const placeColumns = {
  state: places.state,
  city: places.city,
  country: places.country,
  stateSlug: places.stateSlug,
  citySlug: places.citySlug,
  number: places.number,
  projectsCount: places.projectsCount,
  liveCount: places.liveCount,
}

export const placesMax = 500

const busiestPlaces = prepared((db) =>
  db
    .select(placeColumns)
    .from(places)
    .where(sql`${places.projectsCount} > 0`)
    .orderBy(sql`${places.liveCount} desc, ${places.state} desc, ${places.city} desc`)
    .limit(sql.placeholder('rows'))
    .prepare('busiest_places'),
)

export type Place = Awaited<ReturnType<typeof listPlaces>>[number]

/** Places with the most live projects first. */
export function listPlaces(db: Db, rows: number) {
  return busiestPlaces(db).execute({ rows })
}

const placeBySlugs = prepared((db) =>
  db
    .select(placeColumns)
    .from(places)
    .where(
      and(
        eq(places.stateSlug, sql.placeholder('stateSlug')),
        eq(places.citySlug, sql.placeholder('citySlug')),
      ),
    )
    .prepare('place_by_slugs'),
)

export async function findPlace(db: Db, stateSlug: string, citySlug: string) {
  const [place] = await placeBySlugs(db).execute({ stateSlug, citySlug })
  return place
}

const placeByName = prepared((db) =>
  db
    .select({ number: places.number, projectsCount: places.projectsCount })
    .from(places)
    .where(
      and(eq(places.state, sql.placeholder('state')), eq(places.city, sql.placeholder('city'))),
    )
    .prepare('place_by_name'),
)

/** What a listing needs to know of a place. */
export async function findPlaceNumber(db: Db, { state, city }: { state: string; city: string }) {
  const [place] = await placeByName(db).execute({ state, city })
  return place
}
