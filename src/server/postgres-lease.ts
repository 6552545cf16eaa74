import postgres from 'postgres'
import { postgresSocket } from './postgres-postmaster'

// "hold" in ASCII. Every process using the cluster holds it shared; who ends it, alone.
const leaseKey = 0x686f6c64
const connectDeadlineSeconds = 5
const closeDeadlineSeconds = 1
// Sessions that were closed a moment ago still show for a few milliseconds.
const othersGraceMs = 1000
const othersPollMs = 20

/** Our claim on a running Postgres: one session, kept as long as we need the database. */
export interface Lease {
  /** Such as `18.4`. */
  version: string
  dataDirectory: string
  /** True when nobody else is connected and nobody can join any more until `release`. */
  isLast(): Promise<boolean>
  release(): Promise<void>
}

/**
 * Connects, takes part in the lease and makes the database when it is missing. Rejects while
 * Postgres starts or ends. Joining waits while another process is about to end
 * Postgres, then fails with it.
 */
export async function takeLease(socketDirectory: string): Promise<Lease> {
  // Every option that the driver would otherwise read from PG* of the environment.
  const sql = postgres({
    path: postgresSocket(socketDirectory),
    host: socketDirectory,
    port: 5432,
    user: 'jumpstarter',
    database: 'postgres',
    password: '',
    ssl: false,
    target_session_attrs: 'read-write',
    max: 1,
    idle_timeout: 0,
    max_lifetime: 0,
    connect_timeout: connectDeadlineSeconds,
    fetch_types: false,
    prepare: false,
    onnotice: () => undefined,
    connection: { application_name: 'jumpstarter lease' },
  })
  const release = () => sql.end({ timeout: closeDeadlineSeconds })
  try {
    await sql`select pg_advisory_lock_shared(${leaseKey})`
    const [row] = await sql<{ version: string; directory: string; complete: boolean }[]>`
      select current_setting('server_version') as version,
        current_setting('data_directory') as directory,
        exists (select from pg_database where datname = 'jumpstarter') as complete`
    if (!row) throw new Error('Postgres gave no answer')
    if (!row.complete) await createDatabase(sql)
    return {
      version: row.version,
      dataDirectory: row.directory,
      isLast: () => isLast(sql),
      release,
    }
  } catch (error) {
    await release()
    throw error
  }
}

async function createDatabase(sql: postgres.Sql): Promise<void> {
  try {
    await sql`create database jumpstarter`
  } catch (error) {
    // Another process made it at the same moment.
    const taken = ['42P04', '23505']
    if (!(error instanceof postgres.PostgresError && taken.includes(error.code))) throw error
  }
}

async function isLast(sql: postgres.Sql): Promise<boolean> {
  await sql`select pg_advisory_unlock_shared(${leaseKey})`
  const [alone] = await sql`select pg_try_advisory_lock(${leaseKey}) as locked`
  if (!alone?.['locked']) return false
  const graceEnd = Date.now() + othersGraceMs
  for (;;) {
    const [others] = await sql`
      select from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1`
    if (!others) return true
    if (Date.now() > graceEnd) return false
    await Bun.sleep(othersPollMs)
  }
}
