import type { Db } from '#db/client'
import { closeDb, openDb } from '#db/client'
import { databaseScale, type Report } from '../report'
import { callsOf, type QueryId, queryIds, readMenu, streamed } from './asked'
import { drawKeys, findLargest } from './keys'
import {
  measureBefore,
  measureClient,
  measureHot,
  openSession,
  type Statement,
  sessionName,
  type Transport,
} from './measure'
import { measureStream, type Streamed, selectWhole } from './stream'

export interface QueriesOptions {
  db: Db
  /** Of the same database: over a Unix socket, over TCP, or both. */
  urls: Partial<Record<Transport, string>>
  /** Few keys, and nothing that scans. */
  quick: boolean
  say: (line: string) => void
}

/** Milliseconds, medians; null is not measured. */
export interface QueryRow {
  id: QueryId
  before_ms: number | null
  after_hot_ms: number
  after_cold_ms: number | null
  client_tcp_ms: number | null
  client_unix_ms: number | null
  before_runs: number
  /** Keys behind the medians. */
  keys: number
  after_hot_p95_ms: number
  /** The part of `after_hot_ms` that is planning. */
  plan_ms: number | null
  after_hot_sent_ms: number | null
  whole?: Omit<Streamed, 'client'>
}

export interface QueriesMeasured {
  rows: QueryRow[]
  scale: Report['scale']
  postgres: string
  /** The site's menu, which reads every counter of a category at once. */
  menuMs: number
  /** What to run once with cold caches. */
  cold: { id: QueryId; statements: Statement[][] }[]
}

const hotKeys = 300
const quickKeys = 20
const coldKeys = 36
const streamRounds = 7
const quickStreamRounds = 3

/** The nine queries of 2018, all but the cold figures, for which Postgres has to start anew. */
export async function measureQueries(options: QueriesOptions): Promise<QueriesMeasured> {
  const { db, urls, quick, say } = options
  const url = urls.unix ?? urls.tcp
  if (url === undefined) throw new Error('the queries need a database')
  const scale = await databaseScale(db)
  const keys = await drawKeys(db, quick ? quickKeys : hotKeys)
  const coldCalls = callsOf(await drawKeys(db, coldKeys))
  const largest = await findLargest(db)
  const session = openSession(url)
  const ways = openWays(urls)
  const rows: QueryRow[] = []
  const cold: QueriesMeasured['cold'] = []
  try {
    const calls = callsOf(keys)
    for (const id of queryIds) {
      if (id === streamed) {
        say(`${id}: streaming ${largest.category.name}`)
        rows.push(await streamedRow(id, urls, largest.category, quick))
        const statements = [[{ sql: selectWhole(largest.category), parameters: [] }]]
        cold.push({ id, statements })
        continue
      }
      say(`${id}: ${calls[id].length} keys`)
      const { statements: _, ...hot } = await measureHot(session, calls[id])
      const { unix, tcp } = await measureClient(ways, calls[id])
      const client = { client_tcp_ms: tcp, client_unix_ms: unix }
      const unknown = { before_ms: null, before_runs: 0, after_cold_ms: null }
      rows.push({ id, ...unknown, ...hot, ...client, keys: calls[id].length })
      const { statements } = await measureHot(session, coldCalls[id])
      cold.push({ id, statements })
    }
    const place = rows.find(({ id }) => id === 'place-all')
    say(`place-all: streaming ${largest.place.name}`)
    if (place) place.whole = (await streamWhole(urls, largest.place, quick)).whole
    if (!quick) await addBefore(rows, session, calls, say)
    const menu = await measureHot(session, Array(quickKeys).fill(readMenu))
    const [version] = await db.$client<{ postgres: string }[]>`
      select split_part(current_setting('server_version'), ' ', 1) as postgres`
    const postgres = version?.postgres ?? 'unknown'
    return { rows: rows.map(rounded), scale, postgres, menuMs: menu.after_hot_ms, cold }
  } finally {
    await session.close()
    for (const way of Object.values(ways)) await closeDb(way, 1)
  }
}

function openWays(urls: QueriesOptions['urls']): Partial<Record<Transport, Db>> {
  // As the workers of the site.
  const options = { max: 1, applicationName: sessionName, genericPlans: true }
  return Object.fromEntries(
    Object.entries(urls).map(([way, url]) => [way, openDb(url, options)] as const),
  )
}

async function streamWhole(
  urls: QueriesOptions['urls'],
  largest: Parameters<typeof measureStream>[1],
  quick: boolean,
) {
  const { client, ...whole } = await measureStream(
    urls,
    largest,
    quick ? quickStreamRounds : streamRounds,
  )
  return { client, whole }
}

async function streamedRow(
  id: QueryId,
  urls: QueriesOptions['urls'],
  largest: Parameters<typeof measureStream>[1],
  quick: boolean,
): Promise<QueryRow> {
  const { client, whole } = await streamWhole(urls, largest, quick)
  return {
    ...{ id, before_ms: null, after_hot_ms: whole.database_ms, after_cold_ms: null },
    ...{ client_tcp_ms: client.tcp, client_unix_ms: client.unix, before_runs: 0, keys: 1 },
    ...{ after_hot_p95_ms: whole.database_ms, plan_ms: null, after_hot_sent_ms: null, whole },
  }
}

async function addBefore(
  rows: QueryRow[],
  session: ReturnType<typeof openSession>,
  calls: ReturnType<typeof callsOf>,
  say: (line: string) => void,
): Promise<void> {
  for (const row of rows) {
    say(`${row.id}: as in 2018, without indexes`)
    Object.assign(row, await measureBefore(session, calls[row.id]))
  }
}

/** No more figures than were measured: a ten-thousandth of a millisecond, or four digits. */
export function rounded<Value>(value: Value): Value {
  if (typeof value === 'number') {
    return Number(Math.abs(value) < 1 ? value.toFixed(4) : value.toPrecision(6)) as Value
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, rounded(each)]),
  ) as Value
}
