import { readServer, type ServerState } from '#db/health/server'
import type { Check, Finding, OpenSite } from '../check'
import { problem, warning } from '../check'
import { duration, size } from '../units'

const oldestVersion = 150_000
const sharedBuffersBytesMin = 64 * 2 ** 20
const maxWalBytesMin = 256 * 2 ** 20
/** For pledges, for hearing of changes, and for asking whether the database is there. */
const connectionsBesidesPool = 3
/** For `migrate`, `verify` and an operator's own session. */
const connectionsForCommands = 4
/** What a page may take. */
const statementMsMin = 5_000

/** Whether Postgres is one the site can run on, and keeps what it is told. */
export const postgresSettings: Check<OpenSite> = {
  name: 'postgres settings',
  run: async ({ db, config, pages }) => {
    const state = await readServer(db)
    const general = [...usable(state), ...durable(state), ...timeouts(state), ...memory(state)]
    // Behind a pooler, only those on which changes are heard are ours.
    const poolMax = pages?.pooler ? 0 : config.poolMax
    return [...general, ...connections(state, { ...config, poolMax })]
  },
}

export function usable({ version, encoding, isReadOnly, user }: ServerState): Finding[] {
  const found: Finding[] = []
  if (version < oldestVersion) {
    const major = Math.floor(version / 10_000)
    found.push(problem(`Postgres ${major} is too old.`, 'Move to Postgres 15 or later.'))
  }
  if (encoding !== 'UTF8') {
    found.push(
      problem(
        `The database is encoded in ${encoding}, which cannot hold every text.`,
        `Make another one with \`create database … encoding 'UTF8' template template0\`.`,
      ),
    )
  }
  if (isReadOnly) {
    found.push(
      problem(
        'Transactions are read-only by default, so that nothing can be written.',
        `\`alter role ${user} set default_transaction_read_only = off\`, or the same for the ` +
          'database or the server.',
      ),
    )
  }
  return found
}

function durable(state: ServerState): Finding[] {
  const found: Finding[] = []
  if (!state.fsync) {
    found.push(
      problem(
        'fsync is off: after a power cut the database may be damaged beyond repair.',
        'Set fsync = on and reload Postgres.',
      ),
    )
  }
  if (!state.fullPageWrites) {
    found.push(
      problem(
        'full_page_writes is off: a crash in the middle of writing a page damages it.',
        'Set full_page_writes = on and reload Postgres.',
      ),
    )
  }
  if (state.synchronousCommit === 'off') {
    found.push(
      warning(
        'synchronous_commit is off: the last moments before a crash are lost. Pledges are not, ' +
          'which switch it on for themselves.',
        `Set synchronous_commit = on, or \`alter role ${state.user} set synchronous_commit = on\`.`,
      ),
    )
  }
  if (!state.autovacuum) {
    found.push(
      problem(
        'autovacuum or track_counts is off: tables grow and plans go stale.',
        'Set autovacuum = on and track_counts = on, and reload Postgres.',
      ),
    )
  }
  return found
}

function timeouts(state: ServerState): Finding[] {
  const { user, statementTimeoutMs, lockTimeoutMs, idleSessionTimeoutMs } = state
  const found: Finding[] = []
  if (statementTimeoutMs > 0 && statementTimeoutMs < statementMsMin) {
    found.push(
      warning(
        `statement_timeout is ${duration(statementTimeoutMs / 1000)} for this user: what takes ` +
          'longer is cancelled, though a page or a command may.',
        `\`alter role ${user} set statement_timeout = '5s'\`, or 0.`,
      ),
    )
  }
  if (lockTimeoutMs > 0) {
    found.push(
      warning(
        `lock_timeout is ${duration(lockTimeoutMs / 1000)} for this user: who waits longer for a ` +
          'row, as in a rush of pledges, is refused.',
        `\`alter role ${user} set lock_timeout = 0\`.`,
      ),
    )
  }
  if (idleSessionTimeoutMs > 0) {
    found.push(
      warning(
        `idle_session_timeout is ${duration(idleSessionTimeoutMs / 1000)} for this user: kept ` +
          'connections are cut, also those on which changes are heard.',
        `\`alter role ${user} set idle_session_timeout = 0\`.`,
      ),
    )
  }
  return found
}

function memory({ sharedBuffersBytes, maxWalBytes }: ServerState): Finding[] {
  const found: Finding[] = []
  if (sharedBuffersBytes < sharedBuffersBytesMin) {
    found.push(
      warning(
        `shared_buffers is only ${size(sharedBuffersBytes)}: most reads go past it to the disk.`,
        'Set shared_buffers to a quarter of the memory and start Postgres anew.',
      ),
    )
  }
  if (maxWalBytes < maxWalBytesMin) {
    found.push(
      warning(
        `max_wal_size is only ${size(maxWalBytes)}: Postgres writes everything out again and again.`,
        'Set max_wal_size to 1GB or more and reload Postgres.',
      ),
    )
  }
  return found
}

interface Pools {
  workers: number
  poolMax: number
}

/** Every worker's connections against those there are, while one worker replaces another. */
export function connections(state: ServerState, { workers, poolMax }: Pools): Finding[] {
  const { user, maxConnections, reservedConnections, othersConnected } = state
  const needed = (workers + 1) * (poolMax + connectionsBesidesPool) + connectionsForCommands
  const ours = `${workers} workers with a pool of ${poolMax} need up to ${needed} connections`
  const limits = [
    { name: `the role ${user}`, most: state.roleConnections, set: `alter role ${user}` },
    {
      name: `the database ${state.database}`,
      most: state.databaseConnections,
      set: `alter database ${state.database}`,
    },
  ]
  for (const { name, most, set } of limits) {
    if (most < 0 || most >= needed) continue
    return [
      problem(
        `${ours}, and ${name} may have ${most}.`,
        `\`${set} connection limit ${needed}\`, or set JUMPSTARTER_WORKERS or JUMPSTARTER_POOL lower.`,
      ),
    ]
  }
  const most = maxConnections - reservedConnections
  const free = most - othersConnected
  const remedy =
    `Set max_connections to ${needed + reservedConnections + othersConnected} or more and start ` +
    'Postgres anew, or set JUMPSTARTER_WORKERS or JUMPSTARTER_POOL lower.'
  if (most < needed) return [problem(`${ours}, and Postgres has ${most}.`, remedy)]
  if (free >= needed) return []
  return [warning(`${ours}, and others have left ${free} of ${most}.`, remedy)]
}
