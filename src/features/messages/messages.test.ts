import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, signedIn } from '#testing/cast'
import { listConversations, listMessages } from './reads'
import { markRead, sendMessage } from './writes'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let project: number
let asker: Member
let askers = 0
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  project = Number((await cast.makeProject('live'))['project'])
})
afterAll(() => site.close(), 30_000)
beforeEach(async () => {
  asker = await signedIn(site, `Asker ${askers++}`)
})

const at = (member: Member, id = project) => `/projects/${id}/messages/${member.id}`
const text = async (reader: Member, path: string) => await (await reader.get(path)).text()
const say = (from: Member, body: string, to = asker) => from.post(at(to), { body })
const unread = async () => {
  const [row] = await site.db.$client`
    select unread_by_member as member, unread_by_creator as creator from conversations
    where project_id = ${project} and member_id = ${asker.id}`
  return row ? [row['member'], row['creator']] : undefined
}
const bodies = async () => {
  const { messages } = await listMessages(site.db, { projectId: project, memberId: asker.id })
  return messages.map(({ body }) => body)
}

test('a member asks, the makers answer, and each side sees what it has not read', async () => {
  expect(await text(asker, `/projects/${project}`)).not.toContain('Ask the creator')
  const page = await asker.get(`/projects/${project}`)
  expect(await text(asker, page.headers.get('location') ?? '')).toContain(at(asker))
  expect(await text(asker, at(asker))).toContain('Your question to Own Er')
  const sent = await say(asker, 'Does it fold?\r\nمرحبا 🪔\u0007')
  expect(sent.status).toBe(303)
  expect(sent.headers.get('location')).toMatch(new RegExp(`^${at(asker)}#message-\\d+$`))
  expect(await bodies()).toEqual(['Does it fold?\nمرحبا 🪔'])
  expect(await unread()).toEqual([0, 1])
  expect(await text(cast.owner, '/messages')).toContain('1 unread')
  expect(await text(cast.helperWith('community'), `/projects/${project}/messages`)).toContain(
    asker.id.toString(),
  )

  expect(await text(cast.owner, at(asker))).toContain('Does it fold?')
  expect(await unread()).toEqual([0, 0])
  await say(cast.helperWith('community'), 'It does.')
  await say(cast.owner, 'Twice.')
  expect(await unread()).toEqual([2, 0])
  expect(await text(asker, '/messages')).toContain('2 unread')
  expect(await text(asker, at(asker))).toContain('Helper community')
  expect(await unread()).toEqual([0, 0])
  const events = await site.db.$client`select actor_id::int as actor, recipient_id::int as recipient
    from events where kind = 'message_sent' and about_project = ${project} order by id desc limit 3`
  expect([...events]).toEqual([
    { actor: cast.owner.id, recipient: asker.id },
    { actor: cast.helperWith('community').id, recipient: asker.id },
    { actor: asker.id, recipient: cast.owner.id },
  ] as never)
})

test('opening it ahead of time does not mark it read, and what comes meanwhile stays unread', async () => {
  await say(asker, 'One')
  const cookie = `session=${cast.owner.cookies.get('session')}`
  await site.get(at(asker), { headers: { cookie, 'sec-purpose': 'prefetch' } })
  expect(await unread()).toEqual([0, 1])
  await say(asker, 'Two')
  const key = { projectId: project, memberId: asker.id }
  const [first] = (await listMessages(site.db, key)).messages
  await markRead(site.db, key, 'creator', first?.id ?? 0)
  expect(await unread()).toEqual([0, 1])
})

test('a button pressed twice sends once, and the same words said later are said again', async () => {
  await Promise.all([say(asker, 'Hello?'), say(asker, 'Hello?'), say(asker, 'Hello?')])
  expect(await bodies()).toEqual(['Hello?'])
  expect(await unread()).toEqual([0, 1])
  await site.db.$client`
    update messages set created_at = now() - interval '1 hour' where member_id = ${asker.id}`
  await say(asker, 'Hello?')
  expect(await bodies()).toEqual(['Hello?', 'Hello?'])
})

test('only those who take part may open a conversation, and others learn nothing', async () => {
  await say(asker, 'Between us.')
  const outsiders = [
    ...[cast.member, cast.other, cast.staff],
    ...[cast.helperWithout('community'), cast.helperWith('numbers')],
  ]
  for (const reader of outsiders) {
    expect([(await reader.get(at(asker))).status, (await say(reader, 'Me too')).status]).toEqual([
      404, 404,
    ])
  }
  expect(await bodies()).toEqual(['Between us.'])
  const anonymous = await cast.anonymous.get(at(asker))
  expect(anonymous.headers.get('location')).toStartWith('/sign-in?next=')
  // Makers answer and do not begin; nobody asks themselves.
  const stranger = await signedIn(site, `Stranger ${asker.id}`)
  expect((await cast.owner.get(at(stranger))).status).toBe(404)
  expect((await cast.owner.get(at(cast.owner))).status).toBe(404)
  const draft = Number((await cast.makeProject('draft'))['project'])
  expect((await asker.get(at(asker, draft))).status).toBe(404)
  for (const wrong of ['/projects/999999999/messages/1', `/projects/x/messages/${asker.id}`]) {
    expect((await asker.get(wrong)).status).toBe(404)
  }
  expect((await cast.helperWith('numbers').get(`/projects/${project}/messages`)).status).toBe(403)
  expect((await asker.get(`/projects/${draft}/messages`)).status).toBe(404)
})

