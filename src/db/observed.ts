import type postgres from 'postgres'
import type { Log } from '#observability/log'
import type { Histogram, Meter } from '#observability/meter'
import { describeStatement, type Statement } from '#observability/statements'
import type { Db, DbObserver } from './client'

/** From `slowMs` on a statement is told of: 0 is never. */
export function createDbObserver(meter: Meter, log: Log, slowMs: number): DbObserver {
  return {
    watch: (db, pool, max) => {
      const names = namesOf(db)
      const durations = new Map<string, Histogram>()
      const durationOf = (operation: string) => {
        const known =
          durations.get(operation) ??
          meter.histogram('db_client_operation_duration_seconds', operation, pool)
        durations.set(operation, known)
        return known
      }
      const inUse = watchClient(db.$client, (text, ms) => {
        const statement = describeStatement(text, names)
        durationOf(statement.operation).observe(ms / 1000)
        if (slowMs > 0 && ms >= slowMs) tellSlow(log, statement, pool, ms)
      })
      const count = (state: string, read: () => number) =>
        meter.gauge('db_client_connection_count', [pool, state], read)
      count('used', () => Math.min(inUse(), max))
      count('idle', () => Math.max(0, max - inUse()))
      meter.gauge('db_client_connection_max', [pool], () => max)
      const waiting = () => Math.max(0, inUse() - max)
      meter.gauge('db_client_connection_pending_requests', [pool], waiting)
    },
  }
}

/** By name alone: what it was asked for may be somebody's secret. */
function tellSlow(log: Log, { room, name }: Statement, pool: string, ms: number): void {
  log.warn('slow query', { room, statement: name, ms: Math.round(ms), pool })
}

/** What prepared statements are called, by their text. */
function namesOf(db: Db): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  const { session } = db._ as unknown as { session: Preparing }
  const prepare = session.prepareQuery.bind(session)
  session.prepareQuery = (query, fields, name, ...rest) => {
    if (name !== undefined) names.set(query.sql, name)
    return prepare(query, fields, name, ...rest)
  }
  return names
}

/** Drizzle's session, as far as it is used here. */
interface Preparing {
  prepareQuery(
    query: { sql: string },
    fields: unknown,
    name: string | undefined,
    ...rest: unknown[]
  ): unknown
}

type Unsafe = postgres.Sql['unsafe']
/** A query of postgres.js, as far as it is used here. */
interface Settling {
  handler(query: unknown): void
  resolve(rows: unknown): void
  reject(error: unknown): void
}

/** Returns how many connections what is under way would take, if there were enough. */
function watchClient(client: postgres.Sql, told: (text: string, ms: number) => void): () => number {
  let statements = 0
  let transactions = 0

  const watched = (unsafe: Unsafe, change: (by: 1 | -1) => void) => {
    const send = (...call: Parameters<Unsafe>) => {
      const query = unsafe(...call)
      const settling = query as unknown as Settling
      const { handler, resolve, reject } = settling
      let startedAt = 0
      const end = () => {
        if (startedAt === 0) return
        change(-1)
        told(call[0], performance.now() - startedAt)
        startedAt = 0
      }
      // Called when it is sent: some are only parts of others.
      settling.handler = (asked) => {
        startedAt = performance.now()
        change(1)
        handler(asked)
      }
      settling.resolve = (rows) => {
        end()
        resolve(rows)
      }
      settling.reject = (error) => {
        end()
        reject(error)
      }
      return query
    }
    return send as Unsafe
  }

  client.unsafe = watched(client.unsafe, (by) => {
    statements += by
  })
  const begin = client.begin.bind(client) as (...call: unknown[]) => Promise<unknown>
  client.begin = (async (...call: unknown[]) => {
    const work = call.pop() as (transaction: postgres.TransactionSql) => unknown
    transactions += 1
    try {
      return await begin(...call, (transaction: postgres.TransactionSql) => {
        // Its connection is counted already.
        transaction.unsafe = watched(transaction.unsafe, () => {})
        return work(transaction)
      })
    } finally {
      transactions -= 1
    }
  }) as typeof client.begin
  return () => statements + transactions
}
