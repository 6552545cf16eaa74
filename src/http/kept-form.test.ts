import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { joined, type Visitor, visitor } from '#testing/visitor'

// The session ends in the middle of a long form: nothing of what was written is lost.

setDefaultTimeout(60_000)

let site: TestApp
let ana: Visitor
let project: number
let draft: number
beforeAll(async () => {
  site = await testApp()
  site.setNow(new Date())
  ana = await joined(site, 'Ana Kept')
  const [row] = await site.db.$client`
    select id from projects where status = 'live' and ends_at > now() + interval '5 days' limit 1`
  project = Number(row?.['id'])
  // Whoever makes a project may comment on it.
  await site.db.$client`
    update projects set creator_id = (select person_id from accounts
      where email = 'ana.kept@example.test') where id = ${project}`
  const begun = await ana.post('/start', {
    ...{ title: 'Kept', category: 'design/furniture' },
    ...{ city: 'Leeds', state: 'England', country: 'United Kingdom' },
  })
  draft = Number(begun.headers.get('location')?.split('/')[2])
})
afterAll(() => site.close(), 30_000)

/** The fields of the page's form that is sent to this address, as a browser would send them. */
function formOf(page: string, action: string): Record<string, string> {
  const form = page.split('<form').find((each) => each.includes(`action="${action}"`)) ?? ''
  const fields = [...(form.split('</form>')[0] ?? '').matchAll(/<input[^>]*>/g)].map(([input]) => {
    const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(input)?.[1] ?? ''
    return [value(' name'), plain(value('value'))]
  })
  return Object.fromEntries(fields)
}

const plain = (html: string) =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&')

const account = { email: 'ana.kept@example.test', password: 'correct horse battery' }
const story = '## “It’s” <b>late</b> & מנורה 🪔\n\nSecond paragraph. '.repeat(20).trim()

test('a story is carried through signing in, also past a wrong password', async () => {
  const path = `/projects/${draft}/edit/story`
  const reader = visitor(site)
  const asked = await reader.post(path, { story, risks: 'None', version: '1', password: 'secret!' })
  expect([asked.status, asked.headers.get('cache-control')]).toEqual([401, 'private, no-store'])
  const page = await asked.text()
  expect(page).not.toContain('secret!')
  const kept = formOf(page, '/sign-in')
  const wrong = await reader.post('/sign-in', { ...kept, ...account, password: 'wrong wrong' })
  expect(wrong.status).toBe(422)
  const again = formOf(await wrong.text(), '/sign-in')
  const signedIn = await reader.post('/sign-in', { ...again, ...account })
  expect(signedIn.status).toBe(200)
  const former = formOf(await signedIn.text(), path)
  expect(former).toEqual({ story, risks: 'None', version: '1' })
  expect((await reader.post(path, former)).status).toBe(303)
  const [row] = await site.db.$client`select story from stories where project_id = ${draft}`
  expect(row?.['story']).toBe(story)
})

test('so is a comment, by everything that is written on this site', async () => {
  const path = `/projects/${project}/comments`
  const reader = visitor(site)
  const kept = formOf(await (await reader.post(path, { body: 'Well made!' })).text(), '/sign-in')
  const signedIn = await reader.post('/sign-in', { ...kept, ...account })
  const former = formOf(await signedIn.text(), path)
  expect((await reader.post(path, former)).status).toBe(303)
  const [row] = await site.db.$client`
    select body from comments where project_id = ${project} order by id desc limit 1`
  expect(row?.['body']).toBe('Well made!')
})

test('a second step carries it on too', async () => {
  const cy = await joined(site, 'Cy Kept')
  await site.db.$client`
    update accounts set totp_secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
    where email = 'cy.kept@example.test'`
  expect(cy.cookies.size).toBe(1)
  const reader = visitor(site)
  const asked = await reader.post('/settings', { name: 'Cy Renamed', bio: 'Long', city: 'Leeds' })
  const kept = formOf(await asked.text(), '/sign-in')
  const half = await reader.post('/sign-in', { ...kept, ...account, email: 'cy.kept@example.test' })
  const carried = formOf(await half.text(), '/sign-in/code')
  expect(carried).toMatchObject({ 'kept-to': '/settings', 'kept:name': 'Cy Renamed' })
  const wrong = await reader.post('/sign-in/code', { ...carried, code: '000000' })
  expect(formOf(await wrong.text(), '/sign-in/code')).toMatchObject({ 'kept:bio': 'Long' })
})

test('a form in parts, with a file, keeps its text', async () => {
  const body = new FormData()
  body.set('title', 'With a picture')
  body.set('image', new File([new Uint8Array(300_000)], 'a.png', { type: 'image/png' }))
  const headers = { 'sec-fetch-site': 'same-origin' }
  const path = `/projects/${draft}/edit/basics`
  const answer = await site.get(path, { method: 'POST', body, headers })
  expect(answer.status).toBe(401)
  expect(formOf(await answer.text(), '/sign-in')).toMatchObject({
    ...{ 'kept:title': 'With a picture', 'kept-to': path },
  })
})

test('a script is told so, and who wrote nothing is sent to sign in', async () => {
  const path = `/projects/${draft}/edit/story`
  const asScript = { 'sec-fetch-site': 'same-origin', accept: 'application/json' }
  expect((await visitor(site).post(path, { story }, asScript)).status).toBe(401)
  const empty = await visitor(site).post(path, {})
  expect([empty.status, empty.headers.get('location')]).toEqual([303, '/sign-in'])
  const other = { 'sec-fetch-site': 'cross-site' }
  expect((await visitor(site).post(path, { story }, other)).status).toBe(403)
})

test('nothing leads to another site', async () => {
  const reader = visitor(site)
  const sent = { ...account, 'kept-to': 'https://evil.example/', 'kept:body': 'x' }
  const page = await (await reader.post('/sign-in', sent)).text()
  expect(page).not.toContain('evil.example')
})
