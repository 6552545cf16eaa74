import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { claimMail } from '#db/outbox'
import { mailTopics } from '#db/schema/contact'
import { remind } from '#features/saves/writes'
import { openMailer } from '#mail/mailer'
import { type TestApp, testApp } from '#testing/app'
import { type Member, signedIn } from '#testing/cast'
import { startSmtp } from '#testing/smtp'
import { visitor } from '#testing/visitor'
import { listMuted } from './reads/activities'
import { dropOldActivities } from './writes/preferences'
import { tell } from './writes/tell'

setDefaultTimeout(60_000)

const address = 'http://site.test'

let site: TestApp
let ana: Member
let bo: Member
let people = 0
beforeAll(async () => {
  site = await testApp()
})
afterAll(() => site.close(), 30_000)
beforeEach(async () => {
  people += 1
  ana = await signedIn(site, `Ana ${people}`)
  bo = await signedIn(site, `Bo ${people}`)
})

const plain = async (answer: Response) => (await answer.text()).replaceAll('<!-- -->', '')
const text = async (reader: Member, path: string) => await plain(await reader.get(path))
async function tellAll() {
  while (await tell(site.db, address));
}
async function followed() {
  await bo.post(`/people/${ana.id}/follow`, {})
  await tellAll()
}
/** The address that ends mails, from the latest mail to somebody. */
async function unsubscribePath(reader: Member) {
  const [row] = await site.db.$client`
    select o.unsubscribe, o.text, o.html from outbox o
    join accounts a on a.email = o.recipient where a.person_id = ${reader.id}
    order by o.id desc limit 1`
  const link = String(row?.['unsubscribe'])
  expect(row?.['text']).toContain(link)
  expect(row?.['html']).toContain(link.replaceAll('&', '&amp;'))
  expect(link).toStartWith(address)
  return link.slice(address.length)
}

