import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { createPauses } from '#lib/pauses'
import { within } from '#lib/within'
import { connectionOptions, type Db } from './client'
import { holdSchema } from './migrations'
import type { Presence } from './presence'

// What has changed is told by Postgres itself: NOTIFY goes out with the commit or not at all, and
// reaches everybody who listens in the order of the commits. A message sent elsewhere after the
// commit would be lost with its sender, and what it should have dropped would be shown for good.

const channel = 'jumpstarter_changes'
/** Postgres takes less than 8,000 bytes of payload. */
const payloadBytesMax = 7_000
/** Between two proofs that the connection still hears. */
const proofEveryMs = 100
const answerDeadlineMs = 2_000
const reconnectDelayMs = 200

/** Tells every process, with the commit of this transaction, that what has these tags is old. */
export async function announceChange(tx: Pick<Db, 'execute'>, tags: readonly string[]) {
  for (const payload of payloadsOf(tags)) {
    await tx.execute(
      sql`select pg_notify(${channel}, pg_current_xact_id()::text || ${`\n${payload}`})`,
    )
  }
}

/**
 * The same for all there is, as SQL: for a load that fills or empties tables without a word on each
 * row.
 */
export const announceEverything = `select pg_notify('${channel}', '')`

function payloadsOf(tags: readonly string[]): string[] {
  const payloads: string[] = []
  for (const tag of new Set(tags)) {
    const last = payloads.at(-1)
    const longer = last === undefined ? tag : `${last}\n${tag}`
    if (last !== undefined && Buffer.byteLength(longer) <= payloadBytesMax) {
      payloads[payloads.length - 1] = longer
    } else payloads.push(tag)
  }
  return payloads
}

/** That everything committed before `askedAt` has been heard. */
export interface Proof {
  /** `performance.now()` when the question was sent. */
  askedAt: number
  /** `pg_current_snapshot()` */
  snapshot: string
  /** The database's clock when it answered, in milliseconds since 1970. */
  clock: number
}

export interface ChangeListener {
  onChange(tags: string[], transaction: bigint): void
  /** Anything may have changed; the next proof is after it. */
  onChangeOfEverything(): void
  /**
   * The first proof of a connection: what was announced before it has not been heard. `database`
   * names it, also when another has been restored in its place.
   */
  onOpen(proof: Proof, database: string): void
  onProof(proof: Proof): void
  /** From now on nothing is heard. */
  onLoss(reason: string): void
}

/**
 * Listens on a connection of its own, again and again after each loss, until it is closed. Each
 * answer is a sign of life as well.
 */
export function listenForChanges(
  url: string,
  listener: ChangeListener,
  presence?: Presence,
): { close(): Promise<void> } {
  const pauses = createPauses()
  const pause = pauses.wait
  let closed = false
  const run = async () => {
    while (!closed) {
      const reason = await listen(url, listener, { isClosed: () => closed, pause, presence })
      if (closed) return
      listener.onLoss(reason)
      // Not all hosts at once.
      await pause(reconnectDelayMs * (0.5 + Math.random()))
    }
  }
  const running = run()
  return {
    close: async () => {
      closed = true
      pauses.end()
      await running
    },
  }
}

interface Around {
  isClosed(): boolean
  pause(ms: number): Promise<void>
  presence: Presence | undefined
}

/** Returns why the connection can no longer be trusted. */
async function listen(
  url: string,
  listener: ChangeListener,
  { isClosed, pause, presence }: Around,
): Promise<string> {
  let lost = false
  const client = openListener(url, {
    onnotify: (_: string, payload: string) => {
      const [transaction = '', ...tags] = payload.split('\n')
      if (/^\d+$/.test(transaction)) listener.onChange(tags, BigInt(transaction))
      else listener.onChangeOfEverything()
    },
    onclose: () => {
      lost = true
    },
  })
  try {
    await answer(client`listen ${client(channel)}`)
    await answer(holdSchema(client))
    const database = await identify(client)
    const first = await prove(client)
    for (let proof = first; !isClosed(); proof = await prove(client)) {
      // The driver connects anew by itself, and the new connection does not listen.
      if (lost) return 'the connection was closed'
      if (proof === first) listener.onOpen(proof, database)
      else listener.onProof(proof)
      presence?.answered()
      await pause(proofEveryMs)
    }
    return 'closed'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await client.end({ timeout: 0 }).catch(() => undefined)
  }
}

function openListener(url: string, hooks: object) {
  const options = connectionOptions(url)
  return postgres({
    ...options,
    ...hooks,
    max: 1,
    max_lifetime: null,
    idle_timeout: 0,
    fetch_types: false,
    connect_timeout: answerDeadlineMs / 1_000,
    connection: { ...options.connection, application_name: 'jumpstarter changes' },
  })
}

/** A restored database counts its transactions from an earlier number. */
async function identify(client: postgres.Sql): Promise<string> {
  const [row] = await answer(client<{ name: string }[]>`
    select concat_ws('/', system_identifier, timeline_id, oid) as name
    from pg_control_system(), pg_control_checkpoint(), pg_database
    where datname = current_database()`)
  return row?.name ?? ''
}

async function prove(client: postgres.Sql): Promise<Proof> {
  const askedAt = performance.now()
  const [row] = await answer(client<{ snapshot: string; clock: number }[]>`
    select pg_current_snapshot()::text as snapshot,
      date_part('epoch', clock_timestamp()) * 1000 as clock`)
  return { askedAt, snapshot: row?.snapshot ?? '', clock: row?.clock ?? 0 }
}

/** A connection can be gone without a sign of it. */
async function answer<Rows>(query: Promise<Rows>): Promise<Rows> {
  if (!(await within(query, answerDeadlineMs))) throw new Error('Postgres does not answer in time')
  return await query
}
