import type { Requirement } from './requirement'

const people = 'src/features/people'
const accounts = `${people}/accounts.test.ts`
const sessions = `${people}/sessions.test.ts`
const tokens = `${people}/access-tokens.test.ts`
const access = 'src/access.test.ts'
const headers = 'src/http/security-headers.test.ts'
const everyAnswer = 'src/http/every-answer.test.ts'
const badInput = 'src/http/bad-input.test.ts'
const ownEndpoint = 'src/http/own-endpoint.test.ts'
const api = 'src/http/api.test.ts'
const xss = 'src/xss.test.ts'
const canaries = 'src/canaries.test.ts'
const attacked = 'src/commands/bench-security.test.ts'
const uploads = 'src/features/images/uploads.test.ts'
const codec = 'src/images/codec.test.ts'
const hooks = 'src/features/webhooks/delivering.test.ts'
const pledging = 'src/features/pledges/pledging-api.test.ts'
const refusals = 'src/features/pledges/refusals.test.ts'
const proxies = 'src/server/proxies/proxies.test.ts'

/** What comes in, and what goes out to browsers: chapters 1 to 5. */
export const inputRequirements: readonly Requirement[] = [
  {
    asvs: '1.2.1–1.2.3, 3.2.2',
    control: 'React escapes what people write, in every page, feed, file and mail that shows it',
    tests: [
      [xss, 'no page runs it'],
      [xss, 'no file is broken by it'],
      [xss, 'no mail runs it, and every one says it whole'],
    ],
  },
  {
    asvs: '1.2.4',
    control: 'SQL takes values as parameters alone',
    tests: [[badInput, 'words of SQL are data']],
  },
  {
    asvs: '1.2.10',
    control: 'A cell of a CSV file that would be a formula is made text',
    tests: [['src/lib/csv.test.ts', 'a line of a file']],
  },
  {
    asvs: '1.3.1, 1.3.5',
    control: 'Markdown becomes an allow-list of elements; links lead to http, https and mailto',
    tests: [
      [xss, 'no page runs it'],
      [xss, 'what is looked for would be found: %s'],
    ],
  },
  {
    asvs: '1.3.6, 13.2.4, 15.3.2',
    control: 'Webhooks go to public addresses alone, resolved once; redirections are not followed',
    tests: [[hooks, 'nothing is sent into a private network, by address or by name']],
  },
  {
    asvs: '1.3.11',
    control: 'Words of people add no header and no reader to a mail',
    tests: [
      [
        'src/mail/headers.test.ts',
        'words with %j in them add no line to a mail’s head, and no reader',
      ],
    ],
  },
  {
    asvs: '2.2.1, 2.2.2, 15.3.5',
    control: 'Every input passes a schema on the server; what is wrong is named, never guessed',
    tests: [
      [ownEndpoint, 'bad input'],
      [badInput, '%s is answered without an error of ours'],
      [attacked, 'nothing breaks, leaks or is smuggled'],
    ],
  },
  {
    asvs: '2.3.1–2.3.3',
    control: 'A pledge is one transaction: its steps in order, once for each key',
    tests: [
      [pledging, 'fifty at once with one key are one pledge, and are answered the same'],
      [refusals, 'another price is shown anew, and nothing is done before that is confirmed'],
      ['src/features/pledges/model.test.ts', 'Postgres and the model agree, seed %d'],
    ],
  },
  {
    asvs: '2.3.4',
    control: 'What is limited is locked: never oversold, whatever is killed',
    tests: [
      [
        'src/commands/bench-faults.test.ts',
        'no pledge is lost, doubled or oversold whatever fails',
      ],
    ],
  },
  {
    asvs: '2.4.1',
    control: 'Limits on how often: sign-in, mails, uploads, follows, reports, every write by API',
    tests: [
      [accounts, 'too many tries have to wait, others need not'],
      [ownEndpoint, 'too much in a short time waits'],
      [uploads, 'more than sixty in an hour'],
    ],
  },
  {
    asvs: '3.2.1, 5.2.1, 5.2.2, 5.3.1, 5.3.2, 5.4.1, 5.4.2',
    control: 'A picture is told by its bytes, made anew as WebP and named by us; 10 MB at most',
    tests: [
      [uploads, 'not taken'],
      [uploads, 'a polyglot comes out as a picture alone'],
      [uploads, 'may be called anything'],
      [uploads, 'as %s comes back as WebP in every width'],
    ],
  },
  {
    asvs: '5.2.3, 5.2.6',
    control: 'A decompression bomb is refused by its size, or stopped in a process of its own',
    tests: [[codec, 'a decompression bomb']],
  },
  {
    asvs: '3.3.1–3.3.4',
    control: '__Host- cookies: Secure, HttpOnly, SameSite=Lax, without Domain',
    tests: [
      [sessions, 'every cookie is for this host and https alone, and for no script'],
      [accounts, 'a cookie is for this host, http and no script'],
    ],
  },
  {
    asvs: '3.4.1',
    control: 'On https: HSTS for a year, with the names below',
    tests: [[headers, 'on https, browsers are told to come by nothing else for a year']],
  },
  {
    asvs: '3.4.2',
    control: 'CORS opens what is public, for reading, without credentials',
    tests: [
      [api, 'a script of any site may ask, and ask again only for what has changed'],
      [ownEndpoint, 'a script of another site is not let in with a token'],
    ],
  },
  {
    asvs: '3.4.3–3.4.6, 3.4.8, 4.1.1',
    control: 'CSP, nosniff, referrer policy, no framing and opener policy on every answer',
    tests: [
      [headers, 'on %i %s'],
      [headers, 'on 304, where an answer has an ETag'],
      [headers, 'on 500 %s, which tells a number and nothing else'],
      [everyAnswer, 'the headers that guard a page are on a %i too'],
      [headers, 'a page that is not streamed carries no script'],
    ],
  },
  {
    asvs: '3.5.1–3.5.3',
    control:
      'A change needs Sec-Fetch-Site or Origin of this site; the API takes no cookie, and JSON',
    tests: [
      [access, '%s from another site'],
      ['src/reading-changes-nothing.test.ts', '%s is read, and that is all'],
      [accounts, 'with %o is answered %i'],
      [tokens, 'signs nobody in on a page, and a cookie nobody in at the API'],
    ],
  },
  {
    asvs: '3.7.2',
    control: 'next= leads to a path of this site',
    tests: [
      [accounts, 'leads back to where one came from, and nowhere else'],
      [badInput, '%s does not lead off the site'],
    ],
  },
  {
    asvs: '4.1.3, 15.3.4',
    control: 'X-Forwarded-For counts from a trusted proxy or a Unix socket, its last hop alone',
    tests: [
      [proxies, 'tells where a reader is, whatever they say of themselves'],
      [proxies, 'without a proxy nobody is believed, over a Unix socket the last hop'],
    ],
  },
  {
    asvs: '4.1.4, 13.4.4',
    control: 'Methods that a path does not have are refused, TRACE among them',
    tests: [
      [badInput, '%s can be read, not changed'],
      [canaries, 'TRACE and CONNECT are refused, and nothing is echoed'],
    ],
  },
  {
    asvs: '4.2.1',
    control: 'One request is one request, directly and through nginx, HAProxy and Caddy',
    tests: [[attacked, 'nothing breaks, leaks or is smuggled']],
  },
]
