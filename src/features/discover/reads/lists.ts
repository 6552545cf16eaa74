import { type AnyColumn, and, eq, isNotNull, type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges } from '#db/schema/backing'
import { categories, projects } from '#db/schema/projects'
import { cardColumns } from '#features/projects/reads'
import { listedStatuses } from '#features/projects/rules'
import { decodeCursor, encodeCursor } from '#lib/cursor'
import { cutPage } from '#lib/page'
import { pageRows, type Sort, type StatusFilter } from '../rules'

const cards = (db: Db) =>
  db
    .select(cardColumns)
    .from(projects)
    .innerJoin(categories, eq(categories.slug, projects.subcategory))

export type ProjectRow = Awaited<ReturnType<typeof listStaffPicks>>[number]

interface Order {
  column: AnyColumn
  direction: 'asc' | 'desc'
  /** The column as a whole number, for the cursor. */
  key: SQL
  /** And back, from the cursor's placeholder. */
  fromKey: SQL
}

const cursorKey = sql`${sql.placeholder('key')}::bigint`
const descending = (column: AnyColumn): Order => ({
  column,
  direction: 'desc',
  key: sql`${column}`,
  fromKey: cursorKey,
})

const orders: Record<Sort, Order> = {
  popular: descending(projects.popularity),
  newest: descending(projects.id),
  ending: {
    column: projects.endsAt,
    direction: 'asc',
    key: sql`(extract(epoch from ${projects.endsAt}) * 1000000)::bigint`,
    fromKey: sql`timestamptz 'epoch' + ${cursorKey} * interval '1 microsecond'`,
  },
  'most-funded': descending(projects.pledged),
  'most-backed': descending(projects.backersCount),
}

/** What is over has ended soon long ago: there the latest to end comes first. */
const orderOf = (sort: Sort, status: StatusFilter): Order =>
  sort === 'ending' && status !== 'live' ? { ...orders.ending, direction: 'desc' } : orders[sort]

/** Which projects: all, those of a category or subcategory, of a place, or of one person. */
export interface ListScope {
  category?: string | undefined
  place?: { state: string; city: string } | undefined
  creatorId?: number | undefined
}

/** Which of them, in which order, from where, and how many. */
export interface ListChoice {
  status: StatusFilter
  sort: Sort
  after?: string | undefined
  rows?: number
}

interface ListShape {
  category: 'none' | 'top' | 'sub'
  place: boolean
  creator: boolean
  status: StatusFilter
  sort: Sort
  direction: Order['direction']
  after: boolean
}

/**
 * One statement for each shape of a list: an index scan of at most one page, whatever there is. A
 * category within a place has no index of its own and filters the place's.
 */
function listStatement(db: Db, shape: ListShape) {
  const { column, key, fromKey } = orders[shape.sort]
  const direction = sql.raw(shape.direction)
  const comparison = sql.raw(shape.direction === 'desc' ? '<' : '>')
  return db
    .select({ ...cardColumns, sortKey: sql<string>`${key}`.as('sort_key') })
    .from(projects)
    .innerJoin(categories, eq(categories.slug, projects.subcategory))
    .where(
      and(
        shape.status === 'all'
          ? sql`is_listed(${projects.status})`
          : // Inlined: the index begins with it, and a plan made for any status would guess.
            sql`${projects.status} = ${sql.raw(`'${shape.status}'`)}`,
        shape.category === 'top' ? eq(projects.category, sql.placeholder('category')) : undefined,
        shape.category === 'sub'
          ? eq(projects.subcategory, sql.placeholder('category'))
          : undefined,
        shape.place ? eq(projects.state, sql.placeholder('state')) : undefined,
        shape.place ? eq(projects.city, sql.placeholder('city')) : undefined,
        shape.creator ? eq(projects.creatorId, sql.placeholder('creatorId')) : undefined,
        // A deadline that has passed waits for its settlement: it is not ending soon.
        shape.sort === 'ending' && shape.direction === 'asc'
          ? sql`${projects.endsAt} > now()`
          : undefined,
        shape.after
          ? sql`(${column}, ${projects.id}) ${comparison}
                (${fromKey}, ${sql.placeholder('id')}::bigint)`
          : undefined,
      ),
    )
    .orderBy(sql`${column} ${direction}, ${projects.id} ${direction}`)
    .limit(sql.placeholder('limit'))
    .prepare('list_projects')
}

const listStatements = prepared(() => new Map<string, ReturnType<typeof listStatement>>())

function preparedList(db: Db, shape: ListShape) {
  const statements = listStatements(db)
  const key = Object.values(shape).join()
  const statement = statements.get(key) ?? listStatement(db, shape)
  statements.set(key, statement)
  return statement
}

/**
 * One page of a list; `next` is the cursor of the page after it, null on the last. Of every status
 * at once, a page of each is read in the same round trip, and what comes first is kept.
 */
export async function listProjects(
  db: Db,
  scope: ListScope,
  { status, sort, after, rows = pageRows }: ListChoice,
) {
  const cursor = after ? decodeCursor(after, sort) : undefined
  const { direction } = orderOf(sort, status)
  const shape = {
    category: !scope.category ? 'none' : scope.category.includes('/') ? 'sub' : 'top',
    place: scope.place !== undefined,
    creator: scope.creatorId !== undefined,
  } as const
  const parameters = { ...scope, ...scope.place, ...cursor, limit: rows + 1 }
  // One person's projects are few: their index needs no help by status.
  const statuses = status === 'all' && !shape.creator ? listedStatuses : [status]
  const parts = await Promise.all(
    statuses.map((each) =>
      preparedList(db, {
        ...shape,
        status: each,
        sort,
        direction,
        after: cursor !== undefined,
      }).execute(parameters),
    ),
  )
  const sign = direction === 'desc' ? -1 : 1
  const merged = parts
    .flat()
    .toSorted((a, b) => sign * (Number(a.sortKey) - Number(b.sortKey) || a.id - b.id))
  const { page, next } = cutPage(merged, rows, (last) =>
    encodeCursor({ sort, key: String(last.sortKey), id: last.id }),
  )
  return { projects: page, next }
}

const backedBy = prepared((db) =>
  cards(db)
    .innerJoin(pledges, eq(pledges.projectId, projects.id))
    .where(
      and(
        eq(pledges.backerId, sql.placeholder('personId')),
        eq(pledges.anonymous, false),
        sql`${pledges.status} <> 'canceled'`,
        sql`is_listed(${projects.status})`,
        sql`${pledges.projectId} < ${sql.placeholder('before')}`,
      ),
    )
    .orderBy(sql`${pledges.projectId} desc`)
    .limit(pageRows + 1)
    .prepare('projects_backed_by_person'),
)

/** What a person has backed under their name, newest project first. */
export async function listBacked(db: Db, personId: number, before = Number.MAX_SAFE_INTEGER) {
  const rows = await backedBy(db).execute({ personId, before })
  const { page, next } = cutPage(rows, pageRows, (last) => last.id)
  return { projects: page, next }
}

const staffPicks = prepared((db) =>
  cards(db)
    .where(and(isNotNull(projects.featuredAt), eq(projects.status, sql`'live'`)))
    .orderBy(sql`${projects.featuredAt} desc, ${projects.id} desc`)
    .limit(sql.placeholder('rows'))
    .prepare('staff_picks'),
)

/** Live projects the staff has picked, latest pick first. */
export function listStaffPicks(db: Db, rows: number) {
  return staffPicks(db).execute({ rows })
}
