import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type TestDatabase, testDatabase } from '#testing/database'
import { freePort } from '#testing/program'
import { isPrepared } from './node-peers'
import type { PeerPage, PeerStart } from './peer'
import { peers } from './peers'
import { differences } from './same-page'

setDefaultTimeout(60_000)

let database: TestDatabase
let site: TestApp
let projects: number[]

beforeAll(async () => {
  database = await testDatabase()
  site = await testApp(database)
  site.setNow(new Date())
  // What differs most: with and without risks, budget and rewards, running and over.
  const rows = await database.db.$client<{ id: number }[]>`
    select distinct on (p.status, s.risks = '', s.budget = '[]', r.id is null) p.id
    from projects p left join stories s on s.project_id = p.id
      left join rewards r on r.project_id = p.id
    where p.status in ('live', 'successful', 'failed', 'canceled', 'suspended')
    order by p.status, s.risks = '', s.budget = '[]', r.id is null, p.id`
  projects = rows.map(({ id }) => id)
})
afterAll(() => site.close())

const gzip = { 'Accept-Encoding': 'gzip' }

/** Ours, by its one address. */
async function ourPage(id: number, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await site.get(`/projects/${id}`)
  return site.get(answer.headers.get('Location') ?? `/projects/${id}`, { headers })
}

async function startOptions(page: Response): Promise<PeerStart> {
  return {
    port: await freePort(),
    databaseUrl: database.url,
    redisUrl: null,
    workers: 2,
    constant: { body: await page.bytes(), headers: Object.fromEntries(page.headers) },
  }
}

const isHere = {
  'express-2018': await isPrepared('express-2018'),
  next: await isPrepared('next'),
  nginx: Bun.which('nginx') !== null,
  'bare-bun': true,
  'bare-react': true,
}

describe.each(peers)('$id', (peer) => {
  // npm and apt bring the others when somebody asks for a race.
  test.if(isHere[peer.id])('serves our page, as we do', async () => {
    await peer.prepare(() => {})
    const [first = 0] = projects
    const options = await startOptions(await ourPage(first, gzip))
    const server = await peer.start(options)
    const origin = `http://127.0.0.1:${options.port}`
    const ask = (kind: PeerPage, id: number, headers = {}) =>
      fetch(origin + peer.path(kind, id), { headers })
    try {
      expect(server.pids().length).toBeGreaterThanOrEqual(2)
      const isConstant = !peer.serves.includes('page')
      for (const id of isConstant ? [first] : projects) {
        const ours = await (await ourPage(id)).text()
        for (const kind of peer.serves.filter((each) => each !== 'api')) {
          const answer = await ask(kind, id, gzip)
          expect([answer.status, answer.headers.get('Content-Encoding')]).toEqual([200, 'gzip'])
          expect(differences(ours, await answer.text())).toEqual([])
        }
        if (!peer.serves.includes('api')) continue
        const answer = await ask('api', id, gzip)
        expect(answer.headers.get('Content-Encoding')).toBe('gzip')
        const theirs = (await answer.text()).replaceAll(origin, site.deps.config.baseUrl)
        const json = await site.get(`/api/v1/projects/${id}`)
        expect(JSON.parse(theirs)).toEqual(await json.json())
      }
    } finally {
      await server.stop()
    }
    expect(server.pids()).toEqual([])
    await expect(fetch(origin)).rejects.toThrow()
  })
})

test('a page that differs is told apart, and in what', async () => {
  const ours = await (await ourPage(projects[0] ?? 0)).text()
  expect(differences(ours, ours.replace('<!DOCTYPE html>', '<!-- the same -->'))).toEqual([])
  expect(differences(ours, `${ours}<script>more()</script>`)).toEqual([])
  const longer = ours.replaceAll('<p', `<p class="${'x'.repeat(200)}"`)
  expect(differences(ours, longer)).toEqual([
    expect.stringMatching(/^its markup is \d\.\d\d times as long/),
  ])
  const other = ours.replace('<h1>', '<h1>Not ').replace('class="reward ', 'class="prize ')
  expect(differences(ours, other)).toHaveLength(2)
})

test('a peer that cannot start says why', async () => {
  const bareReact = peers.find(({ id }) => id === 'bare-react')
  const options = await startOptions(await ourPage(projects[0] ?? 0))
  const databaseUrl = 'postgres://nobody@/nothing?host=/nonexistent'
  await expect(bareReact?.start({ ...options, databaseUrl })).rejects.toThrow(
    /did not start: .*ENOENT/s,
  )
})
