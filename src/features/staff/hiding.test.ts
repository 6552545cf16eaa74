import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { verifyCounters } from '#db/verify'
import { tell } from '#features/activity/writes/tell'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'
import type { Visitor } from '#testing/visitor'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let sql: TestApp['db']['$client']
/** Of the seed: successful, the owner its creator, the member one of its backers. */
let project: Record<'id' | 'title' | 'category' | 'subcategory' | 'state' | 'city', string>
let staffPath: string

beforeAll(async () => {
  site = await testApp()
  sql = site.db.$client
  cast = await makeCast(site)
  const [row] = await sql`
    select id, title, category, subcategory, state, city, creator_id from projects p
    where status = 'successful' and exists (
      select from pledges l where l.project_id = p.id and not l.anonymous and l.status = 'collected')
    order by id desc limit 1`
  project = row as never
  const { id } = project
  staffPath = `/staff/projects/${id}`
  await sql`update projects set creator_id = ${cast.owner.id}, creator_name = 'Own Er' where id = ${id}`
  await sql`update people set projects_count = projects_count - 1 where id = ${row?.['creator_id']}`
  await sql`update people set projects_count = 1 where id = ${cast.owner.id}`
  const [pledge] = await sql`
    select id, backer_id from pledges where project_id = ${id} and not anonymous
      and status = 'collected' limit 1`
  await sql`update pledges set backer_id = ${cast.member.id} where id = ${pledge?.['id']}`
  await sql`update people p set pledges_count = pledges_count - 1,
      has_backed = exists (select from pledges where backer_id = p.id)
    where id = ${pledge?.['backer_id']}`
  await sql`update people set pledges_count = 1, has_backed = true where id = ${cast.member.id}`
})
afterAll(() => site.close(), 30_000)

const reason = 'It shows what it must not show.'
const hide = () => cast.staff.post(`${staffPath}/hide`, { reason })
const show = () => cast.staff.post(`${staffPath}/show`, { reason: 'It was changed.' })

async function read(who: Visitor, path: string): Promise<{ status: number; html: string }> {
  const answer = await who.get(path)
  const to = answer.headers.get('location')
  return answer.status === 301 && to
    ? read(who, to)
    : { status: answer.status, html: await answer.text() }
}

const ownPages = () => {
  const { id } = project
  const tabs = [
    '',
    '/rewards',
    '/faqs',
    '/updates',
    '/comments',
    '/community',
    '/feed.atom',
    '/live',
  ]
  const api = ['', '/rewards', '/faqs', '/updates', '/comments', '/community', '/backers']
  return [
    ...tabs.filter((tab) => tab !== '/feed.atom').map((tab) => `/projects/${id}${tab}`),
    `/projects/${id}/updates.atom`,
    ...api.map((tab) => `/api/v1/projects/${id}${tab}`),
  ]
}

/** Every list that has it, page by page until it is there. */
async function lists(): Promise<Record<string, boolean>> {
  const { id, title, category, subcategory, state, city } = project
  const slug = await sql`
    select state_slug, city_slug from places where state = ${state} and city = ${city}`
  const place = `/places/${slug[0]?.['state_slug']}/${slug[0]?.['city_slug']}`
  const words = encodeURIComponent(`"${title}"`)
  const found: Record<string, boolean> = {}
  for (const start of [
    '/discover?status=successful&sort=newest',
    `/categories/${category}?status=all&sort=newest`,
    `/categories/${subcategory}?status=successful&sort=newest`,
    `${place}?status=all&sort=newest`,
    `/search?q=${words}`,
    `/people/${cast.owner.id}`,
    `/people/${cast.member.id}/backed`,
    '/sitemaps/0.xml',
  ]) {
    let next: string | undefined = start
    found[start] = false
    for (let pages = 0; next && !found[start] && pages < 40; pages++) {
      const { html, status }: { html: string; status: number } = await read(cast.anonymous, next)
      if (status !== 200) throw new Error(`${next} answers ${status}`)
      found[start] = html.includes(`/projects/${id}-`)
      next = /href="([^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
    }
  }
  return found
}

const counts = async () =>
  (
    await sql`
      select (select projects_count from categories where slug = ${project.category}) as category,
        (select projects_count from categories where slug = ${project.subcategory}) as subcategory,
        (select projects_count from places
          where state = ${project.state} and city = ${project.city}) as place,
        (select projects_count from people where id = ${cast.owner.id}) as made,
        (select pledges_count from people where id = ${cast.member.id}) as backed`
  )[0]
const wrong = async () => {
  const all = await Array.fromAsync(verifyCounters(site.db, {}))
  return all.filter(({ count }) => count > 0).map(({ name }) => name)
}
let before: Awaited<ReturnType<typeof counts>>

test('before, everybody finds it', async () => {
  expect(await wrong()).toEqual([])
  before = await counts()
  const found = await lists()
  expect(Object.values(found)).toEqual(Object.values(found).map(() => true))
  for (const path of ownPages()) {
    expect([path, (await read(cast.anonymous, path)).status]).toEqual([
      path,
      path.endsWith('/live') ? 204 : 200,
    ])
  }
})

