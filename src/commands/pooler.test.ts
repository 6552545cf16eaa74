import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDb, openDb } from '#db/client'
import { emptyDatabase, type TestDatabase, testDatabase } from '#testing/database'
import { poolerPrograms, startPooler, type TestPooler } from '#testing/pgbouncer'
import { checkoutCommand, freePort, type Running, run, start } from '#testing/program'
import { eventually } from '#testing/start-tiny-server'

// The program itself, behind a real PgBouncer.

setDefaultTimeout(240_000)

let database: TestDatabase
const poolers: TestPooler[] = []

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  await Promise.all(poolers.map((pooler) => pooler.close()))
  await database?.close()
})

async function pooled(settings: Record<string, string | number> = {}): Promise<string> {
  const pooler = await startPooler(database.url, await poolerPrograms['1.18'](), settings)
  poolers.push(pooler)
  return pooler.url
}

const serve = async (env: Record<string, string>, workers = 1) => {
  const port = await freePort()
  const words = ['serve', '--workers', `${workers}`, '--listen', `tcp:127.0.0.1:${port}`]
  const command = [...checkoutCommand, ...words]
  return { command, env: { LOG_LEVEL: 'info', ...env }, url: `http://127.0.0.1:${port}` }
}

const refused = async (env: Record<string, string>) => {
  const { command, env: all } = await serve(env)
  const { exitCode, stderr } = await run(command, { env: all })
  return `${exitCode} ${stderr}`
}

test('a pooler in transaction mode without a way around it is refused, by every command', async () => {
  const env = { DATABASE_URL: await pooled() }
  const reason =
    /^1 jumpstarter: DATABASE_URL leads to a pooler in transaction mode.*DATABASE_DIRECT_URL/s
  expect(await refused(env)).toMatch(reason)
  const { exitCode, stderr } = await run([...checkoutCommand, 'migrate'], { env })
  expect(`${exitCode} ${stderr}`).toMatch(reason)
})

test('a direct way that is none is refused, and one that stands alone', async () => {
  const url = await pooled()
  expect(await refused({ DATABASE_URL: url, DATABASE_DIRECT_URL: await pooled() })).toContain(
    'DATABASE_DIRECT_URL leads to a pooler in transaction mode',
  )
  expect(await refused({ DATABASE_DIRECT_URL: url })).toContain('beside DATABASE_URL only')
  const nowhere = 'postgres://jumpstarter@127.0.0.1:9/site'
  expect(await refused({ DATABASE_URL: url, DATABASE_DIRECT_URL: nowhere })).toMatch(
    /start it, or correct DATABASE_DIRECT_URL/,
  )
  expect(await refused({ DATABASE_URL: nowhere, DATABASE_DIRECT_URL: database.url })).toMatch(
    /start it, or correct DATABASE_URL/,
  )
})

test('a pooler in statement mode and one to another database are refused', async () => {
  const around = { DATABASE_DIRECT_URL: database.url }
  const statements = await pooled({ pool_mode: 'statement' })
  expect(await refused({ DATABASE_URL: statements, ...around })).toContain('in statement mode')
  const other = await emptyDatabase()
  const pooler = await startPooler(other.url, await poolerPrograms['1.18']())
  expect(await refused({ DATABASE_URL: pooler.url, ...around })).toContain('lead to two databases')
  await pooler.close()
  await other.close()
})

test('two workers share two connections: what changes is seen by all, and told as it happens', async () => {
  const url = await pooled({ default_pool_size: 2 })
  const {
    command,
    env,
    url: site,
  } = await serve({ DATABASE_URL: url, DATABASE_DIRECT_URL: database.url }, 2)
  const running = await start(command, { env })
  try {
    expect(running.output()).toContain('leads to a pooler')
    const [row] = await database.db.$client`
      select id from projects where status = 'live' order by pledged desc limit 1`
    const read = async () => {
      const answer = await fetch(`${site}/projects/${row?.['id']}`)
      return [answer.status, await answer.text()] as const
    }
    const many = await Promise.all(Array.from({ length: 40 }, read))
    expect(new Set(many.map(([status]) => status))).toEqual(new Set([200]))
    const live = await fetch(`${site}/projects/${row?.['id']}/live`)
    const reader = live.body?.getReader()
    await reader?.read()
    await database.db.$client.begin(async (tx) => {
      await tx`update projects set title = 'Named anew' where id = ${row?.['id']}`
      await tx`select pg_notify('jumpstarter_changes',
        pg_current_xact_id()::text || ${`\n${`project:${row?.['id']}`}`})`
    })
    await eventually(async () => {
      for (const [, page] of await Promise.all(Array.from({ length: 10 }, read))) {
        expect(page).toContain('Named anew')
      }
    }, 3_000)
    await reader?.cancel()
  } finally {
    expect(await running.stop()).toBe(0)
  }
})

test('what is not in force is said with SQL that puts it in force', async () => {
  const way = { DATABASE_URL: await pooled(), DATABASE_DIRECT_URL: database.url }
  const warnings = async (env: Record<string, string>) => {
    const options = await serve(env)
    const running: Running = await start(options.command, options)
    await running.stop()
    const lines = running.output().split('\n')
    return lines.filter((line) => line.includes('behind the pooler'))
  }
  const told = await warnings(way)
  expect(told).toHaveLength(2)
  for (const line of told) {
    const [, statement = ''] = /(alter role .*?), and RECONNECT/.exec(line) ?? []
    await database.db.$client.unsafe(statement.replaceAll('\\"', '"'))
  }
  expect(await warnings({ ...way, DATABASE_URL: await pooled() })).toEqual([])
  const db = openDb(await pooled(), {
    ...{ max: 1, applicationName: 'test' },
    pooler: { mode: 'transaction', keepsStatements: false },
  })
  await expect(db.$client`select pg_sleep(8)`.execute()).rejects.toThrow('statement timeout')
  await closeDb(db)
})
