import { writeLetter } from '#lib/letter'
import { failingHoursMax } from './rules/sending'

/** That a webhook was switched off, and why. */
export function disabledLetter(
  off: { title: string; name: string; url: string; isGone: boolean },
  page: string,
) {
  const why = off.isGone
    ? 'Your program has answered that it is gone (410).'
    : `For more than ${failingHoursMax} hours nothing that we sent has arrived.`
  return writeLetter({
    subject: `A webhook of ${off.title} is switched off`,
    greeting: `Hello ${off.name},`,
    paragraphs: [
      `we have stopped telling ${off.url} what happens to ${off.title}. ${why}`,
      'What we tried to send, and what was answered, is on its page. There you can switch it on ' +
        'again and send what has not arrived once more.',
    ],
    action: { label: 'See the webhook', url: page },
    reason: 'You have made this webhook.',
  })
}
