import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { findPgbench, pgbenchMissing, pgbenchVersion } from '#bench/database/pgbench'
import { svgOf } from '#bench/page/report'
import { addBackers } from '#bench/pledges/arena'
import { type Way, ways } from '#bench/pledges/client'
import { measureHttp } from '#bench/pledges/http'
import { httpMarkdown, httpRows, httpText } from '#bench/pledges/http-report'
import { scaffold } from '#bench/pledges/loads'
import { addSignedIn } from '#bench/pledges/people'
import { measurePledges } from '#bench/pledges/pledges'
import { pledgesMarkdown, pledgesRows, pledgesText } from '#bench/pledges/report'
import { databaseScale, writeReport } from '#bench/report'
import { loadConfig } from '#config'
import type { Db } from '#db/client'
import { CommandError } from '#lib/errors'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'

const clientsMax = 500
const secondsMax = 3600
const roundsMax = 100
const workersMax = 64
const quick = { clients: '64', seconds: '2', rounds: '2' }
const usual = {
  ...{ clients: '1,16,64,256', seconds: '4', rounds: '5' },
  ...{ workers: '1,2', ways: ways.join(',') },
}
const usualHttp = { clients: '1,64,256', seconds: '3', rounds: '3' }
/** Room for the clients of pgbench and ours beside the usual ones. */
const connections = `${clientsMax + 50}`

