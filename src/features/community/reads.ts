import { asc, eq, ne, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges } from '#db/schema/backing'
import { people } from '#db/schema/projects'
import { cutWalk } from '#features/projects/rules'

const topPlacesRows = 10
export const rollCallRows = 24

const projectId = sql`${sql.placeholder('projectId')}::bigint`

/**
 * One end of a project in the key of pledges; a comparison of rows is the other. Of an equality the
 * planner would expect few rows, and read and sort all of a project, though it has a million.
 */
const isOfProject = (comparison: '>=' | '<=') => sql`project_id ${sql.raw(comparison)} ${projectId}`

/** The latest pledges are counted: all of a project with a million would take seconds. */
export const countedPledgesMax = 5_000

/** One pass over the latest pledges: where backers come from, and whether they came back. */
const communityOf = prepared((db) => {
  const latest = db
    .select({
      status: pledges.status,
      city: pledges.city,
      country: pledges.country,
      backedBefore: pledges.backedBefore,
      anonymous: pledges.anonymous,
    })
    .from(pledges)
    .where(sql`${isOfProject('>=')}
      and (project_id, id) < (${projectId}, ${sql.raw(String(Number.MAX_SAFE_INTEGER))})`)
    .orderBy(sql`project_id desc, id desc limit ${sql.raw(String(countedPledgesMax))}`)
    .as('latest')
  const backers = db.$with('backers').as(
    db
      .select({
        city: latest.city,
        country: latest.country,
        backedBefore: latest.backedBefore,
        anonymous: latest.anonymous,
        backers: sql<number>`count(*)::int`.as('backers'),
      })
      .from(latest)
      .where(ne(latest.status, 'canceled'))
      .groupBy(latest.city, latest.country, latest.backedBefore, latest.anonymous),
  )
  const top = (name: string, key: string) => sql`(
    select coalesce(json_agg(${sql.raw(name)}), '[]') from (
      select ${sql.raw(key)}, sum(backers)::int as backers from backers
        group by ${sql.raw(key)} order by backers desc, ${sql.raw(key)}
        limit ${sql.raw(String(topPlacesRows))}
    ) ${sql.raw(name)})`
  return db
    .with(backers)
    .select({
      counted: sql<number>`coalesce(sum(backers), 0)::int`,
      /** Who do not show their name. */
      unnamed: sql<number>`coalesce(sum(backers) filter (where anonymous), 0)::int`,
      returning: sql<number>`coalesce(sum(backers) filter (where backed_before), 0)::int`,
      cities: sql<
        { city: string; country: string; backers: number }[]
      >`${top('cities', 'city, country')}`,
      countries: sql<{ country: string; backers: number }[]>`${top('countries', 'country')}`,
    })
    .from(backers)
    .prepare('community_of_project')
})

export type Community = Awaited<ReturnType<typeof findCommunity>>

/**
 * Who is behind a project, in numbers: of the `counted` backers among its latest pledges, which are
 * all of them in most projects. Reads up to `countedPledgesMax` rows, so it is streamed.
 */
export async function findCommunity(db: Db, projectId: number) {
  const [community] = await communityOf(db).execute({ projectId })
  return community ?? { counted: 0, unnamed: 0, returning: 0, cities: [], countries: [] }
}

/**
 * Pledges that one page of the roll call looks at: enough for the few that are anonymous or
 * canceled, and a bound where everybody is.
 */
export const rollCallPledgesMax = 100
const rollCallPledges = sql.raw(String(rollCallPledgesMax))

const rollCallOf = prepared((db) => {
  const walk = db
    .select({
      projectId: pledges.projectId,
      pledgeId: pledges.id,
      backerId: pledges.backerId,
      step: sql<number>`(row_number() over (order by project_id, id))::int`.as('step'),
      fits: sql<boolean>`not anonymous and status <> 'canceled'`.as('fits'),
    })
    .from(pledges)
    .where(
      sql`${isOfProject('<=')}
        and (project_id, id) > (${projectId}, ${sql.placeholder('after')}::bigint)`,
    )
    .orderBy(sql`project_id, id limit ${rollCallPledges}`)
    .as('walk')
  return db
    .select({
      pledgeId: walk.pledgeId,
      id: people.id,
      name: people.name,
      image: people.image,
      city: people.city,
      pledgesCount: people.pledgesCount,
      step: walk.step,
      fits: walk.fits,
    })
    .from(walk)
    .innerJoin(people, eq(people.id, walk.backerId))
    .where(sql`${walk.fits} or ${walk.step} = ${rollCallPledges}`)
    .orderBy(asc(walk.projectId), asc(walk.pledgeId))
    .limit(rollCallRows + 1)
    .prepare('roll_call_of_project')
})

export type RollCall = Awaited<ReturnType<typeof listBackers>>

/**
 * Backers who show their name, first come first, after the pledge `after`; of many without a name a
 * page may be short, and have a next one all the same.
 */
export async function listBackers(db: Db, projectId: number, after = 0) {
  const rows = await rollCallOf(db).execute({ projectId, after })
  const { page, next } = cutWalk(rows, rollCallRows, rollCallPledgesMax, (last) => last.pledgeId)
  return { backers: page, next }
}
