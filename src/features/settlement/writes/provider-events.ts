import { sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import { lineOf } from '#features/ledger/rules/books'
import { lockBooks, postLines } from '#features/ledger/writes'
import { AppError } from '#lib/errors'
import type { PaymentEvent, ProviderName } from '#payments/provider'
import { paths } from '#web/paths'
import { disputeLetter } from '../parts/letters'
import { readChargeKey } from '../rules/charges'
import { mailCreator } from './mails'
import { recordCharges } from './record'
import type { Settling } from './settling'

type Of<Kind extends PaymentEvent['kind']> = Extract<PaymentEvent, { kind: Kind }>
type Dispute = Of<'dispute_opened' | 'dispute_closed'>

type Charged = {
  id: number
  title: string
  currency: string
  creatorId: number
  pledgeId: number
  attempt: number
}

/**
 * Does what a provider has told of its own accord. The same may be told again, or what happened
 * later before what happened first. Throws AppError pledge_not_found where we know of no such
 * charge, perhaps not yet: it is told again.
 */
export async function recordProviderEvent(
  work: Settling,
  { provider, event }: { provider: ProviderName; event: PaymentEvent },
): Promise<void> {
  if (event.kind === 'other') return
  const charge = await findCharge(work, provider, event)
  if (!charge) throw new AppError('pledge_not_found')
  if (event.kind === 'charge_succeeded' || event.kind === 'charge_failed') {
    const status = event.kind === 'charge_succeeded' ? 'succeeded' : 'declined'
    const code = event.kind === 'charge_failed' ? event.code : null
    const { pledgeId, attempt } = charge
    const result = { pledgeId, attempt, status, ref: event.chargeRef, code } as const
    const verdicts = await recordCharges(work, charge, [result])
    if (verdicts.length > 0) await makeDue(work, charge.id)
  } else if (event.kind === 'refund_failed') await takeRefundBack(work, charge, event)
  else await recordDispute(work, charge, event)
}

async function findCharge(
  { db }: Settling,
  provider: ProviderName,
  event: Exclude<PaymentEvent, { kind: 'other' }>,
): Promise<Charged | undefined> {
  // What was asked for with a key may be told before its answer has been recorded.
  const named = 'key' in event && event.key !== null ? readChargeKey(event.key) : undefined
  const which = named
    ? sql`c.project_id = ${named.projectId} and c.pledge_id = ${named.pledgeId}
        and c.attempt = ${named.attempt}`
    : sql`c.provider_ref = ${event.chargeRef}`
  const [charge] = await db.execute<Charged>(sql`
    select p.id::float8 as id, p.title, p.currency, p.creator_id::float8 as "creatorId",
        c.pledge_id::float8 as "pledgeId", c.attempt::int as attempt
      from charges c join projects p on p.id = c.project_id
      where ${which} and c.provider = ${provider} limit 1`)
  return charge
}

/** Has the next step of a project decided anew. */
export async function makeDue({ db }: Pick<Settling, 'db'>, projectId: number): Promise<void> {
  await db.execute(sql`update settlements set due_at = now() where project_id = ${projectId}`)
}

async function takeRefundBack(
  work: Settling,
  charge: Charged,
  { refundRef }: Of<'refund_failed'>,
): Promise<void> {
  await work.db.transaction(async (tx) => {
    await lockBooks(tx, charge.id)
    const [refund] = await tx.execute<{ amount: number }>(sql`
      update refunds set status = 'failed'
        where project_id = ${charge.id} and pledge_id = ${charge.pledgeId}
          and provider_ref = ${refundRef} and status = 'succeeded'
        returning amount::float8 as amount`)
    if (!refund) return
    await postLines(tx, [lineOf(charge.id, charge.pledgeId, 'refund_failed', refund.amount)])
    await announceChange(tx, [tags.project(charge.id)])
  })
  await makeDue(work, charge.id)
}

/** An amount in dispute is not the creator's until they have won. */
async function recordDispute(work: Settling, charge: Charged, dispute: Dispute): Promise<void> {
  const { id, pledgeId, creatorId } = charge
  const { disputeRef, amount, reason } = dispute
  const status = dispute.kind === 'dispute_opened' ? 'open' : dispute.isWon ? 'won' : 'lost'
  await work.db.transaction(async (tx) => {
    await lockBooks(tx, id)
    const opened = await tx.execute(sql`
      insert into disputes (project_id, pledge_id, provider_ref, amount, reason)
        values (${id}, ${pledgeId}, ${disputeRef}, ${amount}, ${reason})
        on conflict do nothing returning amount`)
    if (opened.length > 0) await postLines(tx, [lineOf(id, pledgeId, 'dispute', amount)])
    const [closed] = await tx.execute<{ amount: number }>(sql`
      update disputes set status = ${status}, closed_at = clock_timestamp()
        where project_id = ${id} and pledge_id = ${pledgeId} and provider_ref = ${disputeRef}
          and status = 'open' and ${status} <> 'open'
        returning amount::float8 as amount`)
    if (closed && status === 'won') {
      await postLines(tx, [lineOf(id, pledgeId, 'dispute_won', closed.amount)])
    }
    await mailCreator(tx, creatorId, `dispute ${id} ${disputeRef} ${status}`, (name) =>
      disputeLetter(charge, { amount, name, status }, work.site + paths.money({ id })),
    )
    await announceChange(tx, [tags.project(id)])
  })
  await makeDue(work, id)
}
