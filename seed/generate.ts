import type postgres from 'postgres'
import { CommandError } from '#lib/errors'
import { loadWords, wordSql } from './lists'
import people from './sql/020-people.sql' with { type: 'text' }
import plan from './sql/030-plan.sql' with { type: 'text' }
import projects from './sql/040-projects.sql' with { type: 'text' }
import rewards from './sql/050-rewards.sql' with { type: 'text' }
import pledges from './sql/060-pledges.sql' with { type: 'text' }
import community from './sql/070-community.sql' with { type: 'text' }
import visits from './sql/075-visits.sql' with { type: 'text' }
import totals from './sql/080-totals.sql' with { type: 'text' }

export interface SeedScale {
  people: number
  projects: number
  pledges: number
  /** The moment that counts as now: what ends later is live. */
  at: Date
}

/** Thousands of rows: what `serve --demo` fills an empty database with. */
export const demoScale = { people: 20_000, projects: 2_000, pledges: 60_000 }

export interface SeedProgress {
  phase: string
  /** Share of the whole work done when the phase begins, 0 to 1. */
  fraction: number
}

// What a phase costs, relative to the others, measured on the demo.
const phases: { name: string; sql: string; cost: number }[] = [
  { name: 'people', sql: people, cost: 6 },
  { name: 'plan', sql: plan, cost: 2 },
  { name: 'projects', sql: projects, cost: 10 },
  { name: 'rewards', sql: rewards, cost: 12 },
  { name: 'pledges', sql: pledges, cost: 30 },
  { name: 'community', sql: community, cost: 25 },
  { name: 'visits', sql: visits, cost: 7 },
  { name: 'totals', sql: totals, cost: 15 },
]

// Any constant of our own; `seed` in ASCII.
const advisoryLockKey = 0x73656564

/** Whether there is anybody or anything in this database. */
export async function isEmpty(client: postgres.Sql): Promise<boolean> {
  const [row] =
    await client`select exists (select from people) or exists (select from projects) as used`
  return !row?.['used']
}

/**
 * Fills an empty database, all or nothing: one transaction, inside Postgres, from the word lists.
 * The same scale gives the same rows. Throws a CommandError when the database is not empty.
 */
export async function seed(
  client: postgres.Sql,
  scale: SeedScale,
  onProgress: (progress: SeedProgress) => void = () => {},
): Promise<void> {
  await client.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${advisoryLockKey})`
    if (!(await isEmpty(tx as unknown as postgres.Sql))) {
      throw new CommandError('The database is not empty: nothing was seeded. Use an empty one.')
    }
    await tx.unsafe(
      "set local client_min_messages = 'error'; set local work_mem = '128MB'; set local timezone = 'UTC'",
    )
    await tx.unsafe(`create schema seed; ${wordSql}`)
    await loadWords(tx, scale)
    const whole = phases.reduce((sum, phase) => sum + phase.cost, 0)
    let done = 0
    for (const phase of phases) {
      onProgress({ phase: phase.name, fraction: done / whole })
      await tx.unsafe(phase.sql)
      done += phase.cost
    }
    await tx.unsafe("set local client_min_messages = 'error'; drop schema seed cascade")
  })
  onProgress({ phase: 'statistics', fraction: 0.99 })
  await client.unsafe('vacuum analyze')
  onProgress({ phase: 'done', fraction: 1 })
}
