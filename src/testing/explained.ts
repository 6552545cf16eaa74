import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { connectionOptions, type Db } from '#db/client'

/** A statement as it was run, inside functions too, with its plan. */
export interface Explained {
  query: string
  /** `$1 = '5', $2 = NULL`; empty inside a function. */
  parameters: string
  scans: Scan[]
}

export interface Scan {
  table: string
  /** What it is called in the conditions of a join. */
  alias: string
  /** What chooses its rows: of an index, of each row, or of the joins that it is part of. */
  conditions: string[]
}

/** A pool on which every statement is explained to whoever takes them. */
export interface ExplainedDb {
  db: Db
  /** Since the last time. */
  take(): Explained[]
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  Plans?: Node[]
  [name: string]: unknown
}

// Joined by their indexes, tables show at each what it is asked by, however small they are.
const settings = {
  ...{ enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' },
  ...{ 'auto_explain.log_min_duration': '0', 'auto_explain.log_nested_statements': 'on' },
  ...{ 'auto_explain.log_format': 'json', 'auto_explain.log_level': 'notice' },
  ...{ session_preload_libraries: 'auto_explain', client_min_messages: 'notice', DateStyle: 'ISO' },
}

export function explainedDb(url: string): ExplainedDb {
  let seen: Explained[] = []
  const options = connectionOptions(url)
  const client = postgres({
    ...options,
    max: 4,
    onnotice: ({ message = '' }) => {
      const [, plan] = /plan:\n(.*)$/s.exec(message) ?? []
      if (plan) seen.push(read(JSON.parse(plan)))
    },
    connection: { ...options.connection, ...settings, TimeZone: 'UTC' },
  })
  return {
    db: drizzle({ client, casing: 'snake_case' }),
    take: () => {
      const taken = seen
      seen = []
      return taken
    },
  }
}

function read(explained: Record<string, unknown>): Explained {
  return {
    query: String(explained['Query Text']),
    parameters: String(explained['Query Parameters'] ?? ''),
    scans: scansOf(explained['Plan'] as Node, []),
  }
}

const ofJoins = ['Join Filter', 'Hash Cond', 'Merge Cond']
const ofRows = ['Index Cond', 'Recheck Cond', 'Filter', 'TID Cond']

function scansOf(node: Node, joins: string[]): Scan[] {
  const textsOf = (part: Node, names: string[]) =>
    names.map((name) => part[name]).filter((text) => typeof text === 'string')
  const table = node['Relation Name']
  const within = [...joins, ...textsOf(node, ofJoins)]
  const below = (node.Plans ?? []).flatMap((part) => scansOf(part, within))
  if (table === undefined || !node['Node Type'].endsWith('Scan')) return below
  // Of a bitmap, the index below it has been asked.
  const parts = [node, ...(node['Node Type'] === 'Bitmap Heap Scan' ? (node.Plans ?? []) : [])]
  const alias = String(node['Alias'] ?? table)
  const joined = joins.filter((text) => text.includes(`${alias}.`))
  const own = parts.flatMap((part) => textsOf(part, ofRows))
  return [{ table, alias, conditions: [...own, ...joined] }, ...below]
}
