import type { Db } from '../client'
import { parseLsn } from './lsn'

/** What a server of Postgres says of itself. */
export interface Standing {
  /** The system identifier: a primary and its replicas share it, and no others. */
  cluster: string
  /** A replica; otherwise a primary. */
  isInRecovery: boolean
  /** A replica: the end of what it has replayed; a primary: of what it has written. */
  position: bigint
  /** When it was started, in microseconds since 1970: no two servers share it. */
  startedAt: string
  /** `pg_current_snapshot()`: everything it sees is in the write-ahead log before the position. */
  snapshot: string
}

/** One small query. Rejects with the driver's errors. */
export async function readStanding({ $client }: Pick<Db, '$client'>): Promise<Standing> {
  const [row] = await $client<(Omit<Standing, 'position'> & { position: string | null })[]>`
    select system_identifier::text as cluster, pg_is_in_recovery() as "isInRecovery",
      case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
        else pg_current_wal_insert_lsn() end::text as position,
      (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint::text as "startedAt",
      pg_current_snapshot()::text as snapshot
    from pg_control_system()`
  if (!row) throw new Error('Postgres says nothing of itself')
  return { ...row, position: row.position === null ? 0n : parseLsn(row.position) }
}

/** Why the server of DATABASE_URL may not be used as the primary; undefined when it may. */
export function primaryProblem({ isInRecovery }: Pick<Standing, 'isInRecovery'>) {
  if (!isInRecovery) return undefined
  return (
    'DATABASE_URL names a replica, which takes no writes: name the primary there, ' +
    'and the replica in DATABASE_REPLICA_URLS.'
  )
}

/** Why a server of DATABASE_REPLICA_URLS may not be read from; undefined when it may. */
export function replicaProblem(
  primary: Pick<Standing, 'cluster'>,
  replica: Pick<Standing, 'cluster' | 'isInRecovery'>,
  where: string,
): string | undefined {
  if (replica.cluster !== primary.cluster) {
    return (
      `DATABASE_REPLICA_URLS: ${where} is no replica of the server of DATABASE_URL ` +
      `(its system identifier is ${replica.cluster}, not ${primary.cluster}): take it out.`
    )
  }
  if (replica.isInRecovery) return undefined
  return `DATABASE_REPLICA_URLS: ${where} is a primary, not a replica: it is not read from.`
}
