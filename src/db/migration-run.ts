import type postgres from 'postgres'
import { CommandError, errorCode } from '#lib/errors'
import { isConcurrent, statementsOf } from './migration-text'

export interface Patience {
  /** How long to wait for a table before those who queue behind us are let through; 0: for ever. */
  lockTimeoutMs: number
  /** Told whenever there is something to wait for. */
  onWait(sentence: string): void
}

interface Text {
  tag: string
  sql: string
}

type Session = postgres.ReservedSql

/** What a busy site hardly notices: its own statements may take five. */
export const lockTimeoutUsualMs = 1_000
// With the pauses between them about ten minutes.
const triesMax = 120
const pauseMs = { first: 200, longest: 5_000 }
const lockPollMs = 100
const lockNotAvailable = '55P03'

/**
 * Takes an advisory lock of the session. Asks for it again and again: a statement that waits has a
 * snapshot, and whoever builds an index concurrently waits for the end of every older one.
 */
export async function takeLock(
  session: Session,
  key: number,
  { shared = false, onWait }: { shared?: boolean; onWait?: () => void } = {},
): Promise<void> {
  for (let told = false; ; told = true) {
    const [row] = shared
      ? await session`select pg_try_advisory_lock_shared(${key}) as taken`
      : await session`select pg_try_advisory_lock(${key}) as taken`
    if (row?.['taken']) return
    if (!told) onWait?.()
    await Bun.sleep(lockPollMs)
  }
}

/** SQL that applies it by hand, in psql. */
export function scriptOf({ tag, sql }: Text, lockTimeoutMs: number): string {
  const text = sql.trim()
  const body = `${text}${text.endsWith(';') ? '' : '\n;'}\n${recordOf({ tag, sql })};\n`
  if (isConcurrent(sql)) return body
  return `begin;\nset local lock_timeout = ${lockTimeoutMs};\n${body}commit;\n`
}

export const digest = (text: string): string =>
  new Bun.CryptoHasher('sha256').update(text).digest('hex')

// The tag is a file's name, in which there is no quote.
const recordOf = ({ tag, sql }: Text) =>
  `insert into schema_migrations (tag, sha256) values ('${tag}', '${digest(sql)}')`

/** Applies it, and tries again when a table was not to be had in time. Throws CommandError. */
export async function runMigration(
  session: Session,
  migration: Text,
  patience: Patience,
): Promise<void> {
  const { tag, sql } = migration
  if (isConcurrent(sql)) return await runConcurrently(session, migration)
  for (let tries = 1; ; tries++) {
    try {
      await session`begin`
      await session`select set_config('lock_timeout', ${`${patience.lockTimeoutMs}ms`}, true)`
      // Without parameters this is the simple protocol, which takes many statements at once.
      await session.unsafe(sql)
      await session.unsafe(recordOf(migration))
      await session`commit`
      return
    } catch (error) {
      await session`rollback`.catch(() => {})
      const inTheWay = errorCode(error) === lockNotAvailable && (await oldestTransaction(session))
      if (inTheWay === false) throw failed(tag, error)
      const seconds = patience.lockTimeoutMs / 1000
      if (tries === triesMax) {
        throw new CommandError(
          `Migration ${tag} was rolled back: in ${triesMax} tries of ${seconds} s it did not get ` +
            `the tables to itself${inTheWay}. Run it again when that is over.`,
        )
      }
      patience.onWait(
        `Migration ${tag} has let others go first, after ${seconds} s, and tries again${inTheWay}.`,
      )
      const pause = Math.min(pauseMs.first * 2 ** (tries - 1), pauseMs.longest)
      await Bun.sleep(pause * (0.5 + Math.random()))
    }
  }
}

/** Each statement by itself: what an interruption has left is made anew or left as it is. */
async function runConcurrently(session: Session, migration: Text): Promise<void> {
  // Nobody who reads or writes queues behind these.
  await session`set lock_timeout = 0`
  try {
    for (const statement of statementsOf(migration.sql)) {
      const index = /^create (?:unique )?index concurrently (?:if not exists )?"?(\w+)/i.exec(
        statement,
      )?.[1]
      if (index !== undefined) {
        const [row] = await session`
          select indisvalid as valid from pg_index where indexrelid = to_regclass(${`public.${index}`})`
        if (row?.['valid']) continue
        if (row) await session.unsafe(`drop index concurrently "${index}"`)
      }
      await session.unsafe(statement)
    }
    await session.unsafe(recordOf(migration))
  } catch (error) {
    throw failed(migration.tag, error, 'is half applied; run it again')
  } finally {
    await session`reset lock_timeout`.catch(() => {})
  }
}

function failed(tag: string, error: unknown, state = 'was rolled back'): CommandError {
  const { message = String(error), detail } = error as { message?: string; detail?: string }
  const reason = [message, ...(detail?.split('\n') ?? [])].join('; ')
  return new CommandError(`Migration ${tag} failed and ${state}: ${reason.replace(/\.$/, '')}.`)
}

/** Half a sentence about the likely cause; empty when there is none to be seen. */
async function oldestTransaction(session: Session): Promise<string> {
  const [row] = await session<{ pid: number; name: string | null; seconds: number }[]>`
    select pid, application_name as name,
      extract(epoch from clock_timestamp() - xact_start)::int as seconds
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
    order by xact_start limit 1`
  if (!row) return ''
  const who = row.name ? `process ${row.pid} (${row.name})` : `process ${row.pid}`
  return `; the oldest transaction is that of ${who}, for ${row.seconds} s`
}
