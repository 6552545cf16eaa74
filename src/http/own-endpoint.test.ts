import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { z } from 'zod'
import { approveProject } from '#features/editor/writes/review'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast, program } from '#testing/cast'
import { problem } from './openapi'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let owner: Awaited<ReturnType<typeof program>>
let member: typeof owner
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  owner = await program(site, cast.owner.id, ['read', 'write', 'projects', 'messages'])
  member = await program(site, cast.member.id, ['read', 'write', 'messages'])
})
afterAll(() => site.close(), 30_000)
beforeEach(async () => {
  await site.db.$client`delete from rate_limits`
})

type Json = Record<string, unknown>

async function expectAnswer(answer: Promise<Response>, status: number): Promise<Json> {
  const response = await answer
  const text = await response.text()
  expect([response.status, text]).toEqual([status, expect.anything()])
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
  return text === '' ? {} : JSON.parse(text)
}

const numbered = z.looseObject({ id: z.int() })
const versioned = z.looseObject({ version: z.int() })

describe('a project', () => {
  const title = 'Lámpara «👩‍🚀» עדי'

  test('is made, launched, told of and ended by a program alone', async () => {
    const place = { city: 'Bergen', state: 'Vestland', country: 'Norway' }
    const subcategory = 'games/tabletop'
    const made = await expectAnswer(
      owner('POST', '/projects', { title: `${title}\u0000\u0007`, subcategory, ...place }),
      201,
    )
    const { id } = numbered.parse(made)
    const draft = async () => await expectAnswer(owner('GET', `/projects/${id}/draft`), 200)
    const version = async () => versioned.parse(await draft()).version
    expect(await draft()).toMatchObject({ title, status: 'draft', ...place })
    const put = async (part: string, body: Json) =>
      await expectAnswer(
        owner('PUT', `/projects/${id}/draft/${part}`, { ...body, version: await version() }),
        200,
      )
    await put('basics', { title, subcategory, ...place, description: 'It folds.', tags: ['light'] })
    await put('funding', { currency: 'EUR', goal: 123_450, allOrNothing: true, durationDays: 30 })
    const story = 'Once upon a time. '.repeat(20).trim()
    const budget = [{ label: 'Paper', amount: 12_345 }]
    await put('story', { story, risks: 'Paper burns.', budget })
    const reward = {
      ...{ name: 'One lamp', description: 'Folded.', amount: 2_550, shipsTo: 'some' },
      ...{ deliveryMonth: '2040-12', items: [{ name: 'Lamp', quantity: 2 }] },
      shipping: [{ country: 'Norway', price: 500 }],
    }
    const parts = `/projects/${id}/draft`
    const added = await expectAnswer(
      owner('POST', `${parts}/rewards`, { ...reward, version: await version() }),
      201,
    )
    const rewardPath = `${parts}/rewards/${numbered.parse(added).id}`
    const dearer = { ...reward, amount: 3_000, version: await version() }
    await expectAnswer(owner('PUT', rewardPath, dearer), 204)
    await expectAnswer(owner('PATCH', rewardPath, { version: await version(), quantity: 7 }), 204)
    const faq = { question: 'Why?', answer: 'Why not?' }
    await expectAnswer(owner('POST', `${parts}/faqs`, { ...faq, version: await version() }), 204)
    expect(await draft()).toMatchObject({
      ...{ description: 'It folds.', tags: ['light'], currency: 'EUR', goal: 123_450 },
      ...{ story, budget, missing: [], faqs: [{ position: 1, ...faq }] },
      rewards: [{ ...reward, amount: 3_000, quantity: 7 }],
    })

    await expectAnswer(owner('POST', `/projects/${id}/submit`, {}), 204)
    await expectAnswer(owner('POST', `/projects/${id}/submit`, {}), 409)
    await expectAnswer(owner('POST', `/projects/${id}/withdraw`), 204)
    await expectAnswer(owner('POST', `/projects/${id}/submit`, {}), 204)
    await expectAnswer(owner('POST', `/projects/${id}/launch`), 409)
    await site.db.transaction((tx) => approveProject(tx, { projectId: id, staffId: cast.staff.id }))
    await expectAnswer(owner('POST', `/projects/${id}/launch`), 204)
    expect(await (await site.get(`/api/v1/projects/${id}`)).json()).toMatchObject({
      ...{ title, status: 'live', goal: { amount: 123_450, currency: 'EUR' } },
    })

    const text = { title: 'It glows', body: 'The **first** one.', audience: 'everyone' }
    const begun = await expectAnswer(owner('POST', `/projects/${id}/update-drafts`, text), 201)
    const draftPath = `/projects/${id}/update-drafts/${numbered.parse(begun).id}`
    const changed = { ...text, audience: 'backers', version: 1 }
    expect(await expectAnswer(owner('PUT', draftPath, changed), 200)).toMatchObject({ version: 2 })
    expect(await expectAnswer(owner('GET', draftPath), 200)).toMatchObject({ audience: 'backers' })
    await expectAnswer(owner('POST', `${draftPath}/publish`, { version: 1 }), 409)
    await expectAnswer(owner('POST', `${draftPath}/publish`, { version: 2 }), 201)
    const updatePath = `/projects/${id}/updates/1`
    await expectAnswer(owner('PUT', updatePath, { title: 'It shines', body: text.body }), 204)
    expect(await (await site.get(`/api/v1${updatePath}`)).json()).toMatchObject({ body: null })
    expect(await expectAnswer(owner('GET', updatePath), 200)).toMatchObject({
      ...{ title: 'It shines', body: text.body },
    })
    await expectAnswer(member('PUT', `${updatePath}/like`), 403)
    await expectAnswer(owner('POST', `/projects/${id}/cancel`, { reason: ' ' }), 422)
    await expectAnswer(owner('POST', `/projects/${id}/cancel`, { reason: 'It burned.' }), 204)
  })

  test('of somebody else is none', async () => {
    const stranger = await program(site, cast.member.id, ['projects'])
    const { project } = await cast.makeProject('draft')
    await expectAnswer(stranger('GET', `/projects/${project}/draft`), 404)
    await expectAnswer(stranger('DELETE', `/projects/${project}/draft`), 404)
    expect(await expectAnswer(stranger('GET', '/me/projects'), 200)).toEqual({
      ...{ data: [], next: null },
    })
    expect(await expectAnswer(owner('GET', `/projects/${project}/draft`), 200)).toMatchObject({
      status: 'draft',
    })
    await expectAnswer(owner('DELETE', `/projects/${project}/draft`), 204)
  })

  test('that somebody has saved since is not overwritten', async () => {
    const { project } = await cast.makeProject('draft')
    const path = `/projects/${project}/draft/story`
    const body = { story: 'Once', risks: '', version: 1 }
    await expectAnswer(owner('PUT', path, body), 200)
    const refused = await expectAnswer(owner('PUT', path, { ...body, story: 'Twice' }), 409)
    expect(refused['type']).toBe('urn:jumpstarter:edited_meanwhile')
  })
})

