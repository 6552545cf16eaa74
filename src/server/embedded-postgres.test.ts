import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createHash } from 'node:crypto'
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import postgres from 'postgres'
import { createLog } from '#observability/log'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres'
import { isPostmaster, readPostmaster, shutDown } from './postgres-postmaster'

setDefaultTimeout(60_000)
const isRoot = process.getuid?.() === 0
let scratch: string
let started: EmbeddedPostgres[] = []

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'jumpstarter-pg-'))
  await chmod(scratch, 0o755)
})

afterEach(async () => {
  for (const running of started.reverse()) await running.stop()
  started = []
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

const optionsFor = (dataDirectory: string) => ({
  dataDirectory,
  dataDirectoryGiven: true,
  cacheDirectory: join(scratch, 'cache'),
  embedded: undefined,
  log: createLog('silent'),
})

async function start(dataDirectory: string, changes: { dataDirectoryGiven?: boolean } = {}) {
  const running = await startEmbeddedPostgres({ ...optionsFor(dataDirectory), ...changes })
  started.push(running)
  return running
}

function connect({ databaseUrl }: Pick<EmbeddedPostgres, 'databaseUrl'>): postgres.Sql {
  const host = new URL(databaseUrl.replace('@/', '@localhost/')).searchParams.get('host')
  return postgres({
    host: String(host),
    path: `${host}/.s.PGSQL.5432`,
    user: 'jumpstarter',
    max: 1,
  })
}

async function query(running: EmbeddedPostgres, text: string): Promise<unknown[]> {
  const sql = connect(running)
  try {
    return [...(await sql.unsafe(text))]
  } finally {
    await sql.end()
  }
}

async function postmasterOf({ dataDirectory }: EmbeddedPostgres): Promise<number> {
  const { pid } = (await readPostmaster(join(dataDirectory, 'postgres'))) ?? { pid: 0 }
  return pid
}

/** Ends the postmaster and its children at once, as a power cut would. */
async function killAll(running: EmbeddedPostgres): Promise<void> {
  const pid = await postmasterOf(running)
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
  for (const each of [pid, ...children.map(Number)]) process.kill(each, 'SIGKILL')
  while (await isPostmaster(pid, join(running.dataDirectory, 'postgres'))) await Bun.sleep(10)
}

/** A process of its own that starts Postgres, tells how, and stops when its input ends. */
function startInProcess(dataDirectory: string) {
  const module = (path: string) => JSON.stringify(join(import.meta.dir, path))
  const options = JSON.stringify({ ...optionsFor(dataDirectory), log: undefined })
  const code = `
    const { startEmbeddedPostgres } = await import(${module('embedded-postgres.ts')})
    const { createLog } = await import(${module('../observability/log.ts')})
    const running = await startEmbeddedPostgres({ ...${options}, log: createLog('silent') })
    console.log(running.adopted)
    await new Response(Bun.stdin.stream()).text()
    console.log(await running.stop())`
  const child = Bun.spawn([process.execPath, '-e', code], { stdin: 'pipe', stdout: 'pipe' })
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader()
  const read = async () => ((await reader.read()).value ?? '').trim()
  return { child, read }
}

test('makes a cluster, serves it, keeps it over a restart', async () => {
  // A name that would upset a list of socket directories.
  const directory = join(scratch, 'my "fresh", data')
  const first = await start(directory)
  expect(first).toMatchObject({ adopted: false, version: '18.4', dataDirectory: directory })
  const [row] = await query(
    first,
    `select current_database() as name, current_user as role, inet_server_addr() as address,
    current_setting('fsync') as fsync, current_setting('listen_addresses') as listen,
    current_setting('data_checksums') as checksums, current_setting('max_connections') as max,
    (select datlocprovider::text || ' ' || datlocale || ' ' || pg_encoding_to_char(encoding)
      from pg_database where datname = current_database()) as locale`,
  )
  expect(row).toEqual({
    name: 'jumpstarter',
    role: 'jumpstarter',
    address: null,
    fsync: 'on',
    listen: '',
    checksums: 'on',
    max: '200',
    locale: 'b C.UTF-8 UTF8',
  })
  expect((await stat(join(directory, 'run'))).mode & 0o777).toBe(0o700)
  await query(first, 'create table kept as select 42 as answer')
  const pid = await postmasterOf(first)
  expect(await first.stop()).toBe('stopped')
  expect(await isPostmaster(pid, join(directory, 'postgres'))).toBe(false)
  const second = await start(directory)
  expect(await query(second, 'select answer from kept')).toEqual([{ answer: 42 }])
})

test('joins a running one; the last one out ends it', async () => {
  const directory = join(scratch, 'shared')
  const first = await start(directory)
  const second = await start(directory)
  expect([first.adopted, second.adopted]).toEqual([false, true])
  expect(await first.stop()).toBe('left running')
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }])
  const visitor = connect(second)
  await visitor`select 1`
  expect(await second.stop()).toBe('left running')
  await visitor.end()
  const third = await start(directory)
  expect(third.adopted).toBe(true)
  expect(await third.stop()).toBe('stopped')
  expect(await third.stop()).toBe('stopped')
})

