import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { retriesEnd } from './due'

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
    select j.id::float8 as id, j.title, j.currency, p.id::float8 as "pledgeId",
        p.amount::float8 as amount, p.status, p.card_id::float8 as "cardId",
        c.attempt::int as attempt, c.status as charge, c.provider_ref as ref,
        c.decline_code as code, ${retriesEnd} as "retriesEndAt"
      from pledges p join projects j on j.id = p.project_id
        left join settlements s on s.project_id = p.project_id
        left join lateral (
          select attempt, status, provider_ref, decline_code from charges t
            where t.project_id = p.project_id and t.pledge_id = p.id order by attempt desc limit 1
        ) c on true
      where p.backer_id = ${backerId} and p.project_id = ${projectId} and p.status <> 'canceled'`)
  if (!row) return undefined
  return { ...row, retriesEndAt: row.retriesEndAt === null ? null : new Date(row.retriesEndAt) }
}

export type Unpaid = NonNullable<Awaited<ReturnType<typeof findUnpaid>>>
