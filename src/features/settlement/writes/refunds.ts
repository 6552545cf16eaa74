import { sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import type { Viewer } from '#db/sessions'
import { lineOf } from '#features/ledger/rules/books'
import { lockBooks, postLines } from '#features/ledger/writes'
import { requireAccess } from '#features/projects/reads/access'
import { AppError } from '#lib/errors'
import { formatMoney } from '#lib/money'
import { findRefundable } from '../reads/money'
import { mailRefunded } from './mails'
import { askEach, providerDeadlineMs, type Settling } from './settling'

export interface RefundWish {
  projectId: number
  pledgeId: number
  /** Of this pledge: the same number with the same content is done once. */
  number: number
  /** Minor units. */
  amount: number
  reason: string
}

/**
 * Gives a backer money back, of a pledge that was collected, and never more than is left of it.
 * Returns whether it has arrived at the provider; if not, it is asked for again. Throws AppError
 * forbidden, project_not_found, pledge_not_found, edited_meanwhile where another refund has come
 * between, and invalid_body with the field `amount`.
 */
export async function refundPledge(
  work: Settling,
  viewer: Viewer,
  wish: RefundWish,
): Promise<boolean> {
  await requireAccess(work.db, viewer, wish.projectId, 'creator')
  await intendRefund(work.db, viewer, wish)
  work.reached?.('refund_intended')
  await finishRefunds(work, wish.projectId)
  const [refund] = await work.db.execute<{ status: string }>(sql`
    select status from refunds where project_id = ${wish.projectId}
      and pledge_id = ${wish.pledgeId} and number = ${wish.number}`)
  return refund?.status === 'succeeded'
}

async function intendRefund(db: Db, viewer: Viewer, wish: RefundWish): Promise<void> {
  const { projectId, pledgeId, number, amount, reason } = wish
  await db.transaction(async (tx) => {
    await lockBooks(tx, projectId)
    const pledge = await findRefundable(tx, projectId, pledgeId)
    if (!pledge) throw new AppError('pledge_not_found')
    const [same] = await tx.execute<{ isSame: boolean }>(sql`
      select amount = ${amount} and reason = ${reason} as "isSame" from refunds
        where project_id = ${projectId} and pledge_id = ${pledgeId} and number = ${number}`)
    if (same?.isSame) return
    if (number !== pledge.nextNumber) throw new AppError('edited_meanwhile')
    if (amount > pledge.left) {
      const detail = `At most ${formatMoney(pledge.left, pledge.currency)} can be given back.`
      throw new AppError('invalid_body', { field: 'amount', detail })
    }
    await tx.execute(sql`
      insert into refunds (project_id, pledge_id, number, amount, reason, actor_id)
        values (${projectId}, ${pledgeId}, ${number}, ${amount}, ${reason}, ${viewer.id})`)
    // Wherever this stops, what is due for the project finishes it.
    await tx.execute(sql`
      update settlements set due_at = least(due_at, now()) where project_id = ${projectId}`)
  })
}

const refundsAtOnce = 100

type Open = {
  pledgeId: number
  backerId: number
  title: string
  currency: string
  number: number
  amount: number
  reason: string
  ref: string
  isOld: boolean
}

/** Asks for the refunds of a project of which no answer is known, and records what came of them. */
export async function finishRefunds(work: Settling, id: number): Promise<void> {
  const open = await work.db.execute<Open>(sql`
    select r.pledge_id::float8 as "pledgeId", l.backer_id::float8 as "backerId", p.title,
        p.currency, r.number::int as number, r.amount::float8 as amount,
        r.reason, c.provider_ref as ref,
        r.created_at < now() - interval '1 hour' as "isOld"
      from refunds r join charges c on c.project_id = r.project_id and c.pledge_id = r.pledge_id
        and c.status = 'succeeded'
        join pledges l on l.project_id = r.project_id and l.id = r.pledge_id
        join projects p on p.id = r.project_id
      where r.project_id = ${id} and r.status = 'intended'
      order by r.created_at limit ${refundsAtOnce}`)
  await askEach(open, async (refund) => {
    const answer = await work.payments.refund({
      key: `refund:${id}:${refund.pledgeId}:${refund.number}`,
      deadlineMs: providerDeadlineMs,
      ref: refund.ref,
      amount: refund.amount,
      reason: refund.reason,
      mayBeDone: refund.isOld,
    })
    work.reached?.('refund_asked')
    if (answer.outcome === 'unknown') return
    await recordRefund(work, id, refund, answer.outcome === 'succeeded' ? answer.ref : null)
    work.reached?.('refund_recorded')
  })
}

async function recordRefund(
  { db, site }: Settling,
  projectId: number,
  refund: Open,
  ref: string | null,
): Promise<void> {
  const { pledgeId, number, amount } = refund
  await db.transaction(async (tx) => {
    await lockBooks(tx, projectId)
    const recorded = await tx.execute(sql`
      update refunds set status = ${ref === null ? 'failed' : 'succeeded'}, provider_ref = ${ref},
          finished_at = clock_timestamp()
        where project_id = ${projectId} and pledge_id = ${pledgeId} and number = ${number}
          and status = 'intended'
        returning number`)
    if (recorded.length === 0 || ref === null) return
    await postLines(tx, [lineOf(projectId, pledgeId, 'refund', amount)])
    await mailRefunded(tx, site, { ...refund, id: projectId }, refund)
    await announceChange(tx, [tags.project(projectId)])
  })
}
