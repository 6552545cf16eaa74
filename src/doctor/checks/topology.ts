import { closeDb, type Db, openDb } from '#db/client'
import { readClock } from '#db/health/server'
import { notInForce } from '#db/pooler'
import { serverOf } from '#db/replicas/replica'
import { lagBytesMax } from '#db/replicas/rotation'
import { readStanding, type Standing } from '#db/replicas/standing'
import { askServer } from '#db/replicas/startup'
import { type Check, type Finding, type OpenSite, problem, warning } from '../check'
import { noTransactions } from '../open-database'
import { size } from '../units'
import { judgeClock } from './clock'

const catchUpMs = 3_000
const lookMs = 250

/** Whether the server of DATABASE_URL takes writes. */
export const primary: Check<OpenSite> = {
  name: 'primary',
  run: async ({ db }) => {
    const { isInRecovery } = await readStanding(db)
    if (!isInRecovery) return []
    return [
      problem(
        'DATABASE_URL names a replica, which takes no writes.',
        'Name the primary there, and the replica in DATABASE_REPLICA_URLS; or promote it.',
      ),
    ]
  },
}

/** What stands between us and Postgres, and what it must not do. */
export const poolers: Check<OpenSite> = {
  name: 'pooler',
  run: async ({ db, config, pages, direct }) => {
    if (pages === null) return { skipped: 'the embedded Postgres has none' }
    const found = await judgeWays(db, config)
    if (direct !== null && direct.mode !== 'session') {
      const setting = config.databaseDirectUrl === null ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL'
      found.push(
        problem(
          `${setting} leads to a pooler in ${direct.mode} mode, where nobody hears of changes and locks are lost.`,
          'Set DATABASE_DIRECT_URL to the address of Postgres itself.',
        ),
      )
    }
    if (pages.pooler === null) return found
    if (pages.pooler.mode === 'statement') return [...found, noTransactions]
    if (pages.pooler.mode === 'session') {
      const needed = config.workers * (config.poolMax + 2)
      found.push(
        warning(
          'The pooler of DATABASE_URL is in session mode: it keeps a connection for each of ours.',
          `Set its pool_mode = transaction, or default_pool_size to ${needed} or more.`,
        ),
      )
    }
    const missing = notInForce(pages.session, pages.pooler).map(({ what, mend }) =>
      warning(
        `Behind the pooler ${what}.`,
        `\`alter role … in database … set ${mend}\`, then have the pooler RECONNECT.`,
      ),
    )
    return [...found, ...missing]
  },
}

/** Whether both ways lead to the same server. */
async function judgeWays(
  db: Db,
  { databaseUrl, databaseDirectUrl }: OpenSite['config'],
): Promise<Finding[]> {
  if (databaseUrl === null || databaseDirectUrl === null) return []
  const [one, other] = await Promise.all([askServer(databaseUrl), readStanding(db)])
  if (one instanceof Error || one.cluster === other.cluster) return []
  const cause = 'DATABASE_URL and DATABASE_DIRECT_URL lead to two databases.'
  return [problem(cause, 'Correct one of them.')]
}

/** Whether each replica is one, of this primary, and near enough to it. */
export const replicas: Check<OpenSite> = {
  name: 'replicas',
  run: async ({ db, config: { replicaUrls } }) => {
    if (replicaUrls.length === 0) return { skipped: 'DATABASE_REPLICA_URLS is not set' }
    const primary = await readStanding(db)
    return (await Promise.all(replicaUrls.map((url) => judgeReplica(url, primary)))).flat()
  },
}

async function judgeReplica(url: string, primary: Standing): Promise<Finding[]> {
  const where = serverOf(url)
  const answer = await askServer(url)
  if (answer instanceof Error) {
    return [
      problem(
        `The replica ${where} cannot be reached: ${answer.message}.`,
        'Start it, or take it out of DATABASE_REPLICA_URLS; the primary is read from meanwhile.',
      ),
    ]
  }
  if (answer.cluster !== primary.cluster) {
    return [
      problem(
        `${where} is no replica of the server of DATABASE_URL: its system identifier is ${answer.cluster}, not ${primary.cluster}.`,
        'Take it out of DATABASE_REPLICA_URLS, or make it anew with `pg_basebackup -R` from the primary.',
      ),
    ]
  }
  if (!answer.isInRecovery) {
    return [
      problem(
        `${where} in DATABASE_REPLICA_URLS is a primary, not a replica: it is not read from.`,
        'Take it out; if it was promoted, name it in DATABASE_URL.',
      ),
    ]
  }
  const db = openDb(url, { max: 1, applicationName: 'jumpstarter doctor' })
  try {
    const clock = judgeClock(`the replica ${where}`, await readClock(db))
    return [...clock, ...(await judgeLag(db, where, primary.position))]
  } finally {
    void closeDb(db, 0).catch(() => {})
  }
}

async function judgeLag(replica: Db, where: string, target: bigint): Promise<Finding[]> {
  const until = performance.now() + catchUpMs
  for (;;) {
    const missing = target - (await readStanding(replica)).position
    if (missing <= 0n) return []
    if (performance.now() < until) {
      await Bun.sleep(lookMs)
      continue
    }
    const finding = missing > lagBytesMax ? problem : warning
    return [
      finding(
        `The replica ${where} lags: after ${catchUpMs / 1000} seconds it lacks ${size(Number(missing))} of what was written before.`,
        'See in pg_stat_replication on the primary whether it streams, and on its own host whether ' +
          'recovery_min_apply_delay, a long read or its disk holds it up.',
      ),
    ]
  }
}
