import type { Db } from '../client'
import { ask, askOne } from './ask'

/** As in the outbox: after so many tries a mail is left alone. */
const attemptsMax = 8
/** What is counted of a queue: more is only more. */
const countedMax = 10_000

export interface MailState {
  /** Due for longer than was asked about. */
  late: number
  oldestSeconds: number
  givenUp: number
  /** Of the latest that failed. */
  lastError: string | null
}

/** Mail that should have gone out `seconds` ago and has not. */
export async function readMailState(db: Db, seconds: number): Promise<MailState> {
  return await askOne(
    db,
    `select count(*) filter (where attempts < ${attemptsMax}
          and created_at < now() - make_interval(secs => $1))::int as late,
        coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as "oldestSeconds",
        count(*) filter (where attempts >= ${attemptsMax})::int as "givenUp",
        (array_agg(last_error order by id desc) filter (where last_error is not null))[1]
          as "lastError"
      from (select id, created_at, attempts, last_error from outbox
        where sent_at is null order by due_at limit ${countedMax}) waiting`,
    [seconds],
  )
}

export interface DeadlineState {
  /** Live projects whose end is longer ago, the oldest of them, and by how many seconds. */
  ended: number
  endedProject: number | null
  endedSeconds: number
  /** Settlements that nobody goes on with. */
  stuck: number
  stuckProject: number | null
  stuckSeconds: number
  /** Charges, refunds and payouts that a provider was asked for and has not answered. */
  unanswered: number
}

/** What should have been done `seconds` ago by whoever runs the deadlines, and has not. */
export async function readDeadlines(db: Db, seconds: number): Promise<DeadlineState> {
  const open = (table: string) => `(select count(*) from (select from ${table}
    where status = 'intended' and created_at < now() - make_interval(secs => $1)
    limit ${countedMax}) each)`
  return await askOne(
    db,
    `select count(e.id)::int as ended, (array_agg(e.id::float8 order by e.ends_at))[1]
          as "endedProject",
        coalesce(extract(epoch from now() - min(e.ends_at)), 0)::float8 as "endedSeconds",
        s.*, (${open('charges')} + ${open('refunds')}
          + (select count(*) from payouts where status = 'intended'
              and created_at < now() - make_interval(secs => $1)))::int as unanswered
      from (select count(*)::int as stuck,
          (array_agg(project_id::float8 order by due_at))[1] as "stuckProject",
          coalesce(extract(epoch from now() - min(due_at)), 0)::float8 as "stuckSeconds"
        from (select project_id, due_at from settlements
          where due_at < now() - make_interval(secs => $1)
            and (leased_until is null or leased_until < now())
          order by due_at limit ${countedMax}) due) s
      left join (select id, ends_at from projects
        where listing_key(shelf, listing_seconds(ends_at))
            >= listing_key(shelf_of(0, 'live'), 0)
          and listing_key(shelf, listing_seconds(ends_at))
            <= listing_key(shelf_of(0, 'live'), listing_seconds(now()))
          and status = 'live' and ends_at < now() - make_interval(secs => $1)
        limit ${countedMax}) e on true
      group by s.stuck, s."stuckProject", s."stuckSeconds"`,
    [seconds],
  )
}

/** Projects whose books are looked at: those whose numbers are highest, which are the newest. */
export const booksMax = 2_000

export interface Imbalance {
  project: number
  what: 'balances' | 'last line'
}

/**
 * Books of the newest projects that cannot be right: accounts that do not come to nothing together,
 * or a last line that is not there as it was written down.
 */
export async function listImbalances(db: Db): Promise<Imbalance[]> {
  return await ask(
    db,
    `with heads as materialized (select project_id, number, hash from ledger_heads
        order by project_id desc limit ${booksMax})
      select project_id::float8 as project, 'balances' as what
        from heads join ledger_balances b using (project_id)
        group by project_id having sum(b.debits) <> sum(b.credits)
      union all
      select h.project_id::float8, 'last line'
        from heads h left join lateral (select number, hash from ledger
          where project_id = h.project_id order by number desc limit 1) l on true
        where (l.number, l.hash) is distinct from (h.number, h.hash) and h.number > 0
      order by 1 desc limit 10`,
  )
}
