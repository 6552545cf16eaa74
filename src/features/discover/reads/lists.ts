import { and, desc, eq, isNotNull, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges } from '#db/schema/backing'
import { projects } from '#db/schema/projects'
import { cardColumns, findCatalogue, withCategoryNames } from '#features/projects/reads/projects'
import { cutWalk, listedStatuses } from '#features/projects/rules'
import { decodeCursor, encodeCursor } from '#lib/cursor'
import { pageRows, type Sort, type StatusFilter } from '../rules'
import { findPlaceNumber } from './catalog'
import {
  creatorStatement,
  type ListShape,
  type Shelf,
  shelfStatement,
  walkRowsMax,
  walkStatement,
} from './shelves'

export type ProjectRow = Awaited<ReturnType<typeof listStaffPicks>>[number]

/** Which projects: all, or those of a category or subcategory, of a place, of both, of a person. */
export interface ListScope {
  category?: string | undefined
  /** With its number and count, where the caller has looked it up already. */
  place?:
    | { state: string; city: string }
    | { state: string; city: string; number: number; projectsCount: number }
    | undefined
  creatorId?: number | undefined
}

/** Which of them, in which order, from where, and how many. */
export interface ListChoice {
  status: StatusFilter
  sort: Sort
  after?: string | undefined
  rows?: number
}

type ListStatement = ReturnType<
  typeof shelfStatement | typeof creatorStatement | typeof walkStatement
>

const listStatements = new Map<string, (db: Db) => ListStatement>()

function preparedList(db: Db, shape: ListShape): ListStatement {
  const key = JSON.stringify(shape)
  let statement = listStatements.get(key)
  if (!statement) {
    const { shelf, within } = shape
    const build = shelf === 'creator' ? creatorStatement : shelfStatement
    statement = prepared<ListStatement>((db) =>
      within ? walkStatement(db, { ...shape, within }) : build(db, shape),
    )
    listStatements.set(key, statement)
  }
  return statement(db)
}

interface Target extends Pick<ListShape, 'shelf' | 'within'> {
  parameters: Record<string, string | number>
}

/** Where the projects of a scope stand; undefined when there is no such category or place. */
async function findTarget(db: Db, scope: ListScope): Promise<Target | undefined> {
  if (scope.creatorId !== undefined) {
    return { shelf: 'creator', parameters: { creatorId: scope.creatorId } }
  }
  const [catalogue, place] = await Promise.all([
    scope.category === undefined ? undefined : findCatalogue(db),
    scope.place && 'number' in scope.place
      ? scope.place
      : scope.place && findPlaceNumber(db, scope.place),
  ])
  const category = scope.category === undefined ? undefined : catalogue?.get(scope.category)
  if ((scope.category && !category) || (scope.place && !place)) return undefined
  const shelf: Shelf = scope.category?.includes('/') ? 'subcategory_shelf' : 'category_shelf'
  const ofCategory = category && { shelf, parameters: { number: category.number } }
  const ofPlace = place && { shelf: 'place_shelf' as const, parameters: { number: place.number } }
  if (!ofCategory || !ofPlace) {
    return ofCategory ?? ofPlace ?? { shelf: 'shelf', parameters: { number: 0 } }
  }
  // Whoever walks the smaller shelf meets more of the other there.
  const [walked, other] =
    place.projectsCount <= category.projectsCount ? [ofPlace, ofCategory] : [ofCategory, ofPlace]
  const withinNumber = other.parameters.number
  return { ...walked, within: other.shelf, parameters: { ...walked.parameters, withinNumber } }
}

/** What is over has ended soon long ago: there the latest to end comes first. */
const directionOf = (sort: Sort, status: StatusFilter) =>
  sort === 'ending' && status === 'live' ? 'asc' : 'desc'

/**
 * One page of a list; `next` is the cursor of the page after it, null on the last. Of every status
 * at once, a page of each is read in the same round trip, and what comes first is kept. A page of a
 * category in a place may be short, even empty, and have a next one all the same.
 */
