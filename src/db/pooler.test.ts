import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Pooler } from '#lib/pooler'
import { emptyDatabase, type TestDatabase } from '#testing/database'
import { poolerPrograms, startPooler } from '#testing/pgbouncer'
import { findPooler, notInForce } from './pooler'

setDefaultTimeout(240_000)

let database: TestDatabase

beforeAll(async () => {
  database = await emptyDatabase()
})

afterAll(() => database?.close())

test('without a pooler none is found', async () => {
  expect((await findPooler(database.url)).pooler).toBeNull()
})

describe.each(['1.18', '1.24'] as const)('PgBouncer %s', (version) => {
  const found: [Record<string, string | number>, Pooler][] = [
    [{ pool_mode: 'session' }, { mode: 'session', keepsStatements: true }],
    [{ pool_mode: 'statement' }, { mode: 'statement', keepsStatements: false }],
    [
      { pool_mode: 'transaction', default_pool_size: 1 },
      { mode: 'transaction', keepsStatements: version === '1.24' },
    ],
    [
      { pool_mode: 'transaction', min_pool_size: 5, server_round_robin: 1 },
      { mode: 'transaction', keepsStatements: version === '1.24' },
    ],
  ]
  test.each(found)('%o', async (settings, expected) => {
    const pooler = await startPooler(database.url, await poolerPrograms[version](), settings)
    try {
      expect((await findPooler(pooler.url)).pooler).toEqual(expected)
    } finally {
      await pooler.close()
    }
  })
})

test('statements are not kept where PgBouncer is told not to', async () => {
  const program = await poolerPrograms['1.24']()
  const pooler = await startPooler(database.url, program, { max_prepared_statements: 0 })
  try {
    const expected: Pooler = { mode: 'transaction', keepsStatements: false }
    expect((await findPooler(pooler.url)).pooler).toEqual(expected)
  } finally {
    await pooler.close()
  }
})

test('a pool in session mode that is used up is named', async () => {
  const program = await poolerPrograms['1.18']()
  const settings = { pool_mode: 'session', default_pool_size: 1 }
  const pooler = await startPooler(database.url, program, settings)
  try {
    await expect(findPooler(pooler.url)).rejects.toThrow('raise its default_pool_size')
  } finally {
    await pooler.close()
  }
})

test('what is not in force is said with what would mend it', async () => {
  const { session } = await findPooler(database.url)
  const mends = (pooler: Pooler) => notInForce(session, pooler).map(({ mend }) => mend)
  const common = ["statement_timeout = '5s'", 'synchronous_commit = on']
  expect(mends({ mode: 'transaction', keepsStatements: false })).toEqual(common)
  const plans = 'plan_cache_mode = force_generic_plan'
  expect(mends({ mode: 'transaction', keepsStatements: true })).toEqual([...common, plans])
  const [name] = await database.db.$client`select current_database() as name`
  for (const mend of [...common, plans]) {
    await database.db.$client.unsafe(`alter database ${name?.['name']} set ${mend}`)
  }
  await database.db
    .$client`alter role jumpstarter in database ${database.db.$client(name?.['name'])}
    set synchronous_commit = on`
  const after = (await findPooler(database.url)).session
  expect(notInForce(after, { mode: 'transaction', keepsStatements: true })).toEqual([])
})
