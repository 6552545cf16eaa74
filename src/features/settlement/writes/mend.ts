import { sql } from 'drizzle-orm'
import { lockBooks } from '#features/ledger/writes'
import { findCard } from '#features/payments/reads'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { findUnpaid, type Unpaid } from '../reads/unpaid'
import { resultOf } from '../rules/charges'
import { collectPledges } from './collect'
import { makeDue } from './provider-events'
import { recordCharges } from './record'
import { providerDeadlineMs, type Settling } from './settling'

/**
 * Charges a pledge that could not be charged with another card, at once. Returns how it stands
 * then; paid already it stays so. Throws AppError pledge_not_found, not_found for a card of
 * somebody else, and wrong_state for a pledge that is not waiting to be paid.
 */
export async function mendPledge(
  work: Settling,
  backerId: number,
  { projectId, cardId }: { projectId: number; cardId: number },
): Promise<Unpaid> {
  const card = await findCard(work.db, backerId, cardId)
  if (!card) throw new AppError('not_found')
  const pledge = await work.db.transaction(async (tx) => {
    await lockBooks(tx, projectId)
    const pledge = await requireUnpaid(tx, backerId, projectId)
    // A try without an answer is asked for again as it was.
    if (pledge.status === 'errored' && pledge.charge !== 'intended') {
      await tx.execute(sql`update pledges set card_id = ${cardId}, changed_at = clock_timestamp()
        where project_id = ${projectId} and id = ${pledge.pledgeId}`)
    }
    return pledge
  })
  if (pledge.status === 'collected') return pledge
  await collectPledges(work, pledge, pledge.pledgeId)
  await makeDue(work, projectId)
  return await requireUnpaid(work.db, backerId, projectId)
}

/**
 * Takes a backer to their bank, which wants them to confirm a payment. Returns the address to send
 * the browser to; undefined when that is settled. Throws as `mendPledge` does.
 */
export async function confirmPayment(
  work: Settling,
  backerId: number,
  projectId: number,
): Promise<string | undefined> {
  const pledge = await requireUnpaid(work.db, backerId, projectId)
  if (pledge.charge !== 'needs_action' || pledge.ref === null || pledge.cardId === null) {
    return undefined
  }
  const card = await findCard(work.db, backerId, pledge.cardId)
  if (!card) throw new AppError('not_found')
  const answer = await work.payments.authenticate({
    key: `confirm:${projectId}:${pledge.pledgeId}:${pledge.attempt}:${crypto.randomUUID()}`,
    deadlineMs: providerDeadlineMs,
    ref: pledge.ref,
    card,
    returnUrl: `${work.site}${paths.mendPledge({ id: projectId }, { back: 'yes' })}`,
  })
  if (answer.outcome === 'redirect') return answer.url
  await record(work, pledge, resultOf(attemptOf(pledge), answer))
  return undefined
}

/** Learns from the provider what came of a payment that its backer was to confirm. */
export async function checkPayment(work: Settling, pledge: Unpaid): Promise<void> {
  if (pledge.charge !== 'needs_action' || pledge.ref === null) return
  const answer = await work.payments.check(pledge.ref, providerDeadlineMs)
  await record(work, pledge, resultOf(attemptOf(pledge), answer))
}

const attemptOf = ({ pledgeId, attempt }: Unpaid) => ({ pledgeId, attempt: attempt ?? 0 })

async function record(work: Settling, pledge: Unpaid, result: ReturnType<typeof resultOf>) {
  if (!result) return
  const verdicts = await recordCharges(work, pledge, [result])
  if (verdicts.length > 0) await makeDue(work, pledge.id)
}

async function requireUnpaid(
  db: Pick<Settling['db'], 'execute'>,
  backerId: number,
  projectId: number,
): Promise<Unpaid> {
  const pledge = await findUnpaid(db, backerId, projectId)
  if (!pledge) throw new AppError('pledge_not_found')
  if (pledge.status !== 'errored' && pledge.status !== 'collected')
    throw new AppError('wrong_state')
  return pledge
}
