import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { closeDb, type Db, openDb } from '#db/client'
import { migrate } from '#db/migrations'
import { createLog } from '#observability/log'
import { seed } from '#seed/generate'
import { startEmbeddedPostgres } from '#server/embedded-postgres'
import { readPostmaster } from '#server/postgres-postmaster'
import { seededAt } from '#testing/database'
import { installPackages } from '#testing/packages'
import { checkoutCommand, run } from '#testing/program'

// It may have to install an older Postgres, on a machine that is busy with other things.
setDefaultTimeout(300_000)

let scratch: string
let data: string
let native: string
let version: string
/** Of every table, when the old Postgres had it. */
let before: Record<string, unknown>

/** Whatever Debian or Ubuntu has, if it is older than ours. */
function findOlder(): string | undefined {
  const found = [...new Bun.Glob('*/bin/postgres').scanSync('/usr/lib/postgresql')]
  const old = found.filter(
    (path) => Number(path.split('/')[0]) >= 15 && Number(path.split('/')[0]) < 18,
  )
  return old[0] && dirname(dirname(join('/usr/lib/postgresql', old[0])))
}

async function onPostgres<Result>(
  dataDirectory: string,
  ofOld: boolean,
  work: (db: Db) => Promise<Result>,
): Promise<Result> {
  const postgres = await startEmbeddedPostgres({
    ...{ dataDirectory, dataDirectoryGiven: true, cacheDirectory: join(scratch, 'cache') },
    ...{ embedded: undefined, log: createLog('error') },
    ...(ofOld ? { native } : {}),
  })
  const db = openDb(postgres.databaseUrl, { max: 1, applicationName: 'test' })
  try {
    return await work(db)
  } finally {
    await closeDb(db)
    await postgres.stop()
  }
}

async function sums({ $client: sql }: Db): Promise<Record<string, unknown>> {
  const tables = await sql`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`
  const found: Record<string, unknown> = {}
  for (const { name } of tables) {
    const [row] = await sql`
      select count(*), sum(hashtextextended(t::text, 0)) as sum from ${sql(name)} t`
    found[name] = { ...row }
  }
  return found
}

