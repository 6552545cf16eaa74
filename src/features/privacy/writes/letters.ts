import { writeLetter } from '#lib/letter'
import { paths } from '#web/paths'

export const goodbyeLetter = (name: string, site: string) =>
  writeLetter({
    subject: 'Your account is deleted',
    greeting: `Hello ${name},`,
    paragraphs: [
      'your account is deleted, and this address is free again.',
      'What you have said and backed stays, under the name of nobody.',
      'If it was not you, answer this mail.',
    ],
    action: { label: 'Come back one day', url: site + paths.signUp() },
    reason: 'This is the last mail about your account.',
  })
