import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { verifyCounters } from '#db/verify'
import { type TestApp, testApp } from '#testing/app'
import { addCard } from '#testing/campaign'
import { type Cast, makeCast } from '#testing/cast'
import { joined, type Visitor, visitor } from '#testing/visitor'
import { countQueries } from '#testing/waves'
import { archiveOf } from './parts'
import { kinds } from './reads/kinds'
import { chunkRows, confirmation } from './rules'

const textOf = (query: SQL) => new PgDialect().sqlToQuery(query).sql

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
})
afterAll(() => site.close(), 30_000)
beforeEach(async () => {
  await site.db.$client`delete from rate_limits`
})

const word = 'A word «👩‍🚀»'
const password = 'correct horse battery'

interface Person extends Visitor {
  id: number
  email: string
}

async function join(name: string): Promise<Person> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.test`
  const reader = await joined(site, name)
  const [row] = await site.db.$client`select person_id from accounts where email = ${email}`
  return { ...reader, id: Number(row?.['person_id']), email }
}

/** The files of a ZIP whose entries are stored as they are. */
function unzip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const files = new Map<string, Uint8Array>()
  const end = bytes.length - 22
  let at = view.getUint32(end + 16, true)
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    const size = view.getUint32(at + 20, true)
    const nameLength = view.getUint16(at + 28, true)
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength))
    const local = view.getUint32(at + 42, true)
    const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
    files.set(name, bytes.subarray(begin, begin + size))
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return files
}

async function download(person: Person): Promise<Record<string, unknown[]>> {
  const answer = await person.post('/settings/privacy/download', { password })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/zip')
  expect(answer.headers.get('cache-control')).toBe('private, no-store')
  const files = unzip(await answer.bytes())
  const texts = [...files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)] as const)
  return Object.fromEntries(
    texts.map(([name, text]) => [name, name.endsWith('.json') ? JSON.parse(text) : [text]]),
  )
}

/** Makes a project of this person, which somebody else has commented on, and one of everything. */
async function live(person: Person, status = 'failed'): Promise<number> {
  const made = await cast.makeProject(status)
  const project = Number(made['project'])
  const { $client } = site.db
  await $client`update projects set creator_id = ${person.id},
      creator_name = p.name from people p
    where projects.id = ${project} and p.id = ${person.id}`
  await $client`update conversations set creator_id = ${person.id} where project_id = ${project}`
  await $client`update update_drafts set author_id = ${person.id} where project_id = ${project}`
  return project
}

async function actAs(person: Person): Promise<void> {
  const { $client } = site.db
  const { id } = person
  const seeded = await $client`select id from projects where status = 'live' order by id limit 2`
  for (const row of seeded) {
    await person.post(`/projects/${row['id']}/save`, {})
    await $client`insert into comments (project_id, author_id, body)
      values (${row['id']}, ${id}, ${word})`
    await $client`update projects set comments_count = comments_count + 1 where id = ${row['id']}`
  }
  await $client`insert into follows (creator_id, follower_id) values (1, ${id}), (${id}, 2)`
  await $client`insert into blocks (person_id, blocked_id) values (${id}, 3)`
  await $client`insert into activities (person_id, event_id, kind, created_at)
    values (${id}, 1, 'person_followed', now())`
  const [update] = await $client`select project_id, number from updates order by 1, 2 limit 1`
  await $client`insert into update_likes
    values (${update?.['project_id']}, ${update?.['number']}, ${id})`
  await $client`update updates set likes_count = likes_count + 1
    where project_id = ${update?.['project_id']} and number = ${update?.['number']}`
  await $client`insert into muted_topics (person_id, topic) values (${id}, 'launches')`
  await $client`insert into addresses (person_id, name, line1, city, country)
    values (${id}, 'Ana Data', 'Elm Street 1', 'Lyon', 'France')`
  await $client`insert into restrictions (person_id, kind, reason, staff_id)
    values (${id}, 'report', 'Too many', ${cast.staff.id})`
  await $client`insert into reports (kind, subject, reporter_id, reason)
    values ('person', 4, ${id}, 'Spam')`
  await addCard($client, id, 'pays')
  await $client`insert into access_tokens (token_hash, person_id, name, scopes, expires_at)
    values (sha256(${person.email}::bytea), ${id}, 'Script', '{read}', now() + interval '1 day')`
}

describe('the download', () => {
  test('has a file for each kind of thing, and in them what is theirs', async () => {
    const ana = await join('Ana Data')
    await actAs(ana)
    const project = await live(ana)
    const files = await download(ana)
    expect(Object.keys(files).toSorted()).toEqual(
      kinds.map(({ name }) => `${name}.json`).toSorted(),
    )
    const empty = Object.entries(files).filter(([, rows]) => rows.length === 0)
    const none = [
      ...['history.json', 'payouts.json', 'helping.json', 'pledges.json', 'charges.json'],
      ...['refunds.json', 'disputes.json', 'rewards-sent.json', 'pictures.json'],
    ]
    expect(empty.map(([name]) => name)).toEqual(none)
    expect(files['addresses.json']).toMatchObject([{ line1: 'Elm Street 1', city: 'Lyon' }])
    expect(files['profile.json']).toMatchObject([
      { id: ana.id, name: 'Ana Data', email: ana.email, noMailOf: ['launches'] },
    ])
    expect(files['comments.json']).toMatchObject([{ body: word }, { body: word }])
    expect(files['projects.json']).toMatchObject([{ id: project, story: 'A story' }])
    expect(files['messages.json']).toMatchObject([{ projectId: project, sent: false }])
    expect(files['likes.json']).toHaveLength(1)
    expect(files['followers.json']).toEqual([{ followerId: 2, createdAt: expect.any(String) }])
    expect(JSON.stringify(files)).not.toMatch(/argon2|hash":"[^"]{40}|mail_?key/i)
  })

  test('has every row however many there are, and reads them as they are asked for', async () => {
    const bea = await join('Bea Data')
    const rows = 2 * chunkRows + 1
    await site.db.$client`
      insert into activities (person_id, event_id, kind, created_at)
      select ${bea.id}, n, 'person_followed', now() from generate_series(1, ${rows}) n`
    const files = await download(bea)
    const numbers = Array.from({ length: rows }, (_, index) => ({ eventId: index + 1 }))
    expect(files['activities.json']).toMatchObject(numbers)
    const seen = await countQueries(site.db, async () => {
      const reader = archiveOf(site.deps, bea.id).getReader()
      await reader.read()
      await reader.cancel()
    })
    expect(seen.count).toBeLessThan(3)
  })

  test('leaves out nothing that is kept of somebody but what is said here', async () => {
    const leftOut = [
      // Secrets, and what is gone in a day.
      ...['recovery_codes', 'mailed_tokens', 'reward_holds', 'money_requests', 'events'],
      // Of staff and of whoever has no account.
      ...['audit_log', 'guests'],
    ]
    const columns = await site.db.$client<{ table: string; column: string }[]>`
      select table_name as table, column_name as column from information_schema.columns
      where table_schema = 'public' and column_name ~ '(person|backer|author|creator|actor|reporter|follower|blocked|uploader|member|recipient|staff)_id$'`
    expect(columns.length).toBeGreaterThan(30)
    const asked = kinds.map(({ rows }) => textOf(rows(1))).join('\n')
    const missing = columns.filter(
      ({ table }) => !leftOut.includes(table) && !new RegExp(`(from|join) ${table}\\b`).test(asked),
    )
    expect(missing).toEqual([])
  })

  test('has what was paid, and to whom', async () => {
    const dora = await join('Dora Data')
    const project = await live(dora)
    const { $client } = site.db
    const [pledge] = await $client`
      insert into pledges (project_id, backer_id, amount, status, backed_before, city, country)
      values (${project}, ${dora.id}, 2500, 'dropped', false, 'Lyon', 'France') returning id`
    const of = { project_id: project, pledge_id: pledge?.['id'] }
    await $client`insert into charges ${$client({ ...of, attempt: 1, provider: 'test', amount: 2500 })}`
    await $client`insert into refunds ${$client({ ...of, number: 1, amount: 5, reason: word, actor_id: dora.id })}`
    await $client`insert into disputes ${$client({ ...of, provider_ref: 'd1', amount: 7 })}`
    await $client`insert into payouts (project_id, number, collected, platform_fees,
        processing_fees, refunded, disputed, amount)
      values (${project}, 1, 2500, 100, 50, 0, 0, 2350)`
    await $client`insert into project_transitions (project_id, number, to_status, actor_id)
      values (${project}, 1, 'draft', ${dora.id})`
    const files = await download(dora)
    expect(files['pledges.json']).toMatchObject([{ projectId: project, amount: 2500 }])
    expect(files['charges.json']).toMatchObject([{ attempt: 1, amount: 2500 }])
    expect(files['refunds.json']).toMatchObject([{ amount: 5, reason: word }])
    expect(files['disputes.json']).toMatchObject([{ ref: 'd1', amount: 7 }])
    expect(files['payouts.json']).toMatchObject([{ amount: 2350 }])
    expect(files['history.json']).toMatchObject([{ to: 'draft', byYou: true }])
    for (const table of ['charges', 'refunds', 'disputes', 'payouts']) {
      await $client`delete from ${$client(table)} where project_id = ${project}`
    }
    await $client`delete from pledges where project_id = ${project}`
  })

  test('has the pictures', async () => {
    const cai = await join('Cai Data')
    const hash = 'c'.repeat(32)
    await site.db.$client`insert into images (hash, width, height, uploader_id)
      values (${hash}, 160, 90, ${cai.id})`
    await site.db.$client`insert into image_files (hash, width, data)
      values (${hash}, 160, ${Buffer.from('a picture')})`
    const files = await download(cai)
    expect(files[`pictures/${hash}.webp`]).toEqual(['a picture'])
  })

  test('asks for the password, and not often', async () => {
    const dee = await join('Dee Data')
    for (const wrong of ['', 'not this one']) {
      const answer = await dee.post('/settings/privacy/download', { password: wrong })
      expect(answer.status).toBe(422)
    }
    for (let times = 0; times < 3; times++) await download(dee)
    const answer = await dee.post('/settings/privacy/download', { password })
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await dee.get('/settings/privacy/download')).status).toBe(405)
  })
})

const deletion = { password, confirmation }

describe('deleting an account', () => {
  test('takes the name and what is theirs, and keeps what others count on', async () => {
    const eva = await join('Eva Gone')
    await actAs(eva)
    const project = await live(eva)
    const draft = await live(eva, 'draft')
    const { $client } = site.db
    await $client`update pledges set backer_id = ${eva.id} where (project_id, id) in (
      select project_id, id from pledges where not anonymous and status = 'collected' limit 1)`
    await $client`update people p set
      pledges_count = (select count(*) from pledges b where b.backer_id = p.id
        and not b.anonymous and b.status <> 'canceled'),
      projects_count = (select count(*) from projects o where o.creator_id = p.id
        and is_listed(o.status))`
    const before = await disagreements()
    const answer = await eva.post('/settings/privacy/delete', deletion)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/goodbye'])
    expect((await visitor(site).get('/goodbye')).status).toBe(200)

    expect(await disagreements()).toEqual(before)
    expect((await site.get(`/people/${eva.id}`)).status).toBe(410)
    expect((await site.get(`/api/v1/people/${eva.id}`)).status).toBe(410)
    const [left] = await $client`select name, bio, city, image, deleted_at is not null as gone
      from people where id = ${eva.id}`
    expect(left).toEqual({ name: 'Former member', bio: '', city: '', image: null, gone: true })
    const own = await $client`select id, creator_name from projects where creator_id = ${eva.id}`
    expect([...own]).toEqual([{ id: String(project), creator_name: 'Former member' }])
    expect(await count('comments', 'author_id', eva.id)).toBe(2)
    expect(await count('pledges', 'backer_id', eva.id)).toBe(1)
    expect(await count('projects', 'id', draft)).toBe(0)
    expect(await count('webhooks', 'project_id', project)).toBe(0)
    const gone = [
      'accounts',
      'addresses',
      'cards',
      'sessions',
      'access_tokens',
      'recovery_codes',
      'mailed_tokens',
    ]
    const own2 = ['saves', 'blocks', 'activities', 'muted_topics', 'restrictions', 'collaborators']
    for (const table of [...gone, ...own2]) expect(await count(table, 'person_id', eva.id)).toBe(0)
    expect(await count('follows', 'creator_id', eva.id)).toBe(0)
    expect(await count('follows', 'follower_id', eva.id)).toBe(0)
    const mails = await $client`select subject from outbox where recipient = ${eva.email}`
    expect([...mails]).toEqual([{ subject: 'Your account is deleted' }])
    expect((await eva.get('/settings')).status).toBe(303)
  })

  test('frees the address', async () => {
    const fay = await join('Fay Gone')
    await fay.post('/settings/privacy/delete', deletion)
    const again = await join('Fay Gone')
    expect(again.id).not.toBe(fay.id)
  })

  test.each([
    [{ password: 'not this one' }, 'Is not your password.'],
    [{ password: '' }, 'Please type your password.'],
    [{ confirmation: 'yes' }, `Please type “${confirmation}”.`],
  ])('with %o does nothing', async (wrong, sentence) => {
    const gil = await join(`Gil Gone ${Object.values(wrong)[0]?.length}`)
    const answer = await gil.post('/settings/privacy/delete', { ...deletion, ...wrong })
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining(sentence)])
    expect((await gil.get('/settings')).status).toBe(200)
  })

  test.each(['live', 'submitted'])('waits for a %s project', async (status) => {
    const hal = await join(`Hal ${status}`)
    await live(hal, status)
    const draft = await live(hal, 'draft')
    const answer = await hal.post('/settings/privacy/delete', deletion)
    const html = await answer.text()
    expect([answer.status, html]).toEqual([409, expect.stringContaining('A lamp of paper')])
    expect((await hal.get('/settings')).status).toBe(200)
    expect(await count('projects', 'id', draft)).toBe(1)
  })

  test('twice at once does it once', async () => {
    const ida = await join('Ida Gone')
    const answers = await Promise.all(
      [1, 2].map(() => ida.post('/settings/privacy/delete', deletion)),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, expect.any(Number)])
    expect(await count('outbox', 'recipient', ida.email)).toBe(1)
  })
})

async function count(table: string, column: string, value: number | string): Promise<number> {
  const { $client } = site.db
  const [row] = await $client`
    select count(*)::int as n from ${$client(table)} where ${$client(column)} = ${value}`
  return row?.['n']
}

async function disagreements() {
  const checks = await Array.fromAsync(verifyCounters(site.db))
  return checks.filter((check) => check.count > 0).map(({ name, first }) => ({ name, first }))
}
