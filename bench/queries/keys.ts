import type { Db } from '#db/client'
import type { ListedStatus } from '#features/projects/rules'
import { CommandError } from '#lib/errors'
import { databaseScale } from '../report'

export interface Place {
  state: string
  city: string
  stateSlug: string
  citySlug: string
  number: number
  projectsCount: number
}

/** A project of a place, after which a page of that place's list begins. */
export interface PageStart extends Place {
  id: number
  status: ListedStatus
}

/** What is asked for: random ids of the whole range; categories and places as often as they are. */
export interface QueryKeys {
  projects: number[]
  people: number[]
  creators: number[]
  categories: string[]
  starts: PageStart[]
}

interface DrawnProject extends Place {
  id: string
  creator_id: string
  category: string
  status: string
  listed: boolean
}

// Ids that nobody has any more and drafts fall out.
const spare = 2

/** Draws `count` keys of each kind. Throws a CommandError when there is nothing to draw from. */
export async function drawKeys(db: Db, count: number): Promise<QueryKeys> {
  const { projects, people } = await databaseScale(db)
  const drawn = await db.$client<DrawnProject[]>`
    select p.id, p.creator_id, p.category, p.status, is_listed(p.status) as listed,
      l.state, l.city, l.state_slug as "stateSlug", l.city_slug as "citySlug",
      l.number, l.projects_count as "projectsCount"
    from unnest(${randomIds(projects, count * spare)}::bigint[]) as drawn (id)
      join projects p on p.id = drawn.id
      join places l on l.state = p.state and l.city = p.city
    order by random()`
  const persons = await db.$client<{ id: string }[]>`
    select p.id from unnest(${randomIds(people, count * spare)}::bigint[]) as drawn (id)
      join people p on p.id = drawn.id
    order by random() limit ${count}`
  const some = drawn.slice(0, count)
  const starts = drawn.filter(({ listed }) => listed).slice(0, count)
  if (starts.length === 0 || persons.length === 0) {
    throw new CommandError('There are no projects to read: fill the database with a seed first.')
  }
  return {
    projects: some.map(({ id }) => Number(id)),
    people: persons.map(({ id }) => Number(id)),
    creators: some.map(({ creator_id }) => Number(creator_id)),
    categories: some.map(({ category }) => category),
    starts: starts.map(({ id, status, creator_id: _, category: _of, listed: _is, ...place }) => ({
      ...place,
      id: Number(id),
      status: status as ListedStatus,
    })),
  }
}

const randomIds = (max: number, count: number): number[] =>
  Array.from({ length: count }, () => 1 + Math.floor(Math.random() * max))

export interface Largest {
  /** What it holds, for the reader: `games` or `Brooklyn, New York`. */
  name: string
  /** Column of its shelf, and its number there. */
  shelf: 'category_shelf' | 'place_shelf'
  number: number
}

/** The category and the place with the most projects, which are the longest to stream. */
export async function findLargest(db: Db): Promise<{ category: Largest; place: Largest }> {
  const [category] = await db.$client<{ name: string; number: number }[]>`
    select slug as name, number from categories where parent is null
    order by projects_count desc, slug limit 1`
  const [place] = await db.$client<{ name: string; number: number }[]>`
    select city || ', ' || state as name, number from places
    order by projects_count desc, state, city limit 1`
  if (!category || !place) throw new CommandError('There are no categories or no places to read.')
  return {
    category: { ...category, shelf: 'category_shelf' },
    place: { ...place, shelf: 'place_shelf' },
  }
}
