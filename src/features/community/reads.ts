import { and, asc, desc, eq, ne, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges } from '#db/schema/backing'
import { people } from '#db/schema/projects'
import { cutPage } from '#lib/page'

const topPlacesRows = 10
export const rollCallRows = 24

const ofProject = and(
  eq(pledges.projectId, sql.placeholder('projectId')),
  ne(pledges.status, 'canceled'),
)

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
    .where(eq(pledges.projectId, sql.placeholder('projectId')))
    .orderBy(desc(pledges.id))
    .limit(sql.placeholder('pledgesMax'))
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
  const [community] = await communityOf(db).execute({ projectId, pledgesMax: countedPledgesMax })
  return community ?? { counted: 0, unnamed: 0, returning: 0, cities: [], countries: [] }
}

const rollCallOf = prepared((db) =>
  db
    .select({
      pledgeId: pledges.id,
      id: people.id,
      name: people.name,
      city: people.city,
      pledgesCount: people.pledgesCount,
    })
    .from(pledges)
    .innerJoin(people, eq(people.id, pledges.backerId))
    .where(
      and(
        ofProject,
        eq(pledges.anonymous, false),
        sql`${pledges.id} > ${sql.placeholder('after')}`,
      ),
    )
    .orderBy(asc(pledges.id))
    .limit(rollCallRows + 1)
    .prepare('roll_call_of_project'),
)

export type RollCall = Awaited<ReturnType<typeof listBackers>>

/** Backers who show their name, first come first, after the pledge `after`. */
export async function listBackers(db: Db, projectId: number, after = 0) {
  const rows = await rollCallOf(db).execute({ projectId, after })
  const { page, next } = cutPage(rows, rollCallRows, (last) => last.pledgeId)
  return { backers: page, next }
}
