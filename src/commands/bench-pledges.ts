import { withOwnPostgres } from '#bench/database/own-postgres'
import { findPgbench, pgbenchMissing, pgbenchVersion } from '#bench/database/pgbench'
import { svgOf } from '#bench/page/report'
import { addBackers } from '#bench/pledges/arena'
import { scaffold } from '#bench/pledges/loads'
import { measurePledges } from '#bench/pledges/pledges'
import { pledgesMarkdown, pledgesRows, pledgesText } from '#bench/pledges/report'
import { databaseScale, writeReport } from '#bench/report'
import { loadConfig } from '#config'
import type { Db } from '#db/client'
import { migrate } from '#db/migrations'
import { demoScale, seed } from '#seed/generate'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'

const clientsMax = 500
const secondsMax = 3600
const roundsMax = 100
const quick = { clients: '64', seconds: '2', rounds: '2' }
const usual = { clients: '1,16,64,256', seconds: '4', rounds: '5' }
/** Room for the clients of pgbench and ours beside the usual ones. */
const connections = `${clientsMax + 50}`

const usage = `Usage: jumpstarter bench pledges [--quick] [flags]

How fast pledges are taken, into one project and spread over 200: by the batch writer, with keys,
stock, totals and books; by a transaction for each; with slotted counters; and by pgbench, which
only inserts the row. In turns, on a Postgres of the bench's own, with fsync and synchronous_commit on.
After each run of ours what was acknowledged is compared with what is stored.

  --clients N,N  how many at once; by default ${usual.clients}
  --seconds N    of each run; by default ${usual.seconds}
  --rounds N     of each load; by default ${usual.rounds}
  --quick        ${quick.clients} clients, ${quick.seconds} seconds, ${quick.rounds} rounds
${benchFlagsUsage}`

const flags = {
  ...benchFlags,
  clients: { type: 'string' },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean' },
} as const

export const benchPledges: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench pledges', args, flags)
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const text = { ...usual, ...(values.quick ? quick : {}), ...values }
    const clients = text.clients
      .split(',')
      .map((each) => wholeNumber('--clients', each.trim(), 1, clientsMax))
    const seconds = wholeNumber('--seconds', text.seconds, 1, secondsMax)
    const rounds = wholeNumber('--rounds', text.rounds, 1, roundsMax)
    const pgbench = await findPgbench()
    if (pgbench === undefined) console.error(pgbenchMissing)
    console.error('Starting a Postgres of our own …')
    return await interruptible((signal) =>
      withOwnPostgres({ embedded, cacheDirectory, fill }, async (handle) => {
        const { db, url, version } = await handle.withSettings({ max_connections: connections })
        const firstBacker = await addBackers(db)
        const around = { db, url, firstBacker, pgbench }
        const options = { clients, seconds, rounds, signal, report }
        const cells = await measurePledges(around, options)
        const rows = pledgesRows(cells)
        const scale = await databaseScale(db)
        const paths = await writeReport(
          resultsDirectory(values.out),
          {
            bench: 'pledges',
            command: ['jumpstarter bench pledges', ...spokenFlags(args)].join(' '),
            scale,
            versions: {
              ...{ jumpstarter: program.version, bun: Bun.version, postgres: version },
              ...(pgbench === undefined ? {} : { pgbench: pgbenchVersion(pgbench) }),
            },
            rows,
            notes: notesOf(seconds, rounds),
          },
          { markdown: pledgesMarkdown(cells), ...(await svgOf('pledges', { rows, scale })) },
        )
        console.log(pledgesText(cells))
        console.log(`\nWritten: ${paths.join(', ')}`)
        return 0
      }),
    )
  },
}

async function fill(db: Db): Promise<void> {
  await migrate(db)
  await seed(db.$client, { ...demoScale, at: new Date() }, () => {})
  await db.$client.unsafe(scaffold)
}

const report = (what: string, fraction: number) =>
  console.error(`${String(Math.floor(fraction * 100)).padStart(3)}% ${what}`)

const notesOf = (seconds: number, rounds: number) => [
  `${rounds} rounds of ${seconds} s in turns on one Postgres over its Unix socket, fsync and ` +
    'synchronous_commit on; figures are medians, ratios of the same round.',
  'The batch writer does all that a pledge needs: key, price from the rewards, limited stock (every ' +
    'other pledge), totals, counts of the backer, two sides in the books with their hash. After each ' +
    'run pledges, totals, stock, keys and books agreed with what was acknowledged.',
  'The others store the row without any of that: the naive one raises the two totals of the project, ' +
    'the slotted one a counter of sixteen, pgbench nothing. They have at most 64 connections, pgbench ' +
    'as many as clients, the batch writer one.',
]
