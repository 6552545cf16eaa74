import { afterAll, afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { program, signedIn } from '#testing/cast'
import { webhookSite } from '#testing/webhook-site'

setDefaultTimeout(60_000)

const hooks = await webhookSite()
const {
  site,
  demo,
  ana,
  got,
  answers,
  hook,
  bodies,
  campaign,
  addHook,
  happen,
  deliver,
  deliveriesOf,
} = hooks

afterEach(hooks.reset)
afterAll(hooks.close)

test('a page for each: making one, its secret once, its log, changing and removing it', async () => {
  const project = await campaign()
  const list = `/projects/${project}/webhooks`
  expect(await (await ana.get(list)).text()).toContain('Your first webhook')
  const { id, path, secret } = await addHook(project, '/ui', 'project.failed')
  expect(secret.length).toBeGreaterThan(30)
  answers.push(() => new Response('Fine: <b>emoji 🎈</b>\u0000', { status: 201 }))
  expect((await ana.post(`${path}/ping`, {})).headers.get('location')).toBe(`${path}?done=sent`)
  await deliver()
  expect(bodies()).toMatchObject([{ type: 'ping', data: { project_id: project } }])
  const page = await (await ana.get(path)).text()
  for (const part of ['Answered 201.', 'Fine: &lt;b&gt;emoji 🎈', 'Arrived on', hook('/ui')]) {
    expect(page).toContain(part)
  }
  expect(page).not.toContain(secret)
  expect(await (await ana.get(list)).text()).not.toContain(secret)

  // Sent again under the same name.
  const [row] = await deliveriesOf(id)
  await ana.post(`${path}/deliveries/${row?.['id']}/replay`, {})
  await deliver()
  const names = got.map(({ headers }) => headers.get('webhook-id'))
  expect(names).toEqual([`delivery_${row?.['id']}`, `delivery_${row?.['id']}`])

  const changed = await ana.post(path, { url: hook('/moved'), 'project.canceled': 'on' })
  expect(changed.headers.get('location')).toBe(`${path}?done=saved`)
  await happen(project, 'project_failed')
  await happen(project, 'project_canceled')
  await deliver()
  expect(got.slice(2).map(({ path }) => path)).toEqual(['/moved'])
  for (const _ of ['once', 'twice']) {
    const removed = await ana.post(`${path}/remove`, {})
    expect(removed.headers.get('location')).toBe(`${list}?done=removed`)
  }
  expect((await ana.get(path)).status).toBe(404)
  expect((await ana.post(`${path}/ping`, {})).status).toBe(404)
  expect((await ana.post(path, { url: hook('/'), 'project.failed': 'on' })).status).toBe(404)
  expect((await ana.post(`${path}/enable`, {})).status).toBe(404)
})

test('somebody else’s webhook is nobody’s business, nor is one by another project’s name', async () => {
  const project = await campaign()
  const bo = await signedIn(demo, 'Bo Hook')
  const other = await campaign()
  const { id, path } = await addHook(project, '/own', 'project.failed')
  const elsewhere = `/projects/${other}/webhooks/${id}`
  expect((await bo.get(path)).status).toBe(403)
  expect((await ana.get(elsewhere)).status).toBe(404)
  for (const act of ['ping', 'enable', 'disable', 'deliveries/1/replay']) {
    expect((await bo.post(`${path}/${act}`, {})).status).toBe(403)
    expect((await ana.post(`${elsewhere}/${act}`, {})).status).toBe(404)
  }
  await ana.post(`${elsewhere}/remove`, {})
  expect((await bo.post(`${path}/remove`, {})).status).toBe(403)
  expect((await ana.get(path)).status).toBe(200)
})

test('a form that was sent twice makes one, and five are as many as there may be', async () => {
  const project = await campaign()
  const [first, second] = [
    await addHook(project, '/twice', 'project.failed'),
    await addHook(project, '/twice', 'project.failed'),
  ]
  expect(second.id).toBe(first.id)
  for (const path of ['/2', '/3', '/4', '/5']) await addHook(project, path, 'project.failed')
  const many = await ana.post(`/projects/${project}/webhooks`, {
    ...{ url: hook('/6'), 'project.failed': 'on' },
  })
  expect(many.status).toBe(409)
  expect(await many.text()).toContain('at most 5 webhooks')
})

test.each([
  ['', 'Please give the address'],
  ['program', 'begins with https://'],
  ['ftp://example.com/', 'begins with https://'],
  ['javascript:alert(1)', 'begins with https://'],
  ['https://me:secret@example.com/', 'without a user'],
  [`https://example.com/${'x'.repeat(500)}`, 'at most 500 characters'],
])('%j is no address', async (url, sentence) => {
  const answer = await ana.post(`/projects/${await campaign()}/webhooks`, {
    ...{ url, 'project.failed': 'on' },
  })
  expect(answer.status).toBe(422)
  const page = await answer.text()
  expect(page).toContain(sentence)
  expect(page).toMatch(/name="project\.failed" checked/)
})

test('nothing to be told is refused, and so is plain HTTP where the site is not tried out', async () => {
  const list = `/projects/${await campaign()}/webhooks`
  const none = await ana.post(list, { url: hook('/'), 'project.exploded': 'on' })
  expect([none.status, (await none.text()).includes('choose at least one')]).toEqual([422, true])
  const plain = await site.get(list, {
    method: 'POST',
    headers: {
      ...{ 'sec-fetch-site': 'same-origin', cookie: `session=${ana.cookies.get('session')}` },
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ url: 'http://example.com/', 'project.failed': 'on' }),
  })
  expect(plain.status).toBe(422)
})

