import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDb, openDb } from '#db/client'
import { migrate } from '#db/migrations'
import { emptyDatabase, type TestDatabase, testDatabase } from '#testing/database'
import { measureDatabase, sessionsEnd } from './database'
import { runLoad } from './load'
import { findPgbench, runPgbench } from './pgbench'
import { readTotals, type Scratch, withScratch } from './scratch'
import { runVariant } from './trial'
import { readKeysOf, readWorkloads, type Workload, writeWorkloads } from './workloads'

setDefaultTimeout(60_000)

const { signal } = new AbortController()
const rows = 500
const seconds = 0.1

let site: TestDatabase

beforeAll(async () => {
  site = await testDatabase()
})

afterAll(() => site.close())

const scratched = <Result>(work: (scratch: Scratch) => Promise<Result>) =>
  withScratch(site.db, { rows, signal }, work)

async function schemaExists(): Promise<boolean> {
  const [row] = await site.db.$client`select to_regnamespace('bench') is not null as there`
  return row?.['there']
}

async function siteTotals() {
  const [row] = await site.db.$client`
    select (select count(*) from projects) as projects,
      (select sum(pledged) from projects) as pledged,
      (select sum(backers_count + comments_count) from projects) as counters,
      (select count(*) from pledges) as pledges,
      (select max(xmin::text::bigint) from pledges) as newest,
      (select sum(projects_count + live_count) from categories) as listed`
  return { ...row }
}

async function workloads(scratch: Scratch): Promise<Workload[]> {
  return [...readWorkloads(await readKeysOf(site.db)), ...writeWorkloads(scratch)]
}

const named = (id: string, scratch: Scratch) => {
  const found = writeWorkloads(scratch).find((workload) => workload.id === id)
  if (!found) throw new Error(id)
  return found
}

describe('loads', () => {
  test('every one runs without an error, and the site’s own rows stay as they are', async () => {
    const before = await siteTotals()
    const measurements = await scratched(async (scratch) =>
      measureDatabase({
        db: site.db,
        url: site.url,
        scratch,
        workloads: await workloads(scratch),
        connections: [1],
        seconds,
        rounds: 1,
        pgbench: undefined,
        signal,
        report: () => {},
      }),
    )
    expect(measurements).toHaveLength(8)
    for (const { workload, ours, ratio } of measurements) {
      expect([workload.id, ours.errors, ours.operations > 0]).toEqual([workload.id, 0, true])
      expect(ratio).toBeUndefined()
    }
    expect(await siteTotals()).toEqual(before)
    expect(await schemaExists()).toBe(false)
  })

  test.each(['pledges', 'pledges-one'])('%s: the totals rise by what the rows say', async (id) => {
    await scratched(async (scratch) => {
      const before = await readTotals(site.db, scratch.tables)
      const options = { inFlight: 4, seconds, signal }
      const run = await runLoad(() => named(id, scratch).operation(site.db), options)
      const after = await readTotals(site.db, scratch.tables)
      expect(run.errors).toBe(0)
      expect(after.pledges).toBe(run.operations)
      expect(after.backers - before.backers).toBe(run.operations)
      expect(after.amount).toBeGreaterThan(0)
      expect(after.pledged - before.pledged).toBe(after.amount)
    })
  })

  test('rows alone leave the totals', async () => {
    await scratched(async (scratch) => {
      const before = await readTotals(site.db, scratch.tables)
      const options = { inFlight: 1, seconds, signal }
      const run = await runLoad(() => named('inserts', scratch).operation(site.db), options)
      const after = await readTotals(site.db, scratch.tables)
      expect(run.operations).toBe(after.pledges)
      expect([after.pledged, after.backers]).toEqual([before.pledged, before.backers])
    })
  })

  test('errors are counted, and the first one is told', async () => {
    await scratched(async (scratch) => {
      await site.db.$client`alter table bench.pledges add check (amount < 0)`
      const options = { inFlight: 2, seconds, signal }
      const run = await runLoad(() => named('pledges', scratch).operation(site.db), options)
      expect(run.operations).toBe(0)
      expect(run.errors).toBeGreaterThan(0)
      expect(run.firstError).toMatch(/Failed query|violates check constraint/)
    })
  })

  test('totals that do not follow the rows are refused', async () => {
    const lying = scratched(async (scratch) => {
      const pledging = named('pledges', scratch)
      const forgetful = { ...pledging, operation: named('inserts', scratch).operation }
      await measureDatabase({
        ...{ db: site.db, url: site.url, scratch, workloads: [forgetful], connections: [1] },
        ...{ seconds, rounds: 1, pgbench: undefined, signal, report: () => {} },
      })
    })
    await expect(lying).rejects.toThrow(/but the totals rose by 0 and 0 backers/)
  })

  test('a run with other settings tells its share of HOT updates and its log', async () => {
    await scratched(async (scratch) => {
      const postgres = { db: site.db, url: site.url, version: '' }
      const usual = { postgres, schema: 'bench', pool: 1, inFlight: 1, seconds, signal }
      const totals = await runVariant({ ...usual, workload: named('totals', scratch) })
      expect(totals.errors).toBe(0)
      // Lists are sorted by them.
      expect(totals.hotShare).toBe(0)
      expect(totals.walBytes).toBeGreaterThan(0)
      await site.db.$client`alter table bench.projects set (fillfactor = 50)`
      await site.db.$client`vacuum full bench.projects`
      const counter = await runVariant({ ...usual, workload: named('counter', scratch) })
      expect(counter.hotShare).toBeGreaterThan(0.5)
    })
  })
})

