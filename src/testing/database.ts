import { join } from 'node:path'
import { closeDb, type Db, openDb } from '#db/client'
import { migrate } from '#db/migrations'
import { seed } from '#seed/generate'
import { isAlive } from './start-tiny-server'

/**
 * The moment at which the seeded database stands still. Far ahead, because the database's own clock
 * decides which live project has ended.
 */
export const seededAt = new Date('2040-05-16T12:00:00Z')

const seededScale = { projects: 400, people: 2_000, pledges: 12_000, at: seededAt }
const seededTemplate = 'seeded_template'
const poolMax = 4
const statementTimeoutMs = 30_000
const keeperPollMs = 10

export interface TestDatabase {
  db: Db
  /** For further pools and other processes. */
  url: string
  /** Closes the pool and drops the database. */
  close(): Promise<void>
}

interface TestPostgres {
  /** Process number of the one that will remove it all. */
  keeper: number
  admin: Db
  urlOf(database: string): string
}

let postgres: Promise<TestPostgres> | undefined
let template: Promise<void> | undefined
let databases = 0

/** A database of one's own with a small demo in it: a few hundred projects, at `seededAt`. */
export async function testDatabase(): Promise<TestDatabase> {
  const running = await runningPostgres()
  template ??= makeTemplate(running)
  await template
  return createDatabase(running, seededTemplate)
}

/** A database of one's own with nothing in it, not even tables. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return createDatabase(await runningPostgres(), 'template0')
}

/** Ends the run's Postgres, if a test has asked for one. */
export async function stopTestPostgres(): Promise<void> {
  if (!postgres) return
  const { keeper, admin } = await postgres
  await closeDb(admin, 1)
  process.kill(keeper, 'SIGTERM')
  while (isAlive(keeper)) await Bun.sleep(keeperPollMs)
}

function runningPostgres(): Promise<TestPostgres> {
  postgres ??= startPostgres()
  return postgres
}

async function startPostgres(): Promise<TestPostgres> {
  const program = join(import.meta.dir, 'postgres-keeper.ts')
  // By way of a shell that ends at once, because this cleans up whatever happens: Bun kills the
  // children of a run when one test takes too long, and Ctrl-C reaches a terminal's whole group.
  const shell = Bun.spawn(
    ['sh', '-c', '"$@" &', 'sh', process.execPath, program, `${process.pid}`],
    {
      cwd: join(import.meta.dir, '../..'),
      env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'] },
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [keeper = '', url = ''] = (await firstLine(shell.stdout)).split(' ')
  const urlOf = (database: string) => url.replace('/jumpstarter?', `/${database}?`)
  const admin = openDb(url, { max: 2, applicationName: 'jumpstarter test admin' })
  // Nobody will miss what a power cut takes.
  await admin.$client`alter role jumpstarter set synchronous_commit = off`
  return { keeper: Number(keeper), admin, urlOf }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  for await (const chunk of stream) return new TextDecoder().decode(chunk).trim()
  throw new Error('the Postgres of the tests did not start')
}

async function makeTemplate({ admin, urlOf }: TestPostgres): Promise<void> {
  await admin.$client.unsafe(`create database ${seededTemplate} template template0`)
  const db = openDb(urlOf(seededTemplate), { max: 1, applicationName: 'jumpstarter test seed' })
  await migrate(db)
  await seed(db.$client, seededScale)
  await closeDb(db)
}

async function createDatabase({ admin, urlOf }: TestPostgres, from: string): Promise<TestDatabase> {
  databases++
  const name = `test_${databases}`
  await admin.$client.unsafe(`create database ${name} template ${from}`)
  const url = urlOf(name)
  const db = openDb(url, {
    max: poolMax,
    applicationName: 'jumpstarter test',
    statementTimeoutMs,
  })
  return {
    db,
    url,
    close: async () => {
      await closeDb(db, 1)
      await admin.$client.unsafe(`drop database if exists ${name} with (force)`)
    },
  }
}
