import type { FeeRates } from '#config'
import { lineOf, type NewLine } from '#features/ledger/rules/books'
import { feesOf } from '#features/pledges/rules/fees'
import type { Capture } from '#payments/provider'

/** What has come of one try to charge a pledge; `code` says why the card did not pay. */
export interface ChargeResult {
  pledgeId: number
  attempt: number
  status: 'succeeded' | 'declined' | 'needs_action'
  ref: string | null
  code: string | null
}

/** Of a pledge whose backer has never given a card. */
export const noCard = 'no_card' as const

/** The same try has the same key for ever: the provider does it once. */
export const chargeKey = (projectId: number, pledgeId: number, attempt: number) =>
  `charge:${projectId}:${pledgeId}:${attempt}`

/** What a key of ours names; undefined for a key that is not of a charge. */
export function readChargeKey(
  key: string,
): { projectId: number; pledgeId: number; attempt: number } | undefined {
  const [, projectId, pledgeId, attempt] =
    /^charge:(\d{1,15}):(\d{1,15}):(\d{1,4})$/.exec(key) ?? []
  if (!projectId || !pledgeId || !attempt) return undefined
  return { projectId: Number(projectId), pledgeId: Number(pledgeId), attempt: Number(attempt) }
}

/** What a provider's answer is to us; null when nothing is known yet. */
export function resultOf(
  pledge: { pledgeId: number; attempt: number },
  answer: Capture | { outcome: 'declined'; code: typeof noCard; ref: null },
): ChargeResult | null {
  const { pledgeId, attempt } = pledge
  if (answer.outcome === 'unknown') return null
  const code = answer.outcome === 'declined' ? answer.code : null
  return { pledgeId, attempt, status: answer.outcome, ref: answer.ref, code }
}

/** What a charge that was recorded has changed. */
export interface Verdict {
  pledgeId: number
  backerId: number
  /** The status of the pledge before. */
  was: 'pledged' | 'errored' | 'dropped' | 'collected'
  amount: number
  isPaid: boolean
  code: string | null
}

/** The lines of the books that a verdict makes. */
export function linesOf(
  project: { id: number; currency: string },
  { pledgeId, was, amount, isPaid }: Verdict,
  rates: FeeRates,
): NewLine[] {
  const line = (kind: NewLine['kind'], sum = amount) => lineOf(project.id, pledgeId, kind, sum)
  if (!isPaid) return was === 'pledged' ? [line('failure')] : []
  if (was === 'collected') return []
  const fees = feesOf(amount, project.currency, rates)
  return [
    ...(was === 'dropped' ? [line('restore')] : []),
    line(was === 'pledged' ? 'capture' : 'late_capture'),
    line('earn'),
    line('platform_fee', fees.platform),
    line('processing_fee', fees.processing),
  ]
}
