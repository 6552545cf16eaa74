import type { Db } from '#db/client'
import { usableMemory } from '#lib/memory'
import type { OwnPostgres, OwnPostgresHandle } from './own-postgres'
import { makeScratch, type Scratch } from './scratch'
import { runTrial, runVariant, type Trial, type TrialRow, type VariantLoad } from './trial'
import { readKeysOf, readWorkloads, type Workload, writeWorkloads } from './workloads'

export interface SettingsOptions {
  handle: OwnPostgresHandle
  /** Projects in the copy that is measured on; fillfactors and indexes have a fifth of it. */
  rows: number
  seconds: number
  rounds: number
  /** Of a worker, as shipped. */
  pool: number
  signal: AbortSignal
  report(what: string, fraction: number): void
}

const mebibyte = 1024 * 1024
const connections = 8
/** As of a worker that more visitors ask than it has connections. */
const inFlight = 64
const pools = [1, 2, 4, 8, 16, 32]
const smallerBy = 5
const sharedBuffersMb = [128, 1024]
const sharedBuffersMaxMb = 4096
const fillfactors = [90, 70]
/** What a pledge raises, and what is computed from it. */
const totals = '(pledged|backers_count|popularity)'

/** What each setting that we ship is worth, against other values of it. */
export async function measureSettings(options: SettingsOptions): Promise<TrialRow[]> {
  const { handle, rounds, signal, report } = options
  report('making the tables', 0)
  const bench = await prepare(options)
  const trials = [
    ...(await sharedBuffers(bench)),
    ...synchronousCommit(bench),
    ...(await walCompression(bench)),
    ...(await fillfactor(bench)),
    ...(await indexesAndTriggers(bench)),
    ...poolSizes(bench),
  ]
  const rows: TrialRow[] = []
  for (const [index, trial] of trials.entries()) {
    report(`${trial.setting}: ${trial.load}`, index / trials.length)
    rows.push(...(await runTrial(trial, rounds, signal)))
  }
  await handle.withSettings({})
  return rows
}

interface Bench extends SettingsOptions {
  postgres: OwnPostgres
  main: Loads
}

/** The loads on one copy, by name. */
interface Loads {
  schema: string
  load(id: string): Workload
}

async function prepare(options: SettingsOptions): Promise<Bench> {
  const { handle, rows, signal } = options
  const postgres = await handle.withSettings({})
  const scratch = await makeScratch(postgres.db, { schema: 'bench', rows, signal })
  return { ...options, postgres, main: await loadsOf(postgres.db, scratch) }
}

async function loadsOf(db: Db, scratch: Scratch): Promise<Loads> {
  const keys = await readKeysOf(db)
  // The sessions' search path finds the copy before the site's own projects.
  const projects = { first: 1, last: scratch.projects }
  const workloads = [...readWorkloads({ ...keys, projects }), ...writeWorkloads(scratch)]
  const load = (id: string) => {
    const found = workloads.find((workload) => workload.id === id)
    if (!found) throw new Error(`there is no workload ${id}`)
    return found
  }
  return { schema: scratch.schema, load }
}

/** A run on the server as shipped. */
function shippedRun(
  bench: Bench,
  loads: Loads,
  id: string,
  more: Partial<Pick<VariantLoad, 'session' | 'pool' | 'inFlight'>> = {},
) {
  const { handle, seconds, signal } = bench
  const { schema } = loads
  const workload = loads.load(id)
  const usual = { workload, schema, pool: connections, inFlight: connections, seconds, signal }
  return async () =>
    await runVariant({ ...usual, ...more, postgres: await handle.withSettings({}) })
}

async function sharedBuffers(bench: Bench): Promise<Trial[]> {
  const { handle, main, seconds, signal } = bench
  const [row] = await bench.postgres.db.$client<{ mb: number }[]>`
    select (setting::bigint * 8 / 1024)::int as mb from pg_settings where name = 'shared_buffers'`
  const shipped = row?.mb ?? 0
  const quarter = Math.min(sharedBuffersMaxMb, Math.floor(usableMemory() / 4 / mebibyte))
  const others = [...new Set([...sharedBuffersMb, quarter])].filter(
    (mb) => mb !== shipped && mb <= quarter,
  )
  return ['project', 'category', 'pledges'].map((id) => {
    const workload = main.load(id)
    const usual = { workload, schema: main.schema, pool: connections, inFlight: connections }
    const variant = (mb: number, settings: Record<string, string>) => ({
      value: `${mb} MB`,
      run: async () => {
        const postgres = await handle.withSettings(settings)
        await warmCache(postgres.db, main.schema)
        return await runVariant({ ...usual, postgres, seconds, signal })
      },
    })
    return {
      setting: 'shared_buffers',
      load: workload.name,
      shipped: variant(shipped, {}),
      others: others.map((mb) => variant(mb, { shared_buffers: `${mb}MB` })),
    }
  })
}

