import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Member, signedIn } from '#testing/cast'
import { visitor } from '#testing/visitor'

setDefaultTimeout(60_000)

let site: TestApp
let ana: Member
let bo: Member
beforeAll(async () => {
  site = await testApp()
  ana = await signedIn(site, 'Ana Tie')
  bo = await signedIn(site, 'Bo Tie')
})
afterAll(() => site.close(), 30_000)

const text = async (reader: Member, path: string) => await (await reader.get(path)).text()
const follows = async () => {
  const rows = await site.db
    .$client`select follower_id::int as by, creator_id::int as of from follows
    where follower_id in (${ana.id}, ${bo.id}) order by 1, 2`
  return rows.map((row) => `${row['by']} ${row['of']}`)
}
const eventsCount = async () => {
  const [row] = await site.db.$client`
    select count(*)::int as n from events where kind = 'person_followed' and actor_id = ${ana.id}`
  return row?.['n']
}

test('one follows somebody once, finds them listed, and stops', async () => {
  expect(await text(ana, '/following')).toContain('You follow nobody yet.')
  for (let times = 0; times < 2; times++) {
    const answer = await ana.post(`/people/${bo.id}/follow`, {})
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/people/${bo.id}`])
  }
  expect([await follows(), await eventsCount()]).toEqual([[`${ana.id} ${bo.id}`], 1])
  expect(await text(ana, `/people/${bo.id}`)).toContain('Unfollow Bo Tie')
  expect(await text(ana, '/following')).toContain('Bo Tie')
  await ana.post(`/people/${bo.id}/unfollow`, { next: '/following' })
  expect(await follows()).toEqual([])
  expect(await text(ana, `/people/${bo.id}`)).toContain('Follow Bo Tie')
})

test('a project’s page lets one follow its creator, and leads back there', async () => {
  const [row] = await site.db
    .$client`select id, creator_id from projects where status = 'live' limit 1`
  const path = (await ana.get(`/projects/${row?.['id']}`)).headers.get('location') ?? ''
  expect(await text(ana, path)).toMatch(/aria-label="Follow /)
  const answer = await ana.post(`/people/${row?.['creator_id']}/follow`, { next: path })
  expect(answer.headers.get('location')).toBe(path)
  expect(await text(ana, path)).toMatch(/aria-label="Unfollow /)
  await ana.post(`/people/${row?.['creator_id']}/unfollow`, { next: '//evil.test' })
  expect(await (await visitor(site).get(path)).text()).toContain('/sign-in?next=')
})

test('nobody follows or blocks themselves, or somebody who is not there', async () => {
  for (const act of ['follow', 'block']) {
    expect((await ana.post(`/people/${ana.id}/${act}`, {})).status).toBe(400)
    for (const wrong of ['999999999', 'x', '0']) {
      expect((await ana.post(`/people/${wrong}/${act}`, {})).status).toBe(404)
    }
  }
  expect(await text(ana, `/people/${ana.id}`)).toContain('Change what others see')
})

test('a block ends what one followed of the other, and lets nobody follow again', async () => {
  await ana.post(`/people/${bo.id}/follow`, {})
  await bo.post(`/people/${ana.id}/follow`, {})
  expect(await follows()).toHaveLength(2)
  for (let times = 0; times < 2; times++) await bo.post(`/people/${ana.id}/block`, {})
  expect(await follows()).toEqual([])
  expect(await text(bo, '/settings/blocked')).toContain('Ana Tie')
  expect((await ana.post(`/people/${bo.id}/follow`, {})).status).toBe(403)
  expect((await bo.post(`/people/${ana.id}/follow`, {})).status).toBe(403)
  expect(await text(bo, `/people/${ana.id}`)).toContain('Unblock Ana Tie')
  await bo.post(`/people/${ana.id}/unblock`, { next: '/settings/blocked' })
  expect(await text(bo, '/settings/blocked')).toContain('You have blocked nobody.')
  expect((await ana.post(`/people/${bo.id}/follow`, {})).status).toBe(303)
  await ana.post(`/people/${bo.id}/unfollow`, {})
})

test('a follow and a block at once leave nobody who follows', async () => {
  for (let times = 0; times < 5; times++) {
    await Promise.all([
      ana.post(`/people/${bo.id}/follow`, {}),
      bo.post(`/people/${ana.id}/block`, {}),
    ])
    expect(await follows()).toEqual([])
    await bo.post(`/people/${ana.id}/unblock`, {})
    await site.db.$client`delete from rate_limits`
  }
})

test('to follow the same person again and again has to wait', async () => {
  const cy = await signedIn(site, 'Cy Tie')
  const statuses: number[] = []
  for (let times = 0; times < 6; times++) {
    statuses.push((await cy.post(`/people/${bo.id}/follow`, {})).status)
    await cy.post(`/people/${bo.id}/unfollow`, {})
  }
  expect(statuses).toEqual([303, 303, 303, 303, 303, 429])
})

test('the list of those one follows comes in pages, the latest first', async () => {
  const di = await signedIn(site, 'Di Tie')
  // Many at one moment, so that the moment alone cannot tell where a page ends.
  await site.db.$client`insert into follows (creator_id, follower_id)
    select id, ${di.id} from people where id <> ${di.id} order by id limit 60`
  const seen: string[] = []
  let pages = 0
  for (let path: string | undefined = '/following'; path && pages < 9; pages++) {
    const page = await text(di, path)
    seen.push(...[...page.matchAll(/\/people\/(\d+)\/unfollow/g)].map(([, id]) => id ?? ''))
    path = /href="(\/following\?after=[^"]+)"/.exec(page)?.[1]
  }
  expect([pages, seen.length, new Set(seen).size]).toEqual([3, 60, 60])
  expect((await di.get('/following?after=x')).status).toBe(400)
})
