import type { Config } from '#config'
import { checkDatabase, closeDb, type Db, openDb } from '#db/client'
import { findPooler, notInForce } from '#db/pooler'
import { CommandError } from '#lib/errors'
import type { Pooler } from '#lib/pooler'
import type { Log } from '#observability/log'

/** Besides those of the pool one for pledges, and one that asks whether the database is there. */
const connectionsOf = ({ workers, poolMax }: Config) => workers * (poolMax + 2)

/**
 * What DATABASE_URL leads to: null is the database itself. Says what is not in force behind a
 * pooler, and how to mend it. Throws CommandError where the site could not be served by it, or
 * where it leads to another database than `direct`.
 */
export async function meetPooler(
  config: Config & { databaseUrl: string },
  direct: Db,
  log: Log,
): Promise<Pooler | null> {
  const url = config.databaseUrl
  await requireSame(url, direct)
  const { pooler, session } = await findPooler(url)
  if (pooler === null) return null
  if (pooler.mode === 'statement') {
    throw new CommandError(
      'DATABASE_URL leads to a pooler in statement mode, which has no transactions: set its ' +
        'pool_mode = transaction.',
    )
  }
  log.info('DATABASE_URL leads to a pooler', {
    mode: pooler.mode,
    prepares: pooler.keepsStatements,
  })
  if (pooler.mode === 'session') {
    log.warn('the pooler keeps a connection to the database for each of ours', {
      needs: `default_pool_size of ${connectionsOf(config)} or more on this host’s account, or pool_mode = transaction`,
    })
  }
  const [names] = await direct.$client<{ role: string; database: string }[]>`
    select quote_ident(current_user) as role, quote_ident(current_database()) as database`
  for (const { what, mend } of notInForce(session, pooler)) {
    const run = `alter role ${names?.role} in database ${names?.database} set ${mend}`
    log.warn(`behind the pooler ${what}`, { run: `${run}, and RECONNECT in its console` })
  }
  return pooler
}

async function requireSame(url: string, direct: Db): Promise<void> {
  const pooled = openDb(url, { max: 1, applicationName: 'jumpstarter serve' })
  try {
    await checkDatabase(pooled, url)
    const [one, other] = await Promise.all([pooled, direct].map(nameOf))
    if (one === other) return
    throw new CommandError(
      'DATABASE_URL and DATABASE_DIRECT_URL lead to two databases: correct one of them.',
    )
  } finally {
    await closeDb(pooled, 1).catch(() => {})
  }
}

async function nameOf({ $client }: Db): Promise<string> {
  const [row] = await $client<{ name: string }[]>`
    select concat_ws('/', system_identifier, oid, pg_is_in_recovery()) as name
    from pg_control_system(), pg_database where datname = current_database()`
  return row?.name ?? ''
}