/** A restart has emptied the cache: reads everything once by key, as visitors would in time. */
async function warmCache(db: Db, schema: string): Promise<void> {
  await db.$client.begin(async (sql) => {
    // A scan of the whole table would pass through a small ring and leave the cache empty.
    await sql`set local enable_seqscan = off`
    await sql`set local enable_bitmapscan = off`
    await sql.unsafe(`select sum(goal) from ${schema}.projects where id > 0`)
  })
}

function synchronousCommit(bench: Bench): Trial[] {
  return ['pledges', 'pledges-one'].map((id) => ({
    setting: 'synchronous_commit',
    load: bench.main.load(id).name,
    shipped: { value: 'on', run: shippedRun(bench, bench.main, id) },
    // A pledge that was answered could be lost.
    others: [
      {
        value: 'off',
        priceOnly: true,
        run: shippedRun(bench, bench.main, id, { session: { synchronous_commit: 'off' } }),
      },
    ],
  }))
}

async function walCompression(bench: Bench): Promise<Trial[]> {
  const [row] = await bench.postgres.db.$client<{ setting: string; compiled: string[] }[]>`
    select setting, enumvals as compiled from pg_settings where name = 'wal_compression'`
  const shipped = row?.setting ?? 'off'
  // `on` is another name of the first method.
  const others = (row?.compiled ?? []).filter((value) => value !== shipped && value !== 'on')
  return ['pledges', 'totals'].map((id) => ({
    setting: 'wal_compression',
    load: bench.main.load(id).name,
    shipped: { value: shipped, run: shippedRun(bench, bench.main, id) },
    others: others.map((value) => ({
      value,
      run: shippedRun(bench, bench.main, id, { session: { wal_compression: value } }),
    })),
  }))
}

async function smallerCopy(bench: Bench, schema: string, fill?: number): Promise<Loads> {
  const rows = Math.ceil(bench.rows / smallerBy)
  const { signal } = bench
  const { db } = bench.postgres
  const options = { schema, rows, signal, ...(fill === undefined ? {} : { fillfactor: fill }) }
  return await loadsOf(db, await makeScratch(db, options))
}

async function fillfactor(bench: Bench): Promise<Trial[]> {
  const shipped = await smallerCopy(bench, 'bench_100')
  const others: [number, Loads][] = []
  for (const value of fillfactors) {
    others.push([value, await smallerCopy(bench, `bench_${value}`, value)])
  }
  return ['counter', 'totals'].map((id) => ({
    setting: 'fillfactor of projects',
    load: bench.main.load(id).name,
    shipped: { value: '100', run: shippedRun(bench, shipped, id) },
    others: others.map(([value, loads]) => ({
      value: String(value),
      run: shippedRun(bench, loads, id),
    })),
  }))
}

/** No settings: what lists sorted by totals and counts by category cost each pledge. */
async function indexesAndTriggers(bench: Bench): Promise<Trial[]> {
  const { db } = bench.postgres
  const shipped = await smallerCopy(bench, 'bench_whole')
  const bare = await smallerCopy(bench, 'bench_unsorted')
  const indexes = await db.$client<{ name: string }[]>`
    select indexname as name from pg_indexes
    where schemaname = 'bench_unsorted' and tablename = 'projects' and indexdef ~ ${totals}
    order by 1 limit 100`
  for (const { name } of indexes) await db.$client.unsafe(`drop index bench_unsorted.${name}`)
  const quiet = await smallerCopy(bench, 'bench_quiet')
  await db.$client.unsafe('alter table bench_quiet.projects disable trigger user')
  const priceOf = (value: string, loads: Loads, id: string) => ({
    value,
    priceOnly: true,
    run: shippedRun(bench, loads, id),
  })
  return ['totals', 'counter', 'pledges'].map((id) => ({
    setting: 'indexes and triggers of projects',
    load: bench.main.load(id).name,
    shipped: { value: 'all', run: shippedRun(bench, shipped, id) },
    others: [
      priceOf(`without the ${indexes.length} indexes over totals`, bare, id),
      priceOf('without the trigger for counts', quiet, id),
    ],
  }))
}

function poolSizes(bench: Bench): Trial[] {
  const run = (id: string, pool: number) => ({
    value: String(pool),
    run: shippedRun(bench, bench.main, id, { pool, inFlight }),
  })
  return ['project', 'category'].map((id) => ({
    setting: `pool of a worker, ${inFlight} requests at once`,
    load: bench.main.load(id).name,
    shipped: run(id, bench.pool),
    others: pools.filter((pool) => pool !== bench.pool).map((pool) => run(id, pool)),
  }))
}
