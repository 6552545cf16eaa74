import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type Ask, checkReadYourWrites, type Member } from '#bench/hosts/read-your-writes'
import { tokenPrefix } from '#db/access-tokens'
import { hashToken, newToken } from '#lib/tokens'
import { type TestApp, testApp } from '#testing/app'
import { type Replicated, type Server, startReplicated } from '#testing/replicated'
import { joined } from '#testing/visitor'

const pairs = Number(process.env['PAIRS'] ?? 150)
const heldMs = 2_000
/** A program may write twice a second. */
const programPairs = 40
const noPlace = { city: '', state: '', country: '' }

setDefaultTimeout(60_000 + pairs * 200)

let servers: Replicated
let held: Server
let current: Server
let hosts: [TestApp, TestApp]
let members: Member[]

const open = (replicaUrls: string[]) =>
  testApp(
    { db: undefined as never, url: servers.primary.url, close: async () => {} },
    { replicaUrls },
  )

const inUse = async (host: TestApp, wanted = 2) => {
  while (host.deps.replicas?.states().filter(({ isInUse }) => isInUse).length !== wanted) {
    await Bun.sleep(20)
  }
}

const askOf =
  (host: TestApp): Ask =>
  (path, init) =>
    host.get(path, init)

async function member(host: TestApp, name: string): Promise<Member> {
  const reader = await joined(host, name)
  const [row] = await host.db.$client<{ id: number }[]>`
    select person_id::int as id from accounts where email = ${`${name.toLowerCase()}@example.test`}`
  return { id: row?.id ?? 0, cookie: `session=${reader.cookies.get('session')}` }
}

beforeAll(async () => {
  servers = await startReplicated(2)
  ;[held, current] = servers.standbys as [Server, Server]
  const urls = servers.standbys.map(({ url }) => url)
  // Each with its own idea of the order.
  hosts = await Promise.all([open(urls), open(urls.toReversed())])
  members = []
  for (const name of ['Ada', 'Ben', 'Cleo', 'Dora', 'Eli', 'Fay', 'Gus', 'Hal']) {
    members.push(await member(hosts[0], name))
  }
  await Promise.all(servers.standbys.map(servers.caughtUp))
  await servers.hold(held, heldMs)
  await Promise.all(hosts.map((host) => inUse(host)))
})

afterAll(async () => {
  await Promise.all(hosts.map((host) => host.close()))
  await servers.close()
})

const wanted = () => ({
  hosts: hosts.map(askOf),
  writers: members.slice(0, 4),
  watchers: members.slice(4),
  // Every so often one waits until a replica may have it.
  pauseMs: (pair: number) => (pair % 10 === 0 ? 400 : 0),
})

async function tokenOf(host: TestApp, { id }: Member): Promise<string> {
  const token = tokenPrefix + newToken().token
  await host.db.$client`
    insert into access_tokens (token_hash, person_id, name, scopes, expires_at)
    values (${hashToken(token)}, ${id}, 'Mine', '{read,write}', now() + interval '1 day')`
  return `Bearer ${token}`
}

describe('with a replica that is held two seconds behind', () => {
  test('everybody reads what they have written, and nobody goes back in time', async () => {
    const done = await checkReadYourWrites({ ...wanted(), pairs })
    expect(done).toMatchObject({ pairs, unread: [], backwards: [], failed: [] })
    expect(done.fromReplicas).toBeGreaterThan(0)
  })

  test('who throws their marks away misses it', async () => {
    const others = [await open([held.url]), await open([held.url])]
    await Promise.all(others.map((host) => inUse(host, 1)))
    const forgetting = { ...wanted(), hosts: others.map(askOf), pairs: 60, forgetful: true }
    const { unread } = await checkReadYourWrites(forgetting)
    expect(unread.length).toBeGreaterThan(0)
    await Promise.all(others.map((host) => host.close()))
  })
})