test('two processes starting at once share one, which outlives its starter', async () => {
  const directory = join(scratch, 'race')
  const pair = [startInProcess(directory), startInProcess(directory)]
  const adopted = await Promise.all(pair.map(({ read }) => read()))
  expect(adopted.toSorted()).toEqual(['false', 'true'])
  expect((await readdir(directory)).toSorted()).toEqual(['postgres', 'postgres.log', 'run'])
  const [starter, joiner] = adopted[0] === 'false' ? pair : pair.toReversed()
  starter?.child.kill('SIGKILL')
  await starter?.child.exited
  joiner?.child.stdin.end()
  expect(await joiner?.read()).toBe('stopped')
  expect(await joiner?.child.exited).toBe(0)
})

test('one that starts while the other stops still gets a database', async () => {
  const directory = join(scratch, 'relay')
  let running = await start(directory)
  for (let round = 0; round < 10; round++) {
    const [, next] = await Promise.all([running.stop(), start(directory)])
    expect(await query(next, 'select 1 as one')).toEqual([{ one: 1 }])
    running = next
  }
})

test('recovers after everything was killed, its process number in use again', async () => {
  const directory = join(scratch, 'killed')
  const first = await start(directory)
  await query(first, 'create table kept as select generate_series(1, 1000) as n')
  await killAll(first)
  expect(await first.stop()).toBe('stopped')
  const cluster = join(directory, 'postgres')
  const { uid, gid } = await stat(cluster)
  const stranger = Bun.spawn(['sleep', '60'], isRoot ? { uid, gid, cwd: '/' } : {})
  for (const lock of ['postgres/postmaster.pid', 'run/.s.PGSQL.5432.lock']) {
    const path = join(directory, lock)
    await writeFile(path, (await readFile(path, 'utf8')).replace(/^\d+/, String(stranger.pid)))
  }
  try {
    const second = await start(directory)
    expect(second.adopted).toBe(false)
    const [row] = await query(second, 'select count(*)::int as rows from kept')
    expect(row).toEqual({ rows: 1000 })
  } finally {
    stranger.kill()
    await stranger.exited
  }
})

test('recovers after only its master process was killed', async () => {
  const directory = join(scratch, 'beheaded')
  const first = await start(directory)
  const visitor = connect(first)
  const sleeping = visitor`select pg_sleep(1)`.catch(() => undefined)
  const pid = await postmasterOf(first)
  process.kill(pid, 'SIGKILL')
  while (await isPostmaster(pid, join(directory, 'postgres'))) await Bun.sleep(10)
  const second = await start(directory)
  expect(second.adopted).toBe(false)
  await sleeping
  await visitor.end()
})

test('a frozen Postgres is ended all the same', async () => {
  const running = await start(join(scratch, 'frozen'))
  const cluster = join(running.dataDirectory, 'postgres')
  const pid = await postmasterOf(running)
  process.kill(pid, 'SIGSTOP')
  await shutDown(pid, cluster, [
    { name: 'SIGINT', deadlineMs: 100 },
    { name: 'SIGKILL', deadlineMs: 10_000 },
  ])
  expect(await isPostmaster(pid, cluster)).toBe(false)
  expect(await running.stop()).toBe('stopped')
})

