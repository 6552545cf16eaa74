import type { Requirement } from './requirement'

const people = 'src/features/people'
const accounts = `${people}/accounts.test.ts`
const sessions = `${people}/sessions.test.ts`
const secondStep = `${people}/second-step.test.ts`
const tokens = `${people}/access-tokens.test.ts`
const access = 'src/access.test.ts'
const apiAccess = 'src/api-access.test.ts'
const headers = 'src/http/security-headers.test.ts'
const everyAnswer = 'src/http/every-answer.test.ts'
const badInput = 'src/http/bad-input.test.ts'
const ownEndpoint = 'src/http/own-endpoint.test.ts'
const api = 'src/http/api.test.ts'
const metrics = 'src/commands/metrics.test.ts'
const canaries = 'src/canaries.test.ts'
const attacked = 'src/commands/bench-security.test.ts'
const codec = 'src/images/codec.test.ts'
const refusals = 'src/features/pledges/refusals.test.ts'
const dependencies = 'src/packaging/dependencies.test.ts'

/** Who somebody is and may do, and what is told of it: chapters 6 to 16. */
export const peopleRequirements: readonly Requirement[] = [
  {
    asvs: '6.1.1, 6.3.1',
    control: 'Limits of tries by address and account; the account is slowed down, never locked',
    tests: [
      [accounts, 'too many tries have to wait, others need not'],
      [sessions, 'guessed at from many addresses, the account is slow, and still its owner’s'],
    ],
  },
  {
    asvs: '6.2.1–6.2.12',
    control: '8 to 128 characters of any kind, whole; the most common are refused, none runs out',
    tests: [
      [accounts, 'a form with %o comes back filled in'],
      [sessions, 'a password'],
      [accounts, 'change the password for who knows it, and sign out other browsers'],
    ],
  },
  {
    asvs: '6.3.2',
    control: 'There is no account by default',
    tests: [[sessions, 'a new site has no account, and so nobody whose password is known']],
  },
  {
    asvs: '6.3.3, 6.5.1–6.5.5',
    control: 'A second step by TOTP is offered: each code once, recovery codes once, tries limited',
    tests: [
      [secondStep, 'the password alone opens nothing but the way to the code'],
      [secondStep, 'a code of long ago is none, one of just before is'],
      [secondStep, 'a recovery code works once'],
      [secondStep, 'too many codes have to wait'],
    ],
  },
  {
    asvs: '6.3.8',
    control: 'The same answer and the same work for an address nobody has',
    tests: [
      [`${people}/equal-work.test.ts`, 'signing in'],
      [accounts, 'says the same of a wrong password and of an address nobody has'],
      [accounts, 'says the same when there is an account, and mails that there is'],
    ],
  },
  {
    asvs: '6.4.1, 6.4.3',
    control: 'Mailed links work once, for a time, and do not go round the second step',
    tests: [
      [accounts, 'is replaced by a mailed link, which signs everybody else out'],
      [secondStep, 'nor does a mailed link to a new password go round it'],
    ],
  },
  {
    asvs: '7.2.2–7.2.4',
    control: 'A session is 256 random bits, new at each sign-in, kept as SHA-256',
    tests: [
      [accounts, 'gives a new token, kept as a hash; signing out ends it'],
      [sessions, 'that was there before signing in is worth nothing after it'],
    ],
  },
  {
    asvs: '7.3.1, 7.3.2',
    control: 'It ends after 30 days without a visit, and after 90 in any case',
    tests: [
      [sessions, 'ends after %s'],
      [sessions, 'lasts no longer than 90 days from its beginning'],
    ],
  },
  {
    asvs: '7.4.1–7.4.5, 7.5.2',
    control: 'Ended by signing out, a new password, its owner, an operator, and with the account',
    tests: [
      [accounts, 'list the browsers, and sign one out: one’s own alone'],
      [accounts, 'change the password for who knows it, and sign out other browsers'],
      [sessions, 'and every other of somebody is ended by whoever looks after the site'],
      [
        'src/features/privacy/privacy.test.ts',
        'takes the name and what is theirs, and keeps what others count on',
      ],
    ],
  },
  {
    asvs: '8.2.1–8.2.3, 8.3.1',
    control: 'Who may do what: each route and endpoint, for everybody a rule may tell apart',
    tests: [
      [access, 'every page and every route that changes something is in a table'],
      [access, 'what changes something'],
      [access, 'what is somebody’s own'],
      [
        apiAccess,
        'every endpoint that acts for somebody is in the table, and every other only reads',
      ],
      [refusals, 'somebody else’s card does not pay'],
    ],
  },
  {
    asvs: '7.2.1, 7.3.2, 8.2.1',
    control: 'Access tokens are random, run out, and open what their scope says',
    tests: [
      [tokens, 'that is unknown, revoked or too old is refused'],
      [tokens, 'opens what its scope says'],
    ],
  },
  {
    asvs: '11.4.2',
    control: 'Passwords are kept as argon2id with 19 MiB and two passes; cheaper ones made anew',
    tests: [
      [sessions, 'is kept as argon2id, as slow as OWASP wants it'],
      [sessions, 'that was hashed more cheaply is hashed anew when it is typed, and not before'],
    ],
  },
  {
    asvs: '4.1.5 (level 3)',
    control: 'What providers tell is signed, fresh, and believed then alone',
    tests: [
      ['src/payments/stripe.test.ts', 'webhooks are read when they are signed, and only then'],
    ],
  },
  {
    asvs: '14.2.1, 16.2.5',
    control: 'No secret in logs, dumps, traces, metrics, error pages or messages',
    tests: [
      [canaries, 'no secret is anywhere in what it has said'],
      [everyAnswer, 'what a statement was given is not logged when it fails'],
      [metrics, 'nothing of what somebody has written or shown is in the log'],
    ],
  },
  {
    asvs: '13.4.2–13.4.5',
    control: 'No debug mode, no listing of files; metrics on a listener of their own',
    tests: [
      [metrics, 'readers cannot ask for metrics, and the admin listener answers nothing else'],
      [badInput, '%i'],
    ],
  },
  {
    asvs: '14.3.2',
    control: 'What is somebody’s own is kept by no cache',
    tests: [
      [access, 'what is somebody’s own'],
      [
        'src/http/server-timing.test.ts',
        'an answer with times in it is nobody else’s, and kept nowhere',
      ],
    ],
  },
  {
    asvs: '15.1.1, 15.2.1',
    control: 'Known holes of dependencies stop a build, or are tolerated by name, for a time',
    tests: [
      [dependencies, 'are in none of our packages: %s'],
      [dependencies, 'are seen, and tolerated only as long as was said'],
    ],
  },
  {
    asvs: '15.1.2',
    control: 'A bill of materials with every release; licences from a list',
    tests: [
      [
        'src/packaging/package.test.ts',
        'the bill of materials names every package of the lock, with version, licence and hash',
      ],
      [dependencies, 'every package is under a licence we have looked at'],
    ],
  },
  {
    asvs: '15.1.3, 15.2.2',
    control: 'What is slow waits in a queue with an end: pictures, passwords',
    tests: [
      [codec, 'one picture is decoded at a time, the others wait, and too many are sent away'],
      [
        'src/lib/passwords.test.ts',
        'a hundred may wait for their turn, others are told so at once',
      ],
    ],
  },
  {
    asvs: '15.3.1, 15.3.3',
    control: 'Answers have the fields of their schema; unknown fields of a body are refused',
    tests: [
      [api, 'answers as declared for projects in every state'],
      [ownEndpoint, 'names the field, and what may have been meant'],
      [attacked, 'nothing breaks, leaks or is smuggled'],
    ],
  },
  {
    asvs: '15.3.6, 15.3.7',
    control: '__proto__ is a name like any; a parameter given twice is refused by the API',
    tests: [
      [badInput, '%s is answered without an error of ours'],
      [api, 'refusals'],
      ['bench/security/requests.test.ts', 'the hostile ones have what is hard to read in them'],
    ],
  },
  {
    asvs: '16.2.1–16.2.4, 16.3.1–16.3.3, 16.4.1',
    control: 'Each request is one line of JSON in UTC: sign-ins and refusals by route and status',
    tests: [
      [metrics, 'each request is one line, with the id it was given'],
      ['src/features/staff/log.test.ts', '%s leaves one line in the log'],
    ],
  },
  {
    asvs: '16.5.1–16.5.3',
    control: 'An error tells a number and nothing else; without the database nothing opens',
    tests: [
      [headers, 'on 500 %s, which tells a number and nothing else'],
      [
        'src/http/database-down.test.ts',
        'while the database is down every page says so, and all is well when it is back',
      ],
    ],
  },
]
