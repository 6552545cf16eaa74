import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { joined, type Visitor, visitor } from '#testing/visitor'

setDefaultTimeout(60_000)

let site: TestApp
let id: number
let path: string
let ana: Visitor
let stranger: Visitor
beforeAll(async () => {
  site = await testApp()
  const [row] = await site.db.$client`
    select p.id from projects p where status = 'live' and updates_count > 0 order by id limit 1`
  id = Number(row?.['id'])
  path = (await site.get(`/projects/${id}`)).headers.get('location') ?? ''
  ana = await joined(site, 'Ana Back')
  stranger = await joined(site, 'Stra Nger')
  await site.db.$client`
    insert into pledges (project_id, backer_id, amount, backed_before, city, country)
    select ${id}, person_id, 2500, false, 'Oslo', 'Norway' from accounts
    where email = 'ana.back@example.test'`
})
afterAll(() => site.close(), 30_000)

const count = async () => {
  const [row] = await site.db.$client`select comments_count as n from projects where id = ${id}`
  return Number(row?.['n'])
}
const numberIn = (answer: Response) =>
  Number(/#comment-(\d+)$/.exec(answer.headers.get('location') ?? '')?.[1])

test('a backer says something and answers; it stands there once, and is counted', async () => {
  const before = await count()
  const body = 'Lovely <i>idea</i> 👩‍🚀 שלום\n\nSecond line'
  const first = await ana.post(`${path}/comments`, { body })
  expect(first.status).toBe(303)
  const again = await ana.post(`${path}/comments`, { body })
  expect(numberIn(again)).toBe(numberIn(first))
  const thread = String(numberIn(first))
  const reply = await ana.post(`${path}/comments`, { body: 'And one more thing.', parent: thread })
  expect(await count()).toBe(before + 2)
  const html = await (await site.get(`${path}/comments`)).text()
  expect(html).toContain('Lovely &lt;i&gt;idea&lt;/i&gt; 👩‍🚀 שלום')
  expect(html).toContain(`id="comment-${numberIn(reply)}"`)
  // An answer to an answer has no place.
  const deeper = { body: 'Deeper', parent: String(numberIn(reply)) }
  expect((await ana.post(`${path}/comments`, deeper)).status).toBe(404)
  expect((await ana.post(`/projects/${id}/comments/${thread}/delete`, {})).status).toBe(409)
  const gone = await ana.post(`/projects/${id}/comments/${numberIn(reply)}/delete`, {})
  expect(gone.status).toBe(303)
  expect((await ana.post(`/projects/${id}/comments/${thread}/delete`, {})).status).toBe(303)
  expect(await count()).toBe(before)
})

test('an update has comments of its own', async () => {
  const [row] = await site.db.$client`
    select number, comments_count as n from updates where project_id = ${id} limit 1`
  const before = await count()
  const answer = await ana.post(`${path}/updates/${row?.['number']}`, { body: 'Good news!' })
  expect(answer.headers.get('location')).toStartWith(`${path}/updates/${row?.['number']}#comment-`)
  expect(await count()).toBe(before)
  const [after] = await site.db.$client`
    select comments_count as n from updates
    where project_id = ${id} and number = ${row?.['number']}`
  expect(after?.['n']).toBe(Number(row?.['n']) + 1)
  expect((await ana.post(`${path}/updates/999999`, { body: 'x' })).status).toBe(404)
})

test('others may read: the form is not theirs, nor is what somebody else has said', async () => {
  const said = numberIn(await ana.post(`${path}/comments`, { body: 'Mine.' }))
  expect((await stranger.post(`${path}/comments`, { body: 'Hello' })).status).toBe(403)
  expect(await (await stranger.get(`${path}/comments`)).text()).toContain('Only backers')
  expect((await stranger.post(`/projects/${id}/comments/${said}/delete`, {})).status).toBe(404)
  // Whoever is no longer signed in gets the text back with the way in.
  const late = await visitor(site).post(`${path}/comments`, { body: 'Hello from before' })
  expect(late.status).toBe(401)
  expect(await late.text()).toContain('Hello from before')
})

test('too little and too much come back as they were typed', async () => {
  for (const [body, sentence] of [
    ['  ', 'Please write something first.'],
    ['x'.repeat(5_001), 'May have 5000 characters at most.'],
  ] as const) {
    const answer = await ana.post(`${path}/comments`, { body })
    const html = await answer.text()
    expect(answer.status).toBe(422)
    expect(html).toContain(sentence)
    expect(html).toContain(body)
  }
})