describe('what any member does', () => {
  test('by the verbs of the pages', async () => {
    const { project, number, person, comment } = await cast.makeProject('live')
    await expectAnswer(member('PUT', `/projects/${project}/save`), 204)
    expect(await expectAnswer(member('GET', '/me/saved'), 200)).toMatchObject({
      data: [{ id: Number(project) }],
    })
    await expectAnswer(member('DELETE', `/projects/${project}/save`), 204)
    await expectAnswer(member('PUT', `/people/${person}/follow`), 204)
    expect(await expectAnswer(member('GET', '/me/following'), 200)).toMatchObject({
      data: [{ id: Number(person) }],
    })
    await expectAnswer(member('DELETE', `/people/${person}/follow`), 204)
    await expectAnswer(member('PUT', `/people/${person}/block`), 204)
    expect(await expectAnswer(member('GET', '/me/blocked'), 200)).toMatchObject({
      data: [{ id: Number(person) }],
    })
    await expectAnswer(member('DELETE', `/people/${person}/block`), 204)
    const like = `/projects/${project}/updates/${number}/like`
    await expectAnswer(member('PUT', like), 204)
    await expectAnswer(member('PUT', like), 204)
    expect(
      await (await member('GET', `/projects/${project}/updates/${number}`)).json(),
    ).toMatchObject({ likesCount: 1 })
    const report = { kind: 'comment', project: Number(project), subject: Number(comment) }
    await expectAnswer(member('POST', '/reports', { ...report, reason: 'spam' }), 201)
    await expectAnswer(member('POST', '/reports', { ...report, reason: 'other' }), 422)
    await expectAnswer(member('POST', '/reports', { kind: 'comment', reason: 'spam' }), 422)
    expect(await expectAnswer(member('PATCH', '/me', { bio: 'I read.' }), 200)).toMatchObject({
      ...{ bio: 'I read.', name: 'Mem Ber' },
    })
  })

  test('comments, as who may', async () => {
    const { project, number } = await cast.makeProject('live')
    const path = `/projects/${project}/comments`
    await expectAnswer(member('POST', path, { body: 'Hello' }), 403)
    const posted = await expectAnswer(owner('POST', path, { body: 'Hello' }), 201)
    const again = await expectAnswer(owner('POST', path, { body: 'Hello' }), 201)
    expect(again).toEqual(posted)
    const { id } = numbered.parse(posted)
    const below = { body: 'On the update', update: Number(number) }
    await expectAnswer(owner('POST', path, below), 201)
    await expectAnswer(owner('PUT', `${path}/${id}/pin`), 204)
    await expectAnswer(owner('DELETE', `${path}/${id}/pin`), 204)
    await expectAnswer(member('DELETE', `${path}/${id}`), 404)
    await expectAnswer(owner('DELETE', `${path}/${id}`), 204)
  })

  test('messages', async () => {
    const { project } = await cast.makeProject('live')
    const path = `/projects/${project}/messages/${cast.member.id}`
    const sent = await expectAnswer(member('POST', path, { body: 'Do you ship?' }), 201)
    expect(await expectAnswer(owner('GET', path), 200)).toMatchObject({
      data: [{ body: 'Do you ship?', author: { id: cast.member.id } }],
    })
    const unread = async () => {
      const list = await expectAnswer(owner('GET', '/me/conversations'), 200)
      const all = z.object({ data: z.array(z.looseObject({ unread: z.int() })) }).parse(list)
      return all.data[0]?.unread
    }
    expect(await unread()).toBe(1)
    await expectAnswer(owner('PUT', `${path}/read`, { upTo: sent['id'] }), 204)
    expect(await unread()).toBe(0)
    const stranger = await program(site, cast.other.id, ['messages'])
    await expectAnswer(stranger('GET', path), 404)
  })

  test('activity', async () => {
    await site.db.$client`insert into activities (person_id, event_id, kind, created_at, actor_id)
      values (${cast.member.id}, 77, 'person_followed', now(), ${cast.other.id})`
    expect(await expectAnswer(member('GET', '/me/activity'), 200)).toMatchObject({
      data: [{ id: 77, isNew: true, actor: { name: 'Oth Er' } }],
    })
    await expectAnswer(member('PUT', '/me/activity/seen', { upTo: 77 }), 204)
    expect(await expectAnswer(member('GET', '/me/activity'), 200)).toMatchObject({
      data: [{ isNew: false }],
    })
  })

  test('but not what staff has taken from them', async () => {
    const { project } = await cast.makeProject('live')
    await site.db.$client`insert into restrictions (person_id, kind, reason, staff_id)
      values (${cast.owner.id}, 'comment', 'Too loud', ${cast.staff.id})`
    const refused = await expectAnswer(
      owner('POST', `/projects/${project}/comments`, { body: 'Hello' }),
      403,
    )
    expect(refused['detail']).toContain('Too loud')
    await site.db.$client`delete from restrictions`
  })
})

