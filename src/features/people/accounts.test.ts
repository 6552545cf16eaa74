import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { joined, mailedPath, visitor } from '#testing/visitor'

setDefaultTimeout(60_000)

let site: TestApp
beforeAll(async () => {
  site = await testApp()
})
afterAll(() => site.close(), 30_000)

const password = 'correct horse battery'
const tokenOf = (path: string) => new URL(path, 'http://x').searchParams.get('token') ?? ''
const mailsTo = async (email: string) => {
  const rows = await site.db.$client<{ subject: string; text: string }[]>`
    select subject, text from outbox where recipient = ${email} order by id`
  return rows.map(({ subject }) => subject)
}

describe('joining', () => {
  test('goes by a mailed link that works once', async () => {
    const ana = visitor(site)
    const fields = { name: 'Ana  Ruiz', email: 'Ana@Example.test', password }
    const asked = await ana.post('/sign-up', fields)
    expect(asked.status).toBe(200)
    expect(await asked.text()).toContain('ana@example.test')
    const path = await mailedPath(site, 'ana@example.test')
    expect(await (await ana.get(path)).text()).toContain('Make my account')
    // A scanner that opens the link has used nothing up.
    const done = await ana.post('/sign-up/confirm', { token: tokenOf(path) })
    expect([done.status, done.headers.get('location')]).toEqual([303, '/settings?done=joined'])
    const home = await ana.get('/')
    expect(await home.text()).toContain('Ana Ruiz')
    expect(home.headers.get('cache-control')).toBe('private, no-store')
    const again = await visitor(site).post('/sign-up/confirm', { token: tokenOf(path) })
    expect(again.status).toBe(410)
  })

  test('leads on to where one was going, on this site alone', async () => {
    for (const [name, next, to] of [
      ['Eve Ono', '/start', '/start'],
      ['Flo Ono', '//elsewhere.test', '/settings?done=joined'],
    ] as const) {
      const [reader, email] = [visitor(site), `${name.slice(0, 3)}@example.test`.toLowerCase()]
      await reader.post('/sign-up', { name, email, password, next })
      const path = await mailedPath(site, email)
      const mailed = new URL(path, 'http://x').searchParams.get('next') ?? next
      const done = await reader.post('/sign-up/confirm', { token: tokenOf(path), next: mailed })
      expect(done.headers.get('location')).toBe(to)
    }
    await site.db.$client`delete from rate_limits`
  })

  test('says the same when there is an account, and mails that there is', async () => {
    await joined(site, 'Bo Chen')
    const answers = []
    for (const email of ['bo.chen@example.test', 'nobody@example.test']) {
      const answer = await visitor(site).post('/sign-up', { name: 'X', email, password })
      answers.push([answer.status, (await answer.text()).replaceAll(email, 'EMAIL')])
    }
    expect(answers[0]).toEqual(answers[1])
    expect(await mailsTo('bo.chen@example.test')).toEqual([
      'Confirm your address',
      'You have an account already',
    ])
  })

  test('two links to one address make one account', async () => {
    const one = visitor(site)
    const fields = { name: 'Cai', email: 'cai@example.test', password }
    await one.post('/sign-up', fields)
    const first = await mailedPath(site, fields.email)
    await one.post('/sign-up', fields)
    const second = await mailedPath(site, fields.email)
    expect((await one.post('/sign-up/confirm', { token: tokenOf(first) })).status).toBe(303)
    expect((await one.post('/sign-up/confirm', { token: tokenOf(second) })).status).toBe(410)
  })

  test.each([
    [{ name: '' }, 'Please give a name.'],
    [{ name: 'x'.repeat(41) }, 'May have 40 characters at most.'],
    [{ email: 'ana' }, 'Is no e-mail address'],
    [{ email: `${'x'.repeat(250)}@example.test` }, 'Is too long'],
    [{ password: 'short' }, 'Needs at least 8 characters.'],
    [{ password: 'Password1' }, 'Is one of the most common passwords'],
    [{ password: 'x'.repeat(129) }, 'May have 128 characters at most.'],
  ])('a form with %o comes back filled in', async (wrong, sentence) => {
    const fields = { name: 'Dee «👩‍🚀» עדי', email: 'dee@example.test', password, ...wrong }
    const answer = await visitor(site).post('/sign-up', fields)
    const html = await answer.text()
    expect(answer.status).toBe(422)
    expect(html).toContain(sentence)
    expect(html).toContain(`value="${fields.email}"`)
    expect(html).toContain(`value="${fields.name}"`)
    expect(html).not.toContain(fields.password.length > 3 ? `value="${fields.password}"` : '¶')
  })
})