describe('what a reader is told', () => {
  const position = /^[0-9a-f]+\.[0-9a-z]*\.[\w-]{22}$/
  const cookieOf = (answer: Response, name: string) =>
    answer.headers.getSetCookie().find((line) => line.startsWith(`${name}=`))

  test('a write marks its writer for half a minute, and a read its reader', async () => {
    const [host] = hosts
    const [ada] = members as [Member]
    const init = { headers: { cookie: ada.cookie, 'sec-fetch-site': 'same-origin' } }
    const body = new URLSearchParams({ ...{ name: 'Ada', bio: 'mine' }, ...noPlace })
    const saved = await host.get('/settings', { ...init, method: 'POST', body })
    expect(saved.status).toBe(303)
    const written = cookieOf(saved, 'written') ?? ''
    expect(written).toMatch(/^written=[^;]+; Max-Age=30; Path=\/; HttpOnly; SameSite=Lax$/)
    const page = await host.get(`/people/${ada.id}`, init)
    expect(cookieOf(page, 'seen')).toBeDefined()
    expect(cookieOf(page, 'written')).toBeUndefined()
  })

  test('a stranger is told nothing, and a forged mark says nothing', async () => {
    const [host] = hosts
    const plain = await host.get(`/people/${members[0]?.id}`)
    expect(plain.headers.getSetCookie()).toEqual([])
    const forged = { headers: { cookie: 'written=ffffffffffffffff..AAAAAAAAAAAAAAAAAAAAAA' } }
    const answer = await host.get(`/people/${members[0]?.id}`, forged)
    expect(answer.status).toBe(200)
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test('a program sends back what it was given, and reads what it has written', async () => {
    const authorization = await tokenOf(hosts[0], members[1] as Member)
    let given: string | undefined
    let fromReplicas = 0
    for (let count = 1; count <= programPairs; count++) {
      const ask = async (host: TestApp, path: string, init: RequestInit = {}) => {
        const headers = { authorization, 'content-type': 'application/json' }
        const sent = given === undefined ? headers : { ...headers, 'jumpstarter-position': given }
        const answer = await host.get(`/api/v1${path}`, { ...init, headers: sent })
        expect(answer.status).toBe(200)
        given = answer.headers.get('jumpstarter-position') ?? undefined
        expect(given).toMatch(position)
        return answer
      }
      const bio = `stand ${count}`
      await ask(hosts[0], '/me', { method: 'PATCH', body: JSON.stringify({ bio }) })
      // Now and then so long that a replica has it too.
      await Bun.sleep(count % 5 === 0 ? 400 : 0)
      for (const host of hosts.toReversed()) {
        const read = await ask(host, `/people/${members[1]?.id}`)
        expect(await read.json()).toMatchObject({ bio })
        if (given?.split('.')[1]) fromReplicas += 1
      }
    }
    expect(fromReplicas).toBeGreaterThan(0)
  })
})

describe('when a replica dies', () => {
  test('no read fails, whoever reads, and nobody goes back in time to one that is behind', async () => {
    let goesOn = true
    const problems: string[] = []
    const strangers = hosts.map(async (host) => {
      for (let index = 0; goesOn; index++) {
        const { status } = await host.get(index % 2 === 0 ? '/discover' : '/api/v1/projects')
        if (status !== 200) problems.push(`a stranger got ${status}`)
        await Bun.sleep(10)
      }
    })
    const dying = async () => {
      await Bun.sleep(1_000)
      await current.crash()
      await Bun.sleep(1_000)
      await current.start()
      await Promise.all(hosts.map((host) => inUse(host)))
    }
    const [done] = await Promise.all([checkReadYourWrites({ ...wanted(), pairs }), dying()])
    goesOn = false
    await Promise.all(strangers)
    expect(done).toMatchObject({ pairs, unread: [], backwards: [], failed: [] })
    expect(problems).toEqual([])
  })

  test('without any, strangers are read to by the primary', async () => {
    await Promise.all(servers.standbys.map((standby) => standby.crash()))
    await inUse(hosts[0], 0)
    const answers = await Promise.all(Array.from({ length: 8 }, () => hosts[0].get('/discover')))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    const crowd = await Promise.all(Array.from({ length: 60 }, () => hosts[0].get('/discover')))
    const refused = crowd.filter(({ status }) => status === 503)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.headers.get('retry-after')).toBe('5')
    expect(crowd.length - refused.length).toBeGreaterThan(0)
    hosts[0].takeErrors()
    await Promise.all(servers.standbys.map((standby) => standby.start()))
    await Promise.all(hosts.map((host) => inUse(host)))
  })
})
