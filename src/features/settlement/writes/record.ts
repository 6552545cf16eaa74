import { sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import { lockBooks, postLines } from '#features/ledger/writes'
import type { DueProject } from '../reads/due'
import { type ChargeResult, linesOf, type Verdict } from '../rules/charges'
import { mailErrored } from './mails'
import type { Settling } from './settling'

/**
 * Records what has come of charges of one project: each once, whoever tells it and how often. The
 * pledges change with it, the books get their lines, and whoever could not be charged a mail.
 */
export async function recordCharges(
  { db, fees, site }: Pick<Settling, 'db' | 'fees' | 'site'>,
  project: Pick<DueProject, 'id' | 'title' | 'currency'>,
  results: readonly ChargeResult[],
): Promise<Verdict[]> {
  if (results.length === 0) return []
  return await db.transaction(async (tx) => {
    await lockBooks(tx, project.id)
    const verdicts = await tx.execute<Verdict & Record<string, unknown>>(sql`
      with given as materialized (
        select * from jsonb_to_recordset(${JSON.stringify(results)}::jsonb)
          as g ("pledgeId" bigint, attempt int, status text, ref text, code text)
      ), before as materialized (
        select id, status, amount, backer_id from pledges
          where project_id = ${project.id} and id in (select "pledgeId" from given)
      ), recorded as (
        update charges c set status = g.status, provider_ref = coalesce(g.ref, c.provider_ref),
            decline_code = g.code, finished_at = clock_timestamp()
          from given g
          where c.project_id = ${project.id} and c.pledge_id = g."pledgeId"
            and c.attempt = g.attempt and c.status <> g.status
            and (c.status = 'intended' or g.status = 'succeeded'
              or (c.status = 'needs_action' and g.status = 'declined'))
          returning c.pledge_id, c.status, c.decline_code
      ), verdict as (
        select pledge_id, bool_or(status = 'succeeded') as is_paid, max(decline_code) as code
          from recorded group by pledge_id
      ), changed as (
        update pledges p set status = case when v.is_paid then 'collected' else 'errored' end
          from verdict v
          where p.project_id = ${project.id} and p.id = v.pledge_id
            and (p.status in ('pledged', 'errored') or (p.status = 'dropped' and v.is_paid))
      )
      select b.id::float8 as "pledgeId", b.backer_id::float8 as "backerId", b.status as was,
          b.amount::float8 as amount, v.is_paid as "isPaid", v.code
        from verdict v join before b on b.id = v.pledge_id order by b.id`)
    await postLines(
      tx,
      verdicts.flatMap((verdict) => linesOf(project, verdict, fees)),
    )
    const failed = verdicts.filter(({ was, isPaid }) => !isPaid && was === 'pledged')
    await mailErrored(tx, site, project, failed, 0)
    if (verdicts.length > 0) await announceChange(tx, [tags.project(project.id)])
    return [...verdicts]
  })
}
