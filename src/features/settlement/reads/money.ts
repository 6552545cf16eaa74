import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'

/** Of the latest payments that went back, and payouts. */
export const moneyRowsMax = 100

type Tx = Pick<Db, 'execute'>

/** What can still be given back of a pledge; undefined where nothing was collected. */
export async function findRefundable(db: Tx, projectId: number, pledgeId: number) {
  const [row] = await db.execute<{
    backerName: string
    anonymous: boolean
    currency: string
    amount: number
    refunded: number
    disputed: number
    left: number
    nextNumber: number
  }>(sql`
    select b.name as "backerName", l.anonymous, p.currency, l.amount::float8 as amount,
        back.refunded::float8 as refunded, taken.disputed::float8 as disputed,
        greatest(0, l.amount - back.refunded - taken.disputed)::float8 as left,
        back.last + 1 as "nextNumber"
      from pledges l join projects p on p.id = l.project_id join people b on b.id = l.backer_id
        cross join lateral (
          select coalesce(sum(amount) filter (where status <> 'failed'), 0) as refunded,
              coalesce(max(number), 0)::int as last
            from refunds r where r.project_id = l.project_id and r.pledge_id = l.id
        ) back
        cross join lateral (
          select coalesce(sum(amount) filter (where status <> 'won'), 0) as disputed
            from disputes d where d.project_id = l.project_id and d.pledge_id = l.id
        ) taken
      where l.project_id = ${projectId} and l.id = ${pledgeId} and l.status = 'collected'`)
  return row
}

/** What a project is and where its settlement stands; undefined when there is no such project. */
export async function findMoneyProject(db: Tx, projectId: number) {
  const [row] = await db.execute<{
    id: number
    title: string
    currency: string
    status: string
    pledged: number
    endsAt: string | null
    settledAt: string | null
    retriesEndAt: string | null
    remindedAt: string | null
    payoutDueAt: string | null
    closedAt: string | null
    lateUntil: string | null
    dueAt: string | null
  }>(sql`
    select p.id::float8 as id, p.title, p.currency, p.status, p.pledged::float8 as pledged,
        p.ends_at as "endsAt", s.settled_at as "settledAt", s.retries_end_at as "retriesEndAt",
        s.reminded_at as "remindedAt", s.payout_due_at as "payoutDueAt",
        s.closed_at as "closedAt", s.late_until as "lateUntil", s.due_at as "dueAt"
      from projects p left join settlements s on s.project_id = p.id where p.id = ${projectId}`)
  if (!row) return undefined
  const { endsAt, settledAt, retriesEndAt, remindedAt, payoutDueAt, ...others } = row
  const { closedAt, lateUntil, dueAt, ...rest } = others
  const date = (text: string | null) => (text === null ? null : new Date(text))
  return {
    ...rest,
    ...{ endsAt: date(endsAt), settledAt: date(settledAt), retriesEndAt: date(retriesEndAt) },
    ...{ remindedAt: date(remindedAt), payoutDueAt: date(payoutDueAt) },
    ...{ closedAt: date(closedAt), lateUntil: date(lateUntil), dueAt: date(dueAt) },
  }
}

export type MoneyProject = NonNullable<Awaited<ReturnType<typeof findMoneyProject>>>

export type Refundable = NonNullable<Awaited<ReturnType<typeof findRefundable>>>

export type PayoutRow = {
  number: number
  /** Sent in the payouts before it. */
  before: number
  collected: number
  platformFees: number
  processingFees: number
  refunded: number
  disputed: number
  amount: number
  status: 'intended' | 'paid' | 'failed'
  createdAt: Date
  paidAt: Date | null
}

/** What a creator was sent, the first payout first, as each came about. */
export async function listPayouts(db: Tx, projectId: number): Promise<PayoutRow[]> {
  const rows = await db.execute<PayoutRow & Record<string, unknown>>(sql`
    select number::int as number, collected::float8 as collected,
        platform_fees::float8 as "platformFees", processing_fees::float8 as "processingFees",
        refunded::float8 as refunded, disputed::float8 as disputed, amount::float8 as amount,
        status, created_at as "createdAt", paid_at as "paidAt",
        coalesce(sum(amount) filter (where status = 'paid') over (
          order by number rows between unbounded preceding and 1 preceding), 0)::float8 as before
      from payouts where project_id = ${projectId} order by number limit ${moneyRowsMax}`)
  return rows.map((row) => ({
    ...row,
    createdAt: new Date(row.createdAt),
    paidAt: row.paidAt && new Date(row.paidAt),
  }))
}

export type Returned = {
  kind: 'refund' | 'dispute'
  pledgeId: number
  backerName: string
  amount: number
  reason: string
  status: string
  createdAt: Date
}

/** What went back to backers, the latest first: refunds, and what their banks took. */
export async function listReturned(db: Tx, projectId: number): Promise<Returned[]> {
  const rows = await db.execute<Returned & Record<string, unknown>>(sql`
    with returned as (
      (select 'refund' as kind, pledge_id, amount, reason, status, created_at from refunds
        where project_id = ${projectId} order by created_at desc limit ${moneyRowsMax})
      union all
      (select 'dispute', pledge_id, amount, reason, status, created_at from disputes
        where project_id = ${projectId} order by created_at desc limit ${moneyRowsMax})
    )
    select r.kind, r.pledge_id::float8 as "pledgeId", b.name as "backerName",
        r.amount::float8 as amount, r.reason, r.status, r.created_at as "createdAt"
      from returned r
        join pledges l on l.project_id = ${projectId} and l.id = r.pledge_id
        join people b on b.id = l.backer_id
      order by r.created_at desc limit ${moneyRowsMax}`)
  return rows.map((row) => ({ ...row, createdAt: new Date(row.createdAt) }))
}