test('a draft with webhooks can be thrown away', async () => {
  const project = await campaign()
  await addHook(project, '/draft', 'project.launched')
  await site.db.$client`update projects set status = 'draft' where id = ${project}`
  const act = await program(demo, ana.id, ['projects'])
  expect((await act('DELETE', `/projects/${project}/draft`)).status).toBe(204)
})

test('programs manage webhooks too', async () => {
  const project = await campaign()
  const act = await program(demo, ana.id, ['projects'])
  const list = `/projects/${project}/webhooks`
  const wanted = { url: hook('/api'), kinds: ['project.failed'] }
  const wrong = await act('POST', list, { ...wanted, url: 'gopher://x' })
  expect([wrong.status, await wrong.json()]).toMatchObject([422, { field: 'url' }])
  expect((await act('POST', list, { ...wanted, kinds: ['x'] })).status).toBe(422)
  expect((await act('POST', list, { ...wanted, kinds: [] })).status).toBe(422)
  const made = (await (await act('POST', list, wanted)).json()) as { id: number; secret: string }
  expect(made.secret).toStartWith('whsec_')
  const one = `${list}/${made.id}`
  expect((await act('POST', `${one}/ping`)).status).toBe(204)
  await deliver()
  const log = (await (await act('GET', `${one}/deliveries`)).json()) as {
    data: { id: number; status: number; kind: string; tries: number }[]
  }
  expect(log.data).toMatchObject([{ kind: 'ping', status: 204, tries: 1 }])
  expect((await act('POST', `${one}/deliveries/${log.data[0]?.id}/replay`)).status).toBe(204)
  await deliver()
  expect(got.length).toBe(2)
  expect((await act('PUT', one, { ...wanted, isOn: false })).status).toBe(204)
  expect(await (await act('GET', list)).json()).toMatchObject({
    data: [{ id: made.id, isOn: false, kinds: ['project.failed'] }],
  })
  expect((await act('POST', `${one}/ping`)).status).toBe(409)
  expect((await act('DELETE', one)).status).toBe(204)
  expect((await act('GET', `${one}/deliveries`)).status).toBe(404)
})
