import type { ProjectStatus } from '#features/projects/rules'
import { writeLetter } from '#lib/letter'
import { formatMoney } from '#lib/money'
import { formatMoment } from '#lib/time'
import type { Line } from '../rules/choice'
import { chargeSentence } from '../rules/sentences'

// Every mail about a pledge. Addresses are absolute.

const unasked = 'Somebody typed this address on our site. If it was not you, forget this mail.'

export const guestLetter = (name: string, url: string) =>
  writeLetter({
    subject: 'Go on with your pledge',
    greeting: `Hello ${name},`,
    paragraphs: [
      'one click, and you go on where you were. Nothing is pledged before you confirm it there.',
      'This link also shows what you have pledged without an account, so keep it to yourself.',
    ],
    action: { label: 'Go on with my pledge', url },
    reason: unasked,
  })

export const accountLetter = (name: string, url: string) =>
  writeLetter({
    subject: 'Go on with your pledge',
    greeting: `Hello ${name},`,
    paragraphs: ['this address has an account with us. Sign in, and you go on where you were.'],
    action: { label: 'Sign in and go on', url },
    reason: unasked,
  })

export interface Receipt {
  title: string
  currency: string
  status: ProjectStatus
  allOrNothing: boolean
  endsAt: Date | null
  lines: readonly Line[]
  total: number
}

const receiptLines = ({ lines, total, currency }: Receipt) =>
  [...lines, { label: 'Total', amount: total }]
    .map(({ label, amount }) => `${label}: ${formatMoney(amount, currency)}`)
    .join(' · ')

export const receiptLetter = (
  name: string,
  receipt: Receipt,
  { url, isChange, isGuest }: { url: string; isChange: boolean; isGuest: boolean },
) =>
  writeLetter({
    subject: isChange
      ? `Your pledge to ${receipt.title} has changed`
      : `You are backing ${receipt.title}`,
    greeting: `Hello ${name},`,
    paragraphs: [
      isChange ? 'this is your pledge now:' : 'thank you. This is your pledge:',
      receiptLines(receipt),
      chargeSentence(receipt),
      ...(isGuest
        ? [
            `The link below is yours alone: with it you see${receipt.status === 'live' ? ', change or cancel' : ''} your pledge, and make an account of it if you like.`,
          ]
        : []),
    ],
    action: { label: 'See your pledge', url },
    reason: 'You have made this pledge, so this comes whatever you have chosen to hear of.',
  })

export const canceledLetter = (name: string, title: string, at: Date, url: string) =>
  writeLetter({
    subject: `Your pledge to ${title} is canceled`,
    greeting: `Hello ${name},`,
    paragraphs: [`you canceled it on ${formatMoment(at)}. Your card is not charged.`],
    action: { label: 'See the project', url },
    reason: 'You had made this pledge, so this comes whatever you have chosen to hear of.',
  })
