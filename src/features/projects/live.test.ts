import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEventStreams } from '#cache/event-streams'
import { takePledges } from '#features/pledges/writes/take-pledges'
import { type TestApp, testApp } from '#testing/app'
import { type TestDatabase, testDatabase } from '#testing/database'
import { checkoutCommand, freePort, type Running, start } from '#testing/program'
import { installProxies, startProxy } from '#testing/proxies'
import { eventually } from '#testing/start-tiny-server'

setDefaultTimeout(60_000)

interface Listening {
  answer: IncomingMessage
  /** Whole events so far, comments and hints left out. */
  events: { id: string; data: Figures }[]
  text(): string
  ended: Promise<void>
  leave(): void
}
interface Figures {
  status: string
  pledged: number
  backers: number
  left: Record<string, number>
}

/** Opens a stream over a connection of its own. */
function listen(port: number, path: string, headers: Record<string, string> = {}) {
  return new Promise<Listening>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      let text = ''
      let seen = 0
      const events: Listening['events'] = []
      const ended = Promise.withResolvers<void>()
      answer.on('data', (part: Buffer) => {
        text += part
        for (let end = text.indexOf('\n\n', seen); end >= 0; end = text.indexOf('\n\n', seen)) {
          const lines = text.slice(seen, end).split('\n')
          const field = (name: string) =>
            lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
          const data = field('data')
          if (data) events.push({ id: field('id') ?? '', data: JSON.parse(data) })
          seen = end + 2
        }
      })
      for (const end of ['end', 'close', 'error']) answer.on(end, () => ended.resolve())
      const leave = () => void asked.destroy()
      resolve({ answer, events, text: () => text, ended: ended.promise, leave })
    })
    asked.on('error', reject)
    asked.end()
  })
}

let database: TestDatabase
let sql: TestDatabase['db']['$client']
let backers: number[]
beforeAll(async () => {
  database = await testDatabase()
  sql = database.db.$client
  backers = (await sql`select id from people order by id limit 200`).map(({ id }) => Number(id))
})
afterAll(() => database.close(), 30_000)

async function addProject(): Promise<{ id: number; reward: number }> {
  const [row] = await sql`
    with p as (
      insert into projects (creator_id, creator_name, status, title, description, category,
          subcategory, city, state, country, goal, launched_at, ends_at)
        select creator_id, creator_name, 'live', 'A lamp', 'It glows', category, subcategory, city,
          state, country, 100000, now(), now() + interval '10 days'
        from projects where status = 'live'
          and creator_id not in (select id from people order by id limit 200) limit 1
        returning id
    )
    insert into rewards (project_id, position, amount, name, description, delivery_month, ships_to,
        quantity)
      select id, 1, 2000, 'A lamp', '', '2041-01-01', 'nobody', 50 from p returning project_id, id`
  return { id: Number(row?.['project_id']), reward: Number(row?.['id']) }
}

let keys = 0
async function pledge(project: { id: number; reward: number }, backerId: number) {
  const [result] = await takePledges(sql, [
    {
      ...{ projectId: project.id, backerId, key: `live-${keys++}`, rewardId: project.reward },
      ...{ addOns: [], bonus: 500, shipTo: null, anonymous: false, total: 2500, cardId: null },
    },
  ])
  expect(result?.outcome).toBe('taken')
}