test('a path too long for a socket gets a short directory, private or none', async () => {
  const directory = join(scratch, 'long-'.repeat(20))
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 12)
  const short = join(tmpdir(), `jumpstarter-${hash}`)
  await mkdir(short)
  try {
    await chmod(short, 0o755)
    if (!isRoot) await expect(start(directory)).rejects.toThrow(/is not a private directory/)
    await rm(short, { recursive: true })
    const running = await start(directory)
    expect(running.databaseUrl).toContain(encodeURIComponent(short))
    expect((await stat(short)).mode & 0o777).toBe(0o700)
    expect(await query(running, 'select 1 as one')).toEqual([{ one: 1 }])
    await running.stop()
  } finally {
    await rm(short, { recursive: true, force: true })
  }
})

test('refuses data of another major version', async () => {
  const directory = join(scratch, 'old')
  await (await start(directory)).stop()
  await writeFile(join(directory, 'postgres', 'PG_VERSION'), '17\n')
  await expect(start(directory)).rejects.toThrow(/is of Postgres 17, .* brings Postgres 18: /)
  expect(await readdir(join(directory, 'postgres'))).toContain('pg_wal')
})

test('refuses what is not a directory, not writable, not ours', async () => {
  await writeFile(join(scratch, 'file'), '')
  await expect(start(join(scratch, 'file'))).rejects.toThrow(/is not a directory: .*--data/)
  await expect(start('/sys/jumpstarter')).rejects.toThrow(/cannot be written .*--data/)
  const stranger = join(scratch, 'stranger')
  await mkdir(join(stranger, 'postgres'), { recursive: true })
  if (isRoot) await Bun.$`chown -R nobody ${stranger}`
  await writeFile(join(stranger, 'postgres', 'notes.txt'), 'mine')
  await expect(start(stranger)).rejects.toThrow(/is not a Postgres cluster: .*--data/)
  expect(await readFile(join(stranger, 'postgres', 'notes.txt'), 'utf8')).toBe('mine')
  await writeFile(join(stranger, 'PG_VERSION'), '18\n')
  await expect(start(stranger)).rejects.toThrow(/is a Postgres cluster of its own/)
})

test('refuses a cluster that Postgres itself gives up on', async () => {
  const directory = join(scratch, 'broken')
  await (await start(directory)).stop()
  await rm(join(directory, 'postgres', 'global', 'pg_control'))
  await expect(start(directory)).rejects.toThrow(/^Postgres did not start: .*pg_control/)
})

test.if(isRoot)(
  'as root, a directory behind a private one: refused when asked for, else replaced',
  async () => {
    const hidden = join(scratch, 'hidden')
    await mkdir(hidden, { mode: 0o700 })
    const directory = join(hidden, '.jumpstarter')
    await expect(start(directory)).rejects.toThrow(`cannot enter ${hidden}: choose another`)
    expect(await readdir(hidden)).toEqual([])
    const running = await start(directory, { dataDirectoryGiven: false })
    try {
      expect(running.dataDirectory).toMatch(/^\/var\/lib\/jumpstarter\/hidden-[0-9a-f]{8}$/)
      expect(await query(running, 'select 1 as one')).toEqual([{ one: 1 }])
      const again = await start(directory, { dataDirectoryGiven: false })
      expect(again.adopted).toBe(true)
      await again.stop()
      await running.stop()
    } finally {
      await rm(running.dataDirectory, { recursive: true, force: true })
    }
  },
)

test.if(isRoot)('as root, runs as the owner of the data directory', async () => {
  const directory = join(scratch, 'owned')
  await mkdir(directory)
  await Bun.$`chown daemon ${directory}`
  const running = await start(directory)
  const { uid } = await stat(directory)
  expect((await stat(`/proc/${await postmasterOf(running)}`)).uid).toBe(uid)
  expect(dirname(running.dataDirectory)).toBe(scratch)
})

test.if(isRoot)(
  'as root, an owner without a name, as in a container, leaves it to the service account',
  async () => {
    const directory = join(scratch, 'nameless')
    await mkdir(directory)
    await chown(directory, 42_424, 42_424)
    const running = await start(directory)
    const { uid } = await stat(join(directory, 'postgres'))
    expect([0, 42_424]).not.toContain(uid)
    expect((await stat(`/proc/${await postmasterOf(running)}`)).uid).toBe(uid)
  },
)