describe('signing in', () => {
  test('leads back to where one came from, and nowhere else', async () => {
    await joined(site, 'Eli Sand')
    const fields = { email: 'eli.sand@example.test', password }
    for (const [next, place] of [
      ['/discover?sort=newest', '/discover?sort=newest'],
      ['//evil.test', '/'],
      ['/\\evil.test', '/'],
      ['https://evil.test', '/'],
      ['', '/'],
    ] as const) {
      const answer = await visitor(site).post('/sign-in', { ...fields, next })
      expect([answer.status, answer.headers.get('location')]).toEqual([303, place])
    }
    const way = await visitor(site).get('/settings?done=profile')
    expect(way.headers.get('location')).toBe('/sign-in?next=%2Fsettings%3Fdone%3Dprofile')
  })

  test('says the same of a wrong password and of an address nobody has', async () => {
    await joined(site, 'Fay Low')
    const texts = []
    for (const email of ['fay.low@example.test', 'no.one@example.test']) {
      const answer = await visitor(site).post('/sign-in', { email, password: 'not this one' })
      expect(answer.status).toBe(422)
      texts.push((await answer.text()).replaceAll(email, 'EMAIL'))
    }
    expect(texts[0]).toBe(texts[1] as string)
  })

  test('gives a new token, kept as a hash; signing out ends it', async () => {
    const gil = await joined(site, 'Gil Moor')
    const before = gil.cookies.get('session') ?? ''
    expect(before).toMatch(/^[\w-]{43}$/)
    await gil.post('/sign-in', { email: 'gil.moor@example.test', password })
    const after = gil.cookies.get('session') ?? ''
    expect(after).not.toBe(before)
    const thief = visitor(site)
    thief.cookies.set('session', before)
    expect((await thief.get('/settings')).status).toBe(303)
    const kept = await site.db.$client`select encode(token_hash, 'escape') as text from sessions`
    expect(JSON.stringify(kept)).not.toContain(after)
    expect((await gil.post('/sign-out', {})).status).toBe(303)
    thief.cookies.set('session', after)
    expect((await thief.get('/settings')).status).toBe(303)
  })

  test('a cookie is for this host, http and no script', async () => {
    await joined(site, 'Hal Ost')
    const email = 'hal.ost@example.test'
    const answer = await visitor(site).post('/sign-in', { email, password })
    const cookie = answer.headers.getSetCookie()[0] ?? ''
    expect(cookie).toMatch(/^session=/)
    for (const rule of ['HttpOnly', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(rule)
    expect(cookie).not.toMatch(/Domain|Secure/)
  })

  test('too many tries have to wait, others need not', async () => {
    await joined(site, 'Ida Pike')
    const fields = { email: 'ida.pike@example.test', password: 'not this one' }
    const statuses = []
    for (let tries = 0; tries < 11; tries++) {
      const answer = await visitor(site).post('/sign-in', fields)
      statuses.push(answer.status)
      if (answer.status === 429) {
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      }
    }
    expect(statuses).toEqual([...Array(10).fill(422), 429])
    const other = await visitor(site).post('/sign-in', { ...fields, email: 'x@example.test' })
    expect(other.status).toBe(422)
  })
})

describe('what another site sends', () => {
  test.each<[Record<string, string>, number]>([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{ origin: 'https://evil.test' }, 403],
    [{ origin: 'null' }, 403],
    [{}, 403],
    [{ origin: 'http://localhost:3000' }, 303],
    [{ 'sec-fetch-site': 'same-origin' }, 303],
  ])('with %o is answered %i', async (headers, status) => {
    expect((await visitor(site).post('/sign-out', {}, headers)).status).toBe(status)
  })
})

describe('a lost password', () => {
  test('is replaced by a mailed link, which signs everybody else out', async () => {
    const jo = await joined(site, 'Jo Quist')
    const email = 'jo.quist@example.test'
    const anew = visitor(site)
    expect((await anew.post('/reset-password', { email })).status).toBe(200)
    const token = tokenOf(await mailedPath(site, email))
    const short = await anew.post('/reset-password/confirm', { token, password: 'short' })
    expect(short.status).toBe(422)
    const fields = { token, password: 'another good one' }
    expect((await anew.post('/reset-password/confirm', fields)).status).toBe(303)
    expect((await anew.get('/settings')).status).toBe(200)
    expect((await jo.get('/settings')).status).toBe(303)
    expect((await anew.post('/reset-password/confirm', fields)).status).toBe(410)
    expect((await visitor(site).post('/sign-in', { email, password })).status).toBe(422)
    expect(await mailsTo(email)).toContain('Your password has changed')
  })

  test('of an address that nobody has, nothing is mailed', async () => {
    const email = 'stranger@example.test'
    const answer = await visitor(site).post('/reset-password', { email })
    expect(await answer.text()).toContain('Look into your mail')
    expect(await mailsTo(email)).toEqual([])
  })
})

describe('settings', () => {
  test('change what others see, at once', async () => {
    const kim = await joined(site, 'Kim Rook')
    const profile = {
      name: 'Kim R.',
      bio: 'Makes <b>kites</b>.',
      city: 'Oslo',
      state: '',
      country: 'Norway',
    }
    const saved = await kim.post('/settings', profile)
    expect(saved.headers.get('location')).toBe('/settings?done=profile')
    const html = await (await kim.get('/settings?done=profile')).text()
    expect(html).toContain('Others see it now.')
    const own = /href="(\/people\/\d+)"/.exec(html)?.[1] ?? ''
    const page = await (await site.get(own)).text()
    expect(page).toContain('Kim R.')
    expect(page).toContain('Makes &lt;b&gt;kites&lt;/b&gt;.')
    const long = await kim.post('/settings', { ...profile, bio: 'x'.repeat(501) })
    expect(long.status).toBe(422)
    expect(await long.text()).toContain('x'.repeat(501))
  })

  test('change the password for who knows it, and sign out other browsers', async () => {
    const lea = await joined(site, 'Lea Sol')
    const other = visitor(site)
    await other.post('/sign-in', { email: 'lea.sol@example.test', password })
    const wrong = await lea.post('/settings/password', {
      current: 'no',
      password: 'a new long one',
    })
    expect(wrong.status).toBe(422)
    expect(await wrong.text()).toContain('Is not your password.')
    const right = await lea.post('/settings/password', {
      current: password,
      password: 'a new long one',
    })
    expect(right.status).toBe(303)
    expect((await lea.get('/settings')).status).toBe(200)
    expect((await other.get('/settings')).status).toBe(303)
  })

  test('change the address after it is confirmed, and tell the old one', async () => {
    const max = await joined(site, 'Max Tarn')
    await joined(site, 'Nia Urs')
    const ask = (email: string) => max.post('/settings/email', { email, password })
    expect((await ask('nia.urs@example.test')).status).toBe(303)
    expect(await mailsTo('nia.urs@example.test')).toEqual(['Confirm your address'])
    expect((await ask('max@new.test')).status).toBe(303)
    expect(await mailsTo('max.tarn@example.test')).toContain('Your address is being changed')
    const token = tokenOf(await mailedPath(site, 'max@new.test'))
    expect((await max.post('/settings/email/confirm', { token })).status).toBe(303)
    expect((await visitor(site).post('/sign-in', { email: 'max@new.test', password })).status).toBe(
      303,
    )
  })

  test('list the browsers, and sign one out: one’s own alone', async () => {
    const oda = await joined(site, 'Oda Vik')
    const other = visitor(site)
    await other.post('/sign-in', { email: 'oda.vik@example.test', password })
    const ids = [
      ...(await (await oda.get('/settings')).text()).matchAll(/name="session" value="(\w+)"/g),
    ]
    expect(ids).toHaveLength(2)
    const mean = await joined(site, 'Per Wolf')
    for (const [, id = ''] of ids) await mean.post('/settings/sessions', { session: id })
    expect((await other.get('/settings')).status).toBe(200)
    for (const [, id = ''] of ids) await oda.post('/settings/sessions', { session: id })
    expect((await other.get('/settings')).status).toBe(303)
  })
})
