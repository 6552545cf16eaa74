import { closeDb, type Db, openDb } from '#db/client'
import { median } from '../report'
import { openDrain } from './copy-drain'
import type { Largest } from './keys'
import { openExplainer, sessionName, type Transport } from './measure'

/** A whole list sent to the program; times are medians, in milliseconds. */
export interface Streamed {
  of: string
  rows: number
  /** Until the last row is in the program, column by column, over the transport of the ratio. */
  ms: number
  /** Through a cursor of a thousand rows, which lets the reader set the pace. */
  cursor_ms: number
  copy_ms: number | null
  rows_per_second: number
  copy_rows_per_second: number | null
  ratio: number | null
  ratio_low: number | null
  ratio_high: number | null
  cursor_ratio: number | null
  /** The same select inside Postgres, its rows thrown away there. */
  database_ms: number
  client: Record<Transport, number | null>
}

const cursorRows = 1_000

/** What a listing shows of a project, without the joined name of its subcategory. */
const columns = `id, status, title, description, creator_id, creator_name, category, subcategory,
  city, state, country, currency, goal, pledged, backers_count, launched_at, ends_at, featured_at`

/** All listed projects of a category or place: one range of its index, whatever their statuses. */
export function selectWhole({ shelf, number }: Largest): string {
  const key = `listing_key(${shelf}, id)`
  return `select ${columns} from projects
    where ${key} >= listing_key(shelf_of(${number}, 'live'), 0)
      and ${key} < listing_key(shelf_of(${number}, 'suspended'), 0)`
}

/**
 * The fastest way through our driver: a plain query whose rows are handed over as they arrive, each
 * as the bytes of its columns. Whoever passes a list on, as an export does, needs no more.
 */
async function stream(db: Db, select: string): Promise<{ rows: number; ms: number }> {
  let rows = 0
  const startedAt = performance.now()
  await db.$client
    .unsafe(select)
    .raw()
    .forEach(() => void rows++)
  return { rows, ms: performance.now() - startedAt }
}

async function streamByCursor(db: Db, select: string): Promise<number> {
  const startedAt = performance.now()
  await db.$client
    .unsafe(select)
    .raw()
    .cursor(cursorRows, () => {})
  return performance.now() - startedAt
}

/** Our stream, the cursor and COPY by turns, so that what drifts with the machine falls on all. */
export async function measureStream(
  urls: Partial<Record<Transport, string>>,
  largest: Largest,
  rounds: number,
): Promise<Streamed> {
  const select = selectWhole(largest)
  const main: Transport = urls.unix === undefined ? 'tcp' : 'unix'
  const open = (url: string | undefined) =>
    url === undefined ? undefined : openDb(url, { max: 1, applicationName: sessionName })
  const pools = { unix: open(urls.unix), tcp: open(urls.tcp) }
  const own = pools[main]
  const url = urls[main]
  if (!own || url === undefined) throw new Error('a stream needs a database')
  const times = { unix: [] as number[], tcp: [] as number[], cursor: [] as number[] }
  const copies: number[] = []
  const drain = await openDrain(url)
  try {
    // The first time also makes the connections ready.
    const { rows } = await stream(own, select)
    await drain?.copy(select)
    for (let round = 0; round < rounds; round++) {
      times[main].push((await stream(own, select)).ms)
      if (drain) copies.push((await drain.copy(select)).ms)
      times.cursor.push(await streamByCursor(own, select))
      if (main === 'unix' && pools.tcp) times.tcp.push((await stream(pools.tcp, select)).ms)
    }
    const explainer = await openExplainer(own)
    const inside: number[] = []
    for (let round = 0; round < Math.min(rounds, 3); round++) {
      const { executionMs, planningMs } = await explainer.explain(select)
      inside.push(executionMs + planningMs)
    }
    return summarize({ of: largest.name, rows, main, times, copies, database: median(inside) })
  } finally {
    drain?.close()
    for (const db of Object.values(pools)) if (db) await closeDb(db, 1)
  }
}

function summarize(measured: {
  of: string
  rows: number
  main: Transport
  times: Record<Transport | 'cursor', number[]>
  copies: number[]
  database: number
}): Streamed {
  const { of, rows, main, times, copies, database } = measured
  const own = times[main]
  const ratios = copies.map((copy, round) => copy / (own[round] ?? Number.NaN))
  const cursorRatios = copies.map((copy, round) => copy / (times.cursor[round] ?? Number.NaN))
  const known = <Value>(value: Value) => (copies.length > 0 ? value : null)
  const perSecond = (ms: number) => (rows / ms) * 1000
  return {
    ...{ of, rows },
    ms: median(own),
    cursor_ms: median(times.cursor),
    copy_ms: known(median(copies)),
    rows_per_second: perSecond(median(own)),
    copy_rows_per_second: known(perSecond(median(copies))),
    ratio: known(median(ratios)),
    ratio_low: known(Math.min(...ratios)),
    ratio_high: known(Math.max(...ratios)),
    cursor_ratio: known(median(cursorRatios)),
    database_ms: database,
    client: {
      unix: main === 'unix' ? median(own) : null,
      tcp: times.tcp.length > 0 ? median(times.tcp) : null,
    },
  }
}