test('the bell counts what is new until the page is opened', async () => {
  expect(await text(ana, '/activity')).toContain('Nothing has happened yet.')
  await followed()
  expect(await text(ana, '/saved')).toMatch(/account-count">1</)
  const page = await text(ana, '/activity')
  expect(page).toContain(`<strong>Bo ${people}</strong> follows you now.`)
  expect(page).toContain('class="is-new"')
  expect(page).not.toContain('account-count')
  const again = await text(ana, '/activity')
  expect(again).not.toContain('class="is-new"')
  expect(await text(bo, '/activity')).toContain('Nothing has happened yet.')
})

test('a project that is gone since is called so, and the bell falls silent all the same', async () => {
  await site.db
    .$client`insert into activities (person_id, event_id, kind, about_project, created_at)
    values (${ana.id}, 1000000, 'project_sent_back', 999999999, now())`
  expect(await text(ana, '/activity')).toContain('you heard of here is gone.')
  expect(await text(ana, '/saved')).not.toContain('account-count')
})

test('beyond 99 the bell says so, the page comes in parts, and what is fetched ahead stays new', async () => {
  await site.db.$client`insert into activities (person_id, event_id, kind, actor_id, created_at)
    select ${ana.id}, n, 'person_followed', ${bo.id}, now() - n * interval '1 hour'
    from generate_series(1000001, 1000130) n`
  expect(await text(ana, '/saved')).toMatch(/account-count">99\+</)
  const cookie = `session=${ana.cookies.get('session')}`
  await site.get('/activity', { headers: { cookie, 'sec-purpose': 'prefetch' } })
  expect(await text(ana, '/saved')).toContain('account-count')
  let seen = 0
  let pages = 0
  for (let path: string | undefined = '/activity'; path && pages < 9; pages++) {
    const page = await text(ana, path)
    seen += page.match(/follows you now/g)?.length ?? 0
    path = /href="(\/activity\?after=\d+)"/.exec(page)?.[1]
  }
  expect([pages, seen]).toEqual([5, 130])
  expect((await ana.get('/activity?after=x')).status).toBe(400)
})

test('after ninety days it is forgotten', async () => {
  await followed()
  await site.db.$client`insert into activities (person_id, event_id, kind, actor_id, created_at)
    values (${ana.id}, 1, 'person_followed', ${bo.id}, now() - interval '91 days')`
  await site.db.$client`
    insert into events (kind, told_at) values ('person_followed', now() - interval '91 days')`
  await dropOldActivities(site.db)
  const [row] = await site.db.$client`select
    (select count(*)::int from activities where person_id = ${ana.id}) as activities,
    (select count(*)::int from events where told_at < now() - interval '90 days') as events`
  expect(row).toEqual({ activities: 1, events: 0 })
})

test('what comes by mail is chosen topic by topic', async () => {
  const all = Object.fromEntries(mailTopics.map((topic) => [topic, 'on']))
  const page = await text(ana, '/settings/notifications')
  expect(page.match(/checked=""/g)).toHaveLength(mailTopics.length)
  const { followers: _, ...others } = all
  const answer = await ana.post('/settings/notifications', { ...others, nonsense: 'on' })
  expect(answer.headers.get('location')).toBe('/settings/notifications?done=')
  expect(await listMuted(site.db, ana.id)).toEqual(['followers'])
  await followed()
  const mails = await site.db.$client`
    select from outbox o join accounts a on a.email = o.recipient where a.person_id = ${ana.id}`
  expect(mails).toHaveLength(0)
  await ana.post('/settings/notifications', all)
  expect(await listMuted(site.db, ana.id)).toEqual([])
})

test('a mailed link ends mails of its kind by a button, without signing in', async () => {
  await followed()
  const path = await unsubscribePath(ana)
  const reader = visitor(site)
  const page = await (await reader.get(path)).text()
  expect(page).toContain('No more mails like this')
  expect(page).toContain('noindex')
  // To look changes nothing: mail servers follow links.
  expect(await listMuted(site.db, ana.id)).toEqual([])
  for (let times = 0; times < 2; times++) {
    const done = await reader.post(path, {})
    expect([done.status, await plain(done)]).toEqual([
      200,
      expect.stringContaining('You get no more mails under “Followers”.'),
    ])
  }
  expect(await listMuted(site.db, ana.id)).toEqual(['followers'])
})

test('a mailbox ends them by itself, from wherever it is', async () => {
  await followed()
  const path = await unsubscribePath(ana)
  const answer = await site.get(path, {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
    headers: { 'sec-fetch-site': 'cross-site', origin: 'https://mail.test' },
  })
  expect(answer.status).toBe(200)
  expect(await listMuted(site.db, ana.id)).toEqual(['followers'])
})

test('a wrong key ends nothing', async () => {
  await followed()
  const path = await unsubscribePath(ana)
  const wrong = [
    path.replace(/key=[^&]+/, 'key=0b6a8f6e-0000-4000-8000-000000000000'),
    path.replace(/person=\d+/, `person=${bo.id}`),
    path.replace(/person=\d+/, 'person=x'),
    path.replace('topic=followers', 'topic=everything'),
    '/unsubscribe',
  ]
  for (const link of wrong) {
    expect((await visitor(site).get(link)).status).toBe(404)
    expect((await visitor(site).post(link, {})).status).toBe(404)
  }
  expect(await listMuted(site.db, ana.id)).toEqual([])
  expect(await listMuted(site.db, bo.id)).toEqual([])
})

test('a reminder can be ended too, and is not written to whoever has', async () => {
  const [row] = await site.db.$client`
    select id from projects where status = 'live' and ends_at > now() + interval '5 days' limit 1`
  for (const reader of [ana, bo]) await reader.post(`/projects/${row?.['id']}/save`, {})
  await bo.post('/settings/notifications', {})
  await site.db.$client`update saves set remind_at = now() where person_id in (${ana.id}, ${bo.id})`
  await remind(site.db, address)
  expect(await unsubscribePath(ana)).toContain('topic=reminders')
  const mails = await site.db.$client`
    select from outbox o join accounts a on a.email = o.recipient where a.person_id = ${bo.id}`
  expect(mails).toHaveLength(0)
})

test('the mail that is sent says where mailboxes end it, and others do not', async () => {
  await followed()
  const smtp = startSmtp()
  const mailer = openMailer(smtp.url, 'Us <us@site.test>', 'site.test')
  try {
    await visitor(site).post('/reset-password', { email: `ana.${people}@example.test` })
    const mails = (await claimMail(site.db, 1_000)).filter(
      ({ recipient }) => recipient === `ana.${people}@example.test`,
    )
    for (const mail of mails) await mailer.send(mail)
    const [told, reset] = smtp.mails.map((mail) => mail.replaceAll('\r\n ', ' '))
    expect(told).toContain(`List-Unsubscribe: <${address}/unsubscribe?person=${ana.id}&key=`)
    expect(told).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
    expect(reset).toContain('Choose a new password')
    expect(reset).not.toContain('List-Unsubscribe')
  } finally {
    mailer.close()
    smtp.close()
  }
})
