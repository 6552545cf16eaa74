import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, open, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Session } from '#db/backup/snapshot'
import { closeDb, openDb } from '#db/client'
import { migrations } from '#db/migrations'
import { verifyCounters } from '#db/verify'
import { testApp } from '#testing/app'
import { makeCampaign, pledgeWith } from '#testing/campaign'
import { emptyDatabase, type TestDatabase, testDatabase } from '#testing/database'
import { startServer } from '#testing/server'
import { checkBackup } from './check'
import { type Manifest, manifestName, partName, sumsName } from './manifest'
import { openBackup } from './read'
import { restoreBackup } from './restore'
import { deleteOld, nameAt } from './retention'
import { createRowSum } from './row-sum'
import { createTar, readEntries } from './tar'
import { writeBackup } from './write'

setDefaultTimeout(120_000)

let directory: string
let database: TestDatabase
/** Of `database`, which rests. */
let file: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jumpstarter-backup-'))
  database = await testDatabase()
  const sql = database.db.$client
  await sql`insert into images (hash, width, height, uploader_id)
    select hash, 1, 1, min(id) from people, (values ('a'), ('b')) h (hash) group by hash`
  await sql`insert into image_files (hash, width, data) values ('a', 1, ${Buffer.from('\n\\.\n\0')})`
  file = join(directory, 'rest.tar')
  await backUp(database.url, file)
})
afterAll(async () => {
  await database?.close()
  await rm(directory, { recursive: true })
}, 30_000)

async function withSession<Result>(url: string, work: (session: Session) => Promise<Result>) {
  const db = openDb(url, { max: 1, applicationName: 'backup test' })
  try {
    return await work(await db.$client.reserve())
  } finally {
    await closeDb(db, 0)
  }
}

const backUp = (url: string, path: string, pictures: string | null = null) =>
  withSession(url, (session) =>
    writeBackup(session, path, {
      pictures,
      signal: new AbortController().signal,
      onProgress: () => {},
    }),
  )

async function restore(url: string, path: string, force = false): Promise<Manifest> {
  const backup = await openBackup(path)
  const options = { force, onProgress: () => {} }
  try {
    await withSession(url, (session) => restoreBackup(session, backup, options))
    return backup.manifest
  } finally {
    await backup.close()
  }
}

/** What Postgres itself says of all rows, sequences, indexes, constraints and triggers. */
async function everything({ db: { $client: sql } }: Pick<TestDatabase, 'db'>) {
  const tables = await sql`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`
  const sums: Record<string, unknown> = {}
  for (const { name } of tables) {
    const [row] = await sql`
      select count(*), sum(hashtextextended(t::text, 0)) as sum from ${sql(name)} t`
    sums[name] = { ...row }
  }
  const structure = await sql`
    select pg_get_indexdef(indexrelid) || coalesce(obj_description(indexrelid), '') as text
    from pg_index join pg_class on pg_class.oid = indrelid
    where relnamespace = 'public'::regnamespace
    union all select conname::text || pg_get_constraintdef(oid) || convalidated
    from pg_constraint where connamespace = 'public'::regnamespace
    union all select tgenabled::text || pg_get_triggerdef(oid)
    from pg_trigger where not tgisinternal
    union all select sequencename::text || coalesce(last_value, 0) from pg_sequences
    where schemaname = 'public' order by text`
  return { sums, structure: structure.map(({ text }) => text) }
}

async function wrongCounters({ db }: Pick<TestDatabase, 'db'>): Promise<string[]> {
  const wrong: string[] = []
  for await (const { name, count } of verifyCounters(db)) if (count > 0) wrong.push(name)
  return wrong
}

test('what is restored is the same in rows, indexes, keys and triggers, and serves the same pages', async () => {
  const other = await emptyDatabase()
  const manifest = await restore(other.url, file)
  expect(await everything(other)).toEqual(await everything(database))
  expect(manifest.pictures).toEqual({ count: 2, elsewhere: 1, place: null })
  const [theirs, ours] = [await testApp(database), await testApp(other)]
  const [row] = await database.db.$client`
    select id, creator_id from projects where status = 'live' order by pledged desc limit 1`
  const paths = ['/', '/discover?sort=newest', '/discover?q=light', '/feed.atom']
  const { id, creator_id } = row ?? {}
  for (const path of [
    ...paths,
    `/projects/${id}`,
    `/people/${creator_id}`,
    `/api/v1/projects/${id}`,
  ]) {
    const [expected, shown] = [await theirs.get(path), await ours.get(path)]
    expect(shown.status).toBe(expected.status)
    expect(await shown.text()).toBe(await expected.text())
  }
  await expect(other.db.$client`delete from audit_log`.execute()).rejects.toThrow()
  await expect(other.db.$client`truncate ledger`.execute()).rejects.toThrow()
  await makeCampaign(other.db.$client)
  expect(await wrongCounters(other)).toEqual([])
  await ours.close()
})