describe('the copy', () => {
  test('has every index of the real tables, and so many projects, numbered from 1', async () => {
    const indexes = (schema: string) => site.db.$client`
      select replace(regexp_replace(indexdef, '^.* ON ', ''), ${`${schema}.`}, '') as definition
      from pg_indexes where schemaname = ${schema} and tablename in ('projects', 'pledges')
      order by 1`
    const real = await indexes('public')
    await scratched(async (scratch) => {
      expect(scratch.projects).toBe(rows)
      expect([...(await indexes('bench'))]).toEqual([...real])
      const [row] = await site.db.$client`
        select count(*)::int as projects, min(id)::int as first, max(id)::int as last
        from bench.projects`
      expect({ ...row }).toEqual({ projects: rows, first: 1, last: rows })
    })
  })

  test('is gone after an error', async () => {
    const failing = scratched(() => Promise.reject(new Error('on the way')))
    await expect(failing).rejects.toThrow('on the way')
    expect(await schemaExists()).toBe(false)
  })

  test('left by a killed run makes way; a schema of somebody else’s does not', async () => {
    const { $client } = site.db
    await $client`create schema bench`
    await expect(scratched(() => Promise.resolve())).rejects.toThrow(/did not make/)
    expect(await schemaExists()).toBe(true)
    await $client`comment on schema bench is 'scratch of jumpstarter bench database'`
    await $client`create table bench.projects ()`
    expect(await scratched((scratch) => Promise.resolve(scratch.projects))).toBe(rows)
    expect(await schemaExists()).toBe(false)
  })

  test('is made by one at a time', async () => {
    const other = openDb(site.url, { max: 2, applicationName: 'jumpstarter test other' })
    try {
      await scratched(async () => {
        const second = withScratch(other, { rows, signal }, () => Promise.resolve())
        await expect(second).rejects.toThrow(/Another jumpstarter bench database/)
        expect(await schemaExists()).toBe(true)
      })
    } finally {
      await closeDb(other, 1)
    }
  })

  test('interrupted while it is made leaves nothing', async () => {
    const controller = new AbortController()
    const options = { rows: 1_000_000, signal: controller.signal }
    const making = withScratch(site.db, options, () => Promise.resolve())
    setTimeout(() => controller.abort(), 200)
    await expect(making).rejects.toThrow(/canceling statement due to user request/)
    expect(await schemaExists()).toBe(false)
  })

  test('of a database without projects is refused in a sentence', async () => {
    const empty = await emptyDatabase()
    try {
      await migrate(empty.db)
      const making = withScratch(empty.db, { rows, signal }, () => Promise.resolve())
      await expect(making).rejects.toThrow(/no projects to measure with: run jumpstarter seed/)
      const [row] = await empty.db.$client`select to_regnamespace('bench') as left_over`
      expect(row?.['left_over']).toBeNull()
    } finally {
      await empty.close()
    }
  })
})

const pgbench = await findPgbench()

// Where pgbench is not installed there is nothing to run.
describe.if(pgbench !== undefined)('pgbench', () => {
  const options = { program: pgbench ?? '', connections: 2, seconds: 1, sampling: 1, signal }

  test('pledges as our code does: the totals rise by what the rows say', async () => {
    await scratched(async (scratch) => {
      const scripts = await named('pledges', scratch).scripts(site.url)
      const before = await readTotals(site.db, scratch.tables)
      const run = await runPgbench({ ...options, url: site.url, scripts, db: site.db })
      await sessionsEnd(site.db, 'jumpstarter bench pgbench')
      const after = await readTotals(site.db, scratch.tables)
      expect(run.errors).toBe(0)
      expect(run.operations).toBeGreaterThan(0)
      expect(run.p99Ms).toBeGreaterThan(0)
      expect(after.pledges - before.pledges).toBe(run.operations)
      expect(after.pledged - before.pledged).toBe(after.amount - before.amount)
    })
  })

  test('runs the statements of every other load', async () => {
    await scratched(async (scratch) => {
      const all = await workloads(scratch)
      for (const workload of all.filter(({ id }) => id !== 'pledges')) {
        const scripts = await workload.scripts(site.url)
        const run = await runPgbench({ ...options, url: site.url, scripts, db: site.db })
        expect([workload.id, run.errors, run.operations > 0]).toEqual([workload.id, 0, true])
      }
    })
  })

  test('that fails says why', async () => {
    const scripts = [{ text: 'select 1 from nowhere;\n', defines: [] }]
    const failing = runPgbench({ ...options, url: site.url, scripts, db: site.db })
    await expect(failing).rejects.toThrow(/pgbench failed: .*/)
  })
})
