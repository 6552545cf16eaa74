import { drizzle } from 'drizzle-orm/postgres-js'
import type postgres from 'postgres'
import { errorCode, isLost } from '#lib/errors'
import type { Db } from '../client'

/** Ours or the server’s own limit: it would take as long on the primary. */
const tooLong = '57014'

interface Servers {
  /** May change from one statement to the next. */
  replica(): Db
  primary: Db
  /** Whether to ask the replica at all. */
  isInUse(): boolean
  /** A statement has gone to the primary. */
  onFallback(): void
  /** No connection to the replica is to be had. */
  onLoss(error: unknown): void
}

type Run = (client: postgres.Sql) => Promise<unknown>

/**
 * A pool that reads from a replica. What fails there is asked of the primary, once: a conflict with
 * recovery, a lost connection, a write. Transactions are the primary’s alone.
 */
export function readingFrom(servers: Servers): Db {
  const { primary, replica, isInUse, onFallback, onLoss } = servers

  const ask = async (run: Run): Promise<unknown> => {
    if (isInUse()) {
      try {
        return await run(replica().$client)
      } catch (error) {
        if (errorCode(error) === tooLong) throw error
        if (isLost(error)) onLoss(error)
      }
    }
    onFallback()
    return await run(primary.$client)
  }

  const unsafe: postgres.Sql['unsafe'] = (text, parameters, options) => {
    const send = (client: postgres.Sql) => client.unsafe(text, parameters, options)
    // The part of a pending query that drizzle uses.
    const pending: Pick<postgres.PendingQuery<postgres.Row[]>, 'values' | 'then'> = {
      values: (() => ask(async (client) => await send(client).values())) as never,
      // biome-ignore lint/suspicious/noThenProperty: it stands for a query, which is awaited.
      then: ((...handlers: Parameters<Promise<unknown>['then']>) =>
        ask(async (client) => await send(client)).then(...handlers)) as never,
    }
    return pending as never
  }
  const { $client } = primary
  const client = Object.assign(
    ((...query: Parameters<typeof $client>) => $client(...query)) as unknown as postgres.Sql,
    { unsafe, begin: $client.begin, options: replica().$client.options },
  )
  return drizzle({ client, casing: 'snake_case' })
}
