import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { Secret, TOTP } from 'otpauth'
import { type TestApp, testApp } from '#testing/app'
import { joined, mailedPath, type Visitor, visitor } from '#testing/visitor'

setDefaultTimeout(60_000)

let site: TestApp
let ana: Visitor
let secret: string
let codes: string[]
const email = 'ana.two@example.test'
const password = 'correct horse battery'
const codeAt = (ms: number) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: ms })

beforeAll(async () => {
  site = await testApp()
  ana = await joined(site, 'Ana Two')
})
afterAll(() => site.close(), 30_000)

/** The codes of one test must not be those of the next. */
const forgetUsed = () => site.db.$client`update accounts set totp_step = 0 where email = ${email}`
const signIn = async () => {
  const reader = visitor(site)
  const answer = await reader.post('/sign-in', { email, password, next: '/saved' })
  return { reader, location: answer.headers.get('location') }
}

test('it is turned on by a code and the password; recovery codes are shown once', async () => {
  const page = await (await ana.get('/settings/second-step')).text()
  secret = /name="secret" value="([A-Z2-7]{32})"/.exec(page)?.[1] ?? ''
  expect(page).toContain('<svg class="qr-code"')
  const post = (fields: Record<string, string>) => ana.post('/settings/second-step', fields)
  const wrong = await post({ secret, code: '000000', password })
  expect(wrong.status).toBe(422)
  expect(await wrong.text()).toContain(secret)
  // What the app has scanned stays, also when nothing was typed.
  expect(await (await post({ secret, code: '', password })).text()).toContain(secret)
  const code = codeAt(Date.now())
  expect((await post({ secret, code, password: 'not mine at all' })).status).toBe(422)
  const done = await post({ secret, code, password })
  const html = await done.text()
  codes = [...html.matchAll(/<li>([0-9a-f ]{19})<\/li>/g)].map((match) => match[1] ?? '')
  expect(new Set(codes).size).toBe(10)
  const kept = await site.db.$client`select encode(code_hash, 'hex') as hash from recovery_codes`
  expect(kept).toHaveLength(10)
  expect(JSON.stringify(kept)).not.toContain(codes[0]?.replaceAll(' ', '') as string)
})

test('the password alone opens nothing but the way to the code', async () => {
  await forgetUsed()
  const { reader, location } = await signIn()
  expect(location).toBe('/sign-in/code?next=%2Fsaved')
  expect((await reader.get('/settings')).status).toBe(303)
  const wrong = await reader.post('/sign-in/code', { code: '000000', next: '/saved' })
  expect(wrong.status).toBe(422)
  const code = codeAt(Date.now())
  const right = await reader.post('/sign-in/code', { code, next: '/saved' })
  expect([right.status, right.headers.get('location')]).toEqual([303, '/saved'])
  expect((await reader.get('/settings')).status).toBe(200)
  // The same code, seen over a shoulder, is of no use.
  const thief = await signIn()
  expect((await thief.reader.post('/sign-in/code', { code })).status).toBe(422)
})

test('a code of long ago is none, one of just before is', async () => {
  await forgetUsed()
  const { reader } = await signIn()
  const old = codeAt(Date.now() - 120_000)
  expect((await reader.post('/sign-in/code', { code: old })).status).toBe(422)
  const recent = codeAt(Date.now() - 30_000)
  expect((await reader.post('/sign-in/code', { code: recent })).status).toBe(303)
})

test('a recovery code works once', async () => {
  const [code = ''] = codes
  const { reader } = await signIn()
  expect((await reader.post('/sign-in/code', { code })).status).toBe(303)
  expect((await reader.get('/settings')).status).toBe(200)
  const again = await signIn()
  expect((await again.reader.post('/sign-in/code', { code })).status).toBe(422)
})

test('nor does a mailed link to a new password go round it', async () => {
  const reader = visitor(site)
  await reader.post('/reset-password', { email })
  const path = await mailedPath(site, email)
  const token = new URL(path, 'http://x').searchParams.get('token') ?? ''
  const answer = await reader.post('/reset-password/confirm', { token, password })
  expect(answer.headers.get('location')).toStartWith('/sign-in/code')
  expect((await reader.get('/settings')).status).toBe(303)
})

test('without a password before it there is no code to type', async () => {
  const answer = await visitor(site).post('/sign-in/code', { code: '123456' })
  expect(answer.headers.get('location')).toBe('/sign-in?next=%2F')
})

test('too many codes have to wait', async () => {
  const { reader } = await signIn()
  const statuses: number[] = []
  for (let tries = 0; tries < 11; tries++) {
    statuses.push((await reader.post('/sign-in/code', { code: '000000' })).status)
  }
  expect(statuses.at(-1)).toBe(429)
})

test('it is turned off by the password', async () => {
  const { $client } = site.db
  await $client`delete from rate_limits`
  const { reader } = await signIn()
  await reader.post('/sign-in/code', { code: codes[1] ?? '' })
  const off = (given: string) => reader.post('/settings/second-step/turn-off', { password: given })
  expect((await off('not mine at all')).status).toBe(422)
  expect((await off(password)).status).toBe(303)
  expect((await signIn()).location).toBe('/saved')
  expect(await $client`select from recovery_codes`).toHaveLength(0)
})
