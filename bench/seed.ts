import type postgres from 'postgres'
import { rangesOf, runTasks, type Task } from '#seed/bulk/schedule'
import type { BulkScale } from '#seed/bulk/tasks'

// What Postgres itself takes for the rows of 2018's three tables: inserts from generate_series with
// hardly a computation, and the seven indexes those tables had. No words, no counters, no links.

const rowsAtOnce = 1_000_000

const tables = `
  create table people (id bigint not null, name text not null, city text not null, state text not null,
    country text not null, joined_at timestamptz not null, projects_count integer not null, pledges_count integer not null);
  create table projects (id bigint not null, creator_id bigint not null, title text not null, description text not null,
    category text not null, city text not null, state text not null, goal bigint not null, pledged bigint not null,
    backers_count integer not null, ends_at timestamptz not null);
  create table pledges (project_id bigint not null, id bigint not null, backer_id bigint not null,
    amount bigint not null, created_at timestamptz not null)`

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

/** Seconds that the bare load takes, on all of the connections, in a database with nothing in it. */
export async function bareLoad(
  connections: postgres.ReservedSql[],
  scale: BulkScale,
  onProgress: (outlook: { phase: string; fraction: number }) => void,
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
