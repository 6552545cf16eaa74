import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { verifyCounters } from '#db/verify'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, signedIn } from '#testing/cast'
import { countQueries } from '#testing/waves'
import { hideComment, unhideComment } from './writes'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let backer: Member
let id: number
let path: string
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  backer = await signedIn(site, 'Back Er')
})
beforeEach(async () => {
  id = Number((await cast.makeProject('live'))['project'])
  path = `/projects/${id}-a-lamp-of-paper`
  await site.db.$client`
    insert into pledges (project_id, backer_id, amount, backed_before, city, country)
    values (${id}, ${backer.id}, 2500, false, 'Oslo', 'Norway')`
})
afterAll(() => site.close(), 30_000)

async function say(who: Member, body: string, parent?: number): Promise<number> {
  const answer = await who.post(`${path}/comments`, { body, parent: String(parent ?? '') })
  expect(answer.status).toBe(303)
  return Number(/#comment-(\d+)$/.exec(answer.headers.get('location') ?? '')?.[1])
}
const comments = async (who: Pick<Member, 'get'> = site) =>
  await (await who.get(`${path}/comments`)).text()
const hide = (comment: number) =>
  site.db.transaction((tx) =>
    hideComment(tx, cast.staff, { projectId: id, id: comment, reason: 'Rude.' }),
  )

test('everybody sees who speaks for the project and for the site', async () => {
  const helper = cast.helperWith('community')
  await site.db.$client`
    update collaborators set title = 'Illustrator'
    where project_id = ${id} and person_id = ${helper.id}`
  await say(backer, 'From a backer')
  expect(await comments()).not.toContain('class="badge"')
  const thread = await say(cast.owner, 'From the creator')
  await say(helper, 'From one who helps', thread)
  await say(cast.helperWith('numbers'), 'From another', thread)
  await say(cast.staff, 'From staff')
  const html = await comments()
  const badges = [...html.matchAll(/class="badge">(.*?)</g)].map(([, badge]) => badge)
  expect(badges).toEqual(['Staff', 'Creator', 'Illustrator', 'Collaborator'])
})

test('what is pinned stands first, once, and few are', async () => {
  const first = await say(backer, 'The first of all')
  const others: number[] = []
  for (let n = 0; n < 13; n++) others.push(await say(cast.owner, `Word ${n}`))
  expect(await comments()).not.toContain('The first of all')
  const act = (who: Member, comment: number, verb: string) =>
    who.post(`/projects/${id}/comments/${comment}/${verb}`, {})
  for (const who of [backer, cast.member, cast.helperWithout('community'), cast.staff]) {
    expect((await act(who, first, 'pin')).status).toBe(403)
    expect((await act(who, first, 'unpin')).status).toBe(403)
  }
  const pinner = cast.helperWith('community')
  for (let times = 0; times < 2; times++) expect((await act(pinner, first, 'pin')).status).toBe(303)
  const html = await comments()
  expect(html.indexOf('The first of all')).toBeLessThan(html.indexOf('Word 12'))
  expect(html.split('The first of all')).toHaveLength(2)
  expect(html).toContain('>Pinned<')
  const older = await (await site.get(`${path}/comments?after=${others[1]}`)).text()
  expect(older).not.toContain('The first of all')
  const answer = await say(cast.owner, 'An answer', first)
  expect((await act(cast.owner, answer, 'pin')).status).toBe(404)
  expect((await act(cast.owner, 999_999_999, 'pin')).status).toBe(404)
  for (const comment of others.slice(0, 2)) {
    expect((await act(cast.owner, comment, 'pin')).status).toBe(303)
  }
  const full = await act(cast.owner, others[2] ?? 0, 'pin')
  expect(full.status).toBe(409)
  expect(await full.text()).toContain('3 comments are pinned already.')
  expect((await act(cast.owner, first, 'unpin')).status).toBe(303)
  expect((await comments()).split('>Pinned<')).toHaveLength(3)
})

test('what staff has taken down keeps its place and its answers', async () => {
  const thread = await say(backer, 'Something rude')
  const answer = await say(cast.owner, 'Please do not', thread)
  await hide(thread)
  await hide(thread)
  for (const who of [site, backer, cast.owner]) {
    const html = await comments(who)
    expect(html).not.toContain('Something rude')
    expect(html).toContain('Taken down by staff.')
    expect(html).toContain('Please do not')
  }
  const shown = await comments(cast.staff)
  expect(shown).toContain('Something rude')
  expect(shown).toContain('Hidden from all but staff')
  const api = await site.get(`/api/v1/projects/${id}/comments`)
  const { data } = (await api.json()) as { data: unknown[] }
  expect(data[0]).toMatchObject({ id: thread, body: null, replies: [{ id: answer }] })
  const events = await site.db.$client`
    select subject::int, recipient_id::int, actor_id::int, reason from events
    where about_project = ${id} and kind = 'comment_hidden'`
  expect([...events]).toEqual([
    { subject: thread, recipient_id: backer.id, actor_id: cast.staff.id, reason: 'Rude.' },
  ])
  const more = await backer.post(`${path}/comments`, { body: 'More', parent: String(thread) })
  expect(more.status).toBe(404)
  const act = (verb: string) => backer.post(`/projects/${id}/comments/${thread}/${verb}`, {})
  expect((await act('delete')).status).toBe(404)
  await hide(answer)
  expect(await comments()).not.toContain('Please do not')
  await site.db.transaction((tx) => unhideComment(tx, cast.staff, { projectId: id, id: thread }))
  expect(await comments()).toContain('Something rude')
})

test('whoever was blocked can say nothing there, nor answer who has blocked them', async () => {
  const block = (who: Member, whom: Member) => site.db.$client`
    insert into blocks (person_id, blocked_id) values (${who.id}, ${whom.id})`
  const other = cast.helperWith('numbers')
  const thread = await say(other, 'A question')
  await say(backer, 'An answer', thread)
  await block(other, backer)
  const answer = { body: 'Another answer', parent: String(thread) }
  expect((await backer.post(`${path}/comments`, answer)).status).toBe(403)
  await say(backer, 'Something else')
  await block(cast.owner, backer)
  const refused = await backer.post(`${path}/comments`, { body: 'Hello' })
  expect(refused.status).toBe(403)
  expect(await refused.text()).toContain('The creator of this project has blocked you')
  expect((await backer.post(`${path}/updates/1`, { body: 'Hello' })).status).toBe(403)
  const page = await comments(backer)
  expect(page).toContain('The creator of this project has blocked you')
  expect(page).not.toContain('<textarea')
  await site.db.$client`delete from blocks where blocked_id = ${backer.id}`
})

test('whoever staff has restricted finds no form, and why', async () => {
  await site.db.$client`
    insert into restrictions (person_id, kind, reason, staff_id)
    values (${backer.id}, 'comment', 'Adverts', ${cast.staff.id})`
  const answer = await backer.post(`${path}/comments`, { body: 'Hello' })
  expect(answer.status).toBe(403)
  const page = await comments(backer)
  expect(page).toContain('Our staff has taken commenting from your account for now.')
  expect(page).not.toContain('<textarea')
  await site.db.$client`delete from restrictions where person_id = ${backer.id}`
})

test('what is said is told, and deleting it leads back to where it stood', async () => {
  const answer = await backer.post(`${path}/updates/1`, { body: 'Good news' })
  const place = answer.headers.get('location') ?? ''
  const comment = Number(/#comment-(\d+)$/.exec(place)?.[1])
  const events = await site.db.$client`
    select kind, subject::int, actor_id::int from events where about_project = ${id}`
  expect([...events]).toEqual([{ kind: 'comment_posted', subject: comment, actor_id: backer.id }])
  const page = await (await backer.get(`${path}/updates/1`)).text()
  expect(page).toContain(`/projects/${id}/comments/${comment}/delete`)
  const others = await (await cast.member.get(`${path}/updates/1`)).text()
  expect(others).toContain(`/report?kind=comment&amp;project=${id}&amp;subject=${comment}`)
  const gone = await backer.post(`/projects/${id}/comments/${comment}/delete`, {})
  expect(gone.headers.get('location')).toBe(`${path}/updates/1#comments`)
})

test('whoever is signed in waits for two round trips', async () => {
  for (const page of ['comments', 'updates', 'updates/1']) {
    const { waves } = await countQueries(site.db, async () => {
      await (await backer.get(`${path}/${page}`)).text()
    })
    expect(waves).toBe(2)
  }
})

test('counts are right, hidden ones among them', async () => {
  await hide(await say(backer, 'Something rude'))
  const wrong = []
  for await (const { name, count } of verifyCounters(site.db)) if (count > 0) wrong.push(name)
  expect(wrong.filter((name) => /updates|comments|likes|replies/.test(name))).toEqual([])
})