test('while pledges are taken a backup is of one moment', async () => {
  const busy = await testDatabase()
  const sql = busy.db.$client
  const project = await makeCampaign(sql, { goal: 1_000_000 })
  let isTaking = true
  let taken = 0
  const taking = async () => {
    while (isTaking) {
      const pledge = { amount: 1_000, card: 'pays' as const }
      taken += (await pledgeWith(sql, project, [pledge, pledge, pledge])).length
    }
  }
  const loop = taking()
  while (taken === 0) await Bun.sleep(5)
  const before = taken
  const path = join(directory, 'busy.tar')
  await backUp(busy.url, path)
  const after = taken
  isTaking = false
  await loop
  expect(after).toBeGreaterThan(before)
  const other = await emptyDatabase()
  await restore(other.url, path)
  const [row] = await other.db.$client`select count(*) from pledges where project_id = ${project}`
  expect(Number(row?.['count'])).toBeGreaterThanOrEqual(before)
  expect(Number(row?.['count'])).toBeLessThan(taken)
  expect(await wrongCounters(other)).toEqual([])
  await Promise.all([busy.close(), other.close()])
})

test('a role that only owns its database restores too', async () => {
  const server = await startServer('of-the-site')
  const db = openDb(server.url, { max: 2, applicationName: 'backup test' })
  try {
    await restore(server.url, file)
    expect(await everything({ db })).toEqual(await everything(database))
    const again = join(directory, 'again.tar')
    const sums = ({ tables }: Manifest) => tables.map(({ name, checksum }) => [name, checksum])
    const { manifest, wrong } = await checkBackup(file, () => {})
    expect(wrong).toEqual([])
    expect(sums(await backUp(server.url, again))).toEqual(sums(manifest))
  } finally {
    await closeDb(db)
    await server.close()
  }
})

test('a database with something in it is left alone, unless told', async () => {
  const other = await testDatabase()
  await other.db.$client`update people set name = 'Somebody else'`
  const before = await everything(other)
  await expect(restore(other.url, file)).rejects.toThrow(/not empty.*--force/)
  const broken = await rewritten('sum.tar', (manifest) => {
    for (const table of manifest.tables)
      if (table.name === 'updates') table.checksum = '0'.repeat(16)
  })
  await expect(restore(other.url, broken, true)).rejects.toThrow(
    'updates.copy.zst has been changed',
  )
  expect(await everything(other)).toEqual(before)
  await restore(other.url, file, true)
  expect(await everything(other)).toEqual(await everything(database))
  await other.close()
})

/** The same backup with another manifest. */
async function rewritten(name: string, change: (manifest: Manifest) => void): Promise<string> {
  const [path, source] = [join(directory, name), await open(file)]
  const target = await open(path, 'w')
  const tar = createTar(target, new Date())
  for (const entry of await readEntries(source)) {
    const { buffer } = await source.read(new Uint8Array(entry.bytes), 0, entry.bytes, entry.offset)
    let content = Buffer.from(buffer)
    if (entry.name === manifestName) {
      const manifest = JSON.parse(content.toString())
      change(manifest)
      content = Buffer.from(JSON.stringify(manifest))
      digest = new Bun.CryptoHasher('sha256').update(content).digest('hex')
    } else if (entry.name === sumsName) {
      content = Buffer.from(content.toString().replace(/.{64}(?= {2}manifest)/, digest))
    }
    await tar.add(entry.name, (write) => write(content))
  }
  await tar.end()
  await Promise.all([source.close(), target.close()])
  return path
}
let digest = ''

