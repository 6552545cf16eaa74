import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type TestDatabase, testDatabase } from '#testing/database'
import { checkoutCommand, freePort, type Running, start } from '#testing/program'
import {
  askRaw,
  installProxies,
  type ProxyKind,
  proxyKinds,
  type RawRequest,
  startProxy,
  type TestProxy,
} from '#testing/proxies'
import { childPids, eventually } from '#testing/start-tiny-server'
import { paths } from '#web/paths'
import type { Address } from '../ask'

// The real proxies with the text we print for them, before the real program.

setDefaultTimeout(180_000)

const workers = 2
const slowSeconds = 0.5
const killsMax = 2
const clientsMax = 8
/** A client that is not the proxy: on this machine every address of 127.0.0.0/8 is ours. */
const clientHost = '127.0.0.2'

let database: TestDatabase
let server: Running
let port: number
let directory: string
let communityPath: string

beforeAll(async () => {
  await installProxies()
  database = await testDatabase()
  directory = mkdtempSync(join(tmpdir(), 'jumpstarter-sockets-'))
  chmodSync(directory, 0o755)
  port = await freePort()
  const listen = ['--listen', `tcp:127.0.0.1:${port}`, '--listen', `unix:${directory}`]
  server = await start(
    [...checkoutCommand, 'serve', '--workers', String(workers), '--socket-mode', '0666', ...listen],
    { env: { DATABASE_URL: database.url, JUMPSTARTER_TRUSTED_PROXIES: '127.0.0.1, ::1' } },
  )
  const [row] = await database.db.$client`
    select id, title from projects where status = 'live' order by backers_count desc limit 1`
  communityPath = paths.projectTab({ id: Number(row?.['id']), title: row?.['title'] }, 'community')
})

afterAll(async () => {
  await server?.stop()
  await database?.close()
  rmSync(directory, { recursive: true, force: true })
})

const fronts = proxyKinds.flatMap((kind) =>
  (['tcp', 'unix'] as const).map((transport) => [kind, transport] as const),
)

describe.each(fronts)('%s over %s', (kind: ProxyKind, transport) => {
  let proxy: TestProxy

  beforeAll(async () => {
    const listen = transport === 'tcp' ? `tcp:127.0.0.1:${port}` : `unix:${directory}`
    proxy = await startProxy(kind, [
      ...['--workers', String(workers), '--socket-mode', '0666', '--listen', listen],
    ])
  })

  afterAll(() => proxy?.stop())

  test('passes pages on as they are, compressed once', async () => {
    const gzip = { headers: { 'accept-encoding': 'gzip' } }
    const { status, headers, body } = await askRaw(proxy.address, '/', gzip)
    expect(status).toBe(200)
    expect(headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(body).toString()).toEndWith('</html>')

    const direct = await askRaw({ host: '127.0.0.1', port }, '/api/v1/openapi.json', gzip)
    const passed = await askRaw(proxy.address, '/api/v1/openapi.json', gzip)
    expect(passed.status).toBe(200)
    expect(passed.body.equals(direct.body)).toBe(true)
    const plain = await askRaw(proxy.address, '/api/v1/openapi.json')
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.body.equals(gunzipSync(direct.body))).toBe(true)
  })

  test('sends the shell of a page on before the rest is there', async () => {
    await readPledgesThrough(`pg_sleep(${slowSeconds}) is not null`)
    // A reader with this cookie gets a page of their own, which is streamed.
    const headers = { cookie: 'server-timing=1' }
    const answer = await askRaw(proxy.address, communityPath, { headers })
    await readPledgesThrough('true')
    expect(answer.body.toString()).toEndWith('</html>')
    expect(answer.lastMs - answer.firstMs).toBeGreaterThan(slowSeconds * 1000 * 0.8)
  })

  test('tells where a reader is, whatever they say of themselves', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.1, 127.0.0.1' }
    expect(await loggedClient(proxy.address, { headers, from: clientHost })).toBe(clientHost)
  })

  test('answers every GET while workers are killed', async () => {
    let isOver = false
    const statuses = new Map<number, number>()
    const client = async () => {
      while (!isOver) {
        const { status } = await askRaw(proxy.address, '/api/v1/projects')
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    const clients = Array.from({ length: clientsMax }, client)
    for (let kill = 0; kill < killsMax; kill += 1) {
      const [worker] = childPids(server.pid)
      if (worker !== undefined) process.kill(worker, 'SIGKILL')
      await eventually(async () => {
        expect(childPids(server.pid)).toHaveLength(workers)
        await everyWorkerServes()
      })
    }
    isOver = true
    await Promise.all(clients)
    expect([...statuses.keys()]).toEqual([200])
  })
})

test('without a proxy nobody is believed, over a Unix socket the last hop', async () => {
  const socketPath = join(directory, '0.sock')
  const tcp = { host: '127.0.0.1', port }
  const headers = { 'x-forwarded-for': '198.51.100.1, 198.51.100.2' }
  const clients: string[] = []
  for (const method of ['GET', 'HEAD']) {
    clients.push(await loggedClient(tcp, { method, headers, from: clientHost }))
    clients.push(await loggedClient({ socketPath }, { method, headers }))
  }
  expect(clients).toEqual([clientHost, '198.51.100.2', clientHost, '198.51.100.2'])
})

/** Whom the log names when a page cannot be made. */
async function loggedClient(address: Address, asked: RawRequest): Promise<string> {
  const before = server.output().length
  await database.db.$client`alter table people rename to people_away`
  try {
    expect((await askRaw(address, '/people/1', asked)).status).toBe(503)
  } finally {
    await database.db.$client`alter table people_away rename to people`
  }
  let client = ''
  await eventually(() => {
    const [line = ''] = server.output().slice(before).split('\n')
    const logged = JSON.parse(line)
    expect(logged).toMatchObject({ message: 'request failed', path: '/people/1' })
    client = logged.client
  })
  return client
}

async function readPledgesThrough(condition: string): Promise<void> {
  const { $client } = database.db
  const [there] = await $client`select to_regclass('pledges_rows') is not null as yes`
  if (!there?.['yes']) await $client`alter table pledges rename to pledges_rows`
  await $client.unsafe(
    `create or replace view pledges as select * from pledges_rows where (select ${condition})`,
  )
}

async function everyWorkerServes(): Promise<void> {
  for (let index = 0; index < workers; index += 1) {
    const socketPath = join(directory, `${index}.sock`)
    expect((await askRaw({ socketPath }, '/readyz')).status).toBe(200)
  }
}