describe.each([
  ['with a page cache', '8'],
  ['without one', '0'],
])('a server %s', (_, cacheMb) => {
  let server: Running
  let port: number
  beforeAll(async () => {
    port = await freePort()
    server = await start(
      [...checkoutCommand, 'serve', '--workers', '1', '--listen', `tcp:127.0.0.1:${port}`],
      {
        cwd: tmpdir(),
        env: {
          DATABASE_URL: database.url,
          JUMPSTARTER_PAGE_CACHE_MB: cacheMb,
          JUMPSTARTER_DRAIN_SECONDS: '5',
        },
      },
    )
  })

  test('tells at once how it stands, and then of every pledge', async () => {
    const project = await addProject()
    const stream = await listen(port, `/projects/${project.id}/live`)
    expect(stream.answer.statusCode).toBe(200)
    expect(stream.answer.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    })
    expect(stream.answer.headers['content-encoding']).toBeUndefined()
    await eventually(() => expect(stream.events).toHaveLength(1))
    expect(stream.events[0]?.data).toMatchObject({
      ...{ status: 'live', pledged: 0, backers: 0, left: { [project.reward]: 50 } },
    })
    expect(stream.text()).toStartWith('retry: 5000\n\n')
    await pledge(project, backers[0] ?? 0)
    await eventually(() =>
      expect(stream.events.at(-1)?.data).toMatchObject({
        ...{ pledged: 2500, backers: 1, left: { [project.reward]: 49 } },
      }),
    )
    const { id = '' } = stream.events.at(-1) ?? {}
    const again = await listen(port, `/projects/${project.id}/live`, { 'last-event-id': id })
    await pledge(project, backers[1] ?? 0)
    await eventually(() => expect(again.events.map(({ data }) => data.pledged)).toEqual([5000]))
    stream.leave()
    again.leave()
  })

  test('tells 300 at once, a burst in few events', async () => {
    const project = await addProject()
    const streams = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        listen(port, `/projects/${project.id}/live`, {
          'accept-encoding': 'gzip, br',
          'x-forwarded-for': `198.51.100.${index % 200}`,
        }),
      ),
    )
    for (const backer of backers.slice(2, 42)) await pledge(project, backer)
    await eventually(() => {
      const behind = streams.filter(({ events }) => events.at(-1)?.data.pledged !== 100_000)
      expect(behind).toHaveLength(0)
    })
    const counts = streams.map(({ events }) => events.length)
    expect(Math.max(...counts)).toBeLessThan(40)
    for (const stream of streams) stream.leave()
  })

  test('knows no draft, has nothing to tell of what is over, and ends with it', async () => {
    const [draft] = await sql`select id from projects where status = 'draft' limit 1`
    const [over] = await sql`select id from projects where status = 'successful' limit 1`
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
    if (draft) expect((await ask(`/projects/${draft['id']}/live`)).status).toBe(404)
    expect((await ask('/projects/999999999/live')).status).toBe(404)
    expect((await ask('/projects/live/live')).status).toBe(404)
    expect((await ask(`/projects/${over?.['id']}/live`)).status).toBe(204)
    const head = await fetch(`http://127.0.0.1:${port}/projects/${over?.['id']}/live`, {
      method: 'HEAD',
    })
    expect(head.status).toBe(200)
    const project = await addProject()
    const stream = await listen(port, `/projects/${project.id}/live`)
    await sql.begin(async (tx) => {
      await tx`update projects set status = 'canceled' where id = ${project.id}`
      await tx`select pg_notify('jumpstarter_changes',
        pg_current_xact_id()::text || ${`\nproject:${project.id}`})`
    })
    await stream.ended
    expect(stream.events.at(-1)?.data.status).toBe('canceled')
  })

  test('ends its streams when it drains, and says when to come back', async () => {
    const project = await addProject()
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => listen(port, `/projects/${project.id}/live`)),
    )
    await eventually(() => {
      for (const { events } of streams) expect(events).toHaveLength(1)
    })
    const begun = performance.now()
    expect(await server.stop()).toBe(0)
    expect(performance.now() - begun).toBeLessThan(4_000)
    await Promise.all(streams.map(({ ended }) => ended))
    const waits = streams.map(({ text }) => Number(/retry: (\d+)\n\n$/.exec(text())?.[1]))
    expect(new Set(waits).size).toBeGreaterThan(10)
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(1_000)
      expect(wait).toBeLessThanOrEqual(11_000)
    }
    expect(server.output()).not.toContain('cut at the drain deadline')
  })
})

test('behind nginx, events come as they happen', async () => {
  await installProxies()
  const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-live-'))
  const words = ['--listen', `unix:${directory}`, '--workers', '1']
  const env = { DATABASE_URL: database.url }
  const server = await start([...checkoutCommand, 'serve', '--socket-mode', '0666', ...words], {
    ...{ cwd: directory, env },
  })
  // Its workers are somebody else.
  Bun.spawnSync(['chmod', '755', directory])
  const proxy = await startProxy('nginx', words, { env })
  const project = await addProject()
  const stream = await listen(proxy.address.port, `/projects/${project.id}/live`)
  try {
    expect(stream.answer.statusCode).toBe(200)
    await eventually(() => expect(stream.events).toHaveLength(1))
    await pledge(project, backers[60] ?? 0)
    await eventually(() => expect(stream.events.at(-1)?.data.pledged).toBe(2_500))
  } finally {
    stream.leave()
    await proxy.stop()
    await server.stop()
    rmSync(directory, { recursive: true, force: true })
  }
})

describe('the number of streams', () => {
  let site: TestApp
  beforeAll(async () => {
    site = await testApp(database)
  })

  test('is bounded in all and for each address, and one that leaves makes room', async () => {
    const limits = { streamsMax: 3, streamsPerAddressMax: 2 }
    const streams = createEventStreams(site.deps.log, undefined, limits)
    const open = (address: string, signal = new AbortController().signal) =>
      streams.open({
        ...{ tag: 'project:1', address, lastId: undefined, signal },
        read: async () => ({ data: '{}', isOver: false }),
      })
    const first = await open('a')
    await open('a')
    expect((await open('a')).kind).toBe('full')
    expect((await open('b')).kind).toBe('open')
    expect((await open('c')).kind).toBe('full')
    if (first.kind === 'open') await first.body.cancel()
    expect(streams.count()).toBe(2)
    expect((await open('c', AbortSignal.abort())).kind).not.toBe('open')
    expect((await open('c')).kind).toBe('open')
    await streams.close()
    expect(streams.count()).toBe(0)
    expect((await open('d')).kind).toBe('full')
  })

  test('over it the answer says when to come back', async () => {
    const project = await addProject()
    site.deps.streams.end()
    const refused = await site.get(`/projects/${project.id}/live`)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
  })

  test('a reader who does not read is told the latest alone', async () => {
    let figure = 0
    const streams = createEventStreams(site.deps.log)
    const opened = await streams.open({
      ...{ tag: 'project:1', address: undefined, lastId: undefined },
      signal: new AbortController().signal,
      read: async () => ({ data: String(figure), isOver: false }),
    })
    if (opened.kind !== 'open') throw new Error(opened.kind)
    for (figure = 1; figure <= 14; figure++) {
      streams.onChange(['project:1'])
      await Bun.sleep(260)
    }
    figure = 14
    streams.end()
    const text = await new Response(opened.body).text()
    const told = [...text.matchAll(/data: (\d+)/g)].map(([, value]) => Number(value))
    expect(told.length).toBeLessThan(12)
    await streams.close()
  })
})
