import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import type { PledgeStatus } from '#db/schema/backing'
import { reminderHours, retryDays } from '../rules/dates'

/** Looked at before the clock is asked again. */
export const endedProjectsMax = 100

/**
 * Live projects whose deadline has passed, the first to end first: a scan of the index that lists
 * projects by their end. With a project, that one alone.
 */
export async function listEnded(db: Pick<Db, 'execute'>, projectId?: number) {
  const only = projectId === undefined ? sql`true` : sql`id = ${projectId}`
  return await db.execute<EndedProject>(sql`
    select id::float8 as id, title, currency, goal::float8 as goal, pledged::float8 as pledged,
      all_or_nothing as "allOrNothing", backers_count as "backersCount"
    from projects
    where listing_key(shelf, listing_seconds(ends_at)) >= listing_key(shelf_of(0, 'live'), 0)
      and listing_key(shelf, listing_seconds(ends_at))
        <= listing_key(shelf_of(0, 'live'), listing_seconds(now()))
      and status = 'live' and ends_at <= now() and ${only}
    order by listing_key(shelf, listing_seconds(ends_at)), id
    limit ${endedProjectsMax}`)
}

export type EndedProject = {
  id: number
  title: string
  currency: string
  goal: number
  pledged: number
  allOrNothing: boolean
  backersCount: number
}

/** A project after its deadline, and what the clock of the database says is to be done. */
export type DueProject = {
  id: number
  title: string
  currency: string
  creatorId: number
  /** When it was found; another moment since then means more to do. */
  dueAt: string
  isClosed: boolean
  isReminderDue: boolean
  /** Of the pledges from before the end. */
  isLastTryDue: boolean
  isPayoutDue: boolean
  /** How many times those who have not paid were to be told since the settlement. */
  remindersDue: number
}

/**
 * Until when an errored pledge `p` of a settlement `s` may be mended: seven days from the end on, or
 * from the pledge where that came late.
 */
export const retriesEnd = sql`greatest(s.retries_end_at,
  p.created_at + make_interval(days => ${sql.raw(String(retryDays))}))`

/** The columns of a `DueProject`, of settlements `s` and projects `p`. */
export const dueColumns = sql`p.id::float8 as id, p.title, p.currency,
  p.creator_id::float8 as "creatorId", s.due_at::text as "dueAt",
  s.closed_at is not null as "isClosed",
  coalesce(s.reminded_at + make_interval(hours => ${reminderHours}) <= now(), false)
    as "isReminderDue",
  coalesce(s.retries_end_at <= now(), false) as "isLastTryDue",
  coalesce(s.payout_due_at <= now(), false) as "isPayoutDue",
  floor(date_part('epoch', now() - s.settled_at) / ${reminderHours * 3600})::int as "remindersDue"`

/** Settled projects with something to do now that nobody is at work on. */
export async function listDue(db: Pick<Db, 'execute'>, projectId?: number) {
  const only = projectId === undefined ? sql`true` : sql`s.project_id = ${projectId}`
  return await db.execute<DueProject>(sql`
    select ${dueColumns} from settlements s join projects p on p.id = s.project_id
      where s.due_at <= now() and (s.leased_until is null or s.leased_until < now()) and ${only}
      order by s.due_at limit ${endedProjectsMax}`)
}

export type UnderWay = Awaited<ReturnType<typeof listUnderWay>>[number]

/** Settled projects with something still to do, the next first. */
export async function listUnderWay(db: Pick<Db, 'execute'>) {
  const rows = await db.execute<{
    id: number
    title: string
    dueAt: string
    isClosed: boolean
    isWorkedOn: boolean
  }>(sql`
    select p.id::float8 as id, p.title, s.due_at as "dueAt", s.closed_at is not null as "isClosed",
        coalesce(s.leased_until > now(), false) as "isWorkedOn"
      from settlements s join projects p on p.id = s.project_id
      where s.due_at is not null order by s.due_at limit ${endedProjectsMax}`)
  return rows.map((row) => ({ ...row, dueAt: new Date(row.dueAt) }))
}

export type PledgeCounts = readonly {
  status: PledgeStatus
  /** Of errored ones: their time is over. */
  isLastTryDue: boolean
  count: number
  amount: number
}[]

/** How many pledges of a project are in each state, and what they come to. */
export async function countPledges(
  db: Pick<Db, 'execute'>,
  projectId: number,
): Promise<PledgeCounts> {
  return await db.execute<PledgeCounts[number]>(sql`
    select p.status, p.status = 'errored' and coalesce(${retriesEnd} <= now(), false)
        as "isLastTryDue", count(*)::int as count, sum(p.amount)::float8 as amount
      from pledges p left join settlements s on s.project_id = p.project_id
      where p.project_id = ${projectId} group by 1, 2 order by 1, 2`)
}

/**
 * How many payments a provider was asked for and has given no answer about, of projects that nobody
 * is at work on.
 */
export async function countUnanswered(
  db: Pick<Db, 'execute'>,
  projectId?: number,
): Promise<number> {
  const only = projectId === undefined ? sql`true` : sql`t.project_id = ${projectId}`
  const open = sql`t.status = 'intended' and ${only} and not exists (
    select from settlements s where s.project_id = t.project_id and s.leased_until > now())`
  const [row] = await db.execute<{ count: number }>(sql`
    select ((select count(*) from charges t where ${open})
      + (select count(*) from refunds t where ${open})
      + (select count(*) from payouts t where ${open}))::int as count`)
  return row?.count ?? 0
}
