import type { Db } from '../client'
import { ask, askOne } from './ask'

export interface TableUpkeep {
  table: string
  live: number
  dead: number
  changedSinceAnalyze: number
  isAnalyzed: boolean
  /** Its own setting, which is rarely meant to stay. */
  isVacuumOff: boolean
}

/** How well each table is kept, as far as the statistics know. */
export async function listTableUpkeep(db: Db): Promise<TableUpkeep[]> {
  return await ask(
    db,
    `select s.relname as "table", greatest(s.n_live_tup, c.reltuples)::float8 as live,
        s.n_dead_tup::float8 as dead, s.n_mod_since_analyze::float8 as "changedSinceAnalyze",
        coalesce(s.last_analyze, s.last_autoanalyze) is not null or c.reltuples > 0 as "isAnalyzed",
        coalesce('autovacuum_enabled=false' = any(c.reloptions)
          or 'autovacuum_enabled=off' = any(c.reloptions), false) as "isVacuumOff"
      from pg_stat_user_tables s join pg_class c on c.oid = s.relid
      where s.schemaname = 'public' order by s.relname limit 1000`,
  )
}

export interface TransactionIds {
  /** Transactions since the oldest row that is not frozen. */
  age: number
  /** From here on autovacuum freezes whatever else there is to do. */
  freezeAge: number
}

/** How near the database is to running out of transaction numbers. */
export async function readTransactionIds(db: Db): Promise<TransactionIds> {
  return await askOne(
    db,
    `select age(datfrozenxid)::float8 as age,
        current_setting('autovacuum_freeze_max_age')::float8 as "freezeAge"
      from pg_database where datname = current_database()`,
  )
}

export interface LongTransaction {
  pid: number
  user: string
  application: string
  seconds: number
  /** Waiting for its client, not for Postgres. */
  isIdle: boolean
  /** How many sessions wait for its locks. */
  blocks: number
}

/**
 * Transactions of this database that have been open for longer, the oldest first; ten at most. Of
 * other roles only a member of `pg_monitor` sees any.
 */
export async function listLongTransactions(db: Db, seconds: number): Promise<LongTransaction[]> {
  return await ask(
    db,
    `select a.pid, coalesce(a.usename, '') as user, a.application_name as application,
        extract(epoch from now() - a.xact_start)::float8 as seconds,
        a.state like 'idle in transaction%' as "isIdle",
        (select count(*)::int from pg_stat_activity w where a.pid = any(pg_blocking_pids(w.pid)))
          as blocks
      from pg_stat_activity a
      where a.datname = current_database() and a.pid <> pg_backend_pid()
        and a.backend_type = 'client backend'
        and a.xact_start < now() - make_interval(secs => $1)
      order by a.xact_start limit 10`,
    [seconds],
  )
}

export interface HeldLog {
  slot: string
  bytes: number
}

/** Replication slots that nobody reads, and how much of the log each keeps from being removed. */
export async function listIdleSlots(db: Db): Promise<HeldLog[]> {
  return await ask(
    db,
    `select slot_name as slot,
        pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::float8 as bytes
      from pg_replication_slots
      where not active and restart_lsn is not null and not pg_is_in_recovery() limit 100`,
  )
}