export async function listProjects(
  db: Db,
  scope: ListScope,
  { status, sort, after, rows = pageRows }: ListChoice,
) {
  const cursor = after ? decodeCursor(after, sort) : undefined
  const target = await findTarget(db, scope)
  if (!target) return { projects: [], next: null }
  const { parameters, ...where } = target
  const direction = directionOf(sort, status)
  const shape = { ...where, sort, direction, after: cursor !== undefined } as const
  const statement = preparedList(db, shape)
  // One person's projects are few: their index needs no help by status.
  const statuses = status === 'all' && where.shelf !== 'creator' ? listedStatuses : [status]
  const parts = await Promise.all(
    statuses.map((each) =>
      withCategoryNames(
        db,
        statement.execute({ ...parameters, ...cursor, status: each, limit: rows + 1 }),
      ),
    ),
  )
  const sign = direction === 'desc' ? -1 : 1
  const merged = parts
    .flat()
    .toSorted((a, b) => sign * (Number(a.value) - Number(b.value) || a.id - b.id))
  const { page, next } = cutWalk(merged, rows, walkRowsMax, (last) =>
    encodeCursor({ sort, key: last.value, id: last.id }),
  )
  return { projects: page, next }
}

/**
 * Pledges that one page of what a person backed looks at: enough for the few that are anonymous or
 * canceled, and a bound for whoever has a hundred thousand of them.
 */
export const backedPledgesMax = 100
const backedPledges = sql.raw(String(backedPledgesMax))

const backedBy = prepared((db) => {
  const walk = db
    .select({
      backerId: pledges.backerId,
      projectId: pledges.projectId,
      step: sql<number>`(row_number() over (
        order by backer_id desc, project_id desc))::int`.as('step'),
      named: sql<boolean>`not anonymous and status <> 'canceled'`.as('named'),
    })
    .from(pledges)
    .where(
      // A range of the index and not an equality, of which the planner would expect few rows, and
      // read and sort all of them, however many they are.
      sql`(backer_id, project_id)
          < (${sql.placeholder('personId')}::bigint, ${sql.placeholder('before')}::bigint)
        and backer_id >= ${sql.placeholder('personId')}::bigint`,
    )
    .orderBy(sql`backer_id desc, project_id desc limit ${backedPledges}`)
    .as('walk')
  const fits = sql`${walk.named} and is_listed(${projects.status}) and ${projects.hiddenAt} is null`
  return db
    .select({
      ...cardColumns,
      step: walk.step,
      fits: sql<boolean>`${fits}`.as('fits'),
    })
    .from(walk)
    .innerJoin(projects, eq(projects.id, walk.projectId))
    .where(sql`${fits} or ${walk.step} = ${backedPledges}`)
    .orderBy(desc(walk.backerId), desc(walk.projectId))
    .limit(pageRows + 1)
    .prepare('projects_backed_by_person')
})

/**
 * What a person has backed under their name, newest project first, below the project `before`; of
 * many pledges without a name a page may be short, and have a next one all the same.
 */
export async function listBacked(db: Db, personId: number, before = Number.MAX_SAFE_INTEGER) {
  const rows = await withCategoryNames(db, backedBy(db).execute({ personId, before }))
  const { page, next } = cutWalk(rows, pageRows, backedPledgesMax, (last) => last.id)
  return { projects: page, next }
}

const staffPicks = prepared((db) =>
  db
    .select(cardColumns)
    .from(projects)
    .where(and(isNotNull(projects.featuredAt), eq(projects.status, sql`'live'`)))
    .orderBy(sql`${projects.featuredAt} desc, ${projects.id} desc`)
    .limit(sql.placeholder('rows'))
    .prepare('staff_picks'),
)

/** Live projects the staff has picked, latest pick first. */
export function listStaffPicks(db: Db, rows: number) {
  return withCategoryNames(db, staffPicks(db).execute({ rows }))
}
