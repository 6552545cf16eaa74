import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestApp, testApp } from '#testing/app'
import { testDatabase } from '#testing/database'

// Far below what a driver that waits longer and longer would take.
setDefaultTimeout(15_000)

const socketName = '.s.PGSQL.5432'

let directory: string
let target: string
let server: Server | undefined
let sockets: Set<Socket>
let site: TestApp
let paths: string[]

beforeAll(async () => {
  const database = await testDatabase()
  const url = new URL(database.url.replace('@/', '@localhost/'))
  target = join(url.searchParams.get('host') ?? '', socketName)
  directory = await mkdtemp(join(tmpdir(), 'jumpstarter-cut-'))
  const throughPassage = `postgres://jumpstarter@${url.pathname}?host=${encodeURIComponent(directory)}`
  await open()
  site = await testApp({ ...database, url: throughPassage })
  const project = (await site.get('/projects/1')).headers.get('location')
  paths = ['/', '/discover', `${project}/faqs`, `${project}/community`, '/api/v1/projects/1']
})

afterAll(async () => {
  await site.close()
  await cut()
  await rm(directory, { recursive: true, force: true })
})

/** Opens a way to Postgres that can be cut. */
async function open(): Promise<void> {
  sockets = new Set()
  server = createServer((near) => {
    const far = connect(target)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
    }
    near.pipe(far)
    far.pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(join(directory, socketName), resolve)
  await promise
}

async function cut(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  server?.close(resolve)
  for (const socket of sockets) socket.destroy()
  await promise
}

async function statuses(): Promise<number[]> {
  const answers = await Promise.all(paths.map((path) => site.get(path)))
  await Promise.all(answers.map((answer) => answer.text()))
  return answers.map(({ status }) => status)
}

test('while the database is down every page says so, and all is well when it is back', async () => {
  expect(await statuses()).toEqual([200, 200, 200, 200, 200])
  await cut()
  // The first meets connections that have just broken, the later ones none.
  for (let round = 0; round < 5; round++) expect(await statuses()).toEqual(Array(5).fill(503))
  const page = await site.get('/discover')
  expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await page.text()).toContain('Back in a moment')
  const problem = await site.get('/api/v1/projects/1')
  expect([problem.status, problem.headers.get('retry-after')]).toEqual([503, '5'])
  expect(problem.headers.get('content-type')).toBe('application/problem+json')
  expect(await problem.json()).toMatchObject({ status: 503, type: 'urn:jumpstarter:unavailable' })
  expect((await site.get('/readyz')).status).toBe(503)
  expect((await site.get('/healthz')).status).toBe(200)
  expect((await site.get('/pictures/people/1.svg')).status).toBe(200)

  await open()
  expect(await statuses()).toEqual(Array(5).fill(200))
  expect((await site.get('/readyz')).status).toBe(200)
  expect(site.takeErrors().length).toBeGreaterThan(0)
})
