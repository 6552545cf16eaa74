import { markdownTable, textTable, writeReport } from '#bench/report'
import { measureBareLoad, sizesOf } from '#bench/seed'
import { loadConfig } from '#config'
import { migrate } from '#db/migrations'
import { CommandError } from '#lib/errors'
import { seedBulk } from '#seed/bulk/bulk'
import { requireSpace } from '#seed/bulk/disk'
import { type BulkScale, rowsOf } from '#seed/bulk/tasks'
import { isEmpty } from '#seed/generate'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory } from './bench-flags'
import { postgresSettings, sessionSettings, sessions } from './bulk-settings'
import type { Runnable } from './command'
import { type OpenDatabase, withDatabase } from './database'
import { parseFlags } from './flags'
import { createProgress } from './progress'
import { scaleFlags, scaleOf } from './seed-scale'

const usage = `Usage: jumpstarter bench seed [--scale 1m|full] [--projects N] [--people N] [--with-community]
                              [--data DIR] [--out DIR]

Fills an empty database as \`jumpstarter seed\` does, and before that, in a database of its own that is
dropped again, loads the bare rows of people, projects and pledges with seven indexes: what Postgres
itself takes. Shows both and their ratio. What it has filled stays.

${benchFlagsUsage}`

export const benchSeed: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench seed', args, { ...scaleFlags, ...benchFlags })
    const scale = scaleOf({
      ...values,
      scale: values.scale ?? (values.projects ? undefined : '1m'),
    })
    if (scale === 'demo') throw new CommandError('bench seed loads 1m, full or given numbers.', 2)
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const surroundings = { config, embedded, applicationName: 'jumpstarter bench seed' }
    const bulk = { settings: postgresSettings(), sessions }
    return await withDatabase({ ...surroundings, ...bulk }, async (database) => {
      const { db } = database
      await migrate(db)
      if (!(await isEmpty(db.$client))) {
        throw new CommandError('The database is not empty: give an empty one with --data.')
      }
      await requireSpace(db.$client, scale)
      const bareSeconds = await bare(database, scale)
      const title = 'Seeding'
      const rows = Object.values(rowsOf(scale)).reduce((sum, count) => sum + count, 0)
      const progress = createProgress(title, rows)
      const startedAt = performance.now()
      const phases: { phase: string; at: number }[] = []
      await seedBulk(db.$client, scale, sessionSettings(), ({ phase, fraction }) => {
        const at = (performance.now() - startedAt) / 1000
        if (phases.at(-1)?.phase !== phase) phases.push({ phase, at })
        progress.report(phase, fraction)
      })
      progress.end()
      const seconds = (performance.now() - startedAt) / 1000
      await report(database, scale, { bareSeconds, seconds, phases, out: values.out })
      return 0
    })
  },
}

async function bare({ db, url }: OpenDatabase, scale: BulkScale): Promise<number> {
  const progress = createProgress('Bare load', scale.people + scale.projects + scale.pledges)
  const seconds = await measureBareLoad(db, {
    url,
    sessions,
    settings: sessionSettings(),
    scale,
    onProgress: ({ phase, fraction }) => progress.report(phase, fraction),
  })
  progress.end()
  return seconds
}

interface Measured {
  bareSeconds: number
  seconds: number
  phases: { phase: string; at: number }[]
  out: string | undefined
}

async function report({ db }: OpenDatabase, scale: BulkScale, measured: Measured): Promise<void> {
  const { bareSeconds, seconds, phases } = measured
  const { tables: sizes, gb, postgres } = await sizesOf(db)
  const ratio = seconds / bareSeconds
  const times = [
    ['bare load', bareSeconds.toFixed(1)],
    ['seed', seconds.toFixed(1)],
    ['seed / bare load', ratio.toFixed(2)],
  ]
  const steps = phases.map(({ phase, at }, index) => [
    phase,
    ((phases[index + 1]?.at ?? seconds) - at).toFixed(1),
  ])
  const sizeRows = sizes.map((size) => Object.values(size).map(String))
  const tables: [string, string[], string[][]][] = [
    ['Time', ['what', 'seconds'], times],
    ['Phases, as they went on together', ['phase', 'seconds'], steps],
    [`On disk: ${gb} GB`, ['table', 'rows, GB', 'indexes, GB'], sizeRows],
  ]
  for (const [title, headers, rows] of tables)
    console.log(`\n${title}\n\n${textTable(headers, rows)}`)
  const { projects, people, pledges, community } = scale
  const paths = await writeReport(
    resultsDirectory(measured.out),
    {
      bench: 'seed',
      command: `jumpstarter bench seed --projects ${projects} --people ${people}${community ? ' --with-community' : ''}`,
      scale: { projects, people, pledges },
      versions: { jumpstarter: program.version, bun: Bun.version, postgres },
      rows: [
        { id: 'bare', seconds: bareSeconds },
        { id: 'seed', seconds, ratio, database_gb: gb },
        ...steps.map(([phase, took]) => ({ id: `phase: ${phase}`, seconds: Number(took) })),
        ...sizes.map(({ table, ...size }) => ({ id: `size: ${table}`, ...size })),
      ],
    },
    {
      markdown: `# Loading millions\n\n${tables
        .map(([title, headers, rows]) => `## ${title}\n\n${markdownTable(headers, rows)}`)
        .join('\n\n')}`,
    },
  )
  console.log(`\nWritten: ${paths.join(', ')}`)
}