test('a newer schema, another one, a newer format and a lie are told', async () => {
  const other = await emptyDatabase()
  const first = migrations[0]?.tag
  const cases: [string, (manifest: Manifest) => void][] = [
    [
      'newer schema than this program, with 9999_later',
      ({ migrations: list }) => {
        list.push({ tag: '9999_later', sha256: '0'.repeat(64) })
      },
    ],
    [
      `migration ${first} has another text`,
      ({ migrations: list }) => {
        if (list[0]) list[0].sha256 = '0'.repeat(64)
      },
    ],
    [
      'format 2, which a newer Jumpstarter reads',
      (manifest) => Object.assign(manifest, { format: 2 }),
    ],
    [
      'its manifest is wrong at tables.0.rows',
      ({ tables }) => Object.assign(tables[0] ?? {}, { rows: -1 }),
    ],
    ['do not go together, at', ({ tables }) => tables[0]?.columns.pop()],
  ]
  for (const [sentence, change] of cases) {
    const path = await rewritten('changed.tar', change)
    await expect(restore(other.url, path)).rejects.toThrow(sentence)
  }
  const [row] = await other.db
    .$client`select count(*) from pg_class where relnamespace = 'public'::regnamespace`
  expect(row?.['count']).toBe('0')
  await other.close()
})

test('one damaged byte is found, wherever it is, and a file that is cut off', async () => {
  const whole = await readFile(file)
  const handle = await open(file)
  const entries = await readEntries(handle)
  await handle.close()
  const path = join(directory, 'damaged.tar')
  const faultOf = async (content: Uint8Array) => {
    await writeFile(path, content)
    const found = await checkBackup(path, () => {}).catch((error) => ({ wrong: [error.message] }))
    return found.wrong.join()
  }
  expect(await faultOf(whole)).toBe('')
  for (const { name, offset, bytes } of entries) {
    for (const place of [
      offset,
      offset + Math.floor(bytes / 2),
      offset + bytes - 1,
      offset - 400,
    ]) {
      const damaged = Buffer.from(whole)
      damaged[place] = (damaged[place] ?? 0) ^ 0x10
      const fault = await faultOf(damaged)
      const isRecord = name === manifestName || name === sumsName
      expect(fault).toContain(place < offset ? 'damaged' : isRecord ? 'has been changed' : name)
    }
  }
  for (const length of [0, 100, 5_000, whole.length / 2, whole.length - 1_024]) {
    expect(await faultOf(whole.subarray(0, length))).toContain('cut off')
  }
  expect(await faultOf(Buffer.alloc(4_096, 'no backup'))).toContain('it is no backup')
})

test('only the oldest of our own are deleted', async () => {
  const place = await mkdtemp(join(directory, 'kept-'))
  const content = await readFile(file)
  const days = ['01', '02', '03'].map((day) => `jumpstarter-202611${day}T030000Z.tar`)
  days.push(nameAt(new Date('2026-11-03T03:00:00.001Z')))
  const foreign = ['jumpstarter-20261101T040000Z.tar', 'jumpstarter-notes.tar', 'notes.tar.partial']
  const [young, old] = [`${days[0]}.partial`, `${days[1]}.partial`]
  for (const name of days) await writeFile(join(place, name), content)
  for (const name of [...foreign, young, old]) await writeFile(join(place, name), 'mine')
  await writeFile(join(place, 'jumpstarter-before-the-move.tar'), content)
  const longAgo = new Date(Date.now() - 86_400_000)
  for (const name of [old, 'notes.tar.partial']) await utimes(join(place, name), longAgo, longAgo)
  expect(await deleteOld(place, 2)).toEqual(days.slice(0, 2).toReversed())
  const left = [...new Bun.Glob('*').scanSync(place)].toSorted()
  expect(left).toEqual(
    [...days.slice(2), ...foreign, young, 'jumpstarter-before-the-move.tar'].toSorted(),
  )
})

test('the sum of rows does not depend on their order, nor on how they are cut', () => {
  const sumOf = (...chunks: string[]) => {
    const sum = createRowSum()
    for (const chunk of chunks) sum.add(Buffer.from(chunk))
    return sum.result()
  }
  expect(sumOf('a\nbc\n\n')).toEqual(sumOf('\nb', 'c', '\na\n'))
  expect(sumOf('a\nbc\n').checksum).not.toBe(sumOf('ab\nc\n').checksum)
  expect(sumOf('a\na\n').checksum).not.toBe(sumOf('b\nb\n').checksum)
  expect(partName('people')).toBe('people.copy.zst')
})
