import { markdownTable, textTable, writeReport } from '#bench/report'
import { bareLoad } from '#bench/seed'
import { loadConfig } from '#config'
import { closeDb, openDb } from '#db/client'
import { migrate } from '#db/migrations'
import { CommandError } from '#lib/errors'
import { reserveAll, seedBulk } from '#seed/bulk/bulk'
import { requireSpace } from '#seed/bulk/disk'
import { type BulkScale, rowsOf } from '#seed/bulk/tasks'
import { isEmpty } from '#seed/generate'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory } from './bench-flags'
import { postgresSettings, sessionSettings, sessions } from './bulk-settings'
import type { Command } from './command'
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

const bareDatabase = 'jumpstarter_bare'

export const benchSeed: Command = {
  summary: 'how long millions take to load, against the bare inserts and indexes',
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

/** In a database of its own, so that nothing is left but the time it took. */
async function bare({ db, url }: OpenDatabase, scale: BulkScale): Promise<number> {
  await db.$client.unsafe(`drop database if exists ${bareDatabase}`)
  await db.$client.unsafe(`create database ${bareDatabase} template template0`)
  const own = url.replace(/\/[^/?]*(\?|$)/, `/${bareDatabase}$1`)
  const bareDb = openDb(own, { max: sessions, applicationName: 'jumpstarter bench seed' })
  const progress = createProgress('Bare load', scale.people + scale.projects + scale.pledges)
  try {
    const connections = await reserveAll(bareDb.$client, sessionSettings())
    return await bareLoad(connections, scale, ({ phase, fraction }) =>
      progress.report(phase, fraction),
    )
  } finally {
    progress.end()
    await closeDb(bareDb, 1)
    await db.$client.unsafe(`drop database ${bareDatabase}`)
    await db.$client.unsafe('checkpoint')
  }
}

interface Measured {
  bareSeconds: number
  seconds: number
  phases: { phase: string; at: number }[]
  out: string | undefined
}

async function report({ db }: OpenDatabase, scale: BulkScale, measured: Measured): Promise<void> {
  const { bareSeconds, seconds, phases } = measured
  const sizes = await db.$client<{ table: string; heap: string; indexes: string }[]>`
    select relname::text as table, round(pg_table_size(oid) / 1e9, 2)::text as heap,
      round(pg_indexes_size(oid) / 1e9, 2)::text as indexes
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_total_relation_size(oid) > 1e6
    order by pg_total_relation_size(oid) desc`
  const [row] = await db.$client`
    select round(pg_database_size(current_database()) / 1e9, 1)::float as gb, current_setting('server_version') as version`
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
  const sizeRows = sizes.map(({ table, heap, indexes }) => [table, heap, indexes])
  const tables: [string, string[], string[][]][] = [
    ['Time', ['what', 'seconds'], times],
    ['Phases, as they went on together', ['phase', 'seconds'], steps],
    [`On disk: ${row?.['gb']} GB`, ['table', 'rows, GB', 'indexes, GB'], sizeRows],
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
      versions: { jumpstarter: program.version, bun: Bun.version, postgres: row?.['version'] },
      rows: [
        { id: 'bare', seconds: bareSeconds },
        { id: 'seed', seconds, ratio, database_gb: row?.['gb'] },
        ...steps.map(([phase, took]) => ({ id: `phase: ${phase}`, seconds: Number(took) })),
        ...sizes.map(({ table, heap, indexes }) => ({
          id: `size: ${table}`,
          heap_gb: Number(heap),
          indexes_gb: Number(indexes),
        })),
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
