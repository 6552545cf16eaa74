import { writeLetter } from '#lib/letter'
import { paths } from '#web/paths'

// Every mail about an account. `site` is the address of the site, without a slash at its end.

const unasked = 'Somebody typed this address on our site. If it was not you, forget this mail.'
const member = 'This is about your account, so it comes whatever you have chosen to hear of.'

export const welcomeLetter = (
  name: string,
  site: string,
  query: { token: string; next: string | undefined },
) =>
  writeLetter({
    subject: 'Confirm your address',
    greeting: `Hello ${name},`,
    paragraphs: ['one click, and you are in. The link works once, for two days.'],
    action: { label: 'Confirm my address', url: site + paths.confirmSignUp(query) },
    reason: unasked,
  })

export const alreadyHereLetter = (name: string, site: string) =>
  writeLetter({
    subject: 'You have an account already',
    greeting: `Hello ${name},`,
    paragraphs: [
      'you have just asked to join with this address, and it has an account already.',
      `Sign in at ${site + paths.signIn()}, or choose a new password if the old one is gone.`,
    ],
    action: { label: 'Choose a new password', url: site + paths.reset() },
    reason: unasked,
  })

export const resetLetter = (name: string, site: string, token: string) =>
  writeLetter({
    subject: 'Choose a new password',
    greeting: `Hello ${name},`,
    paragraphs: ['here is the way to a new password. The link works once, for an hour.'],
    action: { label: 'Choose a new password', url: site + paths.confirmReset({ token }) },
    reason: unasked,
  })

export const passwordChangedLetter = (name: string, site: string) =>
  writeLetter({
    subject: 'Your password has changed',
    greeting: `Hello ${name},`,
    paragraphs: [
      'your password has just been changed, and all other browsers were signed out.',
      'If it was not you, choose a new one now.',
    ],
    action: { label: 'It was not me', url: site + paths.reset() },
    reason: member,
  })

export const newEmailLetter = (name: string, site: string, token: string) =>
  writeLetter({
    subject: 'Confirm your new address',
    greeting: `Hello ${name},`,
    paragraphs: ['one click, and this is the address of your account. The link works for an hour.'],
    action: { label: 'Use this address', url: site + paths.confirmEmail({ token }) },
    reason: unasked,
  })

export const emailChangesLetter = (name: string, site: string, email: string) =>
  writeLetter({
    subject: 'Your address is being changed',
    greeting: `Hello ${name},`,
    paragraphs: [
      `somebody signed in as you, with your password, asked to use ${email} from now on.`,
      'If it was not you, choose a new password now: the link that was mailed stops working then.',
    ],
    action: { label: 'It was not me', url: site + paths.reset() },
    reason: member,
  })

export const secondStepLetter = (name: string, site: string, isOn: boolean) =>
  writeLetter({
    subject: isOn ? 'Signing in takes two steps now' : 'Signing in takes one step now',
    greeting: `Hello ${name},`,
    paragraphs: [
      isOn
        ? 'from now on we ask for a code of your authenticator app when you sign in.'
        : 'from now on your password alone signs you in.',
      'If it was not you, choose a new password now.',
    ],
    action: { label: 'It was not me', url: site + paths.reset() },
    reason: member,
  })

export const accessTokenLetter = (name: string, site: string, tokenName: string) =>
  writeLetter({
    subject: 'A program may act for you now',
    greeting: `Hello ${name},`,
    paragraphs: [
      `somebody signed in as you, with your password, has made an access token: “${tokenName}”.`,
      'If it was not you, revoke it now and choose a new password.',
    ],
    action: { label: 'See your tokens', url: site + paths.settingsOf('tokens') },
    reason: member,
  })
