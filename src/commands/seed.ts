import { loadConfig } from '#config'
import type { Db } from '#db/client'
import { isBeingFilled, migrate } from '#db/migrations'
import { CommandError, errorCode } from '#lib/errors'
import { plural } from '#lib/text'
import { abandon, empty, seedBulk } from '#seed/bulk/bulk'
import { requireSpace } from '#seed/bulk/disk'
import { type BulkScale, rowsOf } from '#seed/bulk/tasks'
import { demoScale, seed as generate, isEmpty } from '#seed/generate'
import { postgresSettings, sessionSettings, sessions } from './bulk-settings'
import type { Command } from './command'
import { withDatabase } from './database'
import { parseFlags } from './flags'
import { createProgress } from './progress'
import { peopleMax, projectsMax, scaleFlags, scaleOf } from './seed-scale'

const usage = `Usage: jumpstarter seed [--scale demo|1m|full] [--projects N] [--people N] [--with-community]
                        [--force] [--data DIRECTORY]

Fills an empty database with believable projects and people. The same numbers give the same rows.

  --scale demo      2,000 projects, 20,000 people, 60,000 pledges, with all a site has (the default)
  --scale 1m        1,000,000 projects, 10,000,000 people, 10,000,000 pledges
  --scale full      ten times that: 10,000,000 projects, 100,000,000 people, 100,000,000 pledges
  --projects N      any number of projects, 1 to ${projectsMax}
  --people N        any number of people, 100 to ${peopleMax}; by default ten for each project.
                    Ten pledges for each project, though never more than there are people
  --with-community  five FAQs, updates and comments for each project besides (not with demo)
  --force           delete what is in the database first
  --data DIR        where the embedded Postgres keeps its data
  --help            show this

While millions are loaded the site finds no tables, and answers that it is not available; it gets
all of them at once at the end. An interrupted load is begun anew by the same command. The embedded
Postgres runs without fsync and full-page writes meanwhile, and with both before and after.`

const flags = {
  ...scaleFlags,
  force: { type: 'boolean' },
  data: { type: 'string' },
} as const

export const seed: Command = {
  summary: 'fill an empty database with believable data',
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('seed', args, flags)
    const scale = scaleOf(values)
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const force = values.force ?? false
    const surroundings = { config, embedded, applicationName: 'jumpstarter seed' }
    if (scale === 'demo') {
      return await withDatabase(surroundings, async ({ db }) => {
        await prepare(db, { force, resume: false })
        await seedWithProgress(db)
        return 0
      })
    }
    const bulk = { settings: postgresSettings(), sessions }
    return await withDatabase({ ...surroundings, ...bulk }, async ({ db, adopted }) => {
      if (adopted) {
        console.error('Postgres was running already and keeps its settings: this takes longer.')
      }
      await prepare(db, { force, resume: true })
      await requireSpace(db.$client, scale)
      await loadWithProgress(db, scale)
      return 0
    })
  },
}

/** An empty database with the schema of today, or a CommandError. */
async function prepare(db: Db, { force, resume }: { force: boolean; resume: boolean }) {
  if (await isBeingFilled(db.$client)) {
    if (resume) return
    if (!force) {
      throw new CommandError(
        'A seed of millions was interrupted here. Run it again, or delete what it left with --force.',
      )
    }
    await abandon(db.$client)
  }
  await migrate(db)
  if (await isEmpty(db.$client)) return
  if (!force) {
    throw new CommandError(
      'The database is not empty: nothing was seeded. Use an empty one, or --force, which deletes ' +
        'everything in it first.',
    )
  }
  await empty(db.$client)
}

/** Fills the database with the demo if there is nothing in it. */
export async function seedDemo(db: Db): Promise<void> {
  if (!(await isEmpty(db.$client))) return
  try {
    await seedWithProgress(db)
  } catch (error) {
    // Of several that start at once one fills it, and the others find it filled.
    if (await isEmpty(db.$client)) throw error
  }
}

async function seedWithProgress(db: Db): Promise<void> {
  const { people, projects, pledges } = demoScale
  const title = `Seeding ${plural(projects, 'project')}`
  const progress = createProgress(title, people + projects + pledges)
  const scale = { ...demoScale, at: new Date() }
  await generate(db.$client, scale, ({ phase, fraction }) => progress.report(phase, fraction))
  progress.end()
}

async function loadWithProgress(db: Db, scale: BulkScale): Promise<void> {
  const rows = Object.values(rowsOf(scale)).reduce((sum, count) => sum + count, 0)
  const progress = createProgress(`Seeding ${plural(scale.projects, 'project')}`, rows)
  try {
    await seedBulk(db.$client, scale, sessionSettings(), ({ phase, fraction }) =>
      progress.report(phase, fraction),
    )
  } catch (error) {
    if (!isConnectionLost(error)) throw error
    throw new CommandError(
      'Postgres ended during the seed. Nothing is visible of it; run the same command again, and it ' +
        'begins anew.',
    )
  }
  progress.end()
}

/** The driver's own codes, and Postgres's class 57P for a server that is shutting down. */
function isConnectionLost(error: unknown): boolean {
  return /^(CONNECTION_|ECONN|EPIPE|ENOENT|57P)/.test(errorCode(error) ?? '')
}
