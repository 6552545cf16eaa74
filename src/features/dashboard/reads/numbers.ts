import { asc, desc, eq, ne, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges, rewards } from '#db/schema/backing'
import { saves } from '#db/schema/community'
import { follows } from '#db/schema/contact'
import { projectVisits } from '#db/schema/making'
import { projects } from '#db/schema/projects'
import type { Day } from '../rules/days'

/**
 * The latest pledges are counted, all of them in nearly every project: a table of sums by day would
 * cost every pledge something, and this costs only who looks.
 */
export const countedPledgesMax = 10_000
/** Of those who have saved a project or follow its creator: each saver's pledge is looked for. */
export const countedPeopleMax = 5_000
const rewardsMax = 200
const topPlacesRows = 8
const topSourcesRows = 12

const owner = sql`${sql.placeholder('owner')}::bigint`
const highestId = sql.raw(String(Number.MAX_SAFE_INTEGER))

/**
 * What belongs to one project (or person) in a key of two columns, from the end. Of an equality the
 * planner would expect few rows, and read and sort all, though there are a million.
 */
const fromTheEnd = (whole: string, own: string, rowsMax: number) => {
  const [first, second] = [sql.raw(whole), sql.raw(own)]
  return sql`${first} >= ${owner} and (${first}, ${second}) < (${owner}, ${highestId})
    order by ${first} desc, ${second} desc limit ${sql.raw(String(rowsMax))}`
}

const dayOf = (column: string) => sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD')`)

/** The rows of another query as one value. */
const rowsOf = <Row>(query: string) =>
  sql<Row[]>`(select coalesce(json_agg(found), '[]') from (${sql.raw(query)}) found)`

const projectOf = prepared((db) =>
  db
    .select({
      id: projects.id,
      title: projects.title,
      status: projects.status,
      currency: projects.currency,
      goal: projects.goal,
      pledged: projects.pledged,
      backersCount: projects.backersCount,
      savesCount: projects.savesCount,
      creatorId: projects.creatorId,
      launchedAt: projects.launchedAt,
      endsAt: projects.endsAt,
    })
    .from(projects)
    .where(eq(projects.id, owner))
    .prepare('dashboard_project'),
)

export type CountedProject = NonNullable<Awaited<ReturnType<typeof findCountedProject>>>

/** A project in whatever state, for those who may see its numbers. */
export async function findCountedProject(db: Db, projectId: number) {
  const [project] = await projectOf(db).execute({ owner: projectId })
  return project
}

export interface PledgeDay {
  day: Day
  backers: number
  newBackers: number
  /** In minor units. */
  amount: number
}

export interface PledgeSums {
  /** Of these all that follows is said. */
  counted: number
  amount: number
  days: PledgeDay[]
  /** Without an id: pledges without a reward. */
  rewards: { id: number | null; backers: number; amount: number }[]
  places: { city: string; country: string; backers: number }[]
}

const pledgesOf = prepared((db) => {
  const latest = db
    .select({
      rewardId: pledges.rewardId,
      amount: pledges.amount,
      status: pledges.status,
      backedBefore: pledges.backedBefore,
      city: pledges.city,
      country: pledges.country,
      day: sql<Day>`${dayOf('created_at')}`.as('day'),
    })
    .from(pledges)
    .where(fromTheEnd('project_id', 'id', countedPledgesMax))
    .as('latest')
  const backed = db
    .$with('backed')
    .as(db.select().from(latest).where(ne(latest.status, 'canceled')))
  return db
    .with(backed)
    .select({
      counted: sql<number>`count(*)::int`,
      amount: sql<number>`coalesce(sum(amount), 0)::float8`,
      days: rowsOf<PledgeDay>(`select day, count(*)::int as backers, sum(amount)::bigint as amount,
          (count(*) filter (where not backed_before))::int as "newBackers"
        from backed group by day order by day`),
      rewards: rowsOf<PledgeSums['rewards'][number]>(`select reward_id as id,
          count(*)::int as backers, sum(amount)::bigint as amount
        from backed group by reward_id`),
      places: rowsOf<PledgeSums['places'][number]>(`select city, country, count(*)::int as backers
        from backed group by city, country order by backers desc, city, country
        limit ${topPlacesRows}`),
    })
    .from(backed)
    .prepare('dashboard_pledges')
})

/** The latest pledges of a project in sums, without those that were canceled. */
export async function sumPledges(db: Db, projectId: number): Promise<PledgeSums> {
  const [sums] = await pledgesOf(db).execute({ owner: projectId })
  return sums ?? { counted: 0, amount: 0, days: [], rewards: [], places: [] }
}

