import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { verifyCounters } from '#db/verify'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast, signedIn } from '#testing/cast'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
})
afterAll(() => site.close(), 30_000)

const text = { title: 'It folds', body: 'Look: **paper**.', audience: 'everyone' }
const pathOf = (answer: Response) => answer.headers.get('location')?.split('?')[0] ?? ''
const versionIn = async (page: Response) =>
  /name="version" value="(\d+)"/.exec(await page.text())?.[1] ?? 'none'

async function made(status = 'live') {
  const { project = '', draft = '' } = await cast.makeProject(status)
  return {
    id: project,
    drafts: `/projects/${project}/drafts`,
    fresh: `/projects/${project}/new-update`,
    draft,
  }
}

const count = async (table: 'updates' | 'events' | 'update_drafts', id: string) => {
  const [row] = await site.db.$client`
    select count(*)::int as n from ${site.db.$client(table)}
    where ${site.db.$client(table === 'events' ? 'about_project' : 'project_id')} = ${id}`
  return Number(row?.['n'])
}

test('an update is written, previewed and published, once however often it is pressed', async () => {
  const { id, drafts, fresh } = await made()
  const { owner } = cast
  const began = await Promise.all([1, 2].map(() => owner.post(fresh, text)))
  const draft = pathOf(began[0] as Response)
  expect(pathOf(began[1] as Response)).toBe(draft)
  expect(await (await owner.get(drafts)).text()).toContain('It folds')
  const preview = await owner.get(`${draft}/preview`)
  const html = await preview.clone().text()
  expect(html).toContain('Look: <strong>paper</strong>.')
  const version = await versionIn(preview)
  const presses = [1, 2, 3].map(() => owner.post(`${draft}/publish`, { version }))
  const answers = await Promise.all(presses)
  answers.push(await owner.post(`${draft}/publish`, { version }))
  for (const answer of answers) {
    expect(answer.status).toBe(303)
    expect(pathOf(answer)).toBe(`/projects/${id}-a-lamp-of-paper/updates/2`)
  }
  expect(await count('updates', id)).toBe(2)
  const events = await site.db.$client`
    select kind, subject::int, actor_id::int from events where about_project = ${id}`
  expect([...events]).toEqual([{ kind: 'update_published', subject: 2, actor_id: owner.id }])
  expect(await (await site.get(pathOf(answers[0] as Response))).text()).toContain('It folds')
  expect((await owner.get(draft)).status).toBe(404)
})

test('somebody who helps may write too, and is named', async () => {
  const { id, fresh } = await made('failed')
  const helper = cast.helperWith('community')
  const draft = pathOf(await helper.post(fresh, text))
  // Whoever publishes it, it is theirs.
  const answer = await cast.owner.post(`${draft}/publish`, { version: '1' })
  const html = await (await site.get(pathOf(answer))).text()
  expect(html).toContain('Helper community')
  const feed = await (await site.get(`/projects/${id}/updates.atom`)).text()
  expect(feed).toContain('<name>Helper community</name>')
})

test('a draft is not for others, nor for a project without readers', async () => {
  const { id, drafts, draft, fresh } = await made()
  const stranger = await signedIn(site, 'Stra Nger')
  for (const other of [stranger, cast.helperWithout('community'), cast.staff]) {
    for (const path of [drafts, fresh, `${drafts}/${draft}`]) {
      expect((await other.get(path)).status).toBe(403)
    }
    expect((await other.post(`${drafts}/${draft}`, { ...text, version: '1' })).status).toBe(403)
    expect((await other.post(`${drafts}/${draft}/publish`, { version: '1' })).status).toBe(403)
    expect((await other.post(`${drafts}/${draft}/delete`, {})).status).toBe(403)
  }
  const early = await made('draft')
  expect((await cast.owner.get(early.drafts)).status).toBe(409)
  expect((await stranger.get(early.drafts)).status).toBe(404)
  expect(await count('update_drafts', id)).toBe(1)
  // A number of another project's draft is nobody's here.
  expect((await cast.owner.get(`${drafts}/${early.draft}`)).status).toBe(404)
})

test('what is too long or missing comes back as it was typed', async () => {
  const { drafts, draft, fresh } = await made()
  const { owner } = cast
  const long = { ...text, title: 'é'.repeat(61), body: `${'x'.repeat(20_000)} שלום 👩‍🚀` }
  for (const path of [fresh, `${drafts}/${draft}`, `${drafts}/${draft}/preview`]) {
    const answer = await owner.post(path, { ...long, version: '1' })
    const html = await answer.text()
    expect(answer.status).toBe(422)
    expect(html).toContain('May have 60 characters at most.')
    expect(html).toContain('May have 20000 characters at most.')
    expect(html).toContain('שלום 👩‍🚀</textarea>')
  }
  const empty = pathOf(await owner.post(fresh, { ...text, title: '', body: '' }))
  const refused = await owner.post(`${empty}/publish`, { version: '1' })
  expect(refused.status).toBe(422)
  expect(await refused.text()).toContain('Please give it a title.')
  expect((await owner.post(fresh, { ...text, audience: 'x' })).status).toBe(422)
})