beforeAll(async () => {
  if (!findOlder()) await installPackages({ postgresql: 'postgresql' })
  native = findOlder() ?? ''
  version = native.split('/').at(-1) ?? ''
  scratch = await mkdtemp(join(tmpdir(), 'jumpstarter-upgrade-'))
  await chmod(scratch, 0o755)
  data = join(scratch, 'data')
  const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  await mkdir(data)
  if (account.uid) await chown(data, account.uid, account.gid)
  const words = ['-U', 'jumpstarter', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  const initdb = Bun.spawn(
    [join(native, 'bin', 'initdb'), '-D', join(data, 'postgres'), ...words],
    { ...account, cwd: '/', env: { LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  expect(await initdb.exited).toBe(0)
  before = await onPostgres(data, true, async (db) => {
    await migrate(db)
    await seed(db.$client, { projects: 40, people: 200, pledges: 500, at: seededAt })
    await db.$client`insert into people (name) select 'Reader ' || n from generate_series(1, 150000) n`
    await db.$client`create database elsewhere`
    return await sums(db)
  })
})
afterAll(() => rm(scratch, { recursive: true, force: true }), 60_000)

const jumpstarter = (...words: string[]) => run([...checkoutCommand, ...words, '--data', data])
const versionOf = async (cluster: string) =>
  (await readFile(join(data, cluster, 'PG_VERSION'), 'utf8')).trim()

/** Runs it until it says that it is there, and sends the signal. */
async function interrupt(stage: RegExp, signal: NodeJS.Signals): Promise<number> {
  const child = Bun.spawn([...checkoutCommand, 'upgrade-database', '--data', data], {
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  for await (const part of child.stderr) {
    said += new TextDecoder().decode(part)
    if (stage.test(said)) break
  }
  child.kill(signal)
  const code = await child.exited
  expect(said).toMatch(stage)
  return code
}

test('every other command says what to do, and leaves the data alone', async () => {
  for (const words of [['serve'], ['migrate', '--status'], ['verify']]) {
    const { exitCode, stderr } = await jumpstarter(...words)
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr:
        `jumpstarter: The data in ${data}/postgres is of Postgres ${version}, and this program ` +
        'brings Postgres 18: stop Jumpstarter and run ' +
        `\`jumpstarter upgrade-database --data ${data}\`, which keeps the old data too.\n`,
    })
  }
})

test('without the old programs, or with the wrong ones, it is refused in a sentence', async () => {
  const wrong = await jumpstarter('upgrade-database', '--old-bin', '/usr/bin')
  expect(wrong).toMatchObject({ exitCode: 1, stdout: '' })
  expect(wrong.stderr).toContain('in /usr/bin there is no program postgres: name another directory')
  const outside = await run([...checkoutCommand, 'upgrade-database'], {
    env: { DATABASE_URL: 'postgres://somebody@nowhere/site' },
  })
  expect(outside).toMatchObject({ exitCode: 2 })
  expect(outside.stderr).toContain('DATABASE_URL leads to another')
})

test('while somebody uses the old Postgres it is refused, and they go on', async () => {
  await onPostgres(data, true, async (db) => {
    const { exitCode, stderr } = await jumpstarter('upgrade-database')
    expect({ exitCode, stderr }).toMatchObject({
      ...{ exitCode: 1, stderr: expect.stringContaining('Somebody is connected to the database') },
    })
    expect(await sums(db)).toEqual(before)
  })
})

test('killed or interrupted anywhere it leaves the old data in its place', async () => {
  for (const stage of [/starting the new/, /% people/, /indexes and keys/, /comparing/]) {
    expect(await interrupt(stage, 'SIGKILL')).toBe(128 + 9)
    expect(await versionOf('postgres')).toBe(version)
  }
  for (const [stage, signal, code] of [
    [/% people/, 'SIGINT', 130],
    [/indexes and keys/, 'SIGTERM', 143],
  ] as const) {
    expect(await interrupt(stage, signal)).toBe(code)
    expect(await versionOf('postgres')).toBe(version)
    expect(await readdir(data)).not.toContain('upgrade')
    expect(await readPostmaster(join(data, 'postgres'))).toBeUndefined()
  }
  expect(await onPostgres(data, true, sums)).toEqual(before)
})

test('everything is there on the new Postgres, and the old data beside it', async () => {
  const { exitCode, stdout, stderr } = await jumpstarter(
    'upgrade-database',
    '--old-bin',
    join(native, 'bin'),
  )
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('done in'),
  })
  expect(stdout).toMatch(
    new RegExp(`^Postgres ${version}[.0-9]+ → 18[.0-9]+, and every table is equal:`),
  )
  expect(stdout).toContain('\nNot moved, because not ours: elsewhere.\n')
  expect(await versionOf('postgres')).toBe('18')
  const kept = `postgres-${version}-${new Date().toISOString().slice(0, 10)}`
  expect((await readdir(data)).toSorted()).toEqual(['postgres', kept, 'postgres.log', 'run'])
  expect(await versionOf(kept)).toBe(version)
  expect(await onPostgres(data, false, sums)).toEqual(before)
  expect(await jumpstarter('verify')).toMatchObject({ exitCode: 0 })
  expect(await jumpstarter('migrate', '--status')).toMatchObject({ exitCode: 0 })
  expect(await jumpstarter('upgrade-database')).toMatchObject({
    ...{ exitCode: 0, stderr: '', stdout: expect.stringContaining('nothing is to be done') },
  })

  // Cut off between the two last steps of the exchange.
  await rename(join(data, 'postgres'), join(data, 'postgres-upgraded'))
  expect(await jumpstarter('migrate', '--status')).toMatchObject({ exitCode: 0 })
  expect(await onPostgres(data, false, sums)).toEqual(before)

  // The way back.
  await rename(join(data, 'postgres'), join(data, 'postgres-18'))
  await rename(join(data, kept), join(data, 'postgres'))
  expect(await onPostgres(data, true, sums)).toEqual(before)
})