const usage = `Usage: jumpstarter bench pledges [--http] [--quick] [flags]

How fast pledges are taken, into one project and spread over 200: by the batch writer, with keys,
stock, totals and books; by a transaction for each; with slotted counters; and by pgbench, which
only inserts the row. In turns, on a Postgres of the bench's own, with fsync and synchronous_commit on.
After each run of ours what was acknowledged is compared with what is stored.

With --http end to end instead: by the API and by the form, over TCP and Unix sockets, on servers of
1 and 2 workers; what a pledge costs worker, Postgres and client, and what limits it. Written beside
the others as pledges-http.

  --http         end to end over HTTP
  --ways W,W     of these: ${ways.join(', ')}; by default both
  --workers N,N  of the server; by default ${usual.workers}
  --clients N,N  how many at once; by default ${usual.clients}, over HTTP ${usualHttp.clients}
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
  http: { type: 'boolean' },
  ways: { type: 'string' },
  workers: { type: 'string' },
} as const

export const benchPledges: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench pledges', args, flags)
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const given = { ...usual, ...(values.http ? usualHttp : {}), ...(values.quick ? quick : {}) }
    const text = { ...given, ...values }
    const chosen: Chosen = {
      clients: numbers('--clients', text.clients, clientsMax),
      workers: numbers('--workers', text.workers, workersMax),
      ways: text.ways.split(',').map((each) => wayOf(each.trim())),
      seconds: wholeNumber('--seconds', text.seconds, 1, secondsMax),
      rounds: wholeNumber('--rounds', text.rounds, 1, roundsMax),
    }
    const measure = values.http ? overHttp : byWriter
    console.error('Starting a Postgres of our own …')
    return await interruptible((signal) =>
      withOwnPostgres({ embedded, cacheDirectory, fill: fillDemo }, async (handle) => {
        const { db, url, version } = await handle.withSettings({ max_connections: connections })
        const executable = embedded && process.execPath
        const found = await measure({ db, url, executable, signal, chosen })
        const { bench, rows, notes, versions } = found
        const scale = await databaseScale(db)
        const paths = await writeReport(
          resultsDirectory(values.out),
          {
            ...{ bench, scale, rows, notes },
            command: ['jumpstarter bench pledges', ...spokenFlags(args)].join(' '),
            versions: {
              ...{ jumpstarter: program.version, bun: Bun.version, postgres: version },
              ...versions,
            },
          },
          { markdown: found.markdown, ...(await svgOf(bench, { rows, scale })) },
        )
        console.log(found.text)
        console.log(`\nWritten: ${paths.join(', ')}`)
        return 0
      }),
    )
  },
}

const numbers = (flag: string, text: string, max: number): number[] =>
  text.split(',').map((each) => wholeNumber(flag, each.trim(), 1, max))

function wayOf(text: string): Way {
  const way = ways.find((each) => each === text)
  if (way) return way
  throw new CommandError(`--ways takes ${ways.join(' and ')}, not ${text}.`, 2)
}

interface Chosen {
  clients: number[]
  workers: number[]
  ways: Way[]
  seconds: number
  rounds: number
}

interface Around {
  db: Db
  url: string
  executable: string | undefined
  signal: AbortSignal
  chosen: Chosen
}

interface Measured {
  bench: string
  rows: object[]
  notes: string[]
  versions: Record<string, string>
  text: string
  markdown: string
}

/** More than any of them takes. */
const backersPerSecond = 250_000

async function byWriter({ db, url, signal, chosen }: Around): Promise<Measured> {
  const pgbench = await findPgbench()
  if (pgbench === undefined) console.error(pgbenchMissing)
  await db.$client.unsafe(scaffold)
  const firstBacker = await addBackers(db, chosen.seconds * backersPerSecond)
  const around = { db, url, firstBacker, pgbench }
  const cells = await measurePledges(around, { ...chosen, signal, report })
  return {
    bench: 'pledges',
    rows: pledgesRows(cells),
    notes: notesOf(chosen),
    versions: pgbench === undefined ? {} : { pgbench: pgbenchVersion(pgbench) },
    ...{ text: pledgesText(cells), markdown: pledgesMarkdown(cells) },
  }
}

/** In one run nobody may back twice, and in ten minutes nobody too often. */
const peopleMin = 100_000
const pledgesPerSecondMax = 10_000

async function overHttp({ db, url, executable, signal, chosen }: Around): Promise<Measured> {
  const { clients, ...others } = chosen
  const count = Math.max(peopleMin, chosen.seconds * pledgesPerSecondMax)
  const options = { ...others, connections: clients, db, databaseUrl: url, executable }
  const people = await addSignedIn(db, count)
  const cells = await measureHttp({ ...options, people, signal, report })
  return {
    bench: 'pledges-http',
    rows: httpRows(cells),
    notes: httpNotesOf(chosen),
    versions: {},
    ...{ text: httpText(cells), markdown: httpMarkdown(cells) },
  }
}

const report = (what: string, fraction: number) =>
  console.error(`${String(Math.floor(fraction * 100)).padStart(3)}% ${what}`)

const notesOf = ({ seconds, rounds }: Chosen) => [
  `${rounds} rounds of ${seconds} s in turns on one Postgres over its Unix socket, fsync and ` +
    'synchronous_commit on; figures are medians, ratios of the same round.',
  'The batch writer does all that a pledge needs: key, price from the rewards, limited stock (every ' +
    'other pledge), totals, counts of the backer, two sides in the books with their hash. After each ' +
    'run pledges, totals, stock, keys and books agreed with what was acknowledged.',
  'The others store the row without any of that: the naive one raises the two totals of the project, ' +
    'the slotted one a counter of sixteen, pgbench nothing. They have at most 64 connections, pgbench ' +
    'as many as clients, the batch writer one.',
]

const httpNotesOf = ({ seconds, rounds }: Chosen) => [
  `${rounds} rounds of ${seconds} s, medians; the server over the Unix socket of its Postgres, fsync ` +
    'and synchronous_commit on. A closed loop: each connection sends its next pledge when it has the ' +
    'answer to the last, each of somebody else, every other one for a limited reward.',
  'Every answer was the right one. After each run pledges, totals, stock, keys and books agreed with ' +
    'what was acknowledged, and in the end verify found nothing.',
  'Processor time is that of the supervisor and its workers, of all of Postgres, and of the client, a ' +
    'pledge. Limited by the processor: more than 85% of all cores were busy; by a thread or a session: ' +
    'one process had more than 85% of a core. Tokens had been used within the hour before.',
]
