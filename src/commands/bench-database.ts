import { measureDatabase, postgresVersion } from '#bench/database/database'
import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { findPgbench, pgbenchMissing, pgbenchVersion } from '#bench/database/pgbench'
import {
  type DatabaseFindings,
  errorSentences,
  findingsMarkdown,
  findingsText,
  reportRows,
} from '#bench/database/report'
import { withScratch } from '#bench/database/scratch'
import { measureSettings } from '#bench/database/settings'
import type { TrialRow } from '#bench/database/trial'
import { readKeysOf, readWorkloads, writeWorkloads } from '#bench/database/workloads'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { type Config, loadConfig } from '#config'
import { connectionOptions } from '#db/client'
import { requireCurrentSchema } from '#db/migrations'
import type { Embedded } from '#embedded'
import { plural } from '#lib/text'
import { settings as shippedSettings } from '#settings'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { type OpenDatabase, withDatabase } from './database'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'

const connectionsMax = 500
const secondsMax = 3600
const roundsMax = 100
const rowsMax = 10_000_000
const quick = { connections: '8', seconds: '1', rounds: '2' }
const usual = { connections: '1,8,32', seconds: '5', rounds: '5', rows: '100000' }

const usage = `Usage: jumpstarter bench database [--settings] [--quick] [flags]

How fast the one database reads and writes: by key, a page of a category, pledges over projects and
into one, updates with counters. The same SQL goes through our code and through pgbench, in turns.
Writes go to copies in a schema "bench", which is dropped at the end. Without pgbench (it is in the
package postgresql-contrib) our figures stand alone.

  --connections N,N  how many at once; by default ${usual.connections}
  --seconds N        of each run; by default ${usual.seconds}
  --rounds N         of each load, ours and pgbench in turns; by default ${usual.rounds}
  --rows N           projects in the copy that is written to; by default ${usual.rows}
  --quick            8 connections, 1 second, 2 rounds
  --settings         also what each setting we ship is worth, on a Postgres of the bench's own
${benchFlagsUsage}`

const flags = {
  ...benchFlags,
  connections: { type: 'string' },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  rows: { type: 'string' },
  quick: { type: 'boolean' },
  settings: { type: 'boolean' },
} as const

interface Choice {
  connections: number[]
  seconds: number
  rounds: number
  rows: number
}

interface Surroundings {
  config: Config
  embedded: Embedded | undefined
  choice: Choice
  signal: AbortSignal
}

export const benchDatabase: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench database', args, flags)
    const choice = choiceOf(values)
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const applicationName = 'jumpstarter bench database'
    const pgbench = await findPgbench()
    if (pgbench === undefined) console.error(pgbenchMissing)
    return await withDatabase(
      { config, embedded, applicationName, mustExist: true },
      async (database) => {
        database.takeSignals()
        return await interruptible(async (signal) => {
          const around = { config, embedded, choice, signal }
          await requireCurrentSchema(database.db)
          const measurements = await measureLoads(database, pgbench, around)
          const settings = values.settings ? await measureShipped(around) : []
          const findings = { measurements, settings }
          const command = ['jumpstarter bench database', ...spokenFlags(args)].join(' ')
          return await publish(findings, { database, pgbench, command, choice, out: values.out })
        })
      },
    )
  },
}

function choiceOf(values: {
  connections?: string
  seconds?: string
  rounds?: string
  rows?: string
  quick?: boolean
}): Choice {
  const fallback = { ...usual, ...(values.quick ? quick : {}) }
  const text = { ...fallback, ...values }
  return {
    connections: text.connections
      .split(',')
      .map((each) => wholeNumber('--connections', each.trim(), 1, connectionsMax)),
    seconds: wholeNumber('--seconds', text.seconds, 1, secondsMax),
    rounds: wholeNumber('--rounds', text.rounds, 1, roundsMax),
    rows: wholeNumber('--rows', text.rows, 100, rowsMax),
  }
}

const report = (what: string, fraction: number) =>
  console.error(`${String(Math.floor(fraction * 100)).padStart(3)}% ${what}`)

async function measureLoads(
  { db, url }: OpenDatabase,
  pgbench: string | undefined,
  { choice, signal }: Surroundings,
) {
  console.error('Copying projects to write to …')
  return await withScratch(db, { rows: choice.rows, signal }, async (scratch) => {
    const workloads = [...readWorkloads(await readKeysOf(db)), ...writeWorkloads(scratch)]
    return await measureDatabase({
      ...{ db, url, scratch, workloads, ...choice, pgbench, signal, report },
    })
  })
}

async function measureShipped({
  config,
  embedded,
  choice,
  signal,
}: Surroundings): Promise<TrialRow[]> {
  console.error('Starting a Postgres of our own for the settings …')
  const { cacheDirectory } = config
  const pool = Number(shippedSettings.JUMPSTARTER_POOL.fallback)
  return await withOwnPostgres({ embedded, cacheDirectory, fill: fillDemo }, (handle) =>
    measureSettings({ ...choice, handle, pool, signal, report }),
  )
}

async function publish(
  findings: DatabaseFindings,
  about: {
    database: OpenDatabase
    pgbench: string | undefined
    command: string
    choice: Choice
    out: string | undefined
  },
): Promise<number> {
  const { database, pgbench, command, choice, out } = about
  const { db } = database
  const rows = reportRows(findings)
  const scale = await databaseScale(db)
  const paths = await writeReport(
    resultsDirectory(out),
    {
      bench: 'database',
      command,
      scale,
      versions: {
        jumpstarter: program.version,
        bun: Bun.version,
        postgres: await postgresVersion(db),
        ...(pgbench === undefined ? {} : { pgbench: pgbenchVersion(pgbench) }),
      },
      rows,
      notes: notesOf(choice, database, pgbench),
    },
    { markdown: findingsMarkdown(findings), ...(await svgOf('database', { rows, scale })) },
  )
  console.log(findingsText(findings))
  console.log(`\nWritten: ${paths.join(', ')}`)
  const errors = errorSentences(findings)
  for (const sentence of errors) console.error(sentence)
  return errors.length === 0 ? 0 : 1
}

const notesOf = (
  choice: Choice,
  { description, url }: OpenDatabase,
  pgbench: string | undefined,
) => [
  `On ${description} over ${connectionOptions(url).path ? 'its Unix socket' : 'TCP'}; ` +
    `${plural(choice.rounds, 'round')} of ${choice.seconds} s in turns, figures are medians.`,
  ...(pgbench === undefined ? [pgbenchMissing] : []),
  `Writes go to copies of ${choice.rows.toLocaleString('en-US')} projects with every index, the ` +
    'trigger for the counts of categories and the reference from pledge to project; the reference to ' +
    'the backer and the trigger projects_keys, which no write here wakes, are left out.',
  'A pledge is the plain transaction, without the batch writer: insert a row, raise two totals.',
  'Spread means four of five into the newest tenth of the projects.',
  'Times of pgbench are from its log: of every tenth read and of every write.',
  'pgbench draws categories by drawing from scripts, so it prepares the list once for each of them.',
]
