import { afterAll, afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { pledgeWith } from '#testing/campaign'
import { webhookSite } from '#testing/webhook-site'
import { signedHeaders } from './rules/sending'
import { deliverDue, dropOldDeliveries } from './writes/deliver'

setDefaultTimeout(60_000)

const hooks = await webhookSite()
const {
  site,
  ana,
  got,
  answers,
  hook,
  bodies,
  campaign,
  addHook,
  happen,
  deliver,
  later,
  deliveriesOf,
} = hooks

afterEach(hooks.reset)
afterAll(hooks.close)

test('the signature is the one that Standard Webhooks gives as its example', () => {
  const headers = signedHeaders(
    ...([['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], 'msg_p5jXN8AQM9LWM0D4loKWxJek'] as const),
    ...(['{"test": 2432232314}', new Date(1_614_265_330_000)] as const),
  )
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('what happens to a project and its pledges is sent, signed, in order', async () => {
  const project = await campaign()
  await pledgeWith(site.db.$client, project, [{ amount: 900, card: null }])
  const { id, secret } = await addHook(
    ...([project, '/all', 'pledge.created', 'pledge.changed', 'pledge.canceled'] as const),
    ...(['project.canceled'] as const),
  )
  const [taken] = await pledgeWith(site.db.$client, project, [{ amount: 2_500, card: null }])
  const { pledgeId = 0, backerId = 0 } = taken ?? {}
  await happen(project, 'project_failed')
  await happen(project, 'project_canceled')
  await deliver()
  expect(bodies().map(({ type }) => type)).toEqual(['project.canceled', 'pledge.created'])
  expect(bodies()[1]).toEqual({
    type: 'pledge.created',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    data: {
      ...{ project_id: project, project_title: 'A lamp', project_status: 'live' },
      ...{ pledge_id: pledgeId, backer_id: backerId, amount: 2_500, pledge_amount: 2_500 },
      currency: 'USD',
    },
  })
  for (const { headers, body, path } of got) {
    expect(path).toBe('/all')
    expect(headers.get('content-type')).toBe('application/json')
    const signed = `${headers.get('webhook-id')}.${headers.get('webhook-timestamp')}.${body}`
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
    const mac = createHmac('sha256', key).update(signed).digest('base64')
    expect(headers.get('webhook-signature')).toBe(`v1,${mac}`)
    expect(Math.abs(Date.now() / 1000 - Number(headers.get('webhook-timestamp')))).toBeLessThan(60)
  }
  const [first, second] = got.map(({ headers }) => headers.get('webhook-id'))
  expect(first).not.toBe(second)
  expect((await deliveriesOf(id)).every(({ delivered, over }) => delivered && over)).toBe(true)
})

test('with a new secret the old one signs too for a day, however often it is asked for', async () => {
  const project = await campaign()
  const { id, secret, path } = await addHook(project, '/turned', 'project.failed')
  const turn = async () => {
    const shown = await (await ana.post(`${path}/secret`, {})).text()
    expect(shown).toContain('two signatures')
    return /whsec_[\w+/=]+/.exec(shown)?.[0] ?? ''
  }
  const lost = await turn()
  const kept = await turn()
  expect(new Set([secret, lost, kept]).size).toBe(3)
  const signedBy = async () => {
    got.length = 0
    await happen(project, 'project_failed')
    await deliver()
    const [{ headers, body } = { headers: new Headers(), body: '' }] = got
    const name = headers.get('webhook-id') ?? ''
    const at = new Date(Number(headers.get('webhook-timestamp')) * 1000)
    const given = headers.get('webhook-signature')?.split(' ') ?? []
    expect(given.length).toBeGreaterThan(0)
    const signatureOf = (one: string) => signedHeaders([one], name, body, at)['webhook-signature']
    return [secret, lost, kept].map((one) => given.includes(signatureOf(one)))
  }
  expect(await signedBy()).toEqual([true, false, true])
  await site.db.$client`
    update webhooks set old_secret_until = old_secret_until - interval '24 hours' where id = ${id}`
  expect(await signedBy()).toEqual([false, false, true])
})

test('several webhooks have their turn together', async () => {
  for (let projects = 0; projects < 3; projects++) {
    const project = await campaign()
    for (const path of ['/a', '/b', '/c']) await addHook(project, path, 'project.failed')
    await happen(project, 'project_failed')
  }
  expect(await deliverDue(hooks.demo.deps)).toBe(8)
  expect(got.length).toBe(8)
  await deliver()
  expect(got.length).toBe(9)
})

test('what fails is tried again, later each time, and then given up', async () => {
  const project = await campaign()
  const { id, path } = await addHook(project, '/fails', 'project.failed')
  await happen(project, 'project_failed')
  answers.push(
    () => new Response('No.', { status: 500 }),
    () => new Response(null, { status: 302, headers: { location: hook('/elsewhere') } }),
  )
  await deliver()
  expect(got.length).toBe(1)
  expect(await deliveriesOf(id)).toMatchObject([
    { attempts: 1, response_status: 500, answer: 'No.', over: false, delivered: false },
  ])
  expect(await (await ana.get(path)).text()).toContain('Answered 500. Tried once; next on')
  await later(1)
  await deliver()
  // A redirection is an answer, and not followed.
  expect(got.map(({ path }) => path)).toEqual(['/fails', '/fails'])
  expect(await deliveriesOf(id)).toMatchObject([{ attempts: 2, response_status: 302 }])
  await later(1)
  await deliver()
  expect(await deliveriesOf(id)).toMatchObject([{ attempts: 3, over: true, delivered: true }])
  expect(new Set(got.map(({ headers }) => headers.get('webhook-id'))).size).toBe(1)
})

test('one that fails for days is switched off, its creator told, and can be switched on', async () => {
  const project = await campaign()
  const { id, path } = await addHook(project, '/dead', 'project.failed', 'pledge.created')
  await happen(project, 'project_failed')
  const waits: number[] = []
  for (let tries = 1; tries <= 16; tries++) {
    answers.push(() => new Response(null, { status: 503 }))
    await deliver()
    const [row] = await site.db.$client`
      select extract(epoch from due_at - tried_at)::float as wait from webhook_deliveries
      where webhook_id = ${id}`
    waits.push(Number(row?.['wait']))
    await later(15)
  }
  for (const [index, wait] of waits.slice(0, -1).entries()) {
    const least = Math.min(30 * 2 ** index, 12 * 3600)
    expect(wait).toBeGreaterThanOrEqual(least)
    expect(wait).toBeLessThanOrEqual(least * 1.2)
  }
  expect(got.length).toBe(16)
  expect(await deliveriesOf(id)).toMatchObject([{ attempts: 16, over: true, delivered: false }])
  expect(await (await ana.get(path)).text()).toContain('It is switched off')
  const [mail] = await site.db.$client`
    select subject, text from outbox where recipient = 'ana.hook@example.test'
    order by id desc limit 1`
  expect(mail?.['subject']).toBe('A webhook of A lamp is switched off')
  expect(mail?.['text']).toContain(path)
  expect((await ana.post(`${path}/ping`, {})).status).toBe(409)

  // What happens while it is off is never sent.
  await pledgeWith(site.db.$client, project, [{ amount: 700, card: null }])
  await happen(project, 'project_failed')
  await ana.post(`${path}/enable`, {})
  await pledgeWith(site.db.$client, project, [{ amount: 800, card: null }])
  got.length = 0
  await deliver()
  expect(bodies()).toMatchObject([{ type: 'pledge.created', data: { amount: 800 } }])
})

test('a program that says it is gone is asked no more', async () => {
  const project = await campaign()
  const { id, path } = await addHook(project, '/gone', 'project.failed')
  await happen(project, 'project_failed')
  answers.push(() => new Response(null, { status: 410 }))
  await deliver()
  expect(await deliveriesOf(id)).toMatchObject([{ over: true, delivered: false }])
  expect(await (await ana.get(path)).text()).toContain('It is switched off')
})

test('one that does not answer keeps nobody else waiting, and its answer is read to a bound', async () => {
  const project = await campaign()
  const dead = await addHook(project, '/x', 'project.failed')
  await site.db.$client`update webhooks set url = 'http://127.0.0.1:1/' where id = ${dead.id}`
  const other = await addHook(project, '/alive', 'project.failed')
  answers.push(() => new Response('x'.repeat(5_000_000)))
  await happen(project, 'project_failed')
  await deliver()
  expect(await deliveriesOf(dead.id)).toMatchObject([
    { attempts: 1, response_status: null, last_error: 'Nobody takes connections there.' },
  ])
  const [row] = await deliveriesOf(other.id)
  expect(row).toMatchObject({ delivered: true, answer: 'x'.repeat(500) })
})

test('after ten seconds without an answer nobody waits any longer', async () => {
  const project = await campaign()
  const { id } = await addHook(project, '/slow', 'project.failed')
  await happen(project, 'project_failed')
  const late = Promise.withResolvers<Response>()
  answers.push(() => late.promise)
  const start = Date.now()
  await deliver()
  expect(Date.now() - start).toBeLessThan(13_000)
  late.resolve(new Response())
  expect(await deliveriesOf(id)).toMatchObject([{ last_error: 'No answer within 10 seconds.' }])
})

test('nothing is sent into a private network, by address or by name', async () => {
  const project = await campaign()
  const { id } = await addHook(project, '/inside', 'project.failed')
  const { port } = new URL(hook('/'))
  for (const url of [
    ...[hook('/'), `http://localhost:${port}/`, `http://[::1]:${port}/`, 'https://10.0.0.1/'],
    ...['http://169.254.169.254/latest/meta-data/', `http://2130706433:${port}/`],
    `http://[::ffff:127.0.0.1]:${port}/`,
  ]) {
    await site.db.$client`update webhooks set url = ${url}, leased_until = null where id = ${id}`
    await happen(project, 'project_failed')
    while ((await deliverDue(site.deps)) > 0);
    const rows = await deliveriesOf(id)
    expect([url, rows.at(-1)?.['last_error']]).toEqual([
      ...[url, 'The address leads into a private network, where we send nothing.'],
    ])
  }
  expect(got).toEqual([])
})

test('many hosts send each thing once', async () => {
  const project = await campaign()
  const { id } = await addHook(project, '/many', 'pledge.created')
  const wishes = Array.from({ length: 45 }, () => ({ amount: 500, card: null }))
  await pledgeWith(site.db.$client, project, wishes)
  await Promise.all(Array.from({ length: 4 }, deliver))
  await deliver()
  expect((await deliveriesOf(id)).length).toBe(45)
  expect(new Set(got.map(({ headers }) => headers.get('webhook-id'))).size).toBe(45)
  expect(got.length).toBe(45)
})

test('after a crash in the middle another host goes on once the lease is over', async () => {
  const project = await campaign()
  const { id } = await addHook(project, '/crash', 'project.failed')
  await happen(project, 'project_failed')
  await site.db.$client`
    update webhooks set leased_until = now() + interval '90 seconds' where id = ${id}`
  await deliver()
  expect(got).toEqual([])
  await site.db.$client`
    update webhooks set leased_until = now() - interval '1 second' where id = ${id}`
  await deliver()
  expect(got.length).toBe(1)
})

test('what was sent a month ago is forgotten', async () => {
  const project = await campaign()
  const { id } = await addHook(project, '/old', 'project.failed')
  await happen(project, 'project_failed')
  await deliver()
  await dropOldDeliveries(site.db)
  expect((await deliveriesOf(id)).length).toBe(1)
  await site.db.$client`
    update webhook_deliveries set created_at = now() - interval '31 days' where webhook_id = ${id}`
  await dropOldDeliveries(site.db)
  expect(await deliveriesOf(id)).toEqual([] as never)
})
