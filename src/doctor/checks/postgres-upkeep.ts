import {
  listIdleSlots,
  listLongTransactions,
  listTableUpkeep,
  readTransactionIds,
  type TableUpkeep,
  type TransactionIds,
} from '#db/health/upkeep'
import type { Check, Finding, OpenSite } from '../check'
import { problem, warning } from '../check'
import { duration, plural, size } from '../units'

// Autovacuum begins at a fifth; below so many rows nobody notices.
const deadShareMax = 0.4
const deadRowsMin = 20_000
const changedShareMax = 0.5
const changedRowsMin = 50_000
const heldLogBytesMax = 2 ** 30

/** Dead rows and statistics that are out of date. */
export const upkeep: Check<OpenSite> = {
  name: 'upkeep of the tables',
  run: async ({ db }) => {
    const tables = await listTableUpkeep(db)
    return [...tables.flatMap(judgeTable), ...judgeIds(await readTransactionIds(db))]
  },
}

function judgeTable(state: TableUpkeep): Finding[] {
  const { table, live, dead, changedSinceAnalyze } = state
  const found: Finding[] = []
  if (state.isVacuumOff) {
    found.push(
      warning(
        `Autovacuum is switched off for the table ${table}.`,
        `\`alter table ${table} reset (autovacuum_enabled);\``,
      ),
    )
  }
  if (dead >= deadRowsMin && dead > (live + dead) * deadShareMax) {
    found.push(
      warning(
        `The table ${table} has ${plural(dead, 'dead row')} and ${plural(live, 'living one')}: ` +
          'autovacuum does not keep up, or a long transaction keeps it from removing them.',
        `\`vacuum (analyze) ${table};\``,
      ),
    )
  }
  const isUnknown = !state.isAnalyzed && live >= changedRowsMin
  if (isUnknown || changedSinceAnalyze >= Math.max(changedRowsMin, live * changedShareMax)) {
    const cause = isUnknown
      ? `Postgres knows nothing about what is in ${table}, and plans without it.`
      : `${plural(changedSinceAnalyze, 'row')} of ${table} have changed since Postgres last looked at it, so that plans may be wrong.`
    found.push(warning(cause, `\`analyze ${table};\``))
  }
  return found
}

// Postgres itself warns below 40 million, and stops writing at 3.
const idsMax = 2 ** 31 - 40_000_000

/** Transaction numbers against the age at which autovacuum should long have frozen all rows. */
export function judgeIds({ age, freezeAge }: TransactionIds): Finding[] {
  if (age <= 2 * freezeAge) return []
  const cause =
    `The oldest row is ${plural(age, 'transaction')} old, twice the age at which autovacuum ` +
    'freezes: at two billion Postgres takes no writes any more.'
  const remedy =
    'End long transactions, prepared ones and unused replication slots, then `vacuum (freeze);`.'
  return [age > idsMax / 2 ? problem(cause, remedy) : warning(cause, remedy)]
}

/** Transactions left open for longer than `seconds`. */
export const longTransactions = (seconds: number): Check<OpenSite> => ({
  name: 'long transactions',
  run: async ({ db }) => {
    const found = await listLongTransactions(db, seconds)
    return found.map(({ pid, user, application, seconds, isIdle, blocks }) => {
      const who = `Process ${pid} of Postgres (${user}${application && `, “${application}”`})`
      const doing = isIdle ? 'and does nothing' : 'and is still at work'
      const cause = `${who} has had a transaction open for ${duration(seconds)} ${doing}`
      const remedy = `End whatever runs it, or \`select pg_terminate_backend(${pid});\``
      return blocks > 0
        ? problem(`${cause}; ${plural(blocks, 'other')} wait for it.`, remedy)
        : warning(`${cause}: no row that has died since can be removed.`, remedy)
    })
  },
})

/** Replication slots that keep the log for a replica which does not come. */
export const replicationSlots: Check<OpenSite> = {
  name: 'replication slots',
  run: async ({ db, pages }) => {
    if (pages === null) return { skipped: 'the embedded Postgres has none' }
    const slots = await listIdleSlots(db)
    return slots.map(({ slot, bytes }) => {
      const cause = `Nobody reads the replication slot ${slot}, and ${size(bytes)} of the log are kept for it.`
      const remedy = `Start the replica it is for, or \`select pg_drop_replication_slot('${slot}');\``
      return bytes > heldLogBytesMax ? problem(cause, remedy) : warning(cause, remedy)
    })
  },
}
