import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { createApp } from '#app'
import { dropEndedSessions } from '#db/sessions'
import { type TestApp, testApp } from '#testing/app'
import { program, signedIn } from '#testing/cast'
import { type TestDatabase, testDatabase } from '#testing/database'
import { checkoutCommand, run } from '#testing/program'
import { joined, mailedPath, visitor } from '#testing/visitor'

// What a password and a session are worth, for how long, and who ends them.

setDefaultTimeout(60_000)

let database: TestDatabase
let site: TestApp
beforeAll(async () => {
  database = await testDatabase()
  site = await testApp(database)
})
beforeEach(async () => {
  await site.db.$client`delete from rate_limits`
})
afterAll(() => site.close(), 30_000)

const usual = 'correct horse battery'
const argon2id = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{43}\$[\w+/]{43}$/

test('a new site has no account, and so nobody whose password is known', async () => {
  const [row] = await site.db.$client`select count(*)::int as accounts from accounts`
  expect(row?.['accounts']).toBe(0)
})

describe('a password', () => {
  test.each([
    ['of 128 letters, none of which is cut off', 'x'.repeat(127), 'y', 'z'],
    ['of 128 beyond ASCII', 'ä'.repeat(127), 'ö', 'o'],
    ['of emoji and Hebrew, with spaces at its ends', ' 👩‍🚀 עדי שלום ', ' ', ''],
    ['of words without capitals, digits or signs', 'plain small words ', 'here', 'Here'],
  ])('%s', async (_, start, end, otherEnd) => {
    const reader = visitor(site)
    const email = `${Bun.hash(start + end).toString(36)}@example.test`
    await reader.post('/sign-up', { name: 'Long', email, password: start + end })
    const link = new URL(await mailedPath(site, email), 'http://x')
    await reader.post('/sign-up/confirm', { token: link.searchParams.get('token') ?? '' })
    const enter = (password: string) => visitor(site).post('/sign-in', { email, password })
    expect((await enter(start + end)).status).toBe(303)
    expect((await enter(start + otherEnd)).status).toBe(422)
  })

  test('is kept as argon2id, as slow as OWASP wants it', async () => {
    await joined(site, 'Phc Form')
    const rows = await site.db.$client`
      select password_hash as hash from accounts where email = 'phc.form@example.test'`
    expect(rows[0]?.['hash']).toMatch(argon2id)
  })

  test('that was hashed more cheaply is hashed anew when it is typed, and not before', async () => {
    await joined(site, 'Old Hash')
    const email = 'old.hash@example.test'
    const cheap = await Bun.password.hash(usual, {
      algorithm: 'argon2id',
      memoryCost: 8,
      timeCost: 1,
    })
    const { $client } = site.db
    await $client`update accounts set password_hash = ${cheap} where email = ${email}`
    const hash = async () => {
      const [row] = await $client`select password_hash as hash from accounts where email = ${email}`
      return String(row?.['hash'])
    }
    const enter = async (password: string) =>
      (await visitor(site).post('/sign-in', { email, password })).status
    expect([await enter('not this one'), await hash()]).toEqual([422, cheap])
    expect(await enter(usual)).toBe(303)
    const anew = await hash()
    expect(anew).toMatch(argon2id)
    expect([await enter(usual), await hash()]).toEqual([303, anew])
  })
})

test('guessed at from many addresses, the account is slow, and still its owner’s', async () => {
  await joined(site, 'Vic Tim')
  const email = 'vic.tim@example.test'
  const enter = (address: string, password: string) => {
    const headers = { 'sec-fetch-site': 'same-origin' }
    const body = new URLSearchParams({ email, password })
    const request = new Request('http://localhost:3000/sign-in', { method: 'POST', headers, body })
    return site.app.fetch(request, { client: () => address })
  }
  for (let each = 0; each < 31; each++) {
    expect((await enter(`192.0.2.${each}`, 'not this one')).status).toBe(422)
  }
  const begun = performance.now()
  const owner = await enter('198.51.100.7', usual)
  expect(performance.now() - begun).toBeGreaterThan(1_900)
  expect(owner.status).toBe(303)
})