test('two windows do not overwrite each other', async () => {
  const { drafts, draft } = await made()
  const { owner } = cast
  const path = `${drafts}/${draft}`
  const version = await versionIn(await owner.get(path))
  const mine = { ...text, body: 'Mine.', version }
  expect((await owner.post(path, mine)).status).toBe(303)
  // The same once more is no conflict.
  expect((await owner.post(path, mine)).status).toBe(303)
  const clash = await owner.post(path, { ...text, body: 'Theirs.', version })
  const html = await clash.clone().text()
  expect(clash.status).toBe(409)
  expect(html).toContain('Mine.</textarea>')
  expect(html).toContain('Theirs.</textarea>')
  const next = await versionIn(clash)
  // What was looked at is what is published.
  const stale = await owner.post(`${path}/publish`, { version })
  expect(stale.status).toBe(409)
  expect((await owner.post(path, { ...text, body: 'Both.', version: next })).status).toBe(303)
  expect(await (await owner.get(path)).text()).toContain('Both.</textarea>')
})

test('a script saves as its reader types', async () => {
  const { drafts, draft } = await made()
  const headers = { 'sec-fetch-site': 'same-origin', accept: 'application/json' }
  const save = (body: string, version: string) =>
    cast.owner.post(`${drafts}/${draft}`, { ...text, body, version }, headers)
  expect(await (await save('One.', '1')).json()).toEqual({ version: 2 })
  const late = await save('Two.', '1')
  expect(late.status).toBe(409)
  expect(await late.json()).toHaveProperty('problem')
  const long = await save('x'.repeat(20_001), '2')
  expect(long.status).toBe(422)
  expect(await long.json()).toHaveProperty('errors.body')
})

test('a draft can be thrown away, and there is an end to them', async () => {
  const { id, drafts, draft, fresh } = await made()
  const { owner } = cast
  for (let times = 0; times < 2; times++) {
    expect((await owner.post(`${drafts}/${draft}/delete`, {})).status).toBe(303)
  }
  expect(await count('update_drafts', id)).toBe(0)
  expect(await (await owner.get(drafts)).text()).toContain('No drafts.')
  await site.db.$client`
    insert into update_drafts (project_id, title, body, author_id)
    select ${id}, 'n ' || n, '', ${owner.id} from generate_series(1, 50) n`
  const full = await owner.post(fresh, text)
  expect(full.status).toBe(409)
  expect(await full.text()).toContain('There are 50 drafts already.')
})

test('half an hour it can be changed, by the clock of the database, and then no more', async () => {
  const { id } = await made()
  const { owner, other } = cast
  const path = `/projects/${id}/updates/1`
  const page = await owner.get(`${path}/edit`)
  const html = await page.text()
  expect(html).toContain('It can be changed for 30 more minutes.')
  expect(await (await owner.get(`/projects/${id}-a-lamp-of-paper/updates/1`)).text()).toContain(
    'edit this update',
  )
  const edition = /name="edition" value="(.*?)"/.exec(html)?.[1] ?? 'none'
  const change = { title: 'First!', body: 'Mended.', edition }
  expect((await other.post(`${path}/edit`, change)).status).toBe(403)
  expect((await owner.post(`${path}/edit`, { ...change, title: '' })).status).toBe(422)
  expect((await owner.post(`${path}/edit`, change)).status).toBe(303)
  const clash = await owner.post(`${path}/edit`, { ...change, body: 'Else.' })
  const both = await clash.text()
  expect(clash.status).toBe(409)
  expect(both).toContain('Mended.</textarea>')
  expect(both).toContain('Else.</textarea>')
  const shown = await (await site.get(`/projects/${id}-a-lamp-of-paper/updates/1`)).text()
  expect(shown).toContain('Mended.')
  expect(shown).toContain('Edited')
  await site.db.$client`
    update updates set published_at = now() - interval '30 minutes' where project_id = ${id}`
  expect((await owner.get(`${path}/edit`)).status).toBe(409)
  expect((await owner.post(`${path}/edit`, change)).status).toBe(409)
  expect((await owner.get(`/projects/${id}/updates/7/edit`)).status).toBe(404)
})

test('counters are right after all of it', async () => {
  const wrong = []
  for await (const { name, count } of verifyCounters(site.db)) if (count > 0) wrong.push(name)
  // The cast puts its projects there without counting them for their owner.
  expect(wrong.filter((name) => /updates|comments|likes|replies/.test(name))).toEqual([])
})
