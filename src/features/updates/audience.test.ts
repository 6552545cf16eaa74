import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, signedIn } from '#testing/cast'
import type { Visitor } from '#testing/visitor'
import { hideUpdate, unhideUpdate } from './writes/published'

// What is written for backers comes out nowhere else: every place where an update shows.

setDefaultTimeout(60_000)

const secret = 'Zwergseide'
/** Beside it, as an answer repeats what it was asked for. */
const asked = 'Mondpapier'

let site: TestApp
let cast: Cast
let id: string
let root: string
let backer: Member
let former: Member
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  const { project = '' } = await cast.makeProject('live')
  id = project
  root = `/projects/${id}-a-lamp-of-paper`
  backer = await signedIn(site, 'Back Er')
  former = await signedIn(site, 'For Mer')
  for (const [who, status] of [
    [backer, 'pledged'],
    [former, 'canceled'],
  ] as const) {
    await site.db.$client`
      insert into pledges (project_id, backer_id, amount, backed_before, city, country, status)
      values (${id}, ${who.id}, 2500, false, 'Oslo', 'Norway', ${status})`
  }
  const text = {
    title: 'For those inside',
    body: `${secret} is **it**, not ${asked}.`,
    audience: 'backers',
  }
  const draft =
    (await cast.owner.post(`/projects/${id}/new-update`, text)).headers.get('location') ?? ''
  const path = new URL(draft, 'http://x').pathname
  const published = await cast.owner.post(`${path}/publish`, { version: '1' })
  expect(published.headers.get('location')).toBe(`${root}/updates/2`)
  const body = `Said of ${secret}`
  expect((await backer.post(`${root}/updates/2`, { body })).status).toBe(303)
})
afterAll(() => site.close(), 30_000)

const places = [
  ['the timeline', () => `${root}/updates`],
  ['the update', () => `${root}/updates/2`],
  ['the one before it', () => `${root}/updates/1`],
  ['the feed', () => `/projects/${id}/updates.atom`],
  ['the project', () => root],
  ['its comments', () => `${root}/comments`],
  ['its community', () => `${root}/community`],
  ['its owner', () => `/people/${cast.owner.id}`],
  ['its backer', () => `/people/${backer.id}`],
  ['a search', () => `/search?q=${asked}`],
  ['the home page', () => '/'],
  ['the newest', () => '/feeds/newest.atom'],
  ['the API: updates', () => `/api/v1/projects/${id}/updates`],
  ['the API: the update', () => `/api/v1/projects/${id}/updates/2`],
  ['the API: comments on it', () => `/api/v1/projects/${id}/comments?update=2`],
  ['the API: the project', () => `/api/v1/projects/${id}`],
  ['the API: a search', () => `/api/v1/projects?q=${asked}`],
] as const

const outsiders: [string, () => Visitor][] = [
  ['somebody who has not signed in', () => cast.anonymous],
  ['a member', () => cast.member],
  ['somebody who has canceled', () => former],
]

describe.each(outsiders)('%s reads not a word of it', (_, who) => {
  test.each(places)('%s', async (_, path) => {
    const answer = await who().get(path())
    expect(answer.status).toBeLessThan(500)
    expect(await answer.text()).not.toContain(secret)
  })
})

test('others see that it is there', async () => {
  const timeline = await (await site.get(`${root}/updates`)).text()
  expect(timeline).toContain('For those inside')
  expect(timeline).toContain('For backers only.')
  const feed = await (await site.get(`/projects/${id}/updates.atom`)).text()
  expect(feed).toContain('For backers only.')
  const api = await (await site.get(`/api/v1/projects/${id}/updates/2`)).json()
  expect(api).toMatchObject({ title: 'For those inside', body: null, audience: 'backers' })
})

test('those inside read it, and what is said below it', async () => {
  for (const who of [backer, cast.owner, cast.helperWith('numbers'), cast.staff]) {
    const html = await (await who.get(`${root}/updates/2`)).text()
    expect(html).toContain(`${secret} is <strong>it</strong>`)
    expect(html).toContain(`Said of ${secret}`)
    expect(await (await who.get(`${root}/updates`)).text()).toContain(`${secret} is it`)
  }
})

test('others can do nothing about it', async () => {
  for (const who of [cast.member, former]) {
    expect((await who.post(`/projects/${id}/updates/2/like`, {})).status).toBe(403)
    expect((await who.post(`${root}/updates/2`, { body: 'Me too' })).status).toBe(403)
  }
})

test('a like counts once, and shows', async () => {
  const { member } = cast
  const likes = async () => {
    const [row] = await site.db.$client`
      select likes_count as n from updates where project_id = ${id} and number = 1`
    return Number(row?.['n'])
  }
  const press = async (act: string) => {
    const presses = [1, 2].map(() => member.post(`/projects/${id}/updates/1/${act}`, {}))
    for (const answer of await Promise.all(presses)) {
      expect(answer.headers.get('location')).toBe(`${root}/updates/1#likes`)
    }
    return await (await member.get(`${root}/updates/1`)).text()
  }
  expect(await press('like')).toContain('aria-pressed="true"')
  expect(await likes()).toBe(1)
  expect(await press('unlike')).toContain('aria-pressed="false"')
  expect(await likes()).toBe(0)
  expect((await member.post(`/projects/${id}/updates/9/like`, {})).status).toBe(404)
  expect((await member.get(`/projects/${id}/updates/1/like`)).status).toBe(405)
})

test('what staff has taken down keeps its place, empty for all but staff', async () => {
  const { db } = site
  const key = { projectId: Number(id), number: 2 }
  const hide = () =>
    db.transaction((tx) => hideUpdate(tx, cast.staff, { ...key, reason: 'It is an advert.' }))
  await hide()
  await hide()
  const events = await db.$client`
    select subject::int, recipient_id::int, reason from events
    where about_project = ${id} and kind = 'update_hidden'`
  expect([...events]).toEqual([
    { subject: 2, recipient_id: cast.owner.id, reason: 'It is an advert.' },
  ])
  for (const who of [cast.anonymous, backer, cast.owner]) {
    for (const path of [`${root}/updates`, `${root}/updates/2`, `/projects/${id}/updates.atom`]) {
      const html = await (await who.get(path)).text()
      expect(html).toContain('Taken down by staff')
      expect(html).not.toContain('For those inside')
      expect(html).not.toContain(`${secret} is`)
    }
  }
  const shown = await (await cast.staff.get(`${root}/updates/2`)).text()
  expect(shown).toContain(`${secret} is`)
  expect(shown).toContain('Hidden from all but staff')
  expect((await backer.post(`/projects/${id}/updates/2/like`, {})).status).toBe(403)
  expect((await cast.owner.get(`/projects/${id}/updates/2/edit`)).status).toBe(409)
  await db.transaction((tx) => unhideUpdate(tx, cast.staff, key))
  expect(await (await backer.get(`${root}/updates/2`)).text()).toContain(secret)
})
