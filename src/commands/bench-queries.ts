import { writeFileSync } from 'node:fs'
import { svgOf } from '#bench/page/report'
import { measureCold } from '#bench/queries/measure'
import { measureQueries, type QueriesMeasured, rounded } from '#bench/queries/queries'
import { judge, markdownReport, notes, reportRows, textReport } from '#bench/queries/report'
import { prepareTcpDoor, type TcpDoor } from '#bench/queries/tcp'
import { writeReport } from '#bench/report'
import { type Config, loadConfig } from '#config'
import { connectionOptions } from '#db/client'
import { requireCurrentSchema } from '#db/migrations'
import type { Embedded } from '#embedded'
import { errorCode } from '#lib/errors'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory } from './bench-flags'
import type { Runnable } from './command'
import { type OpenDatabase, withDatabase } from './database'
import { parseFlags } from './flags'

const usage = `Usage: jumpstarter bench queries [--quick] [--check] [--data DIR] [--out DIR]

The nine queries of the 2018 study on this database: without indexes as then, as our site asks them,
hot and cold, in Postgres and at the client, over Unix socket and TCP; and the figures published in
2018 beside. Reads only, but for a role that is made for TCP and dropped again.

Started by root it drops the page cache of the whole machine for the cold figures, and then needs
Postgres for itself. At full scale a query without indexes takes up to a minute.

  --quick         few keys, nothing without indexes, nothing cold
  --check         exits 1 when a budget is missed
${benchFlagsUsage}`

const flags = {
  quick: { type: 'boolean' },
  check: { type: 'boolean' },
  ...benchFlags,
} as const

const say = (line: string) => console.error(line)

export const benchQueries: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench queries', args, flags)
    const { quick = false, check = false } = values
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const { measured, missing } = await measureAll(config, embedded, quick)
    const context = { measured, missing }
    const budgets = judge(measured.rows)
    console.log(textReport(context, budgets))
    const { scale } = measured
    const rows = reportRows(measured.rows)
    const paths = await writeReport(
      resultsDirectory(values.out),
      {
        bench: 'queries',
        command: `jumpstarter bench queries${quick ? ' --quick' : ''}`,
        scale,
        versions: { jumpstarter: program.version, bun: Bun.version, postgres: measured.postgres },
        rows,
        notes: notes(context),
      },
      { markdown: markdownReport(context, budgets), ...(await svgOf('queries', { rows, scale })) },
    )
    const missed = budgets.filter(({ met }) => !met).length
    console.log(`\n${budgets.length - missed} of ${budgets.length} budgets met.`)
    console.log(`Written: ${paths.join(', ')}`)
    return check && missed > 0 ? 1 : 0
  },
}

interface Outcome {
  measured: QueriesMeasured
  missing: string[]
}

async function measureAll(
  config: Config,
  embedded: Embedded | undefined,
  quick: boolean,
): Promise<Outcome> {
  const door = config.databaseUrl === null ? await prepareTcpDoor(config) : undefined
  const missing: string[] = []
  const surroundings = { config, embedded, applicationName: 'jumpstarter bench queries' }
  const withSettings = { ...surroundings, mustExist: true, settings: door?.settings ?? {} }
  let restartable = false
  try {
    const measured = await withDatabase(withSettings, async (database) => {
      await requireCurrentSchema(database.db)
      restartable = database.embedded && !database.adopted
      const ways = await openWays(database, door, missing)
      const { db } = database
      return await measureQueries({ db, urls: ways.urls, quick, say }).finally(ways.close)
    })
    const obstacle = quick ? 'It was a quick run' : obstacleToCold(config, restartable)
    if (obstacle === undefined) await addCold(measured, { ...surroundings, mustExist: true })
    else missing.push(`Cold was not measured. ${obstacle}.`)
    if (quick) missing.push('Before was not measured. It was a quick run.')
    return { measured, missing }
  } finally {
    await door?.remove()
  }
}

/** The ways into the database, TCP with a role of its own where Postgres is ours. */
async function openWays(database: OpenDatabase, door: TcpDoor | undefined, missing: string[]) {
  const { db, url, embedded, adopted } = database
  const close = async () => {}
  if (!embedded) {
    const unix = connectionOptions(url).path !== undefined
    missing.push(
      `The Postgres of DATABASE_URL was asked over ${unix ? 'Unix socket' : 'TCP'} only.`,
    )
    return { urls: unix ? { unix: url } : { tcp: url }, close }
  }
  if (!door || adopted) {
    const reason = adopted ? 'Postgres was running already' : 'its port is in use'
    missing.push(`TCP was not measured: ${reason}.`)
    return { urls: { unix: url }, close }
  }
  return { urls: { unix: url, tcp: await door.open(db) }, close: () => door.shut(db) }
}

const pageCache = '/proc/sys/vm/drop_caches'

function obstacleToCold(config: Config, restartable: boolean): string | undefined {
  if (config.databaseUrl !== null) return 'The Postgres of DATABASE_URL is not ours to restart'
  if (!restartable) return 'Postgres was running already'
  if (process.getuid?.() !== 0) return 'Dropping the page cache needs root'
  try {
    dropPageCache()
    return undefined
  } catch (error) {
    return `The page cache cannot be dropped here (${errorCode(error)})`
  }
}

function dropPageCache(): void {
  // What is not on the disk yet would stay.
  Bun.spawnSync(['sync'])
  writeFileSync(pageCache, '3')
}

async function addCold(
  measured: QueriesMeasured,
  surroundings: Parameters<typeof withDatabase>[0],
): Promise<void> {
  for (const { id, statements } of measured.cold) {
    say(`${id}: cold`)
    dropPageCache()
    const row = measured.rows.find((each) => each.id === id)
    await withDatabase(surroundings, async ({ url, adopted }) => {
      if (row && !adopted) row.after_cold_ms = rounded(await measureCold(url, statements))
    })
  }
}
