import type { Db } from '../client'
import type { Pass } from './pass'

/** One pass over one range of ids: a statement, and so a moment, of its own. */
export interface Step {
  pass: Pass
  range: readonly [from: string, to: string] | undefined
  /** Rows to read, as far as the statistics know. */
  rows: number
}

/** What a statement of `verify` may take of the machine Postgres runs on. */
export interface Allowance {
  workMemBytes: number
  /** Parallel workers beside the connection itself. */
  workers: number
}

export interface Found {
  name: string
  subject: string
  stored: string
  counted: string
  /** How many of this name the step has found; of those it returns the first few. */
  total: string
}

/** How many disagreements a step returns of each check. */
export const foundMax = 5
/** A pass of more seconds is cut further than its memory asks, for whoever waits. */
const secondsPerRange = 5
/** Children may lie anywhere in their table, and each range may have to look at most of it. */
const rangesForWaiting = 8
const bigintMin = '-9223372036854775808'
const bigintMax = '9223372036854775807'
/** Stands for the size of a row in a table that was never analyzed. */
const bytesPerUnknownRow = 100

/** Cuts the passes in ranges of about `rowsPerRange` rows, the first and the last without an end. */
export async function planSteps(
  db: Db,
  passes: readonly Pass[],
  rowsPerRange: number,
): Promise<Step[]> {
  const rows = await estimateRows(db)
  const ids = await highestIds(db)
  return passes.flatMap((pass): Step[] => {
    const sum = pass.reads.reduce((all, table) => all + (rows.get(table) ?? 0), 0)
    if (!pass.over) return [{ pass, range: undefined, rows: sum }]
    const pieces = Math.ceil((sum * pass.rowCost) / 1e7 / secondsPerRange)
    const ranges = Math.max(
      1,
      Math.ceil(sum / rowsPerRange),
      pass.reads.length === 1 ? pieces : Math.min(pieces, rangesForWaiting),
    )
    const idsPerRange = Math.max(1, Math.ceil(ids[pass.over] / ranges))
    return Array.from({ length: ranges }, (_, index) => ({
      pass,
      range: [
        index === 0 ? bigintMin : `${index * idsPerRange + 1}`,
        index === ranges - 1 ? bigintMax : `${(index + 1) * idsPerRange + 1}`,
      ] as const,
      rows: sum / ranges,
    }))
  })
}

async function estimateRows(db: Db): Promise<Map<string, number>> {
  const rows = await db.$client<{ name: string; rows: number }[]>`
    select relname as name, case when reltuples >= 0 then reltuples::float8
        else pg_relation_size(oid)::float8 / ${bytesPerUnknownRow} end as rows
      from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`
  return new Map(rows.map(({ name, rows }) => [name, rows]))
}

async function highestIds(db: Db): Promise<Record<'projects' | 'people', number>> {
  const [row] = await db.$client<{ projects: number; people: number }[]>`
    select coalesce((select max(id) from projects), 0)::float8 as projects,
      coalesce((select max(id) from people), 0)::float8 as people`
  return row ?? { projects: 0, people: 0 }
}

/** The statement of a pass: of each check the first few that disagree, and how many there are. */
export const stepSql = (pass: Pass) => `
  select name, subject, stored, coalesce(counted, 'nobody') as counted, total
  from (
    select found.*, row_number() over (partition by name order by place, part) as rank,
      count(*) over (partition by name) as total
    from (${pass.sql}) found
  ) ranked
  where rank <= ${foundMax} order by name, rank`

/** Settings for one step; they end with it. */
export const stepSettings = ({ workMemBytes, workers }: Allowance): Record<string, string> => ({
  work_mem: `${Math.floor(workMemBytes / 1024)}kB`,
  hash_mem_multiplier: '1',
  max_parallel_workers_per_gather: `${workers}`,
  // A shared hash table lies in shared memory, of which containers have little.
  enable_parallel_hash: 'off',
  // Whatever the statistics say: a million small look-ups are slower than two scans.
  enable_nestloop: 'off',
  jit: 'off',
  statement_timeout: '0',
  search_path: 'public',
})

/** Compares what one step covers; returns nothing when all of it agrees. */
export async function runStep(db: Db, step: Step, allowance: Allowance): Promise<Found[]> {
  const settings = Object.entries(stepSettings(allowance))
  return await db.$client.begin('read only', async (tx) => {
    await tx`select set_config(name, value, true)
      from unnest(${settings.map(([name]) => name)}::text[],
        ${settings.map(([, value]) => value)}::text[]) as s (name, value)`
    return await tx.unsafe<Found[]>(stepSql(step.pass), step.range ? [...step.range] : [])
  })
}
