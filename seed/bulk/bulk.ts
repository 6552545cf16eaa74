import type postgres from 'postgres'
import { announceEverything } from '#db/changes'
import { isBeingFilled } from '#db/migrations'
import { loadWords, wordSql } from '../lists'
import lists from './000-lists.sql' with { type: 'text' }
import counts from './090-counts.sql' with { type: 'text' }
import { type Outlook, runTasks } from './schedule'
import { build, link, promote, proof, readPieces, setAside, strip, unveil } from './structure'
import { type BulkScale, bulkTasks, fillIn, valuesOf } from './tasks'

/**
 * Fills a migrated database with millions of rows, set by set, on as many connections as `client`
 * may open less one. The tables stand aside until everything is in, so the site sees all of it or
 * nothing. What an interrupted run has left is begun anew. The same scale gives the same rows.
 */
export async function seedBulk(
  client: postgres.Sql,
  scale: BulkScale,
  sessionSettings: Record<string, string>,
  onProgress: (outlook: Outlook) => void,
): Promise<void> {
  if (!(await isBeingFilled(client))) await setAside(client)
  const connections = await reserveAll(client, {
    ...sessionSettings,
    // As long as a commit is not in the log, vacuum cannot say that its rows are seen by all.
    synchronous_commit: 'on',
    search_path: 'seed, public',
  })
  const [first] = connections
  if (first === undefined) throw new Error('a bulk seed takes two connections')
  try {
    onProgress({ phase: 'word lists', fraction: 0 })
    await strip(first)
    await dropLists(first)
    await first.unsafe(wordSql)
    await loadWords(first, scale)
    await first.unsafe(lists)
    const pieces = await readPieces(first)
    await runTasks(bulkTasks(scale, pieces), connections, onProgress)
    onProgress({ phase: 'counters', fraction: 0.99 })
    await first.unsafe(fillIn(counts, valuesOf(scale)))
    // Expressions in indexes have statistics only now; what came in beside a vacuum is seen by all.
    await first.unsafe('vacuum')
    await first.unsafe('analyze projects, categories, places')
  } finally {
    for (const connection of connections) connection.release()
  }
  await unveil(client)
}

/** All connections of a pool but one, with these settings. */
export async function reserveAll(
  client: postgres.Sql,
  settings: Record<string, string>,
): Promise<postgres.ReservedSql[]> {
  const connections = await Promise.all(
    Array.from({ length: (client.options.max ?? 2) - 1 }, () => client.reserve()),
  )
  for (const connection of connections) {
    for (const [name, value] of Object.entries(settings)) {
      await connection.unsafe('select set_config($1, $2, false)', [name, value])
    }
  }
  return connections
}

/** Word lists, plan and functions of a run that was interrupted; the tables of the site stay. */
async function dropLists(connection: postgres.ReservedSql): Promise<void> {
  const rows = await connection.unsafe<{ drop: string }[]>(`
    select format('drop table if exists seed.%I', relname) as drop from pg_class
      where relnamespace = 'seed'::regnamespace and relkind = 'r'
        and relname not in (select name from seed.tables) and relname not in ('structure', 'tables')
    union all
    select format('drop function if exists %s', oid::regprocedure) from pg_proc where pronamespace = 'seed'::regnamespace`)
  for (const { drop } of rows) await connection.unsafe(`${drop} cascade`)
}

/** Puts the empty tables back after a seed that was interrupted. */
export async function abandon(client: postgres.Sql): Promise<void> {
  const connection = await client.reserve()
  try {
    await connection`set search_path = seed, public`
    await strip(connection)
    const pieces = await readPieces(connection)
    const links = pieces.filter(({ kind }) => kind === 'link')
    for (const piece of pieces.filter(({ kind }) => kind !== 'link')) {
      await connection.unsafe(build(piece))
      if (piece.kind === 'key') await connection.unsafe(promote(piece))
    }
    for (const piece of links) await connection.unsafe(`${link(piece)}; ${proof(piece)}`)
    await connection`reset search_path`
  } finally {
    connection.release()
  }
  await unveil(client)
}

/** Deletes everything people have entered; what migrations brought stays. */
export async function empty(client: postgres.Sql): Promise<void> {
  await client.begin(async (tx) => {
    // What only ever grows (the books, the logs) refuses to be emptied, except by its owner.
    const kept = await tx<{ name: string }[]>`
      select distinct tgrelid::regclass::text as name from pg_trigger
        where tgfoid = 'public.refuse_change'::regproc`
    for (const { name } of kept) await tx.unsafe(`alter table ${name} disable trigger user`)
    await tx`truncate people, projects, places restart identity cascade`
    for (const { name } of kept) await tx.unsafe(`alter table ${name} enable trigger user`)
    await tx`update categories set projects_count = 0, live_count = 0`
    await tx.unsafe(announceEverything)
  })
}
