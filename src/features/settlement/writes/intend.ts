import { sql } from 'drizzle-orm'
import { lockBooks } from '#features/ledger/writes'
import type { ProviderName } from '#payments/provider'
import { type DueProject, retriesEnd } from '../reads/due'
import type { Settling } from './settling'

/** Charged and recorded together: of a project with many, a transaction each way for so many. */
export const chargesPerBatch = 500
/** Whoever works on a project shows so often that they still do. */
export const leaseSeconds = 120

/** A try to charge a pledge that is written down, and what it takes to ask the provider for it. */
export type Intended = {
  pledgeId: number
  attempt: number
  amount: number
  provider: ProviderName
  /** Null where the backer has given no card. */
  customerRef: string | null
  methodRef: string | null
  /** It was asked for before, and no answer was recorded. */
  isAgain: boolean
  /** The one before it waits for the backer's bank, and has to be given up first. */
  waiting: { attempt: number; ref: string } | null
}

/**
 * Writes down that the next pledges after `after` are being charged, and returns them: those not
 * yet charged, those of which no answer is known, and of the errored ones those that were mended or
 * have had their time; with `only`, that one of them.
 */
export async function intendCharges(
  { db, payments, demo }: Pick<Settling, 'db' | 'payments' | 'demo'>,
  { id: projectId }: Pick<DueProject, 'id'>,
  { after, only }: { after: number; only?: number | undefined },
): Promise<Intended[]> {
  return await db.transaction(async (tx) => {
    await lockBooks(tx, projectId)
    await tx.execute(sql`update settlements
      set leased_until = clock_timestamp() + make_interval(secs => ${leaseSeconds})
      where project_id = ${projectId}`)
    const defaultCard = demo && payments.name === 'test' ? 'card_pays_demo' : null
    return await tx.execute<Intended>(sql`
      with batch as materialized (
        select p.id, p.amount, p.backer_id, p.card_id, c.attempt, c.status as charge, c.provider,
            c.provider_ref
          from settlements s
            join pledges p on p.project_id = s.project_id
            left join lateral (
              select attempt, status, created_at, provider, provider_ref from charges t
                where t.project_id = p.project_id and t.pledge_id = p.id
                order by attempt desc limit 1
            ) c on true
          where s.project_id = ${projectId} and p.project_id = ${projectId} and p.id > ${after}
            and ${only === undefined ? sql`true` : sql`p.id = ${only}`}
            and (p.status = 'pledged' or (p.status = 'errored'
              and (c.status = 'intended' or p.changed_at > c.created_at
                or (${retriesEnd} <= now() and c.created_at < ${retriesEnd}))))
          order by p.id limit ${chargesPerBatch}
      ), asked as (
        select b.*, b.charge is not distinct from 'intended' as is_again, k.customer_ref,
            k.method_ref, coalesce(k.provider, ${payments.name}) as card_provider
          from batch b left join cards k
            on k.person_id = b.backer_id and k.id = b.card_id and k.removed_at is null
      ), written as (
        insert into charges (project_id, pledge_id, attempt, provider, amount)
          select ${projectId}, id, coalesce(attempt, 0) + 1, card_provider, amount
          from asked where not is_again
      )
      select id::float8 as "pledgeId", amount::float8 as amount, is_again as "isAgain",
          (coalesce(attempt, 0) + (not is_again)::int)::int as attempt,
          case when is_again then provider else card_provider end as provider,
          coalesce(customer_ref, ${defaultCard}) as "customerRef",
          coalesce(method_ref, ${defaultCard}) as "methodRef",
          case when charge = 'needs_action' then
            jsonb_build_object('attempt', attempt, 'ref', provider_ref) end as waiting
        from asked order by id`)
  })
}
