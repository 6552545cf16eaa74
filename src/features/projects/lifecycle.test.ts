import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { moveProject } from './writes/lifecycle'

// Of all moves there could be, those of the table happen and no other.

setDefaultTimeout(60_000)

let site: TestApp
beforeAll(async () => {
  site = await testApp()
})
afterAll(() => site.close(), 30_000)

const states = [
  ...(['draft', 'submitted', 'rejected', 'live'] as const),
  ...(['successful', 'failed', 'canceled', 'suspended'] as const),
]
const allowed = [
  ...['draft→submitted', 'submitted→draft', 'submitted→rejected', 'submitted→live'],
  ...['live→successful', 'live→failed', 'live→canceled', 'live→suspended'],
]
const moves = states.flatMap((from) => states.map((to) => [from, to] as const))
test.each(moves)('%s → %s', async (from, to) => {
  const [row] = await site.db.$client`
    insert into projects (creator_id, creator_name, status, title, description, category,
      subcategory, city, state, country, goal, launched_at, ends_at)
    select id, name, ${from}, 'Mover', '', 'design', 'design/furniture', p.city, p.state, p.country,
      100, now(), now() + interval '9 days'
    from people, (select * from places limit 1) p order by id limit 1 returning id`
  const projectId = Number(row?.['id'])
  const move = site.db.transaction((tx) => moveProject(tx, { projectId, to, actorId: null }))
  const isAllowed = allowed.includes(`${from}→${to}`)
  if (isAllowed) await move
  else await expect(move).rejects.toThrow()
  const [moved] = await site.db.$client`select status from projects where id = ${projectId}`
  expect(moved?.['status']).toBe(isAllowed ? to : from)
  const lines = await site.db.$client`
    select from_status, to_status from project_transitions where project_id = ${projectId}`
  expect([...lines]).toEqual(isAllowed ? [{ from_status: from, to_status: to }] : [])
})
