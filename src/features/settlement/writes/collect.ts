import type { Capture } from '#payments/provider'
import type { DueProject } from '../reads/due'
import { type ChargeResult, chargeKey, noCard, resultOf } from '../rules/charges'
import { type Intended, intendCharges } from './intend'
import { recordCharges } from './record'
import { askEach, providerDeadlineMs, type Settling } from './settling'

type Charged = Pick<DueProject, 'id' | 'title' | 'currency'>

/**
 * Charges the pledges of a successful project, batch by batch: written down, then asked for with a
 * key of its own, then recorded. Wherever it is stopped, it goes on there the next time. What the
 * provider gave no answer about stays as intended, to be asked for again with the same key. With
 * `only`, nothing but that pledge is charged.
 */
export async function collectPledges(
  work: Settling,
  project: Charged,
  only?: number,
): Promise<void> {
  let after = 0
  for (;;) {
    const batch = await intendCharges(work, project, { after, only })
    const last = batch.at(-1)
    if (!last) return
    work.reached?.('charges_intended')
    const results = await askEach(batch, (one) => charge(work, project, one))
    work.reached?.('charges_asked')
    await recordCharges(work, project, results.flat())
    work.reached?.('charges_recorded')
    work.onCharged?.(batch.length)
    if (work.isEnding?.()) return
    after = last.pledgeId
  }
}

async function charge(
  work: Settling,
  project: Charged,
  intended: Intended,
): Promise<ChargeResult[]> {
  const { pledgeId, attempt, waiting } = intended
  const given = waiting ? await giveUp(work, project, pledgeId, waiting) : null
  if (given === 'unknown') return []
  if (given) return [given, { pledgeId, attempt, status: 'declined', ref: null, code: null }]
  const answer = await capture(work, project, intended)
  const result = resultOf(intended, answer)
  return result ? [result] : []
}

async function capture(
  { payments }: Settling,
  project: Charged,
  { pledgeId, attempt, amount, provider, customerRef, methodRef, isAgain }: Intended,
): Promise<Capture | { outcome: 'declined'; code: typeof noCard; ref: null }> {
  if (customerRef === null || methodRef === null || provider !== payments.name) {
    return { outcome: 'declined', code: noCard, ref: null }
  }
  return await payments.capture({
    key: chargeKey(project.id, pledgeId, attempt),
    deadlineMs: providerDeadlineMs,
    amount,
    currency: project.currency,
    card: { customerRef, methodRef },
    description: project.title,
    mayBeDone: isAgain,
  })
}

/** Ends a try that waits for the backer's bank; what it came to meanwhile, if it was paid. */
export async function giveUp(
  { payments }: Pick<Settling, 'payments'>,
  project: Pick<DueProject, 'id'>,
  pledgeId: number,
  { attempt, ref }: { attempt: number; ref: string },
): Promise<ChargeResult | 'unknown' | null> {
  const key = `cancel:${chargeKey(project.id, pledgeId, attempt)}`
  const answer = await payments.cancel({ key, deadlineMs: providerDeadlineMs, ref })
  if (answer.outcome === 'unknown') return 'unknown'
  return answer.outcome === 'succeeded'
    ? { pledgeId, attempt, status: 'succeeded', ref, code: null }
    : null
}
