import { writeLetter } from '#lib/letter'
import { formatMoney } from '#lib/money'
import { declineSentence } from '#payments/provider'
import { noCard } from '../rules/charges'
import { reminderHours, retryDays } from '../rules/dates'

type Project = { id: number; title: string; currency: string }

/** Why a pledge could not be charged, for its backer; `code` as it is kept with the charge. */
export const reasonOf = (code: string | null): string =>
  code === noCard
    ? 'There is no card that could be charged.'
    : code === null
      ? 'Your bank wants you to confirm the payment.'
      : declineSentence(code)

/** That a pledge could not be charged, and what to do. */
export function erroredLetter(
  project: Project,
  pledge: { amount: number; code: string | null; name: string },
  url: string,
) {
  const amount = formatMoney(pledge.amount, project.currency)
  return writeLetter({
    subject: `Your pledge to ${project.title} could not be charged`,
    greeting: `Hello ${pledge.name},`,
    paragraphs: [
      `your pledge of ${amount} to ${project.title} was to be charged. ${reasonOf(pledge.code)}`,
      `Choose another card or confirm the payment within ${retryDays} days of our first try, and ` +
        'your pledge stands. After that we try once more, and then it is dropped.',
    ],
    action: { label: 'Put it right', url },
    reason: `You have backed this project. Until it is paid we write every ${reminderHours} hours.`,
  })
}

/** That a pledge was given up. */
export function droppedLetter(
  project: Project,
  pledge: { amount: number; name: string },
  url: string,
) {
  const amount = formatMoney(pledge.amount, project.currency)
  return writeLetter({
    subject: `Your pledge to ${project.title} was dropped`,
    greeting: `Hello ${pledge.name},`,
    paragraphs: [
      `for ${retryDays} days your pledge of ${amount} could not be charged, so it was dropped. ` +
        'You have paid nothing, and nothing will be sent to you.',
    ],
    action: { label: 'See your pledge', url },
    reason: 'You have backed this project.',
  })
}

/** That a creator gives a backer money back. */
export function refundLetter(
  project: Project,
  refund: { amount: number; name: string; reason: string },
  url: string,
) {
  const amount = formatMoney(refund.amount, project.currency)
  return writeLetter({
    subject: `${amount} of your pledge to ${project.title} is given back`,
    greeting: `Hello ${refund.name},`,
    paragraphs: [
      `the creator of ${project.title} gives you ${amount} back. It takes some days until your ` +
        'bank shows it.',
      `Their reason: ${refund.reason}`,
    ],
    action: { label: 'See your pledge', url },
    reason: 'You have backed this project.',
  })
}

/** That a creator was sent what their project has brought in. */
export function payoutLetter(
  project: Project,
  payout: { amount: number; name: string },
  url: string,
) {
  const amount = formatMoney(payout.amount, project.currency)
  return writeLetter({
    subject: `${amount} of ${project.title} is on its way to you`,
    greeting: `Hello ${payout.name},`,
    paragraphs: [
      `we have sent you ${amount}: what ${project.title} has collected, without fees, refunds and ` +
        'disputes. The statement shows every figure.',
    ],
    action: { label: 'See the statement', url },
    reason: 'You have made this project.',
  })
}

/** That a backer's bank takes money back, or what came of that. */
export function disputeLetter(
  project: Project,
  dispute: { amount: number; name: string; status: 'open' | 'won' | 'lost' },
  url: string,
) {
  const amount = formatMoney(dispute.amount, project.currency)
  const sentences = {
    open: `A backer has asked their bank to take back a payment of ${amount}. Until that is decided, the amount is not yours.`,
    won: `The bank has decided for you: the disputed ${amount} is yours again.`,
    lost: `The bank has decided for the backer: the disputed ${amount} stays with them.`,
  }
  return writeLetter({
    subject: `A dispute about ${amount} for ${project.title}`,
    greeting: `Hello ${dispute.name},`,
    paragraphs: [sentences[dispute.status]],
    action: { label: 'See the figures', url },
    reason: 'You have made this project.',
  })
}
