import type { Db } from '#db/client'
import { listCategories, listPlaces, type Place, placesMax } from '#features/discover/reads/catalog'
import { listProjects } from '#features/discover/reads/lists'
import { newestProjectId } from '#features/discover/reads/sitemap'
import { CommandError } from '#lib/errors'

/** What the reads are asked for, found in the database itself: its extremes and its middle. */
export interface PlanKeys {
  hotCategory: string
  rareCategory: string
  hotSubcategory: string
  rareSubcategory: string
  bigPlace: Place
  tinyPlace: Place
  /** With the most backers of all. */
  famousProject: number
  ordinaryProject: number
  /** With the most comments and updates of a sample. */
  talkativeProject: number
  newestProject: number
  /** With the most projects of a sample. */
  creator: number
  /** With the most pledges of a sample. */
  backer: number
}

// Enough for a rank that is right to a few percent, and read in well under a second.
const sampleRows = 100_000

/** `tablesample …` for about `sampleRows` rows of a table, the same ones each time; '' for all. */
export async function sampleOf(db: Db, table: string, rows = sampleRows) {
  const [row] = await db.$client<{ rows: number }[]>`
    select reltuples::float8 as rows from pg_class where oid = ${table}::regclass`
  const percent = Math.min(100, (100 * rows) / Math.max(row?.rows ?? 0, 1))
  const clause = percent === 100 ? '' : `tablesample system (${percent}) repeatable (1)`
  return { clause, fraction: percent / 100 }
}

/** Throws a CommandError when the database holds no projects. */
export async function findKeys(db: Db): Promise<PlanKeys> {
  const categories = (await listCategories(db)).toSorted(byProjects)
  const places = (await listPlaces(db, placesMax)).toSorted(byProjects)
  const top = categories.filter(({ parent, projectsCount }) => !parent && projectsCount > 0)
  const sub = categories.filter(({ parent, projectsCount }) => parent && projectsCount > 0)
  const [bigPlace] = places
  const tinyPlace = places.at(-1)
  const famous = await listProjects(db, {}, { status: 'all', sort: 'most-backed', rows: 1 })
  const [famousProject] = famous.projects
  if (!bigPlace || !tinyPlace || !famousProject) {
    throw new CommandError('There are no projects to read: fill the database with a seed first.')
  }
  const projects = await sampleOf(db, 'projects')
  const people = await sampleOf(db, 'people')
  const one = async (query: string) => {
    const [row] = await db.$client.unsafe<{ id: number }[]>(query)
    return Number(row?.id ?? famousProject.id)
  }
  const listed = `from projects ${projects.clause} where is_listed(status)`
  return {
    hotCategory: top[0]?.slug ?? '',
    rareCategory: top.at(-1)?.slug ?? '',
    hotSubcategory: sub[0]?.slug ?? '',
    rareSubcategory: sub.at(-1)?.slug ?? '',
    bigPlace,
    tinyPlace,
    famousProject: famousProject.id,
    ordinaryProject: await one(
      `select percentile_disc(0.5) within group (order by id) as id ${listed}`,
    ),
    talkativeProject: await one(
      `select id ${listed} order by comments_count + updates_count desc, id limit 1`,
    ),
    newestProject: await newestProjectId(db),
    creator: await one(`select id from people ${people.clause} order by projects_count desc, id
      limit 1`),
    backer: await one(`select id from people ${people.clause} order by pledges_count desc, id
      limit 1`),
  }
}

const byProjects = (a: { projectsCount: number }, b: { projectsCount: number }) =>
  b.projectsCount - a.projectsCount
