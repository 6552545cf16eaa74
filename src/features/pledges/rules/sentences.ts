import type { PledgeStatus } from '#db/schema/backing'
import type { ProjectStatus } from '#features/projects/rules'
import { formatMoney } from '#lib/money'
import { formatMoment } from '#lib/time'

interface Funding {
  status: ProjectStatus
  allOrNothing: boolean
  endsAt: Date | null
}

/** When the card is charged, and when it is not. */
export function chargeSentence({ status, allOrNothing, endsAt }: Funding): string {
  if (status === 'successful') {
    return 'The campaign was successful: your card is charged at once, and your pledge can no longer be changed or canceled.'
  }
  const end = endsAt ? `on ${formatMoment(endsAt)}` : 'at its end'
  return allOrNothing
    ? `All or nothing: your card is charged ${end}, when the campaign ends, and only if it has reached its goal by then.`
    : `Flexible funding: your card is charged ${end}, when the campaign ends, whether or not it has reached its goal.`
}

/** Where a pledge stands, for its backer. */
export const statusSentences: Record<PledgeStatus, { label: string; sentence: string }> = {
  pledged: { label: 'Pledged', sentence: 'Nothing has been charged so far.' },
  canceled: { label: 'Canceled', sentence: 'You canceled it. Nothing is charged.' },
  collected: { label: 'Paid', sentence: 'Your card was charged.' },
  errored: {
    label: 'Payment failed',
    sentence: 'Your card could not be charged. Mend it, or the pledge is dropped.',
  },
  dropped: { label: 'Not charged', sentence: 'It came to nothing, and nothing is charged.' },
}

interface Movement {
  status: string
  amount: number
  at: string
}

/** What has happened to a pledge, in the order of time. */
export function historyOf(
  pledge: {
    status: PledgeStatus
    createdAt: Date
    changedAt: Date | null
    charges: readonly Movement[]
    refunds: readonly Movement[]
  },
  currency: string,
): { at: Date; text: string }[] {
  const { status, createdAt, changedAt, charges, refunds } = pledge
  const sum = (amount: number) => formatMoney(amount, currency)
  const lines = [{ at: createdAt, text: 'Pledged.' }]
  if (changedAt) {
    lines.push({ at: changedAt, text: status === 'canceled' ? 'Canceled.' : 'Changed last.' })
  }
  for (const charge of charges) {
    const text = chargeTexts[charge.status]?.(sum(charge.amount))
    if (text) lines.push({ at: new Date(charge.at), text })
  }
  for (const refund of refunds.filter((each) => each.status === 'succeeded')) {
    lines.push({ at: new Date(refund.at), text: `${sum(refund.amount)} was given back to you.` })
  }
  return lines.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

const chargeTexts: Record<string, (sum: string) => string> = {
  succeeded: (sum) => `${sum} was charged.`,
  declined: (sum) => `The bank refused to pay ${sum}.`,
  needs_action: (sum) => `The bank asks you to confirm ${sum}.`,
}