export interface PeopleDay {
  day: Day
  people: number
}

const saversOf = prepared((db) => {
  const savers = db.$with('savers').as(
    db
      .select({
        personId: saves.personId,
        createdAt: saves.createdAt,
        remindAt: saves.remindAt,
        day: sql<Day>`${dayOf('created_at')}`.as('day'),
      })
      .from(saves)
      .where(fromTheEnd('project_id', 'person_id', countedPeopleMax)),
  )
  return db
    .with(savers)
    .select({
      counted: sql<number>`count(*)::int`,
      reminders: sql<number>`count(remind_at)::int`,
      /** Who have pledged since: each looked up, however many others there are. */
      converted: sql<number>`(
        select (count(*) filter (
          where own.status <> 'canceled' and own.created_at >= savers.created_at))::int
        from savers cross join lateral (
          select status, created_at from pledges
          where backer_id = person_id and project_id = ${owner} limit 1) own)`,
      days: rowsOf<PeopleDay>(
        'select day, count(*)::int as people from savers group by day order by day',
      ),
    })
    .from(savers)
    .prepare('dashboard_savers')
})

export type SaverSums = Awaited<ReturnType<typeof sumSavers>>

/** Who has saved a project: up to `countedPeopleMax` of them. */
export async function sumSavers(db: Db, projectId: number) {
  const [sums] = await saversOf(db).execute({ owner: projectId })
  return sums ?? { counted: 0, reminders: 0, converted: 0, days: [] }
}

const followersOf = prepared((db) => {
  const followers = db.$with('followers').as(
    db
      .select({ day: sql<Day>`${dayOf('created_at')}`.as('day') })
      .from(follows)
      .where(fromTheEnd('creator_id', 'follower_id', countedPeopleMax)),
  )
  return db
    .with(followers)
    .select({
      counted: sql<number>`count(*)::int`,
      days: rowsOf<PeopleDay>(
        'select day, count(*)::int as people from followers group by day order by day',
      ),
    })
    .from(followers)
    .prepare('dashboard_followers')
})

/** Who follows a creator: up to `countedPeopleMax` of them. */
export async function sumFollowers(db: Db, creatorId: number) {
  const [sums] = await followersOf(db).execute({ owner: creatorId })
  return sums ?? { counted: 0, days: [] }
}

interface VisitDay {
  day: Day
  visits: number
}

const visitsOf = prepared((db) => {
  const shown = db.$with('shown').as(
    db
      .select({
        day: projectVisits.day,
        source: projectVisits.source,
        visits: projectVisits.visits,
      })
      .from(projectVisits)
      .where(
        sql`${projectVisits.projectId} = ${owner}
          and ${projectVisits.day} between ${sql.placeholder('first')}::date
            and ${sql.placeholder('last')}::date`,
      ),
  )
  return db
    .with(shown)
    .select({
      total: sql<number>`coalesce(sum(visits), 0)::float8`,
      days: rowsOf<VisitDay>(
        'select day, sum(visits)::bigint as visits from shown group by day order by day',
      ),
      sources: rowsOf<{ source: string; visits: number }>(`select source,
          sum(visits)::bigint as visits
        from shown group by source order by visits desc, source limit ${topSourcesRows}`),
    })
    .from(shown)
    .prepare('dashboard_visits')
})

export type VisitSums = Awaited<ReturnType<typeof sumVisits>>

/** Visits of a project's page from the first to the last day, and where they came from. */
export async function sumVisits(db: Db, projectId: number, first: Day, last: Day) {
  const [sums] = await visitsOf(db).execute({ owner: projectId, first, last })
  return sums ?? { total: 0, days: [], sources: [] }
}

const rewardsOf = prepared((db) =>
  db
    .select({
      id: rewards.id,
      name: rewards.name,
      amount: rewards.amount,
      quantity: rewards.quantity,
      backersCount: rewards.backersCount,
    })
    .from(rewards)
    .where(eq(rewards.projectId, owner))
    .orderBy(desc(rewards.backersCount), asc(rewards.id))
    .limit(rewardsMax)
    .prepare('dashboard_rewards'),
)

export type RewardSales = Awaited<ReturnType<typeof listRewardSales>>[number]

/** What was taken of each reward, the most wanted first. */
export function listRewardSales(db: Db, projectId: number) {
  return rewardsOf(db).execute({ owner: projectId })
}