describe('bad input', () => {
  const json = { 'content-type': 'application/json' }
  const cases: [name: string, body: unknown, headers: Record<string, string>, status: number][] = [
    ['no JSON', '{"bio":', json, 422],
    ['nothing', '', json, 422],
    ['a list', '[]', json, 422],
    ['a number for a text', { bio: 7 }, {}, 422],
    ['null for a text', { bio: null }, {}, 422],
    ['a text that is too long', { bio: 'x'.repeat(501) }, {}, 422],
    ['an unknown field', { bios: 'x' }, {}, 422],
    ['__proto__', '{"__proto__":{"name":"x"}}', json, 422],
    ['an empty name', { name: ' \u0000 ' }, {}, 422],
    ['brackets without end', '['.repeat(100_000), json, 422],
    ['a form', 'bio=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text', '{}', { 'content-type': 'text/plain' }, 415],
    ['too much', { bio: 'x'.repeat(300_000) }, {}, 413],
  ]

  test.each(cases)('%s', async (_, body, headers, status) => {
    const answer = await expectAnswer(member('PATCH', '/me', body, headers), status)
    expect(problem.parse(answer).status).toBe(status)
    expect(answer['detail']).not.toMatch(/undefined|\.\./)
  })

  test('names the field, and what may have been meant', async () => {
    const near = await expectAnswer(member('PATCH', '/me', { naem: 'X' }), 422)
    expect(near).toMatchObject({ field: 'naem', type: 'urn:jumpstarter:invalid_body' })
    expect(near['detail']).toContain('Did you mean “name”?')
    const { project } = await cast.makeProject('draft')
    const wrong = await expectAnswer(
      owner('PUT', `/projects/${project}/draft/story`, {
        ...{ version: 1, story: '', risks: '' },
        budget: [
          { label: 'Paper', amount: 1 },
          { label: ' ', amount: 2 },
        ],
      }),
      422,
    )
    expect(wrong['field']).toBe('budget.1.label')
  })

  test('keeps emoji and right-to-left text, and no control characters', async () => {
    const bio = '«👩‍🚀» עדי \u202eok'
    const answer = await expectAnswer(member('PATCH', '/me', { bio: `\u0000${bio}\u001b` }), 200)
    expect(answer['bio']).toBe(bio)
  })

  test('too much in a short time waits', async () => {
    let answer = await member('PATCH', '/me', {})
    for (let times = 0; times < 130 && answer.status === 200; times++) {
      answer = await member('PATCH', '/me', {})
    }
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

test('a script of another site is not let in with a token', async () => {
  const headers = {
    Origin: 'https://elsewhere.example',
    'Access-Control-Request-Method': 'PATCH',
    'Access-Control-Request-Headers': 'authorization, content-type',
  }
  const preflight = await site.get('/api/v1/me', { method: 'OPTIONS', headers })
  const allowed = preflight.headers.get('access-control-allow-headers') ?? ''
  expect(allowed).not.toMatch(/authorization/i)
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET')
})
