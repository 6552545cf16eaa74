import type { Db } from '#db/client'
import { listingValues } from '#db/schema/projects'
import { type ListScope, listProjects } from '#features/discover/reads/lists'
import {
  pageRows,
  type Sort,
  type StatusFilter,
  sorts,
  statusFilters,
} from '#features/discover/rules'
import { encodeCursor } from '#lib/cursor'
import { type PlanKeys, sampleOf } from './keys'
import { deep, firstPage, type PlanRead } from './limits'

/** The page whose cost is held against that of the first. */
export const deepPage = 10_000

interface Sampled {
  id: number
  status: string
  category: string
  subcategory: string
  state: string
  city: string
  /** What each sort goes by. */
  values: number[]
}

interface Scope {
  name: string
  scope: ListScope
}

/**
 * Every listing of the site in every sort and status: its first page, about page `deepPage` or the
 * middle of a shorter one, and the page after many with the same value. The places are reckoned
 * from a sample, because walking there is what the site never does.
 */
export async function listReads(db: Db, keys: PlanKeys): Promise<PlanRead[]> {
  const sample = await sampleProjects(db)
  return scopesOf(keys).flatMap(({ name, scope }) => {
    const within = sample.rows.filter((row) => belongs(row, scope))
    return statusFilters.flatMap((status) =>
      sorts.flatMap((sort) => {
        const ordered = inOrder(within, status, sort)
        const depth = Math.min(deepPage * pageRows * sample.fraction, ordered.length / 2)
        const after = cursorAt(ordered[Math.floor(depth)], sort)
        const tied = cursorAt(lastOfTies(ordered, sort), sort)
        const read = (page: string, cursor?: string): PlanRead => ({
          read: 'listProjects',
          key: name,
          variant: `${status}, ${sort}, ${page}`,
          kind: scope.category && scope.place ? 'walk' : 'list',
          run: (session) => listProjects(session, scope, { status, sort, after: cursor }),
        })
        return [
          read(firstPage),
          ...(after ? [read(deep, after)] : []),
          ...(tied ? [read('after ties', tied)] : []),
        ]
      }),
    )
  })
}

function scopesOf(keys: PlanKeys): Scope[] {
  const place = ({ state, city }: PlanKeys['bigPlace']) => ({ state, city })
  const { hotCategory, rareCategory, hotSubcategory, rareSubcategory, bigPlace, tinyPlace } = keys
  const category = (name: string) => ({ name, scope: { category: name } })
  const inPlace = (at: PlanKeys['bigPlace'], name?: string) => ({
    name: `${at.city}${name ? `, ${name}` : ''}`,
    scope: { place: place(at), category: name },
  })
  return [
    { name: 'everything', scope: {} },
    ...[hotCategory, rareCategory, hotSubcategory, rareSubcategory].map(category),
    ...[inPlace(bigPlace), inPlace(tinyPlace)],
    ...[inPlace(bigPlace, hotCategory), inPlace(bigPlace, rareCategory)],
    ...[inPlace(bigPlace, rareSubcategory), inPlace(tinyPlace, hotCategory)],
  ]
}

async function sampleProjects(db: Db): Promise<{ rows: Sampled[]; fraction: number }> {
  const { clause, fraction } = await sampleOf(db, 'projects')
  const values = sorts.map((sort) => `${listingValueOf(sort)}::float8`).join(', ')
  const rows = await db.$client.unsafe<Sampled[]>(`
    select id::float8 as id, status, category, subcategory, state, city, array[${values}] as values
      from projects ${clause} where is_listed(status)`)
  return { rows, fraction }
}

const listingValueOf = (sort: Sort) =>
  listingValues[sort.replace('-', '_') as keyof typeof listingValues]

function belongs(row: Sampled, { category, place }: ListScope): boolean {
  if (category && category !== row.category && category !== row.subcategory) return false
  return !place || (place.state === row.state && place.city === row.city)
}

const valueIn = (row: Sampled, sort: Sort) => row.values[sorts.indexOf(sort)] ?? 0

function inOrder(rows: Sampled[], status: StatusFilter, sort: Sort): Sampled[] {
  const sign = sort === 'ending' && status === 'live' ? 1 : -1
  return rows
    .filter((row) => status === 'all' || row.status === status)
    .toSorted((a, b) => sign * (valueIn(a, sort) - valueIn(b, sort) || a.id - b.id))
}

/**
 * The last of the rows that share the commonest value: whoever begins at the value and not at the
 * row walks past all of them.
 */
function lastOfTies(ordered: Sampled[], sort: Sort): Sampled | undefined {
  const ties = [...Map.groupBy(ordered, (row) => valueIn(row, sort)).values()]
  const [most] = ties.toSorted((a, b) => b.length - a.length)
  return most && most.length > pageRows ? most.at(-1) : undefined
}

const cursorAt = (row: Sampled | undefined, sort: Sort) =>
  row && encodeCursor({ sort, key: String(valueIn(row, sort)), id: row.id })
