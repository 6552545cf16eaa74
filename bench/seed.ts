import type postgres from 'postgres'
import { closeDb, type Db, openDb } from '#db/client'
import { reserveAll } from '#seed/bulk/bulk'
import { type Outlook, rangesOf, runTasks, type Task } from '#seed/bulk/schedule'
import type { BulkScale } from '#seed/bulk/tasks'

// What Postgres itself takes for the rows of 2018's three tables: inserts from generate_series with
// hardly a computation, and the seven indexes those tables had. No words, no counters, no links.

const rowsAtOnce = 1_000_000

const tables = `
  create table people (
    id bigint not null, name text not null, city text not null, state text not null,
    country text not null, joined_at timestamptz not null, projects_count integer not null,
    pledges_count integer not null
  );
  create table projects (
    id bigint not null, creator_id bigint not null, title text not null, description text not null,
    category text not null, city text not null, state text not null, goal bigint not null,
    pledged bigint not null, backers_count integer not null, ends_at timestamptz not null
  );
  create table pledges (
    project_id bigint not null, id bigint not null, backer_id bigint not null,
    amount bigint not null, created_at timestamptz not null
  )`

const inserts: Record<string, string> = {
  people: `insert into people select i, 'Person number ' || i, 'City ' || i % 244, 'State ' || i % 50,
    'United States', timestamptz '2020-01-01' + i * interval '1 second', 0, 0
    from generate_series(@first::bigint, @last::bigint) as i`,
  projects: `insert into projects select i, 1 + i * 7919 % @people, 'The project with number ' || i,
    'What this one makes is told in as many words as a blurb of the site has, about ' || i, 'category ' || i % 15,
    'City ' || i % 244, 'State ' || i % 50, 100000, 0, 0, timestamptz '2020-01-01' + i * interval '10 seconds'
    from generate_series(@first::bigint, @last::bigint) as i`,
  pledges: `insert into pledges select 1 + i / 10, i, 1 + i * 104729 % @people, 2500,
    timestamptz '2020-01-01' + i * interval '1 second' from generate_series(@first::bigint, @last::bigint) as i`,
}

const indexes: [table: keyof typeof inserts, sql: string][] = [
  ['people', 'create unique index on people (id)'],
  ['pledges', 'create unique index on pledges (project_id, id)'],
  ['pledges', 'create index on pledges (backer_id)'],
  ['projects', 'create unique index on projects (id)'],
  ['projects', 'create index on projects (creator_id)'],
  ['projects', 'create index on projects (category, id)'],
  ['projects', 'create index on projects (state, city, id)'],
]

const bareDatabase = 'jumpstarter_bare'

interface BareOptions {
  /** Of the database that `db` is connected to. */
  url: string
  sessions: number
  settings: Record<string, string>
  scale: BulkScale
  onProgress(outlook: Outlook): void
}

/** Seconds that the bare load takes, in a database of its own that is dropped afterwards. */
export async function measureBareLoad(db: Db, options: BareOptions): Promise<number> {
  const { url, sessions, settings, scale, onProgress } = options
  await db.$client.unsafe(`drop database if exists ${bareDatabase}`)
  await db.$client.unsafe(`create database ${bareDatabase} template template0`)
  const own = url.replace(/\/[^/?]*(\?|$)/, `/${bareDatabase}$1`)
  const bare = openDb(own, { max: sessions, applicationName: 'jumpstarter bench seed' })
  try {
    return await load(await reserveAll(bare.$client, settings), scale, onProgress)
  } finally {
    await closeDb(bare, 1)
    await db.$client.unsafe(`drop database ${bareDatabase}`)
    await db.$client.unsafe('checkpoint')
  }
}

async function load(
  connections: postgres.ReservedSql[],
  scale: BulkScale,
  onProgress: (outlook: Outlook) => void,
): Promise<number> {
  const startedAt = performance.now()
  await connections[0]?.unsafe(tables)
  const loads = (['people', 'projects', 'pledges'] as const).flatMap((table) =>
    rangesOf(scale[table], rowsAtOnce).map(
      ({ first, last }): Task => ({
        phase: `bare ${table}`,
        after: [],
        cost: (last - first + 1) / 1e6,
        sql: (inserts[table] ?? '')
          .replaceAll('@first', String(first))
          .replaceAll('@last', String(last))
          .replaceAll('@people', String(scale.people)),
      }),
    ),
  )
  const builds = indexes.map(
    ([table, sql]): Task => ({
      phase: `bare indexes of ${table}`,
      after: [`bare ${table}`],
      cost: scale[table as 'people' | 'projects' | 'pledges'] / 2e6,
      sql,
    }),
  )
  await runTasks([...loads, ...builds], connections, onProgress)
  return (performance.now() - startedAt) / 1000
}

export interface TableSize {
  table: string
  heap_gb: number
  indexes_gb: number
}

/** What stands on disk, the largest first, and all of it together in GB. */
export async function sizesOf(db: Db) {
  const tables = await db.$client<TableSize[]>`
    select relname::text as table, round(pg_table_size(oid) / 1e9, 2)::float8 as heap_gb,
      round(pg_indexes_size(oid) / 1e9, 2)::float8 as indexes_gb
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_total_relation_size(oid) > 1e6
    order by pg_total_relation_size(oid) desc`
  const [row] = await db.$client<{ gb: number; postgres: string }[]>`
    select round(pg_database_size(current_database()) / 1e9, 2)::float8 as gb,
      current_setting('server_version') as postgres`
  return { tables, gb: row?.gb ?? 0, postgres: row?.postgres ?? '' }
}
