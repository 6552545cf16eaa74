import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { listingValues, projects } from '#db/schema/projects'
import { cardColumns } from '#features/projects/reads/projects'
import type { Sort } from '../rules'

// Listings as the indexes have them. A shelf is what one status holds of everything, of a category,
// a subcategory or a place; each sort of it is one index over `listing_key(shelf, value)` and id.

export type Shelf = 'shelf' | 'category_shelf' | 'subcategory_shelf' | 'place_shelf'

/** How a list is asked for; each shape is a statement of its own. */
export interface ListShape {
  /** Of one person instead: their projects are found by an index of their own. */
  shelf: Shelf | 'creator'
  /** Another shelf that the rows have to stand on too. */
  within?: Shelf | undefined
  sort: Sort
  direction: 'asc' | 'desc'
  after: boolean
}

/**
 * Rows that one page reads of a shelf in search of those on another. A page of a category in a
 * place takes some hundreds; nobody should wait for more than this.
 */
export const walkRowsMax = 5_000
const walkRows = sql.raw(String(walkRowsMax))

/** The largest value that `listing_key` packs with a shelf, and so the bits of a value. */
const valueMax = sql.raw('1099511627775')

/** Of the category or place that the shelf belongs to; 0 is everything. */
const number = sql`${sql.placeholder('number')}::int`
const status = sql`${sql.placeholder('status')}::text`
const cursorKey = sql`${sql.placeholder('key')}::bigint`
const cursorId = sql`${sql.placeholder('id')}::bigint`
const now = sql`listing_seconds(now())`

const ofCreator = sql`creator_id = ${sql.placeholder('creatorId')} and hidden_at is null
  and case ${status} when 'all' then is_listed(status) else status = ${status} end`

/** What the index is asked for: its key, the rows from the cursor on, and their order. */
function listing({ shelf, sort, direction, after }: ListShape) {
  const value = sql.raw(listingValues[sort.replace('-', '_') as keyof typeof listingValues])
  // Written as the index has it, by which the planner knows it again.
  const key = shelf === 'creator' ? value : sql`listing_key(${sql.raw(shelf)}, ${value})`
  const keyOf = (edge: SQL) =>
    shelf === 'creator' ? edge : sql`listing_key(shelf_of(${number}, ${status}), ${edge})`
  const top = sql`${key} <= ${keyOf(valueMax)}`
  const bottom = sql`${key} >= ${keyOf(sql`0`)}`
  // The cursor as one comparison of rows and no other on its side: beside a bound of the key alone
  // Postgres would begin at that, and walk every row of the same key on its way to the cursor's.
  const ranges = {
    desc: after
      ? sql`${bottom} and (${key}, id) < (${keyOf(cursorKey)}, ${cursorId})`
      : sql`${bottom} and ${top}`,
    // A deadline that has passed waits for its settlement: it is not ending soon.
    asc: after
      ? sql`(${key}, id) > (${keyOf(sql`greatest(${cursorKey}, ${now})`)}, ${cursorId}) and ${top}`
      : sql`${key} > ${keyOf(now)} and ${top}`,
  }
  return {
    key,
    range: and(shelf === 'creator' ? ofCreator : undefined, ranges[direction]),
    order: sql`${key} ${sql.raw(direction)}, id ${sql.raw(direction)}`,
  }
}

/** An index scan of one page, whatever there is. */
export function shelfStatement(db: Db, shape: ListShape) {
  const { key, range, order } = listing(shape)
  return db
    .select({
      ...cardColumns,
      value: sql<string>`${key} & ${valueMax}`.as('value'),
      step: sql<number>`0`.as('step'),
      fits: sql<boolean>`true`.as('fits'),
    })
    .from(projects)
    .where(range)
    .orderBy(order)
    .limit(sql.placeholder('limit'))
    .prepare('list_projects')
}

/** The same of one person's projects, cut before anything is joined: only so is it never sorted. */
export function creatorStatement(db: Db, shape: ListShape) {
  const { key, range, order } = listing(shape)
  const page = db
    .select({ id: projects.id, key: sql<string>`${key}`.as('key') })
    .from(projects)
    .where(range)
    .orderBy(order)
    .limit(sql.placeholder('limit'))
    .as('page')
  const direction = sql.raw(shape.direction)
  return db
    .select({
      ...cardColumns,
      value: sql<string>`${page.key}`.as('value'),
      step: sql<number>`0`.as('step'),
      fits: sql<boolean>`true`.as('fits'),
    })
    .from(page)
    .innerJoin(projects, eq(projects.id, page.id))
    .orderBy(sql`${page.key} ${direction}, ${page.id} ${direction}`)
    .prepare('list_projects_of_person')
}

/**
 * The same of what stands on two shelves, for which there is no index: a hundred categories in ten
 * thousand places in five orders would be as many again. One shelf is walked in its order for what
 * stands on the other too, but no further than `walkRowsMax`, because a rare subcategory of a huge
 * place would be looked for without end. The row at which a walk stopped is read in any case: it is
 * the place to go on from, so that nothing is lost.
 */
export function walkStatement(db: Db, shape: ListShape & { within: Shelf }) {
  const { key, range, order } = listing(shape)
  const within = sql`shelf_of(${sql.placeholder('withinNumber')}::int, ${status})`
  const walk = db
    .select({
      id: projects.id,
      key: sql<string>`${key}`.as('key'),
      step: sql<number>`(row_number() over (order by ${order}))::int`.as('step'),
      fits: sql<boolean>`${sql.raw(shape.within)} = ${within}`.as('fits'),
    })
    .from(projects)
    .where(range)
    .orderBy(sql`${order} limit ${walkRows}`)
    .as('walk')
  const direction = sql.raw(shape.direction)
  return db
    .select({
      ...cardColumns,
      value: sql<string>`${walk.key} & ${valueMax}`.as('value'),
      step: walk.step,
      fits: walk.fits,
    })
    .from(walk)
    .innerJoin(projects, eq(projects.id, walk.id))
    .where(sql`${walk.fits} or ${walk.step} = ${walkRows}`)
    .orderBy(sql`${walk.key} ${direction}, ${walk.id} ${direction}`)
    .limit(sql.placeholder('limit'))
    .prepare('walk_projects')
}