describe('a session', () => {
  const settings = async (reader: { get(path: string): Promise<Response> }) =>
    (await reader.get('/settings')).status

  test.each([
    ['a month without a visit', "seen_at = now() - interval '30 days 1 second'"],
    ['three months in any case', "expires_at = now() - interval '1 second'"],
  ])('ends after %s', async (_, change) => {
    const reader = await signedIn(site, `Ends ${change.slice(0, 5)}`)
    expect(await settings(reader)).toBe(200)
    await site.db.$client.unsafe(`update sessions set ${change} where person_id = ${reader.id}`)
    expect(await settings(reader)).toBe(303)
    await dropEndedSessions(site.db)
    const left = await site.db.$client`select from sessions where person_id = ${reader.id}`
    expect(left).toHaveLength(0)
  })

  test('lasts no longer than 90 days from its beginning', async () => {
    const reader = await signedIn(site, 'Ninety Days')
    const [row] = await site.db.$client`
      select extract(day from expires_at - created_at)::int as days from sessions
      where person_id = ${reader.id}`
    expect(row?.['days']).toBe(90)
  })

  test('that was there before signing in is worth nothing after it', async () => {
    await joined(site, 'Fix Ated')
    const victim = visitor(site)
    victim.cookies.set('session', 'x'.repeat(43))
    await victim.post('/sign-in', { email: 'fix.ated@example.test', password: usual })
    expect(await settings(victim)).toBe(200)
    const planted = visitor(site)
    planted.cookies.set('session', 'x'.repeat(43))
    expect(await settings(planted)).toBe(303)
  })

  test('and every other of somebody is ended by whoever looks after the site', async () => {
    const reader = await signedIn(site, 'Out Now')
    const act = await program(site, reader.id, ['read'])
    expect([await settings(reader), (await act('GET', '/me')).status]).toEqual([200, 200])
    const words = ['person', 'sign-out', '--email', 'out.now@example.test']
    const env = { DATABASE_URL: database.url }
    const done = await run([...checkoutCommand, ...words], { env })
    expect(done).toMatchObject({ exitCode: 0, stderr: '' })
    expect(done.stdout).toBe(
      'Out Now is signed out: of 1 session, and 1 access token will do no more.\n',
    )
    expect([await settings(reader), (await act('GET', '/me')).status]).toEqual([303, 401])
    const nobody = await run([...checkoutCommand, ...words.slice(0, 3), 'no@example.test'], { env })
    expect(nobody).toMatchObject({ exitCode: 1, stdout: '' })
  })
})

describe('on https', () => {
  test('every cookie is for this host and https alone, and for no script', async () => {
    await joined(site, 'Cook Ie')
    const config = { ...site.deps.config, baseUrl: 'https://site.example' }
    const app = createApp({ ...site.deps, config }, { ready: true })
    const ask = async (path: string, form?: Record<string, string>) =>
      await app.fetch(
        new Request(config.baseUrl + path, {
          headers: { 'sec-fetch-site': 'same-origin' },
          ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
        }),
      )
    const [project] = await site.db.$client`
      select p.id, r.id as reward from projects p join rewards r on r.project_id = p.id
      where p.status = 'live' and r.quantity is null and r.ships_to = 'nobody' limit 1`
    const root = `/projects/${project?.['id']}/pledges`
    const answers = [
      await ask('/sign-in', { email: 'cook.ie@example.test', password: usual }),
      await ask('/sign-out', {}),
      await ask(`${root}/new?reward=${project?.['reward']}`),
      await ask('/'),
    ]
    const cookies = answers.flatMap((answer) => answer.headers.getSetCookie())
    expect(cookies.length).toBeGreaterThanOrEqual(2)
    for (const cookie of cookies) {
      const [pair = ''] = cookie.split(';')
      expect(cookie).toMatch(/; HttpOnly/i)
      expect(cookie).toMatch(/; Secure/i)
      expect(cookie).toMatch(/; SameSite=(Lax|Strict)/i)
      expect(cookie).not.toMatch(/; Domain/i)
      if (/Path=\/(;|$)/.test(cookie)) expect(pair).toStartWith('__Host-')
    }
    expect(cookies.some((cookie) => cookie.startsWith('__Host-session='))).toBe(true)
  })
})