test('hidden, it is found by no reader, in no list and no count', async () => {
  expect((await cast.staff.post(`${staffPath}/hide`, {})).status).toBe(422)
  expect((await hide()).headers.get('location')).toBe(`${staffPath}?done=hide`)
  expect((await hide()).status).toBe(409)
  for (const who of [cast.anonymous, cast.other, cast.member, cast.owner]) {
    for (const path of ownPages()) {
      expect([path, (await read(who, path)).status]).toEqual([path, 404])
    }
  }
  const found = await lists()
  expect(Object.entries(found).filter(([, has]) => has)).toEqual([])
  expect(await counts()).toEqual(
    Object.fromEntries(
      Object.entries(before ?? {}).map(([key, count]) => [key, count - 1]),
    ) as never,
  )
  expect(await wrong()).toEqual([])
})

test('nothing can be done to it that is for readers', async () => {
  const at = `/projects/${project.id}`
  for (const path of [
    `${at}/comments`,
    `${at}/save`,
    `/report?kind=project&project=${project.id}`,
  ]) {
    const answer = await cast.other.post(path, { body: 'Hm.', reason: 'spam' })
    expect([path, answer.status]).toEqual([path, 404])
  }
  expect((await cast.other.get(`${at}/messages/${cast.other.id}`)).status).toBe(404)
  expect((await cast.other.get(`${at}/pledges/new`)).status).toBe(404)
})

test('its creator, its backers and staff find it', async () => {
  const at = `/projects/${project.id}`
  const making = await read(cast.owner, '/making')
  expect(making.html).toContain('Hidden')
  for (const [who, path, said] of [
    [cast.owner, `${at}/preview`, 'Our staff has hidden this project'],
    [cast.owner, `${at}/dashboard`, project.title],
    [cast.owner, `${at}/edit/launch`, 'Our staff has hidden it'],
    [cast.owner, `${at}/backers`, 'Mem Ber'],
    [cast.member, `${at}/pledge`, 'Our staff has hidden this project'],
    [cast.member, '/pledges', `${at}/pledge`],
    [cast.staff, `${at}/preview`, 'Our staff has hidden this project'],
    [cast.staff, staffPath, 'Show it again'],
  ] as const) {
    const { status, html } = await read(who, path)
    expect([path, status, html.includes(said)]).toEqual([path, 200, true])
  }
  await sql`update drafts set preview_key = 'key' where project_id = ${project.id}`
  for (const who of [cast.anonymous, cast.other, cast.member]) {
    expect((await read(who, `${at}/preview?key=key`)).status).toBe(404)
  }
  expect((await cast.owner.get(`${at}/new-update`)).status).toBe(409)
})

test('its creator is told why', async () => {
  while (await tell(site.db, 'http://localhost:3000'));
  const { html } = await read(cast.owner, '/activity')
  expect(html).toContain('was hidden by our staff')
  expect(html).toContain(reason)
  const mails = await sql`
    select text from outbox where recipient = 'own.er@example.test' and text like ${`%${reason}%`}`
  expect(mails).toHaveLength(1)
})

test('shown again, all is as it was', async () => {
  expect((await show()).headers.get('location')).toBe(`${staffPath}?done=show`)
  expect((await show()).status).toBe(409)
  const found = await lists()
  expect(Object.entries(found).filter(([, has]) => !has)).toEqual([])
  for (const path of ownPages()) {
    expect((await read(cast.anonymous, path)).status).toBe(path.endsWith('/live') ? 204 : 200)
  }
  expect(await counts()).toEqual(before as never)
  expect(await wrong()).toEqual([])
  const acts = await sql`
    select act, reason from audit_log where about_project = ${project.id} order by id`
  expect(acts.map(({ act, reason }) => [act, reason])).toEqual([
    ['hide_project', reason],
    ['show_project', 'It was changed.'],
  ])
})

test('only what is over can be hidden, by staff that has no part in it', async () => {
  for (const status of ['draft', 'submitted', 'live', 'suspended', 'rejected']) {
    const made = await cast.makeProject(status)
    const answer = await cast.staff.post(`/staff/projects/${made['project']}/hide`, { reason })
    expect([status, answer.status]).toEqual([status, 409])
  }
  const { project: own = '' } = await cast.makeProject('failed')
  await sql`update projects set creator_id = ${cast.staff.id} where id = ${own}`
  expect((await cast.staff.post(`/staff/projects/${own}/hide`, { reason })).status).toBe(403)
})

test('it takes no late pledges any more', async () => {
  const { project: late = '' } = await cast.makeProject('successful')
  await sql`insert into settlements (project_id, settled_at, late_until)
    values (${late}, now(), now() + interval '1 day')`
  const isLate = async () => {
    const [row] = await sql`
      select late_until > clock_timestamp() as late from settlements where project_id = ${late}`
    return row?.['late']
  }
  expect(await isLate()).toBe(true)
  await cast.staff.post(`/staff/projects/${late}/hide`, { reason })
  expect(await isLate()).toBe(false)
  const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16)
  const answer = await cast.owner.post(`/projects/${late}/money/late`, { when: 'later', until })
  expect([answer.status, await isLate()]).toEqual([409, false])
})