test('what is wrong comes back filled in', async () => {
  const empty = await say(asker, '  \n ')
  expect([empty.status, await empty.text()]).toEqual([
    422,
    expect.stringContaining('Please write something first.'),
  ])
  const long = await say(asker, 'ä'.repeat(5_001))
  const page = await long.text()
  expect(long.status).toBe(422)
  expect(page).toContain('May have 5000 characters at most.')
  expect(page).toContain('ä'.repeat(5_001))
  expect((await say(asker, '😀'.repeat(2_500))).status).toBe(303)
  expect((await asker.get('/messages?after=nonsense')).status).toBe(400)
  expect((await asker.get(`${at(asker)}?after=-1`)).status).toBe(400)
})

test('markup in a message stays text', async () => {
  await say(asker, '<script>alert(1)</script> [x](javascript:alert(1))')
  const page = await text(cast.owner, at(asker))
  expect(page).toContain('&lt;script&gt;')
  expect(page).not.toContain('href="javascript:')
})

test('after a block, by either side, nobody can write, and the page says so', async () => {
  await say(asker, 'Are you there?')
  await asker.post(`/people/${cast.owner.id}/block`, {})
  expect(await text(asker, at(asker))).toContain('You have blocked Own Er')
  expect(await text(cast.owner, at(asker))).toContain('One of you has blocked the other')
  for (const who of [asker, cast.owner, cast.helperWith('community')]) {
    const refused = await say(who, 'Still?')
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining('One of you has blocked the other'),
    ])
  }
  await asker.post(`/people/${cast.owner.id}/unblock`, {})
  await cast.owner.post(`/people/${asker.id}/block`, {})
  expect((await say(asker, 'And now?')).status).toBe(403)
  expect(await text(cast.owner, at(asker))).toContain('Unblock')
  expect(await bodies()).toEqual(['Are you there?'])
})

test('whom staff has restricted cannot write', async () => {
  await site.db.$client`insert into restrictions (person_id, kind, reason, staff_id)
    values (${asker.id}, 'message', 'Spam.', ${cast.staff.id})`
  expect(await text(asker, at(asker))).toContain('Our staff has taken writing messages')
  expect((await say(asker, 'Buy this')).status).toBe(403)
})

test('too many messages at once have to wait', async () => {
  for (let times = 0; times < 30; times++) await say(asker, `Message ${times}`)
  const refused = await say(asker, 'One more')
  expect([refused.status, refused.headers.has('retry-after')]).toEqual([429, true])
})

test('long conversations and long lists come in pages', async () => {
  for (let n = 1; n <= 35; n++) {
    await sendMessage(site.db, asker, { projectId: project, memberId: asker.id, body: `No. ${n}` })
  }
  const latest = await text(asker, at(asker))
  expect(latest.match(/id="message-/g)).toHaveLength(30)
  const earlier = /href="([^"]+\?after=\d+)"/.exec(latest)?.[1] ?? ''
  const first = await text(asker, earlier)
  expect(first.match(/id="message-/g)).toHaveLength(5)
  expect(first).not.toContain('<textarea')

  // All at one moment, so that the moment alone cannot tell where a page ends.
  await site.db.$client`
    with p as (
      insert into projects (creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal)
      select ${cast.other.id}, 'Oth Er', 'live', 'No. ' || n, '', category, subcategory, city, state,
        country, 100 from generate_series(1, 45) n, (select * from projects limit 1) one
      returning id
    ), c as (
      insert into conversations (project_id, member_id, creator_id)
      select id, ${asker.id}, ${cast.other.id} from p
    ) insert into messages (project_id, member_id, author_id, body)
      select id, ${asker.id}, ${asker.id}, 'Hi' from p`
  const seen: number[] = []
  let pages = 0
  for (let path: string | undefined = '/messages'; path && pages < 9; pages++) {
    const page = await text(asker, path)
    seen.push(...[...page.matchAll(/projects\/(\d+)\/messages\/\d+#/g)].map(([, id]) => Number(id)))
    path = /href="(\/messages\?after=[\d.]+)"/.exec(page)?.[1]
  }
  expect([pages, seen.length, new Set(seen).size]).toEqual([3, 46, 46])
  expect((await listConversations(site.db, cast.other.id)).page).toHaveLength(20)
})
