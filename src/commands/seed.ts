import { loadConfig } from '#config'
import type { Db } from '#db/client'
import { migrate } from '#db/migrations'
import { CommandError } from '#lib/errors'
import { plural } from '#lib/text'
import { demoScale, seed as generate, isEmpty, type SeedScale } from '#seed/generate'
import type { Command } from './command'
import { withDatabase } from './database'
import { parseFlags, wholeNumber } from './flags'
import { createProgress } from './progress'

// One transaction holds it all: past this it wants the set-based loader of the full scale.
const projectsMax = 100_000
const peopleMax = 1_000_000
const pledgesPerProject = demoScale.pledges / demoScale.projects

const usage = `Usage: jumpstarter seed [--scale demo] [--projects N] [--people N] [--data DIRECTORY]

Fills an empty database with believable projects and people. The same numbers give the same rows.

  --scale demo    2,000 projects, 20,000 people, 60,000 pledges (the default)
  --projects N    another number of projects, 1 to ${projectsMax}
  --people N      another number of people, 100 to ${peopleMax}; by default ten for each project
  --data DIR      where the embedded Postgres keeps its data
  --help          show this`

const flags = {
  scale: { type: 'string' },
  projects: { type: 'string' },
  people: { type: 'string' },
  data: { type: 'string' },
} as const

export const seed: Command = {
  summary: 'fill an empty database with believable data',
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('seed', args, flags)
    const scale = scaleOf(values)
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const surroundings = { config, embedded, applicationName: 'jumpstarter seed' }
    return await withDatabase(surroundings, async ({ db }) => {
      await migrate(db)
      await seedWithProgress(db, scale)
      return 0
    })
  },
}

/** Fills the database with the demo if there is nothing in it. */
export async function seedDemo(db: Db): Promise<void> {
  if (!(await isEmpty(db.$client))) return
  try {
    await seedWithProgress(db, { ...demoScale, at: new Date() })
  } catch (error) {
    // Of several that start at once one fills it, and the others find it filled.
    if (await isEmpty(db.$client)) throw error
  }
}

async function seedWithProgress(db: Db, scale: SeedScale): Promise<void> {
  const rows = scale.people + scale.projects + scale.pledges
  const progress = createProgress(`Seeding ${plural(scale.projects, 'project')}`, rows)
  await generate(db.$client, scale, ({ phase, fraction }) => progress.report(phase, fraction))
  progress.end()
}

function scaleOf(values: { scale?: string; projects?: string; people?: string }): SeedScale {
  if (values.scale !== undefined && values.scale !== 'demo') {
    throw new CommandError(`--scale knows demo, not ${values.scale}.`, 2)
  }
  const projects = values.projects
    ? wholeNumber('--projects', values.projects, 1, projectsMax)
    : demoScale.projects
  const people = values.people
    ? wholeNumber('--people', values.people, 100, peopleMax)
    : Math.max(100, projects * 10)
  return { projects, people, pledges: projects * pledgesPerProject, at: new Date() }
}
