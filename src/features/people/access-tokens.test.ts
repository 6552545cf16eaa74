import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { z } from 'zod'
import { hashToken } from '#lib/tokens'
import { type TestApp, testApp } from '#testing/app'
import { joined, mailedPath, type Visitor, visitor } from '#testing/visitor'

setDefaultTimeout(60_000)

let site: TestApp
let ana: Visitor
const email = 'ana.token@example.test'
beforeAll(async () => {
  site = await testApp()
  ana = await joined(site, 'Ana Token')
})
afterAll(() => site.close(), 30_000)
beforeEach(() => site.db.$client`delete from rate_limits`.then(() => {}))

const form = { name: 'Back up «👩‍🚀»', days: '90', read: 'on', password: 'correct horse battery' }
const tokenIn = (html: string) => /jst_[\w-]{43}/.exec(html)?.[0] ?? ''
const make = async (fields: Record<string, string> = {}) =>
  tokenIn(await (await ana.post('/settings/tokens', { ...form, ...fields })).text())

const ask = (token: string, init: RequestInit = {}) =>
  site.get('/api/v1/me', { ...init, headers: { authorization: `Bearer ${token}` } })

describe('making a token', () => {
  test('shows it once, keeps its hash and says so by mail', async () => {
    const token = await make()
    expect(token).not.toBe('')
    const list = await (await ana.get('/settings/tokens')).text()
    expect(list).toContain(form.name)
    expect(list).toContain('Never used')
    expect(list).not.toContain(token)
    const rows = await site.db.$client`select token_hash, scopes from access_tokens`
    expect(
      rows.map((row) => [Buffer.from(row['token_hash']).toString('hex'), row['scopes']]),
    ).toEqual([[Buffer.from(hashToken(token)).toString('hex'), ['read']]])
    expect(await mailedPath(site, email)).toBe('/settings/tokens')
  })

  test('twice in a row leaves one, which works', async () => {
    const [first, second] = [await make({ name: 'Twice' }), await make({ name: 'Twice' })]
    expect((await ask(first)).status).toBe(401)
    expect((await ask(second)).status).toBe(200)
  })

  test.each<[wrong: Partial<typeof form>, sentence: string | undefined]>([
    [{ name: ' ' }, 'Please say what it is for.'],
    [{ name: 'x'.repeat(61) }, 'May have 60 characters at most.'],
    [{ days: '3650' }, 'Please choose one of these.'],
    [{ read: '' }, undefined],
    [{ password: 'not this one' }, 'Is not your password.'],
    [{ password: '' }, 'Please type your password.'],
  ])('with %o', async (wrong, sentence) => {
    const answer = await ana.post('/settings/tokens', { ...form, ...wrong })
    expect(answer.status).toBe(sentence ? 422 : 200)
    const html = await answer.text()
    if (!sentence) return
    expect(html).toContain(sentence)
    expect(html).toContain(`value="${wrong.name ?? form.name}"`)
    expect(html).not.toContain(form.password)
  })

  test('without a scope', async () => {
    const { read: _, ...rest } = form
    const answer = await ana.post('/settings/tokens', rest)
    expect([answer.status, await answer.text()]).toEqual([
      422,
      expect.stringContaining('Please choose at least one.'),
    ])
  })

  test('a fiftieth and no more', async () => {
    await site.db.$client`
      insert into access_tokens (token_hash, person_id, name, scopes, expires_at)
      select sha256(n::text::bytea), a.person_id, 'n' || n, '{read}', now() + interval '1 day'
      from accounts a, generate_series(1, 50) n where a.email = ${email}`
    const answer = await ana.post('/settings/tokens', { ...form, name: 'Once more' })
    expect([answer.status, await answer.text()]).toEqual([
      422,
      expect.stringContaining('as many tokens as one may have'),
    ])
    await site.db.$client`delete from access_tokens where name like 'n%'`
  })
})

const problem = z.object({ type: z.string(), detail: z.string() })

describe('a token', () => {
  test('signs nobody in on a page, and a cookie nobody in at the API', async () => {
    const token = await make({ name: 'Page' })
    const headers = { authorization: `Bearer ${token}` }
    expect((await site.get('/settings', { headers })).status).toBe(303)
    const answer = await ana.get('/api/v1/me')
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="Jumpstarter"',
    ])
  })

  test('answers for nobody else, and is seen to be used, to the hour', async () => {
    const token = await make({ name: 'Used' })
    const used = async () => {
      const [row] = await site.db.$client`
        select used_at from access_tokens where name = 'Used' and token_hash = ${hashToken(token)}`
      return row?.['used_at']
    }
    expect(await used()).toBeNull()
    const answer = await ask(token)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(await answer.json()).toMatchObject({ name: 'Ana Token', email })
    const first = await used()
    expect(first).not.toBeNull()
    await ask(token)
    expect(await used()).toEqual(first)
    expect(await (await ana.get('/settings/tokens')).text()).toContain('Used ')
  })

  test('that is unknown, revoked or too old is refused', async () => {
    const [revoked, expired] = [await make({ name: 'Revoked' }), await make({ name: 'Expired' })]
    const idOf = async (name: string) => {
      const [row] = await site.db.$client`select id from access_tokens where name = ${name}`
      return String(row?.['id'])
    }
    const id = await idOf('Revoked')
    await (await joined(site, 'Bo Token')).post('/settings/tokens/revoke', { token: id })
    expect((await ask(revoked)).status).toBe(200)
    await ana.post('/settings/tokens/revoke', { token: id })
    await site.db.$client`update access_tokens set expires_at = now() where name = 'Expired'`
    for (const token of [revoked, expired, `jst_${'x'.repeat(43)}`, 'x'.repeat(5_000), '']) {
      for (const path of ['/api/v1/me', '/api/v1/projects/1']) {
        const answer = await site.get(path, { headers: { authorization: `Bearer ${token}` } })
        expect(answer.status).toBe(401)
        expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
        expect(answer.headers.get('cache-control')).toBe('private, no-store')
        expect(problem.parse(await answer.json()).type).toBe('urn:jumpstarter:invalid_token')
      }
    }
  })

  test('opens what its scope says', async () => {
    const token = await make({ name: 'Read only' })
    const answer = await site.get('/api/v1/me', {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toContain('scope="write"')
    expect(problem.parse(await answer.json()).detail).toContain('“write”')
  })

  test('another scheme is somebody else’s', async () => {
    const headers = { authorization: 'Basic eDp5' }
    expect((await site.get('/api/v1/projects/1', { headers })).status).toBe(200)
  })

  test('ends with a password that was forgotten', async () => {
    const token = await make({ name: 'Reset' })
    const guest = visitor(site)
    await guest.post('/reset-password', { email })
    const link = new URL(await mailedPath(site, email), 'http://x').searchParams.get('token') ?? ''
    await guest.post('/reset-password/confirm', { token: link, password: 'a wholly new one' })
    expect((await ask(token)).status).toBe(401)
  })
})
