import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'

/** Somebody's pledge to a project that is being charged, and the last try; undefined without one. */
export async function findUnpaid(db: Pick<Db, 'execute'>, backerId: number, projectId: number) {
  const [row] = await db.execute<{
    id: number
    title: string
    currency: string
    pledgeId: number
    amount: number
    status: string
    cardId: number | null
    attempt: number | null
    charge: 'intended' | 'succeeded' | 'declined' | 'needs_action' | null
    ref: string | null
    code: string | null
    retriesEndAt: string | null
  }>(sql`
    select p.id::float8 as id, p.title, p.currency, l.id::float8 as "pledgeId",
        l.amount::float8 as amount, l.status, l.card_id::float8 as "cardId",
        c.attempt::int as attempt, c.status as charge, c.provider_ref as ref,
        c.decline_code as code, s.retries_end_at as "retriesEndAt"
      from pledges l join projects p on p.id = l.project_id
        left join settlements s on s.project_id = p.id
        left join lateral (
          select attempt, status, provider_ref, decline_code from charges t
            where t.project_id = l.project_id and t.pledge_id = l.id order by attempt desc limit 1
        ) c on true
      where l.backer_id = ${backerId} and l.project_id = ${projectId} and l.status <> 'canceled'`)
  if (!row) return undefined
  return { ...row, retriesEndAt: row.retriesEndAt === null ? null : new Date(row.retriesEndAt) }
}

export type Unpaid = NonNullable<Awaited<ReturnType<typeof findUnpaid>>>
